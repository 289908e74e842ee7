//! How long each statement takes: the one place that every statement passes, counted without locks.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::Sql;

/// Upper bounds of the buckets, in microseconds; a last bucket holds what is slower.
pub const BOUNDS_MICROS: [u64; 15] =
    [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000];

/// The name under which statements outside the registry are counted.
const OTHER: &str = "other";
/// The name under which waiting for a connection or for the writer is counted.
pub const WAIT: &str = "wait";

/// A slow statement is told of once in this time, with what came since.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// How often the engine is asked how it goes about a statement that is slow.
const PLANNED_EVERY: Duration = Duration::from_hours(1);

/// What is to be told of a statement that was slow.
#[derive(Debug, Default)]
struct Slow {
    told_at: Option<Instant>,
    planned_at: Option<Instant>,
    times: u64,
    longest: Duration,
}

#[derive(Debug, Default)]
struct Cell {
    buckets: [AtomicU64; BOUNDS_MICROS.len() + 1],
    nanos: AtomicU64,
    errors: AtomicU64,
    slow: Mutex<Slow>,
}

impl Cell {
    fn count(&self, took: Duration, failed: bool) {
        let nanos = took.as_nanos() as u64;
        let bucket = BOUNDS_MICROS.partition_point(|bound| bound * 1000 < nanos);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.errors.fetch_add(failed.into(), Ordering::Relaxed);
    }

    /// Tells of a slow execution; whether its plan is to be told, too.
    fn slow(&self, statement: &'static str, took: Duration) -> bool {
        let is_due = |at: Option<Instant>, every| at.is_none_or(|at| at.elapsed() >= every);
        let mut slow = self.slow.lock();
        slow.times += 1;
        slow.longest = slow.longest.max(took);
        if !is_due(slow.told_at, TOLD_EVERY) {
            return false;
        }
        let (times, longest) = (slow.times, slow.longest.as_millis() as u64);
        tracing::warn!(statement, times, longest_ms = longest, "slow statement");
        let wants_plan = is_due(slow.planned_at, PLANNED_EVERY);
        let (now, planned_at) = (Instant::now(), slow.planned_at);
        *slow =
            Slow { told_at: Some(now), planned_at: if wants_plan { Some(now) } else { planned_at }, ..Slow::default() };
        wants_plan
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
    /// The names of slow statements whose plan is to be told.
    unplanned: mpsc::Sender<&'static str>,
    writes: AtomicU64,
    commits: AtomicU64,
}

impl Stats {
    /// Of statements slower than `slow` the names go to `unplanned`, now and then.
    pub(crate) fn new(
        names: impl Iterator<Item = &'static str>,
        slow: Duration,
        unplanned: mpsc::Sender<&'static str>,
    ) -> Self {
        let cells = names.chain([OTHER, WAIT]).map(|name| (name, Cell::default())).collect();
        Self { cells, slow, unplanned, writes: AtomicU64::new(0), commits: AtomicU64::new(0) }
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
            if took / times.max(1) >= self.slow && cell.slow(sql.name(), took) {
                // Nobody may be there to take it, and so many plans are not told at once.
                let _ = self.unplanned.try_send(sql.name());
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_statement_is_told_of_at_once_and_then_now_and_then() {
        let cell = Cell::default();
        let took = Duration::from_millis(70);
        assert!(cell.slow("town.by_id", took), "with its plan");
        assert_eq!(cell.slow.lock().times, 0);
        assert!(!cell.slow("town.by_id", took));
        assert!(!cell.slow("town.by_id", 2 * took));
        let untold = std::mem::take(&mut *cell.slow.lock());
        assert_eq!((untold.times, untold.longest), (2, 2 * took));
    }
}
