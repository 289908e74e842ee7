//! How long each statement takes: the one place that every statement passes, counted without locks.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::Sql;

/// Upper bounds of the buckets, in microseconds; a last bucket holds what is slower.
pub const BOUNDS_MICROS: [u64; 15] =
    [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000];

/// The name under which statements outside the registry are counted.
const OTHER: &str = "other";
/// The name under which waiting for a connection or for the writer is counted.
pub const WAIT: &str = "wait";

#[derive(Debug, Default)]
struct Cell {
    buckets: [AtomicU64; BOUNDS_MICROS.len() + 1],
    nanos: AtomicU64,
    errors: AtomicU64,
}

impl Cell {
    fn count(&self, took: Duration, failed: bool) {
        let nanos = took.as_nanos() as u64;
        let bucket = BOUNDS_MICROS.partition_point(|bound| bound * 1000 < nanos);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.errors.fetch_add(failed.into(), Ordering::Relaxed);
    }
}

/// What one statement has cost so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementStats {
    /// The statement's name.
    pub name: &'static str,
    /// Executions per bucket of [`BOUNDS_MICROS`] (not cumulative), the last for what is slower.
    pub buckets: [u64; BOUNDS_MICROS.len() + 1],
    /// Nanoseconds in all.
    pub nanos: u64,
    /// Executions that failed; they are in the buckets too.
    pub errors: u64,
}

impl StatementStats {
    /// Executions in all.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

/// The counters of one store. The set of names is fixed when the store opens, so that counting needs no lock.
#[derive(Debug)]
pub(crate) struct Stats {
    cells: HashMap<&'static str, Cell>,
    slow: Duration,
    writes: AtomicU64,
    commits: AtomicU64,
}

impl Stats {
    pub(crate) fn new(names: impl Iterator<Item = &'static str>, slow: Duration) -> Self {
        let cells = names.chain([OTHER, WAIT]).map(|name| (name, Cell::default())).collect();
        Self { cells, slow, writes: AtomicU64::new(0), commits: AtomicU64::new(0) }
    }

    /// Counts one execution that began at `begun` and passes its result through.
    pub(crate) fn record<T, E>(&self, sql: &Sql, begun: Instant, result: Result<T, E>) -> Result<T, E> {
        self.record_many(sql, begun, 1, result)
    }

    /// Counts a batch as one execution; it is slow when its statements were, one with another.
    pub(crate) fn record_many<T, E>(
        &self,
        sql: &Sql,
        begun: Instant,
        times: u32,
        result: Result<T, E>,
    ) -> Result<T, E> {
        let took = begun.elapsed();
        if let Some(cell) = self.cells.get(sql.name()).or_else(|| self.cells.get(OTHER)) {
            cell.count(took, result.is_err());
        }
        if took / times.max(1) >= self.slow {
            tracing::warn!(statement = sql.name(), millis = took.as_millis() as u64, "slow statement");
        }
        result
    }

    /// Counts how long a call that began at `begun` waited for a connection or for its turn.
    pub(crate) fn waited(&self, begun: Instant) {
        if let Some(cell) = self.cells.get(WAIT) {
            cell.count(begun.elapsed(), false);
        }
    }

    /// Counts a commit in which so many writes were run.
    pub(crate) fn committed(&self, writes: usize) {
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes that were run, and the commits that held them.
    pub(crate) fn committed_so_far(&self) -> (u64, u64) {
        (self.writes.load(Ordering::Relaxed), self.commits.load(Ordering::Relaxed))
    }

    /// Every statement that has run, by name.
    pub(crate) fn snapshot(&self) -> Vec<StatementStats> {
        let mut all: Vec<_> = self
            .cells
            .iter()
            .map(|(name, cell)| StatementStats {
                name,
                buckets: std::array::from_fn(|i| cell.buckets[i].load(Ordering::Relaxed)),
                nanos: cell.nanos.load(Ordering::Relaxed),
                errors: cell.errors.load(Ordering::Relaxed),
            })
            .filter(|stats| stats.count() > 0)
            .collect();
        all.sort_by_key(|stats| stats.name);
        all
    }
}
