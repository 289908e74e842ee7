//! The end of a write: what it left for then, and the commit, sent at once.

use std::{
    future::ready,
    time::{Duration, Instant},
};

use deadpool_postgres::ClientWrapper;
use futures_util::future::{join, try_join_all};
use tokio_postgres::{Error, Statement};

use super::{
    replica::Replicas,
    run::{Failure, bounded, control, refs},
    scope::{Scope, Seen},
};
use crate::db::{Params, Shared, Sql};

/// Statements that are sent together with the commit; what is more goes before.
const TOGETHER: usize = 16;

const COMMIT: &str = "COMMIT";

/// A statement that was left for the end of a write.
pub(super) type Last = (&'static Sql, Params);

/// What a write left.
#[derive(Debug)]
pub(crate) struct Left {
    /// Whose rows it sees.
    pub(super) seen: Seen,
    pub(super) last: Vec<Last>,
}

impl Default for Left {
    fn default() -> Self {
        Self { seen: Seen::Inside(Scope::Nobody), last: Vec::new() }
    }
}

/// Runs what is left but for what is sent together with the commit, which stays, and whose statement this is.
pub(super) async fn prepare(
    client: &ClientWrapper,
    left: &mut Left,
    timeout: Duration,
    shared: &Shared,
) -> Result<Option<Statement>, Failure> {
    loop {
        let Some((sql, params)) = left.last.first() else { return Ok(None) };
        let (sql, scope) = (*sql, Scope::of(sql, params));
        let is_same = |(other, params): &&Last| other.name() == sql.name() && Scope::of(other, params) == scope;
        let together = left.last.iter().take(TOGETHER).take_while(is_same).count();
        let statement = bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
        if together == left.last.len() {
            bounded(sql, timeout, left.seen.ask(client, scope, ready(Ok(())))).await?;
            return Ok(Some(statement));
        }
        let running = try_join_all(left.last[..together].iter().map(|one| run(client, &statement, one, shared)));
        bounded(sql, timeout, left.seen.ask(client, scope, running)).await?;
        left.last.drain(..together);
    }
}

/// Runs the end of what is left and keeps the write. Behind a statement that failed, PostgreSQL takes a commit for the contrary.
pub(super) async fn commit(
    client: &ClientWrapper,
    (statement, left): (Option<Statement>, Left),
    timeout: Duration,
    shared: &Shared,
    replicas: Option<&Replicas>,
) -> Result<(), Failure> {
    let commit = async {
        // The first poll of each sends it, so the commit goes behind all else.
        let commit = control(client, COMMIT, timeout);
        match (&statement, left.last.first()) {
            (Some(statement), Some((sql, _))) => {
                let running = try_join_all(left.last.iter().map(|one| run(client, statement, one, shared)));
                let (ran, kept) = join(bounded(sql, timeout, running), commit).await;
                ran.and(kept)
            }
            _ => commit.await,
        }
    };
    match replicas {
        Some(replicas) => replicas.promising(client, commit).await,
        None => commit.await,
    }
}

async fn run(
    client: &ClientWrapper,
    statement: &Statement,
    (sql, params): &Last,
    shared: &Shared,
) -> Result<u64, Error> {
    let begun = Instant::now();
    shared.stats.record(sql, begun, client.execute(statement, &refs(params)).await)
}
