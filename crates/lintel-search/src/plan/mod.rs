//! From a filter to the listings of a segment that pass it.

mod one;
mod scan;
mod select;

use lintel_domain::{clock::Day, filter::ListingFilter, listing::Status, money::Money, range::Range};

pub use scan::scan_every_listing;

use crate::{
    place::Area,
    text::{Word, ask},
};

/// Conditions that all hold, in the terms of a part: type numbers instead of names, words instead of text.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    /// One bit per status, by its place in [`Status::ALL`].
    pub(crate) statuses: u16,
    /// Numbers of the types of property, ascending; all when absent.
    pub(crate) kinds: Option<Vec<u32>>,
    /// Hundredths, both included.
    pub(crate) price: Option<(i64, i64)>,
    /// Bedrooms, bathrooms, living area, lot: least and most.
    pub(crate) reals: [Option<(f64, f64)>; 4],
    pub(crate) year: Option<(i32, i32)>,
    pub(crate) days: Option<(i32, i32)>,
    pub(crate) areas: Vec<Area>,
    pub(crate) words: Vec<Word>,
    pub(crate) today: Day,
}

impl Conditions {
    /// No condition but a status.
    pub(crate) fn of_status(statuses: &[Status], today: Day) -> Self {
        Self {
            statuses: statuses.iter().fold(0, |all, status| all | 1 << *status as u16),
            kinds: None,
            price: None,
            reals: [None; 4],
            year: None,
            days: None,
            areas: Vec::new(),
            words: Vec::new(),
            today,
        }
    }

    /// The conditions of a filter. `kind` gives the number of a type of property, if any listing has it; no word is
    /// widened yet.
    pub(crate) fn of_filter(filter: &ListingFilter, kind: impl Fn(&str) -> Option<u32>, today: Day) -> Self {
        let mut conditions = Self::of_status(filter.statuses(), today);
        conditions.kinds = kinds(&filter.property_types, kind);
        conditions.price = amounts(filter.price.as_ref());
        conditions.reals = [&filter.bedrooms, &filter.bathrooms, &filter.living_area_sqft, &filter.lot_size_sqft]
            .map(|range| bounds(range.as_ref(), |v| v, f64::NEG_INFINITY, f64::INFINITY));
        conditions.year = years(filter.year_built.as_ref());
        conditions.days = years(filter.days_on_market.as_ref());
        conditions.areas.extend(filter.polygon.as_ref().map(Area::drawn));
        conditions.areas.extend(filter.near.map(Area::circle));
        conditions.words = filter.text.as_deref().map(ask::words).unwrap_or_default();
        conditions
    }

    /// Whether every listing of these statuses passes.
    pub(crate) fn only_statuses(&self) -> bool {
        self.kinds.is_none()
            && self.price.is_none()
            && self.reals.iter().all(Option::is_none)
            && self.year.is_none()
            && self.days.is_none()
            && self.areas.is_empty()
            && self.words.is_empty()
    }

    /// Bytes beside its own.
    pub(crate) fn memory_bytes(&self) -> usize {
        let words = self.words.iter().map(|word| word.stem.capacity());
        self.kinds.as_ref().map_or(0, |kinds| kinds.capacity() * 4)
            + self.areas.capacity() * size_of::<Area>()
            + self.areas.iter().map(Area::memory_bytes).sum::<usize>()
            + self.words.capacity() * size_of::<Word>()
            + words.sum::<usize>()
    }

    /// Whether a status passes.
    pub(crate) fn admits(&self, status: Status) -> bool {
        self.statuses >> status as u16 & 1 == 1
    }
}

/// The numbers of the named types, ascending; `None` when none is named. Types that no listing has are nowhere.
pub(crate) fn kinds(names: &[String], kind: impl Fn(&str) -> Option<u32>) -> Option<Vec<u32>> {
    if names.is_empty() {
        return None;
    }
    let mut kinds: Vec<u32> = names.iter().filter_map(|name| kind(name)).collect();
    kinds.sort_unstable();
    Some(kinds)
}

/// The bounds of a range of amounts, above the mark for unknown.
pub(crate) fn amounts(range: Option<&Range<Money>>) -> Option<(i64, i64)> {
    bounds(range, |price| price.0, i64::MIN + 1, i64::MAX)
}

/// The bounds of a range of years or days, above the mark for unknown.
pub(crate) fn years(range: Option<&Range<i32>>) -> Option<(i32, i32)> {
    bounds(range, |v| v, i32::MIN + 1, i32::MAX)
}

/// The bounds of a range that is not open, with what stands for a missing one.
fn bounds<T: PartialOrd + Copy, V>(
    range: Option<&Range<T>>,
    value: impl Fn(T) -> V,
    least: V,
    most: V,
) -> Option<(V, V)> {
    let range = range.filter(|range| !range.is_open())?;
    Some((range.min.map_or(least, &value), range.max.map_or(most, &value)))
}
