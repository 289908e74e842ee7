//! Building a segment from rows.

use super::{Group, NO_DAY, NONE, Row, Segment, Values, facet::decade};
use crate::{
    column::{Bits, Real},
    place::Grid,
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
            grid: Grid::default(),
            rooms: Default::default(),
        }
        .ordered()
    }

    /// Makes the orders, the grid and the sets from the columns.
    pub(crate) fn ordered(mut self) -> Self {
        let slots = 0..self.len() as u32;
        let mut by_id: Vec<u32> = slots.clone().collect();
        by_id.sort_unstable_by_key(|slot| self.ids[*slot as usize]);
        let mut newest: Vec<(i64, u32)> =
            (0..).zip(&by_id).map(|(rank, slot)| (self.listed[*slot as usize], rank)).collect();
        // Ranks by id stand for the ids, so that the comparison stays in one cache line; unknown is the least time.
        newest.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.by_newest = newest.iter().map(|(_, rank)| by_id[*rank as usize]).collect();
        self.by_id = by_id;
        self.grid = Grid::new(&self.groups, &self.latitude, &self.longitude, &self.price);
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
