//! Listings ordered along a world grid, so that every cell of every level is one run.

use std::ops::Range;

use lintel_domain::{listing::Status, place::Point};

use super::{
    Cell, Quadtree,
    cell::partition,
    world::{FINEST, bounds, code, column_and_row, gather},
};
use crate::{
    column::Wavelet,
    segment::{Group, NONE},
    sort::ASCENDING,
};

/// Listings between two of the running sums.
const STEP: usize = 64;

/// The listings of a segment that have coordinates: one status after another, each along a Z-curve (Morton 1966) over Web
/// Mercator. A cell of level `l` is one of 4^l squares of the map; in the curve's order the listings of a cell follow each
/// other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    /// The runs of equal status.
    pub(crate) layers: Vec<Layer>,
    /// Columns of the finest level, in the order of the curve.
    pub(crate) xs: Vec<u32>,
    /// Rows of the finest level.
    pub(crate) ys: Vec<u32>,
    /// The listings.
    pub(crate) slots: Vec<u32>,
    /// Their prices, once more: in this order they are read one after another.
    pub(crate) prices: Vec<i64>,
    /// And the known ones as [`ASCENDING`] integers, for percentiles of whole runs.
    pub(crate) ranks: Wavelet,
    /// Sums of the columns and rows before every [`STEP`]th listing, and of all.
    sums: Vec<(u64, u64)>,
}

/// The listings of one status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub(crate) status: Status,
    from: usize,
    to: usize,
}

fn total(values: &[u32]) -> u64 {
    values.iter().map(|value| u64::from(*value)).sum()
}

impl Grid {
    /// The grid of places and prices by slot; a place that is not a number is unknown.
    pub(crate) fn new(groups: &[Group], latitudes: &[f64], longitudes: &[f64], prices: &[i64]) -> Self {
        let mut places: Vec<(u64, u32)> = Vec::with_capacity(latitudes.len());
        let mut layers = Vec::new();
        for groups in groups.chunk_by(|a, b| a.status == b.status) {
            let from = places.len();
            let slots = groups[0].from..groups[groups.len() - 1].to;
            places.extend(slots.filter_map(|slot| {
                let point = Point::new(latitudes[slot as usize], longitudes[slot as usize])?;
                Some((code(column_and_row(point)), slot))
            }));
            places[from..].sort_unstable();
            if from < places.len() {
                layers.push(Layer { status: groups[0].status, from, to: places.len() });
            }
        }
        let xs: Vec<u32> = places.iter().map(|(code, _)| gather(*code)).collect();
        let ys: Vec<u32> = places.iter().map(|(code, _)| gather(*code >> 1)).collect();
        let slots: Vec<u32> = places.iter().map(|(_, slot)| *slot).collect();
        drop(places);
        let prices: Vec<i64> = slots.iter().map(|slot| prices[*slot as usize]).collect();
        let ranks = Wavelet::new(prices.iter().map(|price| (*price != NONE).then_some(ASCENDING.int(*price))));
        let mut sum = (0, 0);
        let blocks = xs.chunks(STEP).zip(ys.chunks(STEP)).map(|(xs, ys)| {
            let before = sum;
            sum = (sum.0 + total(xs), sum.1 + total(ys));
            before
        });
        let mut sums: Vec<(u64, u64)> = blocks.collect();
        sums.push(sum);
        Self { layers, xs, ys, slots, prices, ranks, sums }
    }

    /// The cells of the whole world, one for each status that has listings and is among `statuses` (one bit each, by its
    /// place in [`Status::ALL`]).
    pub(crate) fn worlds(&self, statuses: u16) -> impl Iterator<Item = Cell> {
        let layers = self.layers.iter().filter(move |layer| statuses >> layer.status as u16 & 1 == 1);
        layers.map(|layer| Cell { level: 0, x: 0, y: 0, from: layer.from, to: layer.to, bounds: bounds(0, 0, 0) })
    }

    /// Where a listing stands, given its status, place and slot; it must be in the grid.
    pub(crate) fn position(&self, status: Status, point: Point, slot: u32) -> Option<usize> {
        let layer = self.layers.iter().find(|layer| layer.status == status)?;
        let wanted = (code(column_and_row(point)), slot);
        let before = |at: usize| (code((self.xs[at], self.ys[at])), self.slots[at]) < wanted;
        Some(partition(layer.from, layer.to, before)).filter(|at| *at < layer.to)
    }

