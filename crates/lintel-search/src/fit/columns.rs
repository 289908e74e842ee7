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

/// Up to this many keywords are looked up slot by slot.
const FEW_KEYWORDS: usize = 2;

/// Wishes against one piece of a part.
pub(crate) struct Columns<'a> {
    pub(crate) wishes: &'a Wishes,
    pub(crate) piece: &'a Piece,
    pub(crate) today: Day,
    /// The slots that have each keyword.
    pub(crate) keywords: Vec<Bits>,
    /// How many keywords each slot has, once they were counted.
    found: Vec<u8>,
    /// How much each type of property is liked, by its number; none when nothing is.
    types_liked: Vec<f64>,
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
        Self { wishes, piece, today, keywords, found: Vec::new(), types_liked: Vec::new() }
    }

    /// Looks up how much each type of property is liked.
    pub(crate) fn with_types(mut self, kinds: &Kinds) -> Self {
        if !self.wishes.likings.is_empty() {
            let share = |name: &String| self.wishes.likings.type_share(Some(name.as_str()));
            self.types_liked = kinds.names.iter().map(share).collect();
        }
        self
    }

    /// Counts the keywords of every slot. It pays before many slots are compared.
    pub(crate) fn count_keywords(&mut self) {
        if self.keywords.len() > FEW_KEYWORDS && self.found.is_empty() {
            let mut found = vec![0; self.piece.segment.len()];
            for has in &self.keywords {
                has.each(|slot| found[slot] += 1);
            }
            self.found = found;
        }
    }

    /// A slot's values. Only numbers that are wished for or liked are looked up.
    #[inline]
    pub(crate) fn values(&self, slot: usize) -> Values {
        let segment = &self.piece.segment;
        let (wished, liked) = (&self.wishes.bounds, &self.wishes.likings.numbers);
        let number = |at: usize, value: &dyn Fn() -> f64| {
            if wished[at].is_some() || liked[at].is_some() { value() } else { f64::NAN }
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
            found: match self.found.get(slot) {
                Some(found) => u32::from(*found),
                None => self.keywords.iter().map(|has| u32::from(has.get(slot))).sum(),
            },
            listed: listed_day(segment.listed[slot]),
            gap: self.piece.gap(slot),
            point: segment.point(slot),
            type_liked: match self.types_liked.as_slice() {
                [] => 0.0,
                types => types[segment.group(slot).kind as usize],
            },
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
