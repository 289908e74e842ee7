//! What leads are filtered and ordered by, a column for each: a question reads those that it asks about and no others.

use lintel_domain::{
    clock::Time,
    desk::{Dealings, Situation},
    lead::Outcome,
    lead_list::Standing,
    market::MarketSlug,
};

use super::row::Names;
use crate::needle;

/// The number of a name that a lead does not have.
const NONE: u32 = u32::MAX;
/// The beginning of a name that is not there: no text has these bytes.
const NAMELESS: u64 = u64::MAX;

/// An instant, or none, in eight bytes. None is before all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maybe(i64);

impl Maybe {
    fn new(time: Option<Time>) -> Self {
        Self(time.map_or(i64::MIN, |time| time.0))
    }

    pub(super) fn get(self) -> Option<Time> {
        (self.0 != i64::MIN).then_some(Time(self.0))
    }

    /// Whether it is there and behind a time.
    pub(super) fn is_after(self, time: Time) -> bool {
        self.0 > time.0
    }
}

/// What the next step follows from, beside the outcome and when the lead appeared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dealt {
    acted_at: Maybe,
    contacted_at: Maybe,
    waiting_since: Maybe,
    returned_at: Maybe,
    task_due_at: Maybe,
}

/// One lead's values.
pub(super) struct Values {
    market: u32,
    assignee: u32,
    stage: u32,
    source: u32,
    outcome: Option<Outcome>,
    score: f64,
    created_at: Time,
    last_interaction_at: Maybe,
    snoozed_until: Maybe,
    name: u64,
    tags: u64,
    pairs: u128,
    dealt: Dealt,
}

impl Values {
    pub(super) fn new(standing: &Standing, names: &mut Names) -> Self {
        let Situation { outcome, created_at, dealings, task_due_at } = standing.situation;
        let mut number = |text: Option<&str>| text.map_or(NONE, |text| names.number(text));
        Self {
            market: number(standing.market.as_ref().map(MarketSlug::as_str)),
            stage: number(standing.stage.as_deref()),
            source: number(standing.source.as_deref()),
            assignee: standing.assignee.map_or(NONE, |agent| names.agent(agent.0)),
            outcome,
            score: standing.score.unwrap_or(f64::NAN),
            created_at,
            last_interaction_at: Maybe::new(standing.last_interaction_at),
            snoozed_until: Maybe::new(standing.snoozed_until),
            name: standing.name_key.as_deref().map_or(NAMELESS, beginning),
            tags: standing.tags.iter().fold(0, |tags, tag| tags | tag_bit(names.number(tag))),
            pairs: needle::pairs(&standing.words),
            dealt: Dealt {
                acted_at: Maybe::new(dealings.acted_at),
                contacted_at: Maybe::new(dealings.contacted_at),
                waiting_since: Maybe::new(dealings.waiting_since),
                returned_at: Maybe::new(dealings.returned_at),
                task_due_at: Maybe::new(task_due_at),
            },
        }
    }
}

/// The values of all leads. A lead has the same place in each column.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) market: Vec<u32>,
    pub(super) assignee: Vec<u32>,
    pub(super) stage: Vec<u32>,
    pub(super) source: Vec<u32>,
    pub(super) outcome: Vec<Option<Outcome>>,
    /// Not a number where there is none.
    pub(super) score: Vec<f64>,
    pub(super) created_at: Vec<Time>,
    pub(super) last_interaction_at: Vec<Maybe>,
    pub(super) snoozed_until: Vec<Maybe>,
    /// How names begin.
    name: Vec<u64>,
    /// Tags by the bits of their numbers.
    pub(super) tags: Vec<u64>,
    /// Which pairs of letters follow each other in the words that a lead is known by.
    pub(super) pairs: Vec<u128>,
    dealt: Vec<Dealt>,
}

impl Columns {
    /// Writes the values of the lead at a place, which may be the one behind the last.
    pub(super) fn put(&mut self, place: usize, values: Values) {
        fn put<T>(column: &mut Vec<T>, place: usize, value: T) {
            match column.get_mut(place) {
                Some(known) => *known = value,
                None => column.push(value),
            }
        }
        put(&mut self.market, place, values.market);
        put(&mut self.assignee, place, values.assignee);
        put(&mut self.stage, place, values.stage);
        put(&mut self.source, place, values.source);
        put(&mut self.outcome, place, values.outcome);
        put(&mut self.score, place, values.score);
        put(&mut self.created_at, place, values.created_at);
        put(&mut self.last_interaction_at, place, values.last_interaction_at);
        put(&mut self.snoozed_until, place, values.snoozed_until);
        put(&mut self.name, place, values.name);
        put(&mut self.tags, place, values.tags);
        put(&mut self.pairs, place, values.pairs);
        put(&mut self.dealt, place, values.dealt);
    }

    /// Forgets the lead at a place; the last one takes it.
    pub(super) fn swap_remove(&mut self, place: usize) {
        self.market.swap_remove(place);
        self.assignee.swap_remove(place);
        self.stage.swap_remove(place);
        self.source.swap_remove(place);
        self.outcome.swap_remove(place);
        self.score.swap_remove(place);
        self.created_at.swap_remove(place);
        self.last_interaction_at.swap_remove(place);
        self.snoozed_until.swap_remove(place);
        self.name.swap_remove(place);
        self.tags.swap_remove(place);
        self.pairs.swap_remove(place);
        self.dealt.swap_remove(place);
    }

    pub(super) fn score(&self, place: usize) -> Option<f64> {
        Some(self.score[place]).filter(|score| !score.is_nan())
    }

    /// How the name at a place begins, if it is there.
    pub(super) fn name(&self, place: usize) -> Option<u64> {
        Some(self.name[place]).filter(|name| *name != NAMELESS)
    }

    /// What the next step follows from.
    pub(super) fn situation(&self, place: usize) -> Situation {
        let dealt = &self.dealt[place];
        Situation {
            outcome: self.outcome[place],
            created_at: self.created_at[place],
            dealings: Dealings {
                acted_at: dealt.acted_at.get(),
                contacted_at: dealt.contacted_at.get(),
                waiting_since: dealt.waiting_since.get(),
                returned_at: dealt.returned_at.get(),
            },
            task_due_at: dealt.task_due_at.get(),
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.market.capacity() * size_of::<Values>()
    }
}

/// The bit of a tag, which other tags may share.
pub(super) fn tag_bit(tag: u32) -> u64 {
    1 << (tag % u64::BITS)
}

/// The first eight bytes of a text, in the order of texts.
pub(super) fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}
