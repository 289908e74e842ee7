//! The roster: the leads of a tenant in memory, as far as lists are filtered, counted and ordered by them.
//!
//! A list of few among many, and counts of many, look at every lead; here that is a walk over the columns that are asked about.

mod columns;
mod find;
mod list;
mod row;
mod sieve;

use std::collections::HashMap;

use lintel_domain::{id::LeadId, lead_list::Standing};

use columns::{Columns, Values};
use row::{Names, Row};
pub use sieve::{Ask, Bounds};

/// The leads of a tenant.
#[derive(Debug, Default)]
pub struct Roster {
    columns: Columns,
    rows: Vec<Row>,
    places: HashMap<LeadId, u32>,
    names: Names,
}

impl Roster {
    /// Holds nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many leads it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds nobody.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes in a lead, in place of what was known of it.
    pub fn put(&mut self, standing: &Standing) {
        let row = Row::new(standing, &mut self.names);
        let next = self.rows.len() as u32;
        let place = *self.places.entry(standing.id).or_insert(next) as usize;
        self.columns.put(place, Values::new(standing, &mut self.names));
        match self.rows.get_mut(place) {
            Some(known) => *known = row,
            None => self.rows.push(row),
        }
    }

    /// Forgets a lead.
    pub fn remove(&mut self, id: LeadId) {
        let Some(place) = self.places.remove(&id) else { return };
        self.columns.swap_remove(place as usize);
        self.rows.swap_remove(place as usize);
        if let Some(moved) = self.rows.get(place as usize) {
            self.places.insert(moved.id, place);
        }
    }

    /// About how many bytes it takes.
    pub fn memory_bytes(&self) -> usize {
        let place = size_of::<LeadId>() + size_of::<u32>() + 1;
        let rows: usize = self.rows.iter().map(Row::heap_bytes).sum();
        rows + self.rows.capacity() * size_of::<Row>()
            + self.columns.memory_bytes()
            + self.places.capacity() * place
            + self.names.memory_bytes()
    }
}
