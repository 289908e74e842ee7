//! Whether one listing passes, asked value by value.

use lintel_domain::clock::Day;

use super::Conditions;
use crate::{
    segment::{NO_DAY, NONE, Row},
    text::Word,
};

impl Conditions {
    /// Whether the values of a listing pass. With [`Conditions::rest_passes`] it is what [`Conditions::select`] says of its
    /// slot.
    pub(crate) fn values_pass(&self, row: &Row, today: Day) -> bool {
        let reals = [row.bedrooms, row.bathrooms, row.living, row.lot];
        self.admits(row.status)
            && self.price.is_none_or(|(least, most)| row.price != NONE && row.price >= least && row.price <= most)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.binary_search(&row.kind).is_ok())
            && self.within(|real| reals[real], || row.year, || row.days_on_market(today))
    }

    /// Whether the place and the words of a listing pass. `has` says whether it has a word.
    pub(crate) fn rest_passes(&self, row: &Row, mut has: impl FnMut(&Word) -> bool) -> bool {
        self.areas.iter().all(|area| row.point().is_some_and(|at| area.contains(at))) && self.words.iter().all(&mut has)
    }

    /// Whether values are within the bounds: bedrooms, bathrooms, living area and lot by number, the year, and the days on
    /// the market. What is not bounded is not asked for.
    #[inline]
    pub(super) fn within(
        &self,
        real: impl Fn(usize) -> f64,
        year: impl FnOnce() -> i32,
        days: impl FnOnce() -> i32,
    ) -> bool {
        let reals = (0..).zip(&self.reals).all(|(number, bounds)| {
            bounds.is_none_or(|(least, most)| {
                let value = real(number);
                value >= least && value <= most
            })
        });
        let known = |value: i32, (least, most)| value != NO_DAY && value >= least && value <= most;
        reals
            && self.year.is_none_or(|bounds| known(year(), bounds))
            && self.days.is_none_or(|bounds| known(days(), bounds))
    }
}
