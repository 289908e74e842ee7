//! The second tier: answers that several processes share, kept in Redis.
//!
//! Redis is never believed: an answer says itself how old it is and what is in it, and whoever reads it judges by what it has heard
//! itself. So Redis may lose, keep too long, or come back with anything, and may be away: what cannot be had from it is made anew.
//! One task keeps the one connection ([`Redis::run`]), and after the first failure nothing is asked until it has it back.

mod entry;
mod pace;
mod run;
mod server;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, RwLock};
use redis::{RedisError, RedisResult, aio::MultiplexedConnection, cmd};
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};

use crate::stats::Counter;

use server::Server;

pub(crate) use entry::{Entry, MOST_BYTES};

/// A command that takes longer has failed.
const PATIENCE: Duration = Duration::from_millis(100);
/// For how long nobody else makes an answer that somebody has begun to make.
pub(crate) const TURN: Duration = Duration::from_secs(1);
/// How much may wait to be written; what comes when it is full is not kept.
const QUEUE: usize = 64;

/// What is no address of a Redis server. It does not say what was given, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an address such as redis://[user:password@]host[:port][/database], rediss:// for TLS, redis+unix:///path, or \
     redis-sentinel://host[:port][,host[:port]][/database]#name"
)]
pub struct NoAddress;

/// The connection to Redis and what waits to be written. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    server: Server,
    /// What all keys begin with.
    form: String,
    seed: u64,
    /// The connection that answers, with its number; `None` while there is none.
    here: RwLock<Option<(u64, MultiplexedConnection)>>,
    /// Wakes the task when the connection has failed.
    failed: Notify,
    /// What comes next in all keys; nothing is kept while there is none.
    scope: RwLock<Option<Arc<str>>>,
    writes: mpsc::Sender<Write>,
    /// Taken by the task.
    waiting: Mutex<Option<mpsc::Receiver<Write>>>,
    connections: AtomicU64,
    tries: Counter,
    failures: Counter,
}

/// What waits to be written.
enum Write {
    /// An answer, to be kept for so many milliseconds.
    Keep { key: String, entry: Entry, millis: u64, counted: Arc<Kept> },
    /// Somebody else may make the answer now.
    GiveBack { key: String },
}

/// What a namespace has written.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) answers: Counter,
    pub(crate) bytes: Counter,
    pub(crate) packed: Counter,
}

/// How the connection does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedisStats {
    /// Whether there is one that answers.
    pub here: bool,
    /// How often one was tried to be had.
    pub tries: u64,
    /// Commands that failed or took too long.
    pub failures: u64,
}

impl Redis {
    /// Nothing is connected before [`Redis::run`]. `form` names how values are written, so that another version of the program
    /// never reads them; `seed` is another one in each process.
    ///
    /// # Errors
    /// When `url` is none of Redis.
    pub fn new(url: &str, form: &str, seed: u64) -> Result<Self, NoAddress> {
        let server = Server::parse(url)?;
        let (writes, waiting) = mpsc::channel(QUEUE);
        Ok(Self(Arc::new(Inner {
            server,
            form: format!("lintel:{form}"),
            seed,
            here: RwLock::default(),
            failed: Notify::new(),
            scope: RwLock::default(),
            writes,
            waiting: Mutex::new(Some(waiting)),
            connections: AtomicU64::new(0),
            tries: Counter::default(),
            failures: Counter::default(),
        })))
    }

    /// Keeps everything under this name from now on: whoever has another one shares nothing with this process. With `None`
    /// nothing is kept or asked for.
    pub fn scope(&self, scope: Option<&str>) {
        *self.0.scope.write() = scope.map(Arc::from);
    }

    /// Whether it does not answer.
    pub fn is_away(&self) -> bool {
        self.0.here.read().is_none()
    }

    /// How the connection does.
    pub fn stats(&self) -> RedisStats {
        let Inner { tries, failures, .. } = &*self.0;
        RedisStats { here: !self.is_away(), tries: tries.get(), failures: failures.get() }
    }

    /// The whole name of an answer; `None` while nothing can be had.
    pub(crate) fn key(&self, namespace: &str, name: &str) -> Option<String> {
        let scope = self.0.scope.read().clone()?;
        (!self.is_away()).then(|| format!("{}:{scope}:{namespace}:{name}", self.0.form))
    }

    /// What is kept under a key, `Some(None)` when that is nothing; `None` when it cannot be asked for.
    pub(crate) async fn get(&self, key: &str) -> Option<Option<Entry>> {
        // A range has a bound, and is empty of what is not there.
        let mut get = cmd("GETRANGE");
        get.arg(key).arg(0).arg(MOST_BYTES - 1);
        let found: Vec<u8> = self.ask(async |mut connection| get.query_async(&mut connection).await).await?;
        Some(Entry::unpack(&found))
    }

    /// Whether this caller is the one to make an answer, for [`TURN`]; `None` when it cannot be asked for.
    pub(crate) async fn take_turn(&self, key: &str) -> Option<bool> {
        let mut set = cmd("SET");
        set.arg(key).arg(1).arg("NX").arg("PX").arg(TURN.as_millis() as u64);
        let taken: Option<String> = self.ask(async |mut connection| set.query_async(&mut connection).await).await?;
        Some(taken.is_some())
    }

    /// Lets the next one make the answer.
    pub(crate) fn give_back(&self, key: String) {
        // When there is no room, the turn ends by itself.
        let _ = self.write(Write::GiveBack { key });
    }

    /// Keeps an answer for the others; whether it will be tried.
    pub(crate) fn keep(&self, key: String, entry: Entry, millis: u64, counted: Arc<Kept>) -> bool {
        self.write(Write::Keep { key, entry, millis, counted })
    }

    fn write(&self, write: Write) -> bool {
        !self.is_away() && self.0.writes.try_send(write).is_ok()
    }

    async fn ask<T>(&self, ask: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>) -> Option<T> {
        let (number, connection) = self.0.here.read().clone()?;
        match timeout(PATIENCE, ask(connection)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                self.failed(number, Some(&error));
                None
            }
            Err(_) => {
                self.failed(number, None);
                None
            }
        }
    }

    /// A command on this connection failed, or took too long. Nothing is asked on it any more.
    fn failed(&self, number: u64, error: Option<&RedisError>) {
        self.0.failures.count();
        if error.is_some_and(is_full) {
            return;
        }
        let mut here = self.0.here.write();
        if here.as_ref().is_some_and(|(current, _)| *current == number) {
            *here = None;
            drop(here);
            match error {
                Some(error) => tracing::warn!(error = error as &dyn std::error::Error, "redis failed"),
                None => tracing::warn!(millis = PATIENCE.as_millis() as u64, "redis did not answer"),
            }
            self.0.failed.notify_one();
        }
    }

    fn put(&self, connection: MultiplexedConnection) -> u64 {
        let number = self.0.connections.fetch_add(1, Ordering::Relaxed);
        *self.0.here.write() = Some((number, connection));
        number
    }
}

/// Whether Redis is well and has no room for more: it may still give what it has.
fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
