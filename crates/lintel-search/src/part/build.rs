//! Gathering listings into a part.

use lintel_domain::listing::Listing;

use super::{Cursor, Kinds, Part, Piece};
use crate::{
    Error,
    segment::{Row, Segment},
    text::gather::Words,
};

/// The most listings of a part: slots are 32-bit numbers, and a market is far smaller.
pub(crate) const MOST: usize = 100_000_000;

/// Gathers listings into a part.
#[derive(Debug, Default)]
pub struct PartBuilder {
    kinds: Kinds,
    rows: Vec<Row>,
    words: Words,
}

impl PartBuilder {
    /// Adds to the types of property of an older part.
    pub(crate) fn with_kinds(kinds: Kinds) -> Self {
        Self { kinds, ..Self::default() }
    }

    /// Adds a listing. Of two with the same id the later one counts.
    pub fn push(&mut self, listing: &Listing) -> Result<(), Error> {
        if self.rows.len() >= MOST {
            return Err(Error::TooMany(MOST));
        }
        let facts = &listing.facts;
        let kind = match &facts.property_type {
            Some(name) => self.kinds.number_or_new(name),
            None => 0,
        };
        self.rows.push(Row::new(listing.id.0, facts, kind));
        self.words.push(facts);
        Ok(())
    }

    /// The part, which has seen the log up to `cursor`.
    pub fn finish(self, cursor: Cursor) -> Part {
        let (segment, kinds) = self.segment();
        let pieces = if segment.len() == 0 { Vec::new() } else { vec![Piece::new(segment, Vec::new())] };
        Part { pieces, kinds: kinds.into(), cursor }
    }

    /// The segment of what was added.
    pub(crate) fn segment(self) -> (Segment, Kinds) {
        let Self { kinds, rows, words } = self;
        // By id, the latest first, to leave out what was replaced.
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_unstable_by_key(|came| (rows[*came as usize].id, u32::MAX - came));
        order.dedup_by_key(|came| rows[*came as usize].id);
        order.sort_unstable_by_key(|came| rows[*came as usize].order());
        let text = words.invert(&order);
        let rows: Vec<Row> = order.iter().map(|came| rows[*came as usize]).collect();
        (Segment::new(&rows, text), kinds)
    }
}
