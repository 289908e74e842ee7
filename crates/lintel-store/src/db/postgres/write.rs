//! Writes on PostgreSQL: the closure runs on a blocking thread and drives its connection from there.
//!
//! There are never more such threads than connections. A transaction that collided with another is run again from the
//! start, as is one whose connection died before COMMIT was sent; after that the outcome is unknown and said to be.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool_postgres::{ClientWrapper, Object};
use lintel_domain::rng::Rng;
use tokio::runtime::Handle;

use super::{
    Postgres,
    commit::{Last, Left, commit, prepare},
    replica::Replicas,
    run::{self, Cure, Failure, control},
    scope::{Scope, Seen},
};
use crate::{
    Error, Result,
    db::{Params, Row, Shared, Sql, Tx, Value},
};

/// How often a write is tried in all.
const ATTEMPTS: u32 = 8;
/// The wait before the second attempt; it doubles with each.
const BACKOFF_MICROS: u64 = 1_000;

/// Begins it, seeing no tenant's rows.
const BEGIN: &str = "BEGIN; SET LOCAL lintel.tenant = ''";

/// One connection inside a transaction, driven from a blocking thread.
pub(crate) struct PgTx<'a> {
    client: &'a ClientWrapper,
    handle: &'a Handle,
    timeout: Duration,
    seen: Seen,
    failure: &'a mut Option<Cure>,
    last: Vec<Last>,
}

impl PgTx<'_> {
    pub(crate) fn execute(&mut self, sql: &Sql, params: &[Value]) -> Result<u64> {
        let running = run::execute(self.client, &mut self.seen, sql, params, self.timeout);
        let ran = self.handle.block_on(running);
        self.finish(ran)
    }

    pub(crate) fn execute_last(&mut self, sql: &'static Sql, params: Params) {
        self.last.push((sql, params));
    }

    pub(crate) fn execute_many(&mut self, sql: &Sql, items: impl IntoIterator<Item = Params>) -> Result<u64> {
        let running = run::execute_many(self.client, &mut self.seen, sql, items, self.timeout);
        let ran = self.handle.block_on(running);
        self.finish(ran)
    }

    pub(crate) fn execute_each(&mut self, sql: &Sql, items: impl IntoIterator<Item = Params>) -> Result<Vec<u64>> {
        let running = run::execute_each(self.client, &mut self.seen, sql, items, self.timeout);
        let ran = self.handle.block_on(running);
        self.finish(ran)
    }

    pub(crate) fn query<T>(
        &mut self,
        sql: &Sql,
        params: &[Value],
        map: &impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let running = run::rows(self.client, &mut self.seen, sql, params, self.timeout);
        let ran = self.handle.block_on(running);
        let rows = self.finish(ran)?;
        rows.iter().map(|row| map(&Row::Postgres(row))).collect()
    }

    pub(crate) fn query_many<T>(
        &mut self,
        sql: &Sql,
        items: impl IntoIterator<Item = Params>,
        map: &impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<Option<T>>> {
        let running = run::rows_many(self.client, &mut self.seen, sql, items, self.timeout);
        let ran = self.handle.block_on(running);
        let all = self.finish(ran)?;
        all.iter().map(|rows| rows.first().map(|row| map(&Row::Postgres(row))).transpose()).collect()
    }

    /// What is left to be done at the end.
    pub(crate) fn end(self) -> Left {
        Left { seen: self.seen, last: self.last }
    }

    fn finish<T>(&mut self, result: Result<T, Failure>) -> Result<T> {
        result.map_err(|failure| {
            *self.failure = Some(failure.cure);
            failure.error
        })
    }
}

/// What became of one attempt.
enum Attempt<T, E> {
    /// It is over, and the connection is as good as new.
    Over(Result<T, E>),
    /// It is over, and the connection is not to be used again.
    OverAndBroken(Result<T, E>),
    /// It left no trace and may succeed the next time.
    Again(Failure),
}

