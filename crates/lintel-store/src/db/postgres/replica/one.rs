//! One replica: a small pool of connections, and what was seen of it last.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use deadpool_postgres::{ClientWrapper, Object, Pool, PoolError};
use parking_lot::RwLock;

use super::position::{Position, REPLAYED};
use crate::{
    Error, Result,
    db::{
        Options,
        options::redacted,
        postgres::{
            Connector, connect,
            run::{Failure, promptly},
        },
    },
};

/// Connections to each replica for reads.
const CONNECTIONS: usize = 4;
/// How long a read waits for a connection, and for a replica to reach a place.
const PATIENCE: Duration = Duration::from_millis(50);
/// The shortest and the longest pause between two looks at where it is.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(8));
/// How long a replica may take to say where it is.
pub(super) const SLOW: Duration = Duration::from_secs(1);

pub(super) struct Replica {
    /// The url without its secrets.
    name: String,
    pub(super) connector: Connector,
    pool: Pool,
    /// What was seen last; `None` while it is not to be used.
    seen: RwLock<Option<Look>>,
    /// A place that was waited for in vain: nobody waits again before it was seen there.
    missed: AtomicI64,
    /// Reads that were answered.
    pub(super) reads: AtomicU64,
    /// How often it was taken out of use.
    pub(super) ejections: AtomicU64,
}

/// A look at a replica.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) at: Position,
    /// How long the answer took.
    pub(super) took: Duration,
}

impl Replica {
    pub(super) fn new(url: &str, connector: Connector, options: &Options) -> Result<Self> {
        let pool = connect::pool(&connector, CONNECTIONS, PATIENCE.min(options.wait_timeout))?;
        Ok(Self {
            name: redacted(url),
            connector,
            pool,
            seen: RwLock::new(None),
            missed: AtomicI64::new(0),
            reads: AtomicU64::new(0),
            ejections: AtomicU64::new(0),
        })
    }

    pub(super) fn is_used(&self) -> bool {
        self.seen.read().is_some()
    }

    /// How late it would probably answer a read of what is at `wanted`, to be compared with others; `None` when it is not
    /// to be used, or would be waited for in vain.
    pub(super) fn rank(&self, wanted: Position) -> Option<(bool, Duration)> {
        let look = (*self.seen.read())?;
        let hopeless = look.at.timeline != wanted.timeline || look.at.place < self.missed.load(Ordering::Relaxed);
        (!hopeless).then(|| (!look.at.has(wanted), self.answers_in(look)))
    }

    /// How late it would probably answer, where all else is lost: whether it has what is wanted, it is asked itself.
    pub(super) fn rank_of_last_resort(&self) -> Option<(bool, Duration)> {
        (*self.seen.read()).map(|look| (false, self.answers_in(look)))
    }

    fn answers_in(&self, look: Look) -> Duration {
        let status = self.pool.status();
        let in_use = status.size.saturating_sub(status.available);
        look.took.saturating_mul(u32::try_from(in_use).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// What its task has seen.
    pub(super) fn look(&self, look: Look) {
        if self.seen.write().replace(look).is_none() {
            tracing::info!(replica = self.name, "a replica is in use");
        }
    }

    /// Takes it out of use until its task sees it well again.
    pub(super) fn eject(&self, why: &Error) {
        self.pool.retain(|_, _| false);
        if self.seen.write().take().is_some() {
            self.ejections.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(replica = self.name, error = %why, "a replica is not used until it is well again");
        } else {
            tracing::debug!(replica = self.name, error = %why, "a replica is still not well");
        }
    }

    /// A connection, unless there is none in time.
    pub(super) async fn client(&self) -> Option<Object> {
        match tokio::time::timeout(PATIENCE, self.pool.get()).await {
            Ok(Ok(client)) => Some(client),
            Ok(Err(PoolError::Backend(error))) => {
                self.eject(&Error::Unavailable { reason: connect::reason(&error) });
                None
            }
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Whether the server of this connection has everything up to `wanted`, for which it is waited a little.
    pub(super) async fn reaches(&self, client: &ClientWrapper, wanted: Position) -> Result<bool, Failure> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = PAUSE.0;
        loop {
            let at = place(client).await?;
            if at.is_some_and(|at| at.has(wanted)) {
                return Ok(true);
            }
            let may_come = at.is_some_and(|at| at.timeline == wanted.timeline);
            if !may_come || Instant::now() + pause > deadline {
                self.missed.fetch_max(wanted.place, Ordering::Relaxed);
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Where the server of a connection is; `None` when it is no replica.
pub(super) async fn place(client: &ClientWrapper) -> Result<Option<Position>, Failure> {
    let asking = promptly(&REPLAYED, SLOW, async {
        let statement = client.prepare_cached(REPLAYED.postgres()).await?;
        Position::of(&client.query_one(&statement, &[]).await?)
    });
    asking.await
}
