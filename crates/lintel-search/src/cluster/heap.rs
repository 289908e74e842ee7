//! What is known of a cluster while it is gathered, and the cluster made of it.

use lintel_domain::id::ListingId;

use super::{Cluster, Metric};
use crate::{
    column::wavelet::{self, Run},
    percentile::{self, Places},
    place::world,
    segment::{NONE, Segment},
    sort::ASCENDING,
};

/// The listings of a cell that were found so far.
#[derive(Debug, Default)]
pub(super) struct Heap<'a> {
    pub(super) count: u64,
    /// Sums of columns and rows of the finest level.
    xs: u64,
    ys: u64,
    /// Runs whose prices are looked up only where percentiles fall.
    runs: Vec<Run<'a>>,
    /// Values of the metric of all other listings, in order-preserving bits.
    pub(super) values: Vec<u64>,
    /// Values within the runs that do not count, since their listings were removed.
    gone: Vec<u64>,
    /// The first listing and its place.
    first: Option<(ListingId, f64, f64)>,
}

impl<'a> Heap<'a> {
    /// Adds listings by their places in the grid, but not their values.
    pub(super) fn add_listings(&mut self, segment: &Segment, places: &[u32]) {
        let grid = &segment.grid;
        self.count += places.len() as u64;
        for at in places {
            self.xs += u64::from(grid.xs[*at as usize]);
            self.ys += u64::from(grid.ys[*at as usize]);
        }
        if let Some(at) = places.first() {
            self.note(segment, *at as usize);
        }
    }

    /// Adds a run of the grid without those that are `gone`; with their prices when `priced`.
    pub(super) fn add_run(&mut self, segment: &'a Segment, run: std::ops::Range<usize>, gone: &[u32], priced: bool) {
        let grid = &segment.grid;
        self.count += (run.len() - gone.len()) as u64;
        let (xs, ys) = grid.sum(run.clone());
        self.xs += xs;
        self.ys += ys;
        for at in gone {
            self.xs -= u64::from(grid.xs[*at as usize]);
            self.ys -= u64::from(grid.ys[*at as usize]);
        }
        if priced {
            let prices = gone.iter().map(|at| grid.prices[*at as usize]);
            self.gone.extend(prices.filter(|price| *price != NONE).map(|price| ASCENDING.int(price)));
            self.runs.push(grid.ranks.run(run.clone()));
        }
        // The gone ascend, so the first that lives stands where the two sequences part.
        let dead = run.clone().zip(gone).take_while(|(at, gone)| *at == **gone as usize).count();
        if dead < run.len() {
            self.note(segment, run.start + dead);
        }
    }

    /// Remembers the listing at a place of the grid, unless one is remembered already.
    fn note(&mut self, segment: &Segment, at: usize) {
        let slot = segment.grid.slots[at] as usize;
        let listing = || (ListingId(segment.ids[slot]), segment.latitude[slot], segment.longitude[slot]);
        self.first.get_or_insert_with(listing);
    }

    /// Adds what another piece has in the same cell.
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.xs += other.xs;
        self.ys += other.ys;
        self.first = self.first.or(other.first);
        self.runs.extend(other.runs);
        self.gone.extend(other.gone);
        if self.values.is_empty() {
            self.values = other.values;
        } else {
            self.values.extend(other.values);
        }
    }

    pub(super) fn cluster(self, level: u8, x: u32, y: u32, metric: Metric) -> Cluster {
        let (latitude, longitude) = match self.first {
            Some((_, latitude, longitude)) if self.count == 1 => (latitude, longitude),
            _ => world::middle(self.xs as f64 / self.count as f64, self.ys as f64 / self.count as f64),
        };
        let count = self.count;
        let listing_id = self.first.filter(|_| count == 1).map(|(id, _, _)| id);
        let percentiles = self.percentiles(metric);
        Cluster {
            id: format!("{level}/{x}/{y}"),
            latitude,
            longitude,
            count,
            value: if metric == Metric::Count { Some(count as f64) } else { percentiles.map(|[_, median, _]| median) },
            p10: percentiles.map(|[p10, _, _]| p10),
            p90: percentiles.map(|[_, _, p90]| p90),
            bbox: world::bounds(level, x, y),
            listing_id,
        }
    }

    /// The 10th, 50th and 90th percentile of the metric.
    fn percentiles(mut self, metric: Metric) -> Option<[f64; 3]> {
        let in_runs: usize = self.runs.iter().map(Run::len).sum();
        let places = Places::new(in_runs + self.values.len() - self.gone.len())?;
        let found = if self.runs.is_empty() {
            percentile::at_places(&self.values, &places.around)
        } else {
            self.values.sort_unstable();
            self.gone.sort_unstable();
            wavelet::at_places(self.runs, &self.values, &self.gone, &places.around)
        };
        let number = |at: usize| match metric {
            Metric::MedianPrice => ASCENDING.whole(found[at]) as f64 / 100.0,
            _ => ASCENDING.number(found[at]),
        };
        Some(places.between(std::array::from_fn(number)))
    }
}
