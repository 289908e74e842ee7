//! The listings of one market, as they were at one moment: an immutable value that every reader shares.

mod build;
mod change;

use std::{collections::HashMap, sync::Arc};

pub use build::PartBuilder;
use lintel_domain::{clock::Day, filter::ListingFilter, id::ListingId, money::Money};

use crate::{
    column::Bits,
    plan::Conditions,
    segment::{NONE, Segment},
};

/// A place in the log: what a part has seen. Its meaning is the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64, pub i64);

/// The index of one market. Cheap to clone; changes make a new part that shares what did not change.
///
/// It is made of pieces, the oldest and largest first. A change marks what it replaces as removed and adds a small piece;
/// small pieces are merged before there are many (a log-structured merge, O'Neil 1996).
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) cursor: Cursor,
}

/// A segment and which of its listings live.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) segment: Arc<Segment>,
    pub(crate) live: Arc<Bits>,
    pub(crate) living: usize,
    /// Where the removed listings stand in the grid, ascending.
    pub(crate) gone: Arc<Vec<u32>>,
    /// Estimates in hundredths by slot, [`NONE`] where there is none; empty when there are none at all.
    pub(crate) estimates: Arc<Vec<i64>>,
}

/// The types of property by number. Number 0 is the unknown type.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    pub(crate) names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { names: vec![String::new()], numbers: HashMap::new() }
    }
}

impl Kinds {
    /// The types with these names, from number 1.
    pub(crate) fn new(names: impl Iterator<Item = String>) -> Self {
        let mut kinds = Self::default();
        for name in names {
            kinds.number_or_new(&name);
        }
        kinds
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.names.iter().map(|name| name.capacity() * 2 + 64).sum()
    }

    pub(crate) fn number_or_new(&mut self, name: &str) -> u32 {
        if let Some(number) = self.number(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

impl Piece {
    pub(crate) fn new(segment: Segment, estimates: Vec<i64>) -> Self {
        let live = Bits::full(segment.len());
        Self::of(segment, live, estimates)
    }

    /// A segment of which only some listings live.
    pub(crate) fn of(segment: Segment, live: Bits, estimates: Vec<i64>) -> Self {
        let living = live.count();
        let dead = (0..segment.len()).filter(|slot| living < segment.len() && !live.get(*slot));
        let gone = segment.in_grid(dead);
        Self { segment: segment.into(), live: live.into(), living, gone: gone.into(), estimates: estimates.into() }
    }

    /// The living slots, absent when all live.
    pub(crate) fn live(&self) -> Option<&Bits> {
        (self.living < self.segment.len()).then_some(&*self.live)
    }

    /// The estimate of a slot, or [`NONE`].
    #[inline]
    pub(crate) fn estimate(&self, slot: usize) -> i64 {
        self.estimates.get(slot).copied().unwrap_or(NONE)
    }

    /// (estimate − price) / price, or not a number.
    #[inline]
    pub(crate) fn gap(&self, slot: usize) -> f64 {
        gap(self.segment.price[slot], self.estimate(slot))
    }
}

/// (estimate − price) / price of amounts in hundredths; not a number when one is unknown or the price is not above 0.
#[inline]
pub(crate) fn gap(price: i64, estimate: i64) -> f64 {
    if price <= 0 || estimate == NONE {
        return f64::NAN;
    }
    (estimate - price) as f64 / price as f64
}

impl Part {
    /// Begins an index from scratch.
    pub fn builder() -> PartBuilder {
        PartBuilder::default()
    }

    /// Listings in it.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.living).sum()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it has seen of the log.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether it holds a listing.
    pub fn contains(&self, id: ListingId) -> bool {
        self.find(id).is_some()
    }

    /// A listing's estimate, if it was set.
    pub fn estimate(&self, id: ListingId) -> Option<Money> {
        let (piece, slot) = self.find(id)?;
        let estimate = self.pieces[piece].estimate(slot);
        (estimate != NONE).then_some(Money(estimate))
    }

    /// Bytes it occupies in memory.
    pub fn memory_bytes(&self) -> usize {
        let pieces = self.pieces.iter().map(|piece| {
            let (live, gone) = (piece.live.memory_bytes(), piece.gone.capacity() * 4);
            piece.segment.memory_bytes() + live + gone + piece.estimates.capacity() * 8
        });
        self.kinds.memory_bytes() + pieces.sum::<usize>()
    }

    /// The piece and slot of a living listing.
    pub(crate) fn find(&self, id: ListingId) -> Option<(usize, usize)> {
        self.pieces.iter().enumerate().find_map(|(number, piece)| {
            let slot = piece.segment.slot(id.0)?;
            piece.live.get(slot).then_some((number, slot))
        })
    }

    /// The conditions of a filter, with the words widened that no living listing has.
    pub(crate) fn conditions(&self, filter: &ListingFilter, today: Day) -> Conditions {
        let mut conditions = Conditions::of_filter(filter, |name| self.kinds.number(name), today);
        for word in &mut conditions.words {
            word.widened = !self.pieces.iter().any(|piece| {
                let text = &piece.segment.text;
                text.knows(&word.stem, &piece.live, piece.live().is_none())
            });
        }
        conditions
    }
}
