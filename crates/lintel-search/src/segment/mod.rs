//! A segment: listings in packed columns that never change once they are built.

mod build;
mod facet;
pub(crate) mod merge;
pub(crate) mod row;

use std::ops::Range;

use lintel_domain::{clock::Day, listing::Status, place::Point};
use uuid::Uuid;

pub(crate) use facet::{Values, decade};
pub(crate) use row::{NO_DAY, NONE, Row};

use crate::{
    column::{Bits, Real},
    place::{Grid, Places, Raster},
    text::Text,
};

/// Listings by slot. Slots are ordered by status and type of property, then by price, so that a question for some of
/// them, or for a range of prices among them, concerns a few runs of every column.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) ids: Vec<Uuid>,
    /// The runs of equal status and type, in slot order.
    pub(crate) groups: Vec<Group>,
    pub(crate) price: Vec<i64>,
    pub(crate) listed: Vec<i64>,
    pub(crate) days: Vec<i32>,
    /// Slots whose `days` is the day they came on the market, since they still are.
    pub(crate) open: Bits,
    pub(crate) bedrooms: Real,
    pub(crate) bathrooms: Real,
    pub(crate) living: Real,
    pub(crate) lot: Real,
    pub(crate) year: Vec<i32>,
    pub(crate) latitude: Vec<f64>,
    pub(crate) longitude: Vec<f64>,
    pub(crate) text: Text,
    // What follows is made from what stands above.
    /// Slots by id.
    pub(crate) by_id: Vec<u32>,
    /// Slots by status, then by the time they came on the market, latest first, unknown last, then by id: the slots of a
    /// status stand where that status's are.
    pub(crate) by_newest: Vec<u32>,
    /// The runs of `by_newest` of one day.
    pub(crate) listings_of_days: Vec<ListedOn>,
    pub(crate) grid: Grid,
    pub(crate) raster: Raster,
    /// Slots by bedrooms, by bathrooms, by decade of construction.
    pub(crate) rooms: [Values; 3],
}

/// A run of slots of one status and type of property, by price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) status: Status,
    pub(crate) kind: u32,
    pub(crate) from: u32,
    /// Where the slots of unknown price begin.
    pub(crate) priced: u32,
    pub(crate) to: u32,
}

/// A run of [`Segment::by_newest`] of one status and one day on which they came on the market, or [`NO_DAY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListedOn {
    pub(crate) day: i32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Group {
    pub(crate) fn slots(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    /// The slots of known price.
    pub(crate) fn priced(&self) -> Range<usize> {
        self.from as usize..self.priced as usize
    }
}

impl Segment {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The slot of a listing, removed or not.
    pub(crate) fn slot(&self, id: Uuid) -> Option<usize> {
        let at = self.by_id.partition_point(|slot| self.ids[*slot as usize] < id);
        let slot = *self.by_id.get(at)? as usize;
        (self.ids[slot] == id).then_some(slot)
    }

    /// The slots of a group whose price is from `least` to `most`.
    pub(crate) fn between(&self, group: &Group, least: i64, most: i64) -> Range<usize> {
        let priced = group.priced();
        let prices = &self.price[priced.clone()];
        let from = prices.partition_point(|price| *price < least);
        let to = prices.partition_point(|price| *price <= most).max(from);
        priced.start + from..priced.start + to
    }

    /// The slots of each status that is among `statuses` (one bit each).
    pub(crate) fn runs(&self, statuses: u16) -> impl Iterator<Item = Range<usize>> {
        let same = self.groups.chunk_by(|a, b| a.status == b.status);
        let asked = same.filter(move |groups| statuses >> groups[0].status as u16 & 1 == 1);
        asked.map(|groups| groups[0].from as usize..groups[groups.len() - 1].to as usize)
    }

    /// The days on which the listings of a run of one status came on the market, latest first.
    pub(crate) fn days_of(&self, run: &Range<usize>) -> &[ListedOn] {
        let before = |end: usize| self.listings_of_days.partition_point(|listed| (listed.to as usize) <= end);
        &self.listings_of_days[before(run.start)..before(run.end)]
    }

    /// The group of a slot.
    pub(crate) fn group(&self, slot: usize) -> &Group {
        &self.groups[self.groups.partition_point(|group| group.to as usize <= slot)]
    }

    #[inline]
    pub(crate) fn point(&self, slot: usize) -> Option<Point> {
        let (latitude, longitude) = (self.latitude[slot], self.longitude[slot]);
        (!latitude.is_nan()).then_some(Point { latitude, longitude })
    }

    /// Where its listings are.
    pub(crate) fn places(&self) -> Places<'_> {
        Places { grid: &self.grid, raster: &self.raster, latitudes: &self.latitude, longitudes: &self.longitude }
    }

    /// Where slots stand in the grid, ascending, as far as they have a place.
    pub(crate) fn in_grid(&self, slots: impl Iterator<Item = usize>) -> Vec<u32> {
        let position = |slot| self.grid.position(self.group(slot).status, self.point(slot)?, slot as u32);
        let mut positions: Vec<u32> = slots.filter_map(position).map(|at| at as u32).collect();
        positions.sort_unstable();
        positions
    }

    /// Days on the market as of `today`, or [`NO_DAY`].
    #[inline]
    pub(crate) fn days_on_market(&self, slot: usize, today: Day) -> i32 {
        if self.open.get(slot) { today.0.saturating_sub(self.days[slot]).max(0) } else { self.days[slot] }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let fours = self.days.capacity() + self.year.capacity() + self.by_id.capacity() + self.by_newest.capacity();
        let eights =
            self.price.capacity() + self.listed.capacity() + self.latitude.capacity() + self.longitude.capacity();
        let reals = [&self.bedrooms, &self.bathrooms, &self.living, &self.lot];
        self.ids.capacity() * 16
            + self.groups.capacity() * size_of::<Group>()
            + fours * 4
            + eights * 8
            + self.open.memory_bytes()
            + reals.iter().map(|real| real.memory_bytes()).sum::<usize>()
            + self.text.memory_bytes()
            + self.grid.memory_bytes()
            + self.raster.memory_bytes()
            + self.listings_of_days.capacity() * size_of::<ListedOn>()
            + self.rooms.iter().map(Values::memory_bytes).sum::<usize>()
    }
}