pub(super) async fn write<T, E, F>(postgres: &Postgres, write: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
{
    let begun = Instant::now();
    let mut write = write;
    for attempt in 1..=ATTEMPTS {
        let client = postgres.client().await?;
        let handle = Handle::current();
        let (shared, replicas) = (Arc::clone(&postgres.shared), postgres.replicas.clone());
        let timeout = postgres.timeout;
        let thread = tokio::task::spawn_blocking(move || {
            let ran = once(&client, &handle, timeout, &shared, replicas.as_deref(), &write);
            (client, write, ran)
        });
        let (client, again, ran) = thread.await.map_err(|_| Error::Panicked)?;
        write = again;
        let failure = match ran {
            Attempt::Over(result) => return result,
            Attempt::OverAndBroken(result) => {
                drop(Object::take(client));
                return result;
            }
            Attempt::Again(failure) => failure,
        };
        if failure.dead() {
            postgres.discard(client, &failure);
        }
        if attempt == ATTEMPTS && failure.dead() {
            return Err(failure.error.into());
        }
        let most = BACKOFF_MICROS << attempt;
        let jitter = Rng::new(begun.elapsed().as_nanos() as u64).below(most);
        tokio::time::sleep(Duration::from_micros(most / 2 + jitter)).await;
    }
    Err(Error::Collided { attempts: ATTEMPTS }.into())
}

fn once<T, E, F>(
    client: &ClientWrapper,
    handle: &Handle,
    timeout: Duration,
    shared: &Shared,
    replicas: Option<&Replicas>,
    write: &F,
) -> Attempt<T, E>
where
    E: From<Error>,
    F: Fn(&mut Tx<'_>) -> Result<T, E>,
{
    let send = |text| handle.block_on(control(client, text, timeout));
    if replicas.is_some() {
        handle.block_on(Replicas::prepare(client));
    }
    if let Err(failure) = send(BEGIN) {
        return if failure.cure == Cure::None {
            Attempt::OverAndBroken(Err(failure.error.into()))
        } else {
            Attempt::Again(failure)
        };
    }
    let mut cure = None;
    let mut tx = Tx::postgres(
        PgTx { client, handle, timeout, seen: Seen::Inside(Scope::Nobody), failure: &mut cure, last: Vec::new() },
        &shared.stats,
    );
    let ran = catch_unwind(AssertUnwindSafe(|| write(&mut tx)));
    let failed = tx.failed();
    let (told, mut left) = tx.end();
    let result = match (ran, failed) {
        (Err(_), _) => Err(Error::Panicked.into()),
        (Ok(Ok(_)), Some(statement)) => Err(Error::WentOn { statement }.into()),
        (Ok(result), _) => result,
    };
    let result = result.and_then(|kept| match handle.block_on(prepare(client, &mut left, timeout, shared)) {
        Ok(statement) => Ok((kept, statement)),
        Err(failure) => {
            cure = Some(failure.cure);
            Err(failure.error.into())
        }
    });
    if let Some(cure) = cure.filter(|cure| *cure != Cure::None) {
        let undone = cure != Cure::Again || send("ROLLBACK").is_ok();
        let cure = if undone { cure } else { Cure::Reconnect };
        return Attempt::Again(Failure { error: Error::Unavailable { reason: "the connection broke".into() }, cure });
    }
    let (kept, statement) = match result {
        Ok(written) => written,
        Err(error) if send("ROLLBACK").is_ok() => return Attempt::Over(Err(error)),
        Err(error) => return Attempt::OverAndBroken(Err(error)),
    };
    match handle.block_on(commit(client, (statement, left), timeout, shared, replicas)) {
        Ok(()) => {
            shared.stats.committed(1);
            shared.tell(&told);
            Attempt::Over(Ok(kept))
        }
        Err(failure) => match failure.cure {
            Cure::Again => Attempt::Again(failure),
            Cure::Reconnect => Attempt::OverAndBroken(Err(Error::Unknown { source: Box::new(failure.error) }.into())),
            Cure::None | Cure::Elsewhere => Attempt::OverAndBroken(Err(failure.error.into())),
        },
    }
}
