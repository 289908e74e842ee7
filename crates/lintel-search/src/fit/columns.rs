//! Fit over a segment's columns.

use lintel_domain::clock::Day;

use super::{
    Values, Wishes, listed_day,
    score::{amount, year},
};
use crate::{column::Bits, part::Piece};

/// Wishes against one piece of a part.
pub(crate) struct Columns<'a> {
    pub(crate) wishes: &'a Wishes,
    pub(crate) piece: &'a Piece,
    pub(crate) today: Day,
    /// The slots that have each keyword.
    pub(crate) keywords: Vec<Bits>,
    /// How many keywords each slot has; empty when there are none.
    found: Vec<u8>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(wishes: &'a Wishes, piece: &'a Piece, today: Day) -> Self {
        let segment = &piece.segment;
        let having = |stems: &[String]| {
            let mut all = Bits::full(segment.len());
            for stem in stems {
                let mut has = Bits::new(segment.len());
                segment.text.or_into(stem, &mut has);
                all.and(&has);
            }
            all
        };
        let keywords: Vec<Bits> = wishes.keywords.iter().map(|keyword| having(&keyword.stems)).collect();
        let mut found = if keywords.is_empty() { Vec::new() } else { vec![0; segment.len()] };
        for has in &keywords {
            has.each(|slot| found[slot] += 1);
        }
        Self { wishes, piece, today, keywords, found }
    }

    /// A slot's values. Only numbers that are wished for are looked up.
    #[inline]
    pub(crate) fn values(&self, slot: usize) -> Values {
        let segment = &self.piece.segment;
        let wished = &self.wishes.bounds;
        let number = |at: usize, value: &dyn Fn() -> f64| match wished[at] {
            Some(_) => value(),
            None => f64::NAN,
        };
        Values {
            numbers: [
                number(0, &|| amount(segment.price[slot])),
                number(1, &|| segment.bedrooms.get(slot)),
                number(2, &|| segment.bathrooms.get(slot)),
                number(3, &|| segment.living.get(slot)),
                number(4, &|| segment.lot.get(slot)),
                number(5, &|| year(segment.year[slot])),
            ],
            found: self.found.get(slot).map_or(0, |found| u32::from(*found)),
            listed: listed_day(segment.listed[slot]),
            gap: self.piece.gap(slot),
            point: segment.point(slot),
        }
    }

    /// A slot's fit.
    #[inline]
    pub(crate) fn fit(&self, slot: usize) -> f64 {
        self.wishes.fit(&self.values(slot), self.today)
    }

    /// Which keywords a slot has, one bit each.
    pub(crate) fn having(&self, slot: usize) -> u64 {
        let keywords = self.keywords.iter().enumerate();
        keywords.fold(0, |all, (at, has)| all | u64::from(has.get(slot)) << at)
    }
}
