//! What is known of one lead beside its values in columns, and names by number.

use std::collections::HashMap;

use lintel_domain::{id::LeadId, lead_list::Standing};
use uuid::Uuid;

use crate::needle;

/// The number of a name that nobody has.
const UNKNOWN: u32 = u32::MAX - 1;

/// A lead's texts.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: LeadId,
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
        Self {
            id: standing.id,
            tags: standing.tags.iter().map(|tag| names.number(tag)).collect(),
            words: standing.words.as_str().into(),
            digits: standing.phone.as_deref().map(needle::digits).unwrap_or_default().into(),
            letters: standing.name_key.as_deref().map_or(0, needle::mask),
            name_key: standing.name_key.as_deref().map(Box::from),
        }
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
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.insert(text.into(), number);
        number
    }

    pub(super) fn agent(&mut self, agent: Uuid) -> u32 {
        let next = self.agents.len() as u32;
        *self.agents.entry(agent).or_insert(next)
    }

    /// The number of a text; one that no lead has when nobody has it.
    pub(super) fn find(&self, text: &str) -> u32 {
        self.texts.get(text).copied().unwrap_or(UNKNOWN)
    }

    /// The number of an agent; one that no lead has when nobody has it.
    pub(super) fn find_agent(&self, agent: Uuid) -> u32 {
        self.agents.get(&agent).copied().unwrap_or(UNKNOWN)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let texts: usize = self.texts.keys().map(|text| text.len() + size_of::<(Box<str>, u32)>()).sum();
        texts + self.agents.len() * size_of::<(Uuid, u32)>()
    }
}
