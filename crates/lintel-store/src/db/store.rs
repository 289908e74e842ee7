//! The store: opened once, cloned freely, read from directly and written to in transactions.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    Connector, Disk, Load, Options, Params, ReplicaStats, Row, Shared, Sql, StatementStats, Stats, Target, Tx, Wake,
    postgres::Postgres,
    sqlite::{self, Sqlite},
};
use crate::{Error, Result, migrate, statements};

/// A database. Cloning is cheap and shares everything; [`Store::close`] finishes what was accepted.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    shared: Arc<Shared>,
    options: Options,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stop_when_dropped: DropGuard,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// How the database is, for readiness and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The engine's version.
    pub version: String,
    /// The number of the last migration that was applied.
    pub schema: i32,
    /// Whether the disk takes writes.
    pub disk: Disk,
}

/// The longest text of [`Store::say`]: what PostgreSQL takes of a notification.
pub const MOST_SAID_BYTES: usize = 7_999;

/// The most rows that [`Store::points`] is for: a page of a list, read in less time than handing it to another thread and
/// back may take when the processor is busy.
pub const POINTS: usize = 64;

crate::sql! {
    /// The cheapest statement there is.
    PING "store.ping" = "SELECT 1";
    /// The last migration.
    SCHEMA "store.schema" = "SELECT MAX(version) FROM refinery_schema_history";
    /// A write that changes nothing but has to be durable all the same.
    PROBE "store.probe" = "UPDATE log_state SET probes = probes + 1 WHERE id = 1";
}

impl Store {
    /// Connects, checks the version, brings the schema up to date.
    pub async fn open(options: Options) -> Result<Self> {
        let target = options.target()?;
        let names = statements().map(Sql::name);
        let (unplanned, slow) = mpsc::channel(UNPLANNED);
        let stats = Stats::new(names, options.slow_statement, unplanned);
        let shared = Arc::new(Shared::new(stats, options.on_commit.clone()));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let engine = match target {
            Target::Sqlite(path) => {
                let (options, shared) = (options.clone(), Arc::clone(&shared));
                let opening = tokio::task::spawn_blocking(move || {
                    migrate::sqlite(&path, options.migrate)?;
                    Sqlite::open(&path, &options, shared)
                });
                Engine::Sqlite(opening.await.map_err(|_| Error::Panicked)??)
            }
            Target::Postgres(url) => {
                let connector = Connector::new(&url, &options, tasks.clone())?;
                let shared = Arc::clone(&shared);
                let version = connector.check_version().await?;
                migrate::postgres(&connector, options.migrate).await?;
                let opening = Postgres::open(connector, version, &options, shared, &tasks, &stop);
                Engine::Postgres(opening.await?)
            }
        };
        let guard = stop.clone().drop_guard();
        let inner = Arc::new(Inner { engine, shared, options, tasks, stop, _stop_when_dropped: guard });
        inner.tasks.spawn(tell_plans(Arc::downgrade(&inner), slow, inner.stop.clone()));
        Ok(Self { inner })
    }

