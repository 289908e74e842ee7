//! The listings on one level of the world grid, by slot: for asking many of them at once whether they lie in an area.

use super::{
    Cell, Grid, Quadtree,
    world::{FINEST, bounds, code},
};
use crate::column::{Bits, mask};

/// Listings of a cell, about, where they are many.
const SHARE: usize = 64;
/// The fewest cells that are worth having.
const FEWEST: usize = 256;

/// Where a cell lies, for [`mask`].
pub(super) const OUTSIDE: u8 = 0;
pub(super) const ACROSS: u8 = 1;
pub(super) const INSIDE: u8 = 2;

/// The cells of one level that have listings. An area is held against the cells once, and then each listing costs a look at
/// what its cell is, in the order of the slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raster {
    level: u8,
    /// The cells, along the curve.
    codes: Vec<u64>,
    /// How many listings are in the cells before each, and in all.
    before: Vec<u32>,
    /// The cell of each slot, by its place among the cells; how many cells there are for a listing without a place.
    cells: Vec<u16>,
}

impl Raster {
    /// The raster of a grid of `slots` listings: as fine as a number of 16 bits and the number of listings allow.
    pub(crate) fn new(grid: &Grid, slots: usize) -> Self {
        let most = (slots / SHARE).clamp(FEWEST, usize::from(u16::MAX));
        let level = level(grid, most);
        let shift = FINEST - level;
        let cell = |at: usize| code((grid.xs[at] >> shift, grid.ys[at] >> shift));
        let mut codes: Vec<u64> = Vec::new();
        for run in grid.runs() {
            codes.extend(run.map(cell));
            codes.dedup();
        }
        codes.sort_unstable();
        codes.dedup();
        let mut cells = vec![codes.len() as u16; slots];
        let mut counts = vec![0u32; codes.len()];
        for run in grid.runs() {
            let mut place = 0;
            for at in run {
                let code = cell(at);
                while codes[place] < code {
                    place += 1;
                }
                counts[place] += 1;
                cells[grid.slots[at] as usize] = place as u16;
            }
        }
        let mut before = Vec::with_capacity(codes.len() + 1);
        before.push(0);
        before.extend(counts.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        }));
        codes.shrink_to_fit();
        Self { level, codes, before, cells }
    }

    /// The whole world; its run is that of the cells.
    pub(super) fn world(&self) -> Cell {
        Cell { level: 0, x: 0, y: 0, from: 0, to: self.codes.len(), bounds: bounds(0, 0, 0) }
    }

    /// How many listings are in a cell.
    pub(super) fn listings(&self, cell: &Cell) -> usize {
        (self.before[cell.to] - self.before[cell.from]) as usize
    }

    /// What every cell is to an area that nothing is known of; the last is for listings without a place.
    pub(super) fn blank(&self) -> Vec<u8> {
        vec![OUTSIDE; self.codes.len() + 1]
    }

    /// Keeps in `bits` the slots whose cell is inside, and gives back those whose cell is across the edge.
    pub(super) fn keep(&self, lies: &[u8], bits: &mut Bits) -> Vec<u32> {
        let mut doubtful = Vec::new();
        mask::sort_out(bits, &self.cells, |cell| lies[usize::from(cell)], |slot| doubtful.push(slot as u32));
        doubtful
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.codes.capacity() * 8 + self.before.capacity() * 4 + self.cells.capacity() * 2
    }
}

impl Quadtree for Raster {
    fn quarters(&self, cell: &Cell) -> impl Iterator<Item = Cell> {
        let shift = 2 * (self.level - cell.level - 1);
        cell.quarters(move |at| (self.codes[at] >> shift & 3) as u32)
    }

    fn is_leaf(&self, cell: &Cell) -> bool {
        cell.level == self.level
    }
}

/// The finest level that has surely no more than `most` cells with listings.
fn level(grid: &Grid, most: usize) -> u8 {
    // At how many places of the curve one cell ends and the next begins, by the level from which on that is so.
    let mut ends = [0usize; FINEST as usize + 1];
    for run in grid.runs() {
        ends[0] += 1;
        for at in run.start + 1..run.end {
            let different = (grid.xs[at - 1] ^ grid.xs[at]) | (grid.ys[at - 1] ^ grid.ys[at]);
            if different != 0 {
                ends[(u32::from(FINEST) - different.ilog2()) as usize] += 1;
            }
        }
    }
    let mut cells = 0;
    let within = ends.iter().take_while(|ends| {
        cells += *ends;
        cells <= most
    });
    (within.count() as u8).saturating_sub(1)
}
