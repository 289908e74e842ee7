//! Read replicas: they answer reads of many rows when they have all that was committed before, and a tenant's ordinary
//! reads while the primary is away when they have all that this process promised.

mod one;
mod position;
mod primary;
mod watch;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::join;
use tokio_postgres::Row;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(in crate::db) use position::STATEMENTS;

use self::{
    one::Replica,
    position::{FLUSHED, Position, Promised, WRITTEN},
    primary::Primary,
};
use super::{
    Connector,
    run::{Cure, Failure, bounded, rows},
    scope::{Scope, Seen},
    shared::SharedConnection,
};
use crate::{
    Error, Result,
    db::{Options, ReplicaStats, Shared, Sql, Value},
};

/// How long the primary may take to say where it is before a read goes to it instead of asking.
const ASKING: Duration = Duration::from_secs(1);

/// The replicas of a primary.
pub(super) struct Replicas {
    all: Vec<Arc<Replica>>,
    promised: Promised,
    primary: Arc<Primary>,
    shared: Arc<Shared>,
    timeout: Duration,
}

impl Replicas {
    /// Asks the primary who it is and where, and begins to watch its replicas; `None` without any.
    pub(super) async fn open(
        primary: &Arc<Connector>,
        options: &Options,
        shared: &Arc<Shared>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Option<Self>> {
        if options.replicas.is_empty() {
            return Ok(None);
        }
        let client = watch::connect(primary).await?;
        let cluster = watch::cluster_of(&client).await?;
        let at = flushed(&client, options.statement_timeout).await.map_err(|failure| failure.error)?;
        let at = at.ok_or_else(|| Error::Options("the database at store.url is a replica".into()))?;
        let mut all = Vec::new();
        for url in &options.replicas {
            let connector = Connector::to_replica(url, options, tasks.clone())?;
            let replica = Arc::new(Replica::new(url, connector, options)?);
            tasks.spawn(watch::watch(Arc::clone(&replica), cluster, stop.clone()));
            all.push(replica);
        }
        let looked_for = Arc::new(Primary::default());
        tasks.spawn(Arc::clone(&looked_for).look_for(Arc::clone(primary), stop.clone()));
        let (shared, timeout) = (Arc::clone(shared), options.statement_timeout);
        Ok(Some(Self { all, promised: Promised::new(at), primary: looked_for, shared, timeout }))
    }

    /// The rows of a read from a replica that has everything that was committed when this was called. `None` when there is
    /// none, or none in time: then the primary is to be asked.
    pub(super) async fn fresh(
        &self,
        primary: &SharedConnection,
        sql: &Sql,
        params: &[Value],
    ) -> Option<Result<Vec<Row>>> {
        if self.primary.is_away() || !self.all.iter().any(|replica| replica.is_used()) {
            return None;
        }
        let wanted = self.ask(primary, &WRITTEN).await.ok()?;
        let ranked = self.all.iter().filter_map(|replica| Some((replica.rank(wanted)?, replica)));
        let (_, replica) = ranked.min_by_key(|(rank, _)| *rank)?;
        self.read(replica, wanted, sql, params).await
    }

    /// The rows of a read while the primary is away, from a replica that has everything that this process promised. `None`
    /// when there is none, or the read is not one that replicas answer.
    pub(super) async fn instead(&self, sql: &Sql, params: &[Value]) -> Option<Result<Vec<Row>>> {
        let is_of_tenant = matches!(Scope::of(sql, params), Scope::Tenant(_));
        if sql.is_at_primary() || !is_of_tenant && !sql.is_on_replicas() {
            return None;
        }
        let wanted = self.promised.end()?;
        let mut ranked: Vec<_> =
            self.all.iter().filter_map(|replica| Some((replica.rank_of_last_resort()?, replica))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        for (_, replica) in ranked {
            if let Some(answer) = self.read(replica, wanted, sql, params).await {
                return Some(answer);
            }
        }
        None
    }

    /// Reads from a replica once it has everything up to `wanted`; `None` when somebody else is to be asked.
    async fn read(&self, replica: &Replica, wanted: Position, sql: &Sql, params: &[Value]) -> Option<Result<Vec<Row>>> {
        let client = replica.client().await?;
        match replica.reaches(&client, wanted).await {
            Ok(true) => {}
            Ok(false) => return None,
            Err(failure) => {
                drop(Object::take(client));
                replica.eject(&failure.error);
                return None;
            }
        }
        let begun = Instant::now();
        let result = rows(&client, &mut Seen::Anybodys, sql, params, self.timeout).await;
        match self.shared.stats.record(sql, begun, result) {
            Ok(rows) => {
                replica.reads.fetch_add(1, Ordering::Relaxed);
                Some(Ok(rows))
            }
            Err(failure) if failure.cure == Cure::Reconnect => {
                drop(Object::take(client));
                replica.eject(&failure.error);
                None
            }
            // What it replays was in the way of the read, or the read writes.
            Err(Failure { cure: Cure::Again | Cure::Elsewhere, .. }) => None,
            // It would fail anywhere.
            Err(failure) => Some(Err(failure.error)),
        }
    }

    /// Runs `commit` and learns, on the same way, how far the log was when it was acknowledged.
    pub(super) async fn promising(
        &self,
        client: &ClientWrapper,
        commit: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let since = self.promised.since();
        let (committed, at) = join(commit, flushed(client, self.timeout)).await;
        committed?;
        self.primary.found();
        self.promised.learn(since, at.ok().flatten());
        Ok(())
    }

    /// What [`Replicas::promising`] needs on a connection, so that it sends nothing of its own before the commit.
    pub(super) async fn prepare(client: &ClientWrapper) {
        // A connection that fails here fails at the next statement, too, where it is seen to.
        let _ = client.prepare_cached(FLUSHED.postgres()).await;
    }

    /// Learns how far the log is, before somebody is told what was read from it.
    pub(super) async fn tell(&self, primary: &SharedConnection) -> Result<()> {
        let since = self.promised.since();
        let at = self.ask(primary, &FLUSHED).await?;
        self.promised.learn(since, Some(at));
        Ok(())
    }

    /// Where the primary is.
    async fn ask(&self, primary: &SharedConnection, sql: &'static Sql) -> Result<Position> {
        let begun = Instant::now();
        let answer = match tokio::time::timeout(ASKING, primary.client()).await {
            Ok(Ok(client)) => client.fact(sql, ASKING).await.map_err(|failure| {
                if failure.dead() {
                    primary.forget(&client);
                }
                failure.error
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Timeout { statement: sql.name() }),
        };
        let row = self.shared.stats.record(sql, begun, answer)?;
        Position::of(&row).ok().flatten().ok_or(Error::NoRow { statement: sql.name() })
    }

    pub(super) fn primary_is_away(&self) -> bool {
        self.primary.is_away()
    }

    /// The primary could not be reached.
    pub(super) fn lost(&self, reason: &str) {
        self.primary.lost(reason);
    }

    pub(super) fn stats(&self) -> ReplicaStats {
        let sum = |count: fn(&Replica) -> u64| self.all.iter().map(|replica| count(replica)).sum();
        ReplicaStats {
            configured: self.all.len(),
            used: self.all.iter().filter(|replica| replica.is_used()).count(),
            reads: sum(|replica| replica.reads.load(Ordering::Relaxed)),
            ejections: sum(|replica| replica.ejections.load(Ordering::Relaxed)),
        }
    }

    pub(super) fn close(&self) {
        self.all.iter().for_each(|replica| replica.close());
    }
}

async fn flushed(client: &ClientWrapper, timeout: Duration) -> Result<Option<Position>, Failure> {
    let asking = bounded(&FLUSHED, timeout, async {
        let statement = client.prepare_cached(FLUSHED.postgres()).await?;
        Position::of(&client.query_one(&statement, &[]).await?)
    });
    asking.await
}
