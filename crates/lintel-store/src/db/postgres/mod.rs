//! PostgreSQL: a pool for writes and long reads, shared pipelined connections for point reads, one connection that listens.

mod connect;
mod listen;
mod run;
mod scope;
mod shared;
mod write;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use connect::Connector;
pub(super) use write::PgTx;

use self::{
    run::{Failure, rows},
    scope::Seen,
    shared::SharedConnection,
};
use super::{Busy, Options, Params, Row, Shared, Sql, Tx};
use crate::{Error, Result};

/// How often a read is tried when the pool hands out connections that turn out to be dead.
const TRIES: u32 = 3;

/// The engine on one primary (or whichever of the named hosts takes writes).
pub(super) struct Postgres {
    pool: Pool,
    points: Vec<SharedConnection>,
    turn: AtomicUsize,
    shared: Arc<Shared>,
    timeout: Duration,
    version: String,
}

impl Postgres {
    pub(super) fn open(
        connector: Connector,
        version: String,
        options: &Options,
        shared: Arc<Shared>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self> {
        let manager = Manager::from_connect(
            connector.config().clone(),
            connector.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let settings = connector.settings();
        let pool = Pool::builder(manager)
            .max_size(options.connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(options.wait_timeout))
            .create_timeout(Some(connect::TIMEOUT))
            .post_create(Hook::async_fn(move |client, _| {
                let settings = settings.clone();
                Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|e| Error::Options(e.to_string()))?;
        let connector = Arc::new(connector);
        let points = (0..options.shared_connections).map(|_| SharedConnection::new(Arc::clone(&connector))).collect();
        tasks.spawn(listen::listen(connector, Arc::clone(&shared), stop.clone()));
        Ok(Self { pool, points, turn: AtomicUsize::new(0), shared, timeout: options.statement_timeout, version })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) async fn query<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        F: Fn(&Row<'_>) -> Result<T>,
    {
        let mut tries = 1;
        loop {
            let client = self.client().await?;
            let begun = Instant::now();
            let result = rows(&client, &mut Seen::Anybodys, sql, &params, self.timeout).await;
            match self.shared.stats.record(sql, begun, result) {
                Ok(rows) => return rows.iter().map(|row| map(&Row::Postgres(row))).collect(),
                Err(failure) if failure.dead() => {
                    self.discard(client, &failure);
                    if tries == TRIES {
                        return Err(failure.error);
                    }
                    tries += 1;
                }
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// A few rows over a connection that many callers share; the pool when there is none.
    pub(super) async fn points<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        F: Fn(&Row<'_>) -> Result<T>,
    {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        if let Some(point) = turn.checked_rem(self.points.len()).and_then(|i| self.points.get(i))
            && let Ok(client) = point.client().await
        {
            let begun = Instant::now();
            let result = client.rows(sql, &params, self.timeout).await;
            match self.shared.stats.record(sql, begun, result) {
                Ok(rows) => return rows.iter().map(|row| map(&Row::Postgres(row))).collect(),
                // The pool gets its turn: it knows how to replace connections.
                Err(failure) if failure.dead() => point.forget(&client),
                Err(failure) => return Err(failure.error),
            }
        }
        self.query(sql, params, map).await
    }

    pub(super) async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        write::write(self, write).await
    }

    /// How the pool is used.
    pub(super) fn busy(&self) -> Busy {
        let status = self.pool.status();
        Busy::Pool {
            open: status.size,
            in_use: status.size.saturating_sub(status.available),
            waiting: status.waiting,
            most: status.max_size,
        }
    }

    /// Ends every connection that nobody uses.
    pub(super) fn close(&self) {
        self.pool.close();
        self.points.iter().for_each(SharedConnection::close);
    }

    /// A connection of the pool, whose waiting time is counted.
    async fn client(&self) -> Result<Object> {
        let begun = Instant::now();
        let client = self.pool.get().await.map_err(|e| match e {
            PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => {
                Error::Busy { what: "every connection is in use" }
            }
            PoolError::Closed => Error::Closed,
            PoolError::Backend(e) => Error::Unavailable { reason: connect::reason(&e) },
            other => Error::Unavailable { reason: other.to_string() },
        });
        self.shared.stats.waited(begun);
        client
    }

    /// Takes a dead connection out of the pool, and with it those that share its fate.
    fn discard(&self, client: Object, failure: &Failure) {
        drop(Object::take(client));
        let demoted = failure.is_demoted();
        self.pool.retain(|client, _| !demoted && !client.is_closed());
    }
}
