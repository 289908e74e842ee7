//! One lead of the roster in few bytes.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    desk::{Dealings, Situation},
    id::LeadId,
    lead::Outcome,
    lead_list::Standing,
};
use uuid::Uuid;

use crate::needle;

/// The number of a name that the row does not have.
pub(super) const NONE: u32 = u32::MAX;
/// The number of a name that nobody has.
pub(super) const UNKNOWN: u32 = u32::MAX - 1;

/// An instant, or none, in eight bytes.
#[derive(Clone, Copy, Debug)]
struct Maybe(i64);

impl Maybe {
    fn new(time: Option<Time>) -> Self {
        Self(time.map_or(i64::MIN, |time| time.0))
    }

    fn get(self) -> Option<Time> {
        (self.0 != i64::MIN).then_some(Time(self.0))
    }
}

/// A lead.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: LeadId,
    pub(super) score: Option<f64>,
    pub(super) market: u32,
    pub(super) assignee: u32,
    pub(super) stage: u32,
    pub(super) source: u32,
    pub(super) outcome: Option<Outcome>,
    pub(super) created_at: Time,
    last_interaction_at: Maybe,
    acted_at: Maybe,
    contacted_at: Maybe,
    waiting_since: Maybe,
    returned_at: Maybe,
    task_due_at: Maybe,
    snoozed_until: Maybe,
    pub(super) tags: Box<[u32]>,
    pub(super) words: Box<str>,
    /// The digits of its telephone number.
    pub(super) digits: Box<str>,
    /// The letters of its name.
    pub(super) letters: u64,
    pub(super) name_key: Option<Box<str>>,
}

impl Row {
    pub(super) fn new(standing: &Standing, names: &mut Names) -> Self {
        let Situation { outcome, created_at, dealings, task_due_at } = standing.situation;
        Self {
            id: standing.id,
            score: standing.score,
            market: standing.market.as_ref().map_or(NONE, |market| names.number(market.as_str())),
            assignee: standing.assignee.map_or(NONE, |agent| names.agent(agent.0)),
            stage: standing.stage.as_deref().map_or(NONE, |stage| names.number(stage)),
            source: standing.source.as_deref().map_or(NONE, |source| names.number(source)),
            outcome,
            created_at,
            last_interaction_at: Maybe::new(standing.last_interaction_at),
            acted_at: Maybe::new(dealings.acted_at),
            contacted_at: Maybe::new(dealings.contacted_at),
            waiting_since: Maybe::new(dealings.waiting_since),
            returned_at: Maybe::new(dealings.returned_at),
            task_due_at: Maybe::new(task_due_at),
            snoozed_until: Maybe::new(standing.snoozed_until),
            tags: standing.tags.iter().map(|tag| names.number(tag)).collect(),
            words: standing.words.as_str().into(),
            digits: standing.phone.as_deref().map(needle::digits).unwrap_or_default().into(),
            letters: standing.name_key.as_deref().map_or(0, needle::mask),
            name_key: standing.name_key.as_deref().map(Box::from),
        }
    }

    /// What the next step follows from.
    pub(super) fn situation(&self) -> Situation {
        Situation {
            outcome: self.outcome,
            created_at: self.created_at,
            dealings: Dealings {
                acted_at: self.acted_at.get(),
                contacted_at: self.contacted_at.get(),
                waiting_since: self.waiting_since.get(),
                returned_at: self.returned_at.get(),
            },
            task_due_at: self.task_due_at.get(),
        }
    }

    pub(super) fn snoozed_until(&self) -> Option<Time> {
        self.snoozed_until.get()
    }

    pub(super) fn last_interaction_at(&self) -> Option<Time> {
        self.last_interaction_at.get()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.tags) + self.words.len() + self.digits.len() + self.name_key.as_deref().map_or(0, str::len)
    }
}

/// Names that many leads share, by number.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: HashMap<Box<str>, u32>,
    agents: HashMap<Uuid, u32>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.insert(text.into(), number);
        number
    }

    fn agent(&mut self, agent: Uuid) -> u32 {
        let next = self.agents.len() as u32;
        *self.agents.entry(agent).or_insert(next)
    }

    /// The number of a text; [`UNKNOWN`] when nobody has it.
    pub(super) fn find(&self, text: &str) -> u32 {
        self.texts.get(text).copied().unwrap_or(UNKNOWN)
    }

    /// The number of an agent; [`UNKNOWN`] when nobody has it.
    pub(super) fn find_agent(&self, agent: Uuid) -> u32 {
        self.agents.get(&agent).copied().unwrap_or(UNKNOWN)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let texts: usize = self.texts.keys().map(|text| text.len() + size_of::<(Box<str>, u32)>()).sum();
        texts + self.agents.len() * size_of::<(Uuid, u32)>()
    }
}
