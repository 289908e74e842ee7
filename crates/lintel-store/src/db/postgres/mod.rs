//! PostgreSQL: a pool for writes and long reads, shared pipelined connections for point reads, one connection that listens.

mod commit;
mod connect;
mod listen;
mod replica;
mod run;
mod scope;
mod shared;
mod unnest;
mod write;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{Object, Pool, PoolError};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(super) use commit::Left;
pub(crate) use connect::Connector;
pub(super) use replica::STATEMENTS;
pub use unnest::{insert_of_many, select_of_many};
pub(super) use write::PgTx;

use self::{
    replica::Replicas,
    run::{Failure, rows},
    scope::Seen,
    shared::SharedConnection,
};
use super::{Busy, Options, Params, ReplicaStats, Row, Shared, Sql, Tx, Value};
use crate::{Error, Result};

/// How often a read is tried when the pool hands out connections that turn out to be dead.
const TRIES: u32 = 3;

/// The engine on one primary (or whichever of the named hosts takes writes), and its replicas.
pub(super) struct Postgres {
    pool: Pool,
    replicas: Option<Arc<Replicas>>,
    /// Over this one the primary is asked where it is.
    asking: SharedConnection,
    points: Vec<SharedConnection>,
    turn: AtomicUsize,
    shared: Arc<Shared>,
    timeout: Duration,
    version: String,
}

impl Postgres {
    pub(super) async fn open(
        connector: Connector,
        version: String,
        options: &Options,
        shared: Arc<Shared>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self> {
        let pool = connect::pool(&connector, options.connections, options.wait_timeout)?;
        let connector = Arc::new(connector);
        let replicas = Replicas::open(&connector, options, &shared, tasks, stop).await?.map(Arc::new);
        let asking = SharedConnection::new(Arc::clone(&connector));
        let points = (0..options.shared_connections).map(|_| SharedConnection::new(Arc::clone(&connector))).collect();
        tasks.spawn(listen::listen(connector, Arc::clone(&shared), stop.clone()));
        let (turn, timeout) = (AtomicUsize::new(0), options.statement_timeout);
        Ok(Self { pool, replicas, asking, points, turn, shared, timeout, version })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) async fn query<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        F: Fn(&Row<'_>) -> Result<T>,
    {
        let rows = self.ask(sql, &params).await?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    /// The same, from a replica where one has all that was committed before.
    pub(super) async fn survey<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        F: Fn(&Row<'_>) -> Result<T>,
    {
        let fresh = match &self.replicas {
            Some(replicas) => replicas.fresh(&self.asking, sql, &params).boxed().await,
            None => None,
        };
        let rows = match fresh {
            Some(answer) => answer?,
            None => self.ask(sql, &params).await?,
        };
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    /// From the primary; while it is away from a replica that may stand in. Its type is hidden: what is in it is nested so
    /// deeply that it would be a part too much of every caller's.
    fn ask<'a>(&'a self, sql: &'static Sql, params: &'a [Value]) -> BoxFuture<'a, Result<Vec<tokio_postgres::Row>>> {
        self.ask_any(sql, params).boxed()
    }

    async fn ask_any(&self, sql: &'static Sql, params: &[Value]) -> Result<Vec<tokio_postgres::Row>> {
        let Some(replicas) = &self.replicas else { return self.ask_primary(sql, params).await };
        if replicas.primary_is_away()
            && let Some(answer) = replicas.instead(sql, params).await
        {
            return answer;
        }
        let answer = self.ask_primary(sql, params).await;
        match answer {
            Err(Error::Unavailable { .. }) => replicas.instead(sql, params).await.unwrap_or(answer),
            answer => answer,
        }
    }

    async fn ask_primary(&self, sql: &'static Sql, params: &[Value]) -> Result<Vec<tokio_postgres::Row>> {
        let mut tries = 1;
        loop {
            let client = self.client().await?;
            let begun = Instant::now();
            let result = rows(&client, &mut Seen::Anybodys, sql, params, self.timeout).await;
            match self.shared.stats.record(sql, begun, result) {
                Ok(rows) => return Ok(rows),
                Err(failure) if failure.dead() => {
                    self.discard(client, &failure);
                    if tries == TRIES {
                        self.lost(&failure.error);
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
        if !self.primary_is_away()
            && let Some(point) = turn.checked_rem(self.points.len()).and_then(|i| self.points.get(i))
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

    /// How the engine goes about a statement, in a line. The connection ends afterwards: it plans as no other does.
    pub(super) async fn plan(&self, sql: &Sql) -> Result<String> {
        let client = Object::take(self.client().await?);
        run::plan(&client, sql, self.timeout).await.map_err(|failure| failure.error)
    }

    pub(super) async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        write::write(self, write).await
    }

    /// Has it known how far the log is, before somebody is told what was read from it: where replicas may stand in, they
    /// must not lack it.
    pub(super) async fn tell(&self) -> Result<()> {
        match &self.replicas {
            Some(replicas) => replicas.tell(&self.asking).boxed().await,
            None => Ok(()),
        }
    }

    pub(super) fn primary_is_away(&self) -> bool {
        self.replicas.as_ref().is_some_and(|replicas| replicas.primary_is_away())
    }

    /// What the replicas did.
    pub(super) fn replicas(&self) -> ReplicaStats {
        self.replicas.as_ref().map(|replicas| replicas.stats()).unwrap_or_default()
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
        self.asking.close();
        if let Some(replicas) = &self.replicas {
            replicas.close();
        }
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
        if let Err(error) = &client {
            self.lost(error);
        }
        client
    }

    /// Takes a dead connection out of the pool, and with it those that share its fate: a server that is gone without a
    /// word leaves connections that look alive until they are used, each for as long as the first.
    fn discard(&self, client: Object, failure: &Failure) {
        let made = Object::metrics(&client).created;
        drop(Object::take(client));
        let demoted = failure.is_demoted();
        self.pool.retain(|client, metrics| !demoted && !client.is_closed() && metrics.created > made);
        if demoted {
            self.points.iter().for_each(SharedConnection::close);
        }
    }

    fn lost(&self, error: &Error) {
        if let (Some(replicas), Error::Unavailable { reason }) = (&self.replicas, error) {
            replicas.lost(reason);
        }
    }
}
