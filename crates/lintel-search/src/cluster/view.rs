//! A viewport over one piece of a part: whole cells are taken as runs, what lies across the edge is looked at.

use std::{collections::BTreeMap, ops::Range};

use super::{ClusterQuery, Metric, heap::Heap};
use crate::{
    column::Bits,
    fit::score::amount,
    part::{Piece, gap},
    place::{Cell, Lies, Quadtree, box_lies},
    segment::NONE,
    sort::ASCENDING,
};

/// Of a shorter run the prices are read one after another.
const SHORT: usize = 512;
/// With more than one removed listing in this many, too.
const DEAD: usize = 8;

/// A viewport over one piece.
pub(super) struct View<'a> {
    query: &'a ClusterQuery<'a>,
    piece: &'a Piece,
    /// The slots that pass; absent when all that live do.
    passing: Option<&'a Bits>,
    level: u8,
    /// Places in the grid, kept to be used again.
    places: Vec<u32>,
}

impl<'a> View<'a> {
    pub(super) fn new(query: &'a ClusterQuery<'a>, piece: &'a Piece, passing: Option<&'a Bits>, level: u8) -> Self {
        Self { query, piece, passing, level, places: Vec::new() }
    }

    /// Adds what lies in a cell to the heaps, by row and column.
    pub(super) fn descend(&mut self, cell: &Cell, heaps: &mut BTreeMap<(u32, u32), Heap<'a>>) {
        let lies = box_lies(self.query.bbox, cell.bounds);
        if lies == Lies::Outside {
            return;
        }
        if cell.level < self.level {
            for quarter in self.piece.segment.grid.quarters(cell) {
                self.descend(&quarter, heaps);
            }
            return;
        }
        let mut heap = Heap::default();
        self.fill(cell, lies, &mut heap);
        if heap.count > 0 {
            heaps.entry((cell.y, cell.x)).or_default().add(heap);
        }
    }

    /// Adds what lies in a cell to a heap.
    fn fill(&mut self, cell: &Cell, lies: Lies, heap: &mut Heap<'a>) {
        let grid = &self.piece.segment.grid;
        match lies {
            Lies::Outside => {}
            Lies::Inside => self.take(cell.from..cell.to, heap),
            Lies::Across if grid.is_leaf(cell) => {
                self.find(cell.from..cell.to);
                self.keep_inside();
                self.add_found(heap);
            }
            Lies::Across => {
                for quarter in grid.quarters(cell) {
                    self.fill(&quarter, box_lies(self.query.bbox, quarter.bounds), heap);
                }
            }
        }
    }

    /// Adds a run that lies inside.
    fn take(&mut self, run: Range<usize>, heap: &mut Heap<'a>) {
        let known = matches!(self.query.metric, Metric::Count | Metric::MedianPrice);
        let gone = self.gone(&run);
        if self.passing.is_none() && known && run.len() >= SHORT && gone.len() * DEAD <= run.len() {
            heap.add_run(&self.piece.segment, run, gone, self.query.metric == Metric::MedianPrice);
        } else {
            self.find(run);
            self.add_found(heap);
        }
    }

    /// The removed listings of a run.
    fn gone(&self, run: &Range<usize>) -> &'a [u32] {
        let gone = &self.piece.gone[..];
        let before = |place: usize| gone.partition_point(|at| (*at as usize) < place);
        if gone.is_empty() { gone } else { &gone[before(run.start)..before(run.end)] }
    }

    /// Writes down the places of a run that pass, without a branch on what no processor can foresee.
    fn find(&mut self, run: Range<usize>) {
        let live = (!self.gone(&run).is_empty()).then_some(&*self.piece.live);
        self.places.clear();
        let Some(bits) = self.passing.or(live) else {
            self.places.extend(run.start as u32..run.end as u32);
            return;
        };
        let slots = &self.piece.segment.grid.slots[run.clone()];
        self.places.resize(slots.len(), 0);
        let mut count = 0;
        for (at, &slot) in (run.start as u32..).zip(slots) {
            self.places[count] = at;
            count += usize::from(bits.get(slot as usize));
        }
        self.places.truncate(count);
    }

    /// Keeps the places written down that are in the viewport.
    fn keep_inside(&mut self) {
        let segment = &self.piece.segment;
        self.places.retain(|at| {
            let point = segment.point(segment.grid.slots[*at as usize] as usize);
            point.is_some_and(|point| self.query.bbox.contains(point))
        });
    }

    /// Adds the listings at the places written down.
    fn add_found(&self, heap: &mut Heap<'a>) {
        let (segment, grid) = (&self.piece.segment, &self.piece.segment.grid);
        heap.add_listings(segment, &self.places);
        let places = self.places.iter().map(|at| *at as usize);
        match self.query.metric {
            Metric::Count => {}
            Metric::MedianPrice => {
                let prices = places.map(|at| grid.prices[at]).filter(|price| *price != NONE);
                heap.values.extend(prices.map(|price| ASCENDING.int(price)));
            }
            Metric::PricePerSqft => {
                let ratios = places.filter_map(|at| {
                    let area = segment.living.get(grid.slots[at] as usize);
                    let ratio = amount(grid.prices[at]) / 100.0 / area;
                    (area > 0.0 && !ratio.is_nan()).then(|| ASCENDING.real(ratio))
                });
                heap.values.extend(ratios);
            }
            Metric::EstimateGap => {
                let gaps = places.map(|at| gap(grid.prices[at], self.piece.estimate(grid.slots[at] as usize)));
                heap.values.extend(gaps.filter(|gap| !gap.is_nan()).map(|gap| ASCENDING.real(gap)));
            }
        }
    }
}
