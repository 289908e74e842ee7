//! Building a segment from rows.

use std::ops::Range;

use super::{Group, ListedOn, NO_DAY, NONE, Row, Segment, Values, facet::decade};
use crate::{
    column::{Bits, Real},
    fit::listed_day,
    place::{Grid, Raster},
    text::Text,
};

impl Segment {
    /// A segment of rows in slot order, each id once, with their inverted text.
    pub(crate) fn new(rows: &[Row], text: Text) -> Self {
        let mut open = Bits::new(rows.len());
        for (slot, row) in rows.iter().enumerate() {
            if row.open {
                open.set(slot);
            }
        }
        Self {
            ids: rows.iter().map(|row| row.id).collect(),
            groups: groups(rows),
            price: rows.iter().map(|row| row.price).collect(),
            listed: rows.iter().map(|row| row.listed).collect(),
            days: rows.iter().map(|row| row.days).collect(),
            open,
            bedrooms: Real::new(rows.iter().map(|row| row.bedrooms)),
            bathrooms: Real::new(rows.iter().map(|row| row.bathrooms)),
            living: Real::new(rows.iter().map(|row| row.living)),
            lot: Real::new(rows.iter().map(|row| row.lot)),
            year: rows.iter().map(|row| row.year).collect(),
            latitude: rows.iter().map(|row| row.latitude).collect(),
            longitude: rows.iter().map(|row| row.longitude).collect(),
            text,
            by_id: Vec::new(),
            by_newest: Vec::new(),
            listings_of_days: Vec::new(),
            grid: Grid::default(),
            raster: Raster::default(),
            rooms: Default::default(),
        }
        .ordered()
    }

    /// Makes the orders, the grid and the sets from the columns.
    pub(crate) fn ordered(mut self) -> Self {
        let slots = 0..self.len() as u32;
        let mut by_id: Vec<u32> = slots.clone().collect();
        by_id.sort_unstable_by_key(|slot| self.ids[*slot as usize]);
        // Ranks by id stand for the ids, so that the comparison stays in one cache line; unknown is the least time.
        let mut newest = vec![(0, 0); self.len()];
        for (rank, slot) in (0u32..).zip(&by_id) {
            newest[*slot as usize] = (self.listed[*slot as usize], rank);
        }
        for run in self.runs(u16::MAX) {
            newest[run].sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        self.by_newest = newest.iter().map(|(_, rank)| by_id[*rank as usize]).collect();
        self.listings_of_days = self.runs(u16::MAX).flat_map(|run| days(&newest, run)).collect();
        drop(newest);
        self.by_id = by_id;
        self.grid = Grid::new(&self.groups, &self.latitude, &self.longitude, &self.price);
        self.raster = Raster::new(&self.grid, self.len());
        let years = &self.year;
        self.rooms = [
            Values::of(&self.bedrooms),
            Values::of(&self.bathrooms),
            Values::new(self.len(), |slot| match years[slot] {
                NO_DAY => f64::NAN,
                year => f64::from(decade(year)),
            }),
        ];
        self
    }

    /// A slot as a row.
    pub(crate) fn row(&self, slot: usize) -> Row {
        let group = self.group(slot);
        Row {
            id: self.ids[slot],
            status: group.status,
            kind: group.kind,
            price: self.price[slot],
            listed: self.listed[slot],
            days: self.days[slot],
            open: self.open.get(slot),
            bedrooms: self.bedrooms.get(slot),
            bathrooms: self.bathrooms.get(slot),
            living: self.living.get(slot),
            lot: self.lot.get(slot),
            year: self.year[slot],
            latitude: self.latitude[slot],
            longitude: self.longitude[slot],
        }
    }
}

/// The days of a run of listings, each with the time it came on the market.
fn days(newest: &[(i64, u32)], run: Range<usize>) -> Vec<ListedOn> {
    let mut days: Vec<ListedOn> = Vec::new();
    for (at, (listed, _)) in (run.start as u32..).zip(&newest[run]) {
        let day = listed_day(*listed);
        match days.last_mut() {
            Some(last) if last.day == day => last.to = at + 1,
            _ => days.push(ListedOn { day, from: at, to: at + 1 }),
        }
    }
    days
}

fn groups(rows: &[Row]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (slot, row) in (0u32..).zip(rows) {
        let priced = u32::from(row.price != NONE);
        match groups.last_mut() {
            Some(group) if group.status == row.status && group.kind == row.kind => {
                group.to = slot + 1;
                group.priced += priced;
            }
            _ => groups.push(Group {
                status: row.status,
                kind: row.kind,
                from: slot,
                priced: slot + priced,
                to: slot + 1,
            }),
        }
    }
    groups
}
