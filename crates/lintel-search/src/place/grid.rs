//! Listings ordered along a world grid, so that every cell of every level is one run.

use std::ops::Range;

use lintel_domain::{
    listing::Status,
    place::{Bounds, Point},
};

use super::world::{FINEST, bounds, code, column_and_row, gather};
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

/// A cell with its run of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// 0 is the world.
    pub(crate) level: u8,
    /// Column from the west.
    pub(crate) x: u32,
    /// Row from the north.
    pub(crate) y: u32,
    /// Where its listings begin.
    pub(crate) from: usize,
    /// Where they end.
    pub(crate) to: usize,
    /// Its edges; the outermost rows reach the poles.
    pub(crate) bounds: Bounds,
}

/// The first of `from..to` that does not pass, when all that pass come first.
fn partition(mut from: usize, mut to: usize, pass: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = usize::midpoint(from, to);
        if pass(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
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

    /// The quarters of a cell that have listings.
    pub(crate) fn quarters(&self, cell: &Cell) -> impl Iterator<Item = Cell> {
        let level = cell.level + 1;
        let shift = FINEST - level;
        let quarter = |at: usize| (self.xs[at] >> shift & 1) | (self.ys[at] >> shift & 1) << 1;
        let mut at = [cell.from; 5];
        if cell.from < cell.to {
            // All of a small cell's listings often lie in one quarter, and two looks show it.
            let (first, last) = (quarter(cell.from), quarter(cell.to - 1));
            for (q, end) in (0..4).zip(&mut at[1..]) {
                *end = match q {
                    _ if q < first => cell.from,
                    _ if q >= last => cell.to,
                    _ => partition(cell.from, cell.to, |at| quarter(at) <= q),
                };
            }
        }
        let (x, y, outer) = (cell.x * 2, cell.y * 2, cell.bounds);
        let middle = bounds(level, x, y);
        (0..4u32).filter_map(move |q| {
            let (from, to) = (at[q as usize], at[q as usize + 1]);
            let (right, low) = (q & 1, q >> 1);
            (from < to).then_some(Cell {
                level,
                x: x + right,
                y: y + low,
                from,
                to,
                bounds: Bounds {
                    west: if right == 0 { outer.west } else { middle.east },
                    east: if right == 0 { middle.east } else { outer.east },
                    north: if low == 0 { outer.north } else { middle.south },
                    south: if low == 0 { middle.south } else { outer.south },
                },
            })
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let fours = self.xs.capacity() + self.ys.capacity() + self.slots.capacity();
        fours * 4 + self.prices.capacity() * 8 + self.ranks.memory_bytes() + self.sums.capacity() * 16
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
