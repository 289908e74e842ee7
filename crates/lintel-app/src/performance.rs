//! How the rooms do: what a page for administrators shows beside the edge's own counts.

pub use lintel_cache::Stats as CacheStats;
use lintel_store::{
    db::{BOUNDS_MICROS, Busy, StatementStats, WAIT},
    job::JobState,
};

use crate::{App, Principal, Result};

/// The most statements that are told of.
const STATEMENTS: usize = 20;

/// How the rooms of this node do.
#[derive(Clone, Debug)]
pub struct Performance {
    /// The database.
    pub store: StorePerformance,
    /// The tenant's jobs that have not ended, and those given up, by kind.
    pub jobs: Vec<JobsOfKind>,
    /// How far the followers of the log are behind.
    pub followers: Vec<FollowerLag>,
    /// Realtime clients of this node.
    pub clients: usize,
    /// Listings in the index of this node, and the memory they take in bytes.
    pub index: (usize, usize),
    /// What the kept answers of this node did since it began, by namespace.
    pub caches: Vec<(&'static str, CacheStats)>,
}

/// How the database does.
#[derive(Clone, Debug)]
pub struct StorePerformance {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// Its version.
    pub version: String,
    /// Writes that were run since the store was opened.
    pub writes: u64,
    /// The commits that held them.
    pub commits: u64,
    /// What waits and runs at this moment.
    pub now: Busy,
    /// Waiting for a connection or for a turn.
    pub wait: Option<StatementTimes>,
    /// The statements on which most time was spent, most first.
    pub statements: Vec<StatementTimes>,
}

/// What a statement has cost since the store was opened.
#[derive(Clone, Debug)]
pub struct StatementTimes {
    /// Its name.
    pub name: &'static str,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub errors: u64,
    /// Milliseconds in all.
    pub total_ms: f64,
    /// Half of the runs took less than so many milliseconds: the upper end of a bucket. None when it is the last, which has none.
    pub p50_below_ms: Option<f64>,
    /// 95 % of them.
    pub p95_below_ms: Option<f64>,
    /// 99 % of them.
    pub p99_below_ms: Option<f64>,
}

/// Jobs of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobsOfKind {
    /// What they do.
    pub kind: String,
    /// Those that wait for a worker or their time.
    pub waiting: u64,
    /// Those that run.
    pub running: u64,
    /// Those given up.
    pub dead: u64,
}

/// A follower of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowerLag {
    /// Its name.
    pub name: String,
    /// Events it has not read; counted up to 10,000.
    pub behind: u64,
    /// For how long the oldest of them has waited, in seconds.
    pub waiting_seconds: Option<f64>,
}

/// What is cheap enough to be looked at every few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Realtime clients.
    pub clients: usize,
    /// Writes in line (SQLite), or calls that wait for a connection (PostgreSQL).
    pub waiting: usize,
    /// Writes that were run since the store was opened.
    pub writes: u64,
    /// The commits that held them.
    pub commits: u64,
}

impl App {
    /// How the rooms of this node do. Jobs are the tenant's own; all else is of the node and tells of nobody.
    pub async fn performance(&self, who: &Principal) -> Result<Performance> {
        let store = &self.0.store;
        let now = self.clock().now();
        let followers = store.followers().await?.into_iter().map(|follower| FollowerLag {
            behind: u64::try_from(follower.behind).unwrap_or(0),
            waiting_seconds: follower.waiting_since.map(|since| now.since(since).max(0) as f64 / 1e6),
            name: follower.name,
        });
        let index = &self.0.keeper.index;
        Ok(Performance {
            store: self.store_performance().await?,
            jobs: self.jobs_by_kind(who).await?,
            followers: followers.collect(),
            clients: self.listeners(),
            index: (index.loaded().iter().map(|(_, _, part)| part.len()).sum(), index.memory_bytes()),
            caches: self.0.caches.stats().to_vec(),
        })
    }

    /// What is cheap enough to be looked at every few seconds.
    pub fn pulse(&self) -> Pulse {
        let load = self.0.store.load();
        Pulse { clients: self.listeners(), waiting: load.waiting(), writes: load.writes, commits: load.commits }
    }

    async fn store_performance(&self) -> Result<StorePerformance> {
        let store = &self.0.store;
        let health = store.health().await?;
        let load = store.load();
        let stats = store.statement_stats();
        let mut statements: Vec<_> = stats.iter().filter(|one| one.name != WAIT).map(StatementTimes::from).collect();
        statements.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
        statements.truncate(STATEMENTS);
        Ok(StorePerformance {
            engine: health.engine,
            version: health.version,
            writes: load.writes,
            commits: load.commits,
            now: load.now,
            wait: stats.iter().find(|one| one.name == WAIT).map(StatementTimes::from),
            statements,
        })
    }

    async fn jobs_by_kind(&self, who: &Principal) -> Result<Vec<JobsOfKind>> {
        let mut kinds: Vec<JobsOfKind> = Vec::new();
        for count in self.0.store.job_counts_of(who.tenant).await? {
            let jobs = u64::try_from(count.count).unwrap_or(0);
            if kinds.last().is_none_or(|last| last.kind != count.kind) {
                kinds.push(JobsOfKind { kind: count.kind, waiting: 0, running: 0, dead: 0 });
            }
            let Some(kind) = kinds.last_mut() else { continue };
            match count.state {
                JobState::Ready => kind.waiting = jobs,
                JobState::Running => kind.running = jobs,
                JobState::Dead => kind.dead = jobs,
                JobState::Done | JobState::Cancelled => {}
            }
        }
        Ok(kinds)
    }
}

impl From<&StatementStats> for StatementTimes {
    fn from(stats: &StatementStats) -> Self {
        Self {
            name: stats.name,
            count: stats.count(),
            errors: stats.errors,
            total_ms: stats.nanos as f64 / 1e6,
            p50_below_ms: below_ms(stats, 0.5),
            p95_below_ms: below_ms(stats, 0.95),
            p99_below_ms: below_ms(stats, 0.99),
        }
    }
}

/// The upper end, in milliseconds, of the bucket in which the run of rank ⌈share · n⌉ lies.
fn below_ms(stats: &StatementStats, share: f64) -> Option<f64> {
    let rank = ((share * stats.count() as f64).ceil() as u64).max(1);
    let mut seen = 0;
    let bucket = stats.buckets.iter().position(|count| {
        seen += count;
        seen >= rank
    })?;
    BOUNDS_MICROS.get(bucket).map(|bound| *bound as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_upper_end_of_its_bucket() {
        let mut stats =
            StatementStats { name: "x", buckets: [0; BOUNDS_MICROS.len() + 1], nanos: 5_000_000, errors: 1 };
        stats.buckets[0] = 50;
        stats.buckets[6] = 49;
        stats.buckets[BOUNDS_MICROS.len()] = 1;
        let times = StatementTimes::from(&stats);
        assert_eq!((times.count, times.errors, times.total_ms), (100, 1, 5.0));
        assert_eq!((times.p50_below_ms, times.p95_below_ms, times.p99_below_ms), (Some(0.01), Some(1.0), Some(1.0)));
        assert_eq!(below_ms(&stats, 1.0), None, "the last bucket has no upper end");
    }
}
