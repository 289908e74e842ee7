//! A single listing as fit sees it, without an index.

use std::collections::HashSet;

use lintel_domain::{
    clock::{Day, Time},
    id::ListingId,
    listing::Listing,
    money::{Currency, Money},
    place::Point,
};

use super::{
    Fit,
    score::{Values, amount, year},
    wishes::{MATCHING, Wishes},
};
use crate::{
    part::gap,
    place::Area,
    segment::{NO_DAY, NONE, Row},
    text::{Stems, each_word, is_stop},
};

/// A listing with what fit needs of it, for asking whom it suits.
#[derive(Clone, Debug)]
pub struct ListingView {
    row: Row,
    property_type: Option<String>,
    estimate: i64,
    stems: HashSet<String>,
}

impl ListingView {
    /// A view of a listing and, if there is one, its estimate.
    pub fn new(listing: &Listing, estimate: Option<Money>) -> Self {
        let facts = &listing.facts;
        let address = &facts.address;
        let texts = [&facts.remarks, &address.line, &address.city, &address.region, &address.postal_code];
        let (stemmer, mut stems) = (Stems::new(), HashSet::new());
        for text in texts.into_iter().flatten() {
            each_word(text, |word| {
                if !is_stop(word) {
                    stems.insert(stemmer.stem(word).into_owned());
                }
            });
        }
        Self {
            row: Row::new(listing.id.0, facts, 0),
            property_type: facts.property_type.clone(),
            estimate: estimate.map_or(NONE, |estimate| estimate.0),
            stems,
        }
    }

    /// Which listing it is.
    pub fn id(&self) -> ListingId {
        ListingId(self.row.id)
    }

    /// Which keywords it has, one bit each.
    fn keywords(&self, wishes: &Wishes) -> u64 {
        let has = |stems: &[String]| stems.iter().all(|stem| self.stems.contains(stem));
        let keywords = wishes.keywords.iter().enumerate();
        keywords.fold(0, |all, (at, keyword)| all | u64::from(has(&keyword.stems)) << at)
    }

    /// Its values, with the number of its type of property that `kind` gives.
    pub(crate) fn row_with_kind(&self, kind: impl FnOnce(Option<&str>) -> u32) -> Row {
        Row { kind: kind(self.property_type.as_deref()), ..self.row }
    }

    pub(crate) fn values(&self, wishes: &Wishes) -> Values {
        let row = &self.row;
        Values {
            numbers: [amount(row.price), row.bedrooms, row.bathrooms, row.living, row.lot, year(row.year)],
            found: self.keywords(wishes).count_ones(),
            listed: listed_day(row.listed),
            gap: gap(row.price, self.estimate),
            point: Point::new(row.latitude, row.longitude),
            type_liked: wishes.likings.type_share(self.property_type.as_deref()),
        }
    }
}

/// The day of a time in microseconds, or [`NO_DAY`].
#[inline]
pub(crate) fn listed_day(listed: i64) -> i32 {
    if listed == NONE { NO_DAY } else { Time(listed).day().0 }
}

impl Wishes {
    /// Whether the listing meets every hard wish and its status is `active` or `coming_soon`. Its market is the caller's
    /// to compare.
    pub fn accepts(&self, listing: &ListingView) -> bool {
        let values = listing.values(self);
        let named = listing.property_type.as_ref().is_some_and(|name| self.types.contains(name));
        let placed = |area: &Area| values.point.is_some_and(|point| area.contains(point));
        !self.impossible
            && MATCHING.contains(&listing.row.status)
            && (self.types.is_empty() || named)
            && self.hard_numbers_met(&values)
            && self.areas.iter().all(placed)
    }

    /// How well the listing meets the wishes; `None` when it is not accepted. The fit of [`Wishes::score`] without its
    /// reasons, for comparing many wishes with one listing.
    pub fn fit_of(&self, listing: &ListingView, today: Day) -> Option<f64> {
        self.accepts(listing).then(|| self.fit(&listing.values(self), today))
    }

    /// How well the listing meets the wishes, and why, with prices in `currency`; `None` when it is not accepted.
    pub fn score(&self, listing: &ListingView, today: Day, currency: Currency) -> Option<Fit> {
        self.accepts(listing).then(|| {
            let name = listing.property_type.as_deref();
            self.explain(&listing.values(self), listing.keywords(self), name, today, currency)
        })
    }
}