    /// How the engine goes about a statement when it knows nothing of its parameters, in a line.
    pub async fn plan(&self, sql: &Sql) -> Result<String> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.plan(sql),
            Engine::Postgres(engine) => Box::pin(engine.plan(sql)).await,
        }
    }

    /// Every row of the result. On SQLite a reader thread reads it, on PostgreSQL a connection of the pool.
    pub async fn query<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.query(sql, params, map).await,
            // Boxed: its future is far larger than the other engine's, and would be a part of every caller's.
            Engine::Postgres(engine) => Box::pin(engine.query(sql, params, map)).await,
        }
    }

    /// Every row of a result of many, which nobody waits for by the millisecond. Where there are read replicas, one of them
    /// answers if it has everything that was committed before this was called, else the primary: what it misses,
    /// [`Store::query`] misses, too.
    pub async fn survey<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.query(sql, params, map).await,
            Engine::Postgres(engine) => Box::pin(engine.survey(sql, params, map)).await,
        }
    }

    /// The first row of the result, if there is one.
    pub async fn query_opt<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        Ok(self.query(sql, params, map).await?.into_iter().next())
    }

    /// The first row of the result; [`Error::NoRow`] when there is none.
    pub async fn query_one<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        self.query_opt(sql, params, map).await?.ok_or(Error::NoRow { statement: sql.name() })
    }

    /// One row that an index leads to, by the shortest way: on the caller's own thread on SQLite (a few microseconds),
    /// pipelined on a shared connection on PostgreSQL. Never for anything that may scan: it would hold up others.
    pub async fn point<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.point(sql, params, map).await,
            Engine::Postgres(engine) => Ok(Box::pin(engine.points(sql, params, map)).await?.into_iter().next()),
        }
    }

    /// The rows of at most [`POINTS`] ids that an index leads to, the same way as [`Store::point`].
    pub async fn points<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.points(sql, params, map).await,
            Engine::Postgres(engine) => Box::pin(engine.points(sql, params, map)).await,
        }
    }

    /// Runs `write` in one transaction and returns once its changes are durable (or undone).
    ///
    /// The closure is plain synchronous code. It may run more than once, when PostgreSQL asks for that after a
    /// collision, so it is `Fn`: what it has to keep, it returns. Dropping the future does not undo the write.
    pub async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.write(write).await,
            Engine::Postgres(engine) => Box::pin(engine.write(write)).await,
        }
    }

    /// How it was opened.
    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Asks the database for a sign of life, and a full disk whether it has space again.
    pub async fn ping(&self) -> Result<()> {
        self.query(&PING, Vec::new(), |_| Ok(())).await?;
        let full = *self.inner.shared.disk.borrow() == Disk::Full;
        if full {
            self.write(|tx| tx.execute(&PROBE, Vec::new())).await?;
        }
        match &*self.inner.shared.disk.borrow() {
            Disk::Fine => Ok(()),
            Disk::Full => Err(Error::DiskFull),
            Disk::Failed(reason) => Err(Error::DiskFailed { reason: reason.clone() }),
        }
    }

    /// Engine, version, schema and disk.
    pub async fn health(&self) -> Result<Health> {
        let (engine, version) = match &self.inner.engine {
            Engine::Sqlite(_) => ("sqlite", sqlite::version().to_owned()),
            Engine::Postgres(engine) => ("postgres", engine.version().to_owned()),
        };
        let schema = self.query_one(&SCHEMA, Vec::new(), |row| row.get(0)).await?;
        Ok(Health { engine, version, schema, disk: self.inner.shared.disk.borrow().clone() })
    }

    /// Follows the state of the disk. After [`Disk::Failed`] the process has to end: nothing more is acknowledged.
    pub fn disk(&self) -> watch::Receiver<Disk> {
        self.inner.shared.disk.subscribe()
    }

    /// What each statement has cost since the store was opened, and what waiting cost ([`WAIT`](super::WAIT)).
    pub fn statement_stats(&self) -> Vec<StatementStats> {
        self.inner.shared.stats.snapshot()
    }

    /// How busy the store is.
    pub fn load(&self) -> Load {
        let (writes, commits) = self.inner.shared.stats.committed_so_far();
        let now = match &self.inner.engine {
            Engine::Sqlite(engine) => engine.busy(),
            Engine::Postgres(engine) => engine.busy(),
        };
        Load { writes, commits, now }
    }

    /// Whether the primary could not be reached when it was asked last, and replicas stand in. Without any it is not noticed.
    pub fn primary_is_away(&self) -> bool {
        match &self.inner.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(engine) => engine.primary_is_away(),
        }
    }

    /// What the read replicas did.
    pub fn replicas(&self) -> ReplicaStats {
        match &self.inner.engine {
            Engine::Sqlite(_) => ReplicaStats::default(),
            Engine::Postgres(engine) => engine.replicas(),
        }
    }

    /// Before somebody is told what was read from the log: no replica that lacks it answers anything from here on.
    pub(crate) async fn log_told(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(engine) => engine.tell().await,
        }
    }

    /// Wakes when the log may have grown. Take it before reading, then nothing is missed.
    pub fn log_wake(&self) -> Wake {
        Wake::new(self.clone(), self.inner.shared.log.subscribe(), self.inner.options.poll)
    }

    /// Wakes when a job may have become ready. Take it before claiming, then nothing is missed.
    pub fn job_wake(&self) -> Wake {
        Wake::new(self.clone(), self.inner.shared.jobs.subscribe(), self.inner.options.poll)
    }

    /// Finishes what was accepted, refuses what comes later, ends threads, tasks and connections.
    pub async fn close(&self) {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.close(CLOSE).await,
            Engine::Postgres(engine) => engine.close(),
        }
        self.inner.stop.cancel();
        self.inner.tasks.close();
        let _ = tokio::time::timeout(CLOSE, self.inner.tasks.wait()).await;
    }

    /// Whether the engine is PostgreSQL, which several processes may serve.
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner.engine, Engine::Postgres(_))
    }

    /// Says something to all processes on this database, this one among them, in up to [`MOST_SAID_BYTES`]. Nobody keeps it:
    /// who is not connected does not hear it, nor does anybody on SQLite, which one process serves.
    pub fn say(&self, text: String) {
        if self.is_postgres() {
            self.inner.shared.untold.say(text);
        }
    }

    /// What processes on this database say from now on.
    pub fn heard(&self) -> broadcast::Receiver<Arc<str>> {
        self.inner.shared.said.subscribe()
    }

    /// On SQLite, a number that changes with every write by anybody; `None` on PostgreSQL.
    pub(super) fn data_version(&self) -> Result<Option<i64>> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.data_version().map(Some),
            Engine::Postgres(_) => Ok(None),
        }
    }
}

/// How long closing waits for what is in line.
const CLOSE: Duration = Duration::from_secs(20);

/// The most slow statements whose plans are still to be told.
const UNPLANNED: usize = 16;

/// Tells, for the log, how the engine goes about statements that were slow.
async fn tell_plans(store: Weak<Inner>, mut slow: mpsc::Receiver<&'static str>, stop: CancellationToken) {
    while let Some(Some(name)) = stop.run_until_cancelled(slow.recv()).await {
        let Some(sql) = statements().find(|sql| sql.name() == name) else { continue };
        let Some(inner) = store.upgrade() else { return };
        match (Store { inner }).plan(sql).await {
            Ok(plan) => tracing::info!(statement = name, plan, "how a slow statement goes about it"),
            Err(error) => {
                tracing::debug!(
                    statement = name,
                    error = &error as &dyn std::error::Error,
                    "the plan of a slow statement cannot be told"
                );
            }
        }
    }
}
