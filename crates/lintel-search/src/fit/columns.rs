//! Fit over a segment's columns.

use lintel_domain::clock::Day;

use super::{
    Values, Wishes, listed_day,
    score::{amount, year},
};
use crate::{
    column::Bits,
    part::{Kinds, Piece},
};

/// Wishes against one piece of a part.
pub(crate) struct Columns<'a> {
    pub(crate) wishes: &'a Wishes,
    pub(crate) piece: &'a Piece,
    pub(crate) today: Day,
    /// The slots that have each keyword.
    pub(crate) keywords: Vec<Bits>,
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
        Self { wishes, piece, today, keywords: wishes.keywords.iter().map(|keyword| having(&keyword.stems)).collect() }
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
        let keywords = self.keywords.iter().enumerate();
        Values {
            numbers: [
                number(0, &|| amount(segment.price[slot])),
                number(1, &|| segment.bedrooms.get(slot)),
                number(2, &|| segment.bathrooms.get(slot)),
                number(3, &|| segment.living.get(slot)),
                number(4, &|| segment.lot.get(slot)),
                number(5, &|| year(segment.year[slot])),
            ],
            keywords: keywords.fold(0, |all, (at, has)| all | u64::from(has.get(slot)) << at),
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

    /// Whether a slot meets the hard wishes, whatever its status.
    pub(crate) fn hard_met(&self, slot: usize, kinds: &Kinds) -> bool {
        let types = &self.wishes.types;
        let kind = self.piece.segment.group(slot).kind;
        let values = self.values(slot);
        !self.wishes.impossible
            && (types.is_empty() || kind != 0 && types.contains(&kinds.names[kind as usize]))
            && self.wishes.hard_numbers_met(&values)
            && self.wishes.areas.iter().all(|area| values.point.is_some_and(|point| area.contains(point)))
    }
}