    /// The sums of the columns and of the rows of a run.
    pub(crate) fn sum(&self, run: Range<usize>) -> (u64, u64) {
        let before = |at: usize| {
            let block = at / STEP;
            let (x, y) = self.sums[block];
            let rest = block * STEP..at;
            (x + total(&self.xs[rest.clone()]), y + total(&self.ys[rest]))
        };
        if run.len() < STEP {
            return (total(&self.xs[run.clone()]), total(&self.ys[run]));
        }
        let (from, to) = (before(run.start), before(run.end));
        (to.0 - from.0, to.1 - from.1)
    }

    /// The runs of the curve, one for each status.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        self.layers.iter().map(|layer| layer.from..layer.to)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let fours = self.xs.capacity() + self.ys.capacity() + self.slots.capacity();
        fours * 4 + self.prices.capacity() * 8 + self.ranks.memory_bytes() + self.sums.capacity() * 16
    }
}

impl Quadtree for Grid {
    fn quarters(&self, cell: &Cell) -> impl Iterator<Item = Cell> {
        let shift = FINEST - cell.level - 1;
        cell.quarters(move |at| (self.xs[at] >> shift & 1) | (self.ys[at] >> shift & 1) << 1)
    }

    /// Cells with few listings are not split: testing the listings is cheaper.
    fn is_leaf(&self, cell: &Cell) -> bool {
        const FEW: usize = 32;
        cell.to - cell.from <= FEW || cell.level == FINEST
    }
}

#[cfg(test)]
pub(super) mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn every_listing_is_in_the_cell_whose_edges_hold_it() {
        let mut rng = Rng::new(11);
        let mut latitudes: Vec<f64> = (0..2000).map(|_| rng.unit() * 180.0 - 90.0).collect();
        let mut longitudes: Vec<f64> = (0..2000).map(|_| rng.unit() * 360.0 - 180.0).collect();
        latitudes.extend([90.0, -90.0, 0.0, 86.0, f64::NAN]);
        longitudes.extend([180.0, -180.0, 0.0, 12.0, 5.0]);
        let statuses = [(Status::Active, 700), (Status::Closed, 700), (Status::ComingSoon, latitudes.len() as u32)];
        let groups = groups(&statuses);
        let grid = Grid::new(&groups, &latitudes, &longitudes, &vec![0; latitudes.len()]);
        assert_eq!(grid.slots.len(), latitudes.len() - 1);
        let mut cells: Vec<Cell> = grid.worlds(u16::MAX).collect();
        assert_eq!(cells.len(), 2);
        assert_eq!(grid.worlds(1 << Status::Pending as u16).count(), 0);
        while let Some(cell) = cells.pop() {
            let edges = bounds(cell.level, cell.x, cell.y);
            for slot in &grid.slots[cell.from..cell.to] {
                let (lat, lon) = (latitudes[*slot as usize], longitudes[*slot as usize]);
                for b in [cell.bounds, edges] {
                    assert!(lat >= b.south - 1e-9 && lat <= b.north + 1e-9, "{lat} {b:?}");
                    assert!(lon >= b.west - 1e-9 && lon <= b.east + 1e-9, "{lon} {b:?}");
                }
            }
            if cell.level < 12 {
                let quarters: Vec<Cell> = grid.quarters(&cell).collect();
                assert_eq!(quarters.iter().map(|q| q.to - q.from).sum::<usize>(), cell.to - cell.from);
                cells.extend(quarters);
            }
        }
        for group in &groups {
            for slot in group.from..group.to {
                let Some(point) = Point::new(latitudes[slot as usize], longitudes[slot as usize]) else { continue };
                assert_eq!(grid.position(group.status, point, slot).map(|at| grid.slots[at]), Some(slot));
            }
        }
    }

    #[test]
    fn sums_of_runs_are_those_of_their_listings() {
        let mut rng = Rng::new(12);
        for count in [0usize, 1, 63, 64, 65, 128, 300] {
            let latitudes: Vec<f64> = (0..count).map(|_| rng.unit() * 80.0).collect();
            let grid =
                Grid::new(&groups(&[(Status::Active, count as u32)]), &latitudes, &latitudes, &vec![NONE; count]);
            for _ in 0..100 {
                let to = rng.below(count as u64 + 1) as usize;
                let from = rng.below(to as u64 + 1) as usize;
                assert_eq!(grid.sum(from..to), (total(&grid.xs[from..to]), total(&grid.ys[from..to])));
            }
        }
    }

    /// Runs of slots of a status each, by where they end.
    pub(crate) fn groups(ends: &[(Status, u32)]) -> Vec<Group> {
        let begins = std::iter::once(0).chain(ends.iter().map(|(_, to)| *to));
        let groups =
            begins.zip(ends).map(|(from, (status, to))| Group { status: *status, kind: 0, from, priced: *to, to: *to });
        groups.filter(|group| group.from < group.to).collect()
    }
}
