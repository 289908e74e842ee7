//! Changed listings: which of them a search finds now, without asking all listings of the market.

use std::sync::Arc;

use lintel_domain::{clock::Day, filter::ListingFilter, id::ListingId, listing::Listing};

use crate::{Cursor, Error, Part, column::Bits, plan::Conditions, segment::Segment};

/// Some listings of a market as they are now, to be held against many searches.
#[derive(Clone, Debug)]
pub struct Changed {
    changed: Part,
    /// The other listings of the market: a word that nobody uses is widened, and they are who might use it.
    others: Vec<(Arc<Segment>, Bits)>,
}

impl Changed {
    /// Of several listings with one id the last counts. `market` is where they are, before or after the change: only the
    /// listings that did not change are looked at, and only for the words of searches.
    ///
    /// # Errors
    /// When there are more listings than a part can hold.
    pub fn new(listings: &[Listing], market: Option<&Part>) -> Result<Self, Error> {
        let mut builder = Part::builder();
        listings.iter().try_for_each(|listing| builder.push(listing))?;
        let without = |piece: &crate::part::Piece| {
            let mut live = Bits::clone(&piece.live);
            for slot in listings.iter().filter_map(|listing| piece.segment.slot(listing.id.0)) {
                live.clear(slot);
            }
            (Arc::clone(&piece.segment), live)
        };
        let others = market.into_iter().flat_map(|part| &part.pieces).map(without).collect();
        Ok(Self { changed: builder.finish(Cursor::default()), others })
    }

    /// Those that a search of the whole market with this filter finds, in no order.
    pub fn found_by(&self, filter: &ListingFilter, today: Day) -> Vec<ListingId> {
        let mut conditions = self.changed.conditions(filter, today);
        for word in conditions.words.iter_mut().filter(|word| word.widened) {
            word.widened = !self.others_know(&word.stem);
        }
        let mut found = Vec::new();
        for piece in &self.changed.pieces {
            let bits = Conditions::select(&conditions, &piece.segment, piece.live());
            bits.each(|slot| found.push(ListingId(piece.segment.ids[slot])));
        }
        found
    }

    /// Whether a listing of the market has a stem, so that it is not widened.
    pub(crate) fn knows(&self, stem: &str) -> bool {
        self.pieces().any(|segment| segment.text.stems.find(stem).is_some()) || self.others_know(stem)
    }

    /// The changed listings.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Segment> {
        self.changed.pieces.iter().map(|piece| &*piece.segment)
    }

    /// The name of a type of property by its number among the changed listings; the unknown type has none.
    pub(crate) fn kind(&self, number: u32) -> Option<&str> {
        (number != 0).then(|| self.changed.kinds.names[number as usize].as_str())
    }

    fn others_know(&self, stem: &str) -> bool {
        self.others.iter().any(|(segment, live)| segment.text.knows(stem, live, false))
    }
}
