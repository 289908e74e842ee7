//! Running statements on a PostgreSQL connection, and what its errors mean.

use std::{iter::Peekable, time::Duration};

use deadpool_postgres::ClientWrapper;
use futures_util::future::try_join_all;
use tokio_postgres::{
    Row, SimpleQueryMessage,
    error::{DbError, SqlState},
    types::ToSql,
};

use super::scope::{Scope, Seen};
use crate::{
    Error, Result,
    db::{Params, Sql, Value},
    error::Rule,
};

/// Executions that are under way on one connection at a time.
const PIPELINE: usize = 256;
/// How much longer than the server's own timeout an answer is waited for: only a dead connection takes that long.
const GRACE: Duration = Duration::from_secs(2);

/// An error with what follows from it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) cure: Cure,
}

/// What helps against a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cure {
    /// Nothing here.
    None,
    /// The same transaction again: it collided with another.
    Again,
    /// Another connection: this one is dead.
    Reconnect,
    /// Another server: this one takes no writes.
    Elsewhere,
}

impl Failure {
    pub(super) fn dead(&self) -> bool {
        matches!(self.cure, Cure::Reconnect | Cure::Elsewhere)
    }

    pub(super) fn is_demoted(&self) -> bool {
        self.cure == Cure::Elsewhere
    }
}

pub(super) fn refs(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Every row of the result.
pub(super) async fn rows(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    params: &[Value],
    timeout: Duration,
) -> Result<Vec<Row>, Failure> {
    bounded(sql, timeout, async {
        let statement = client.prepare_cached(sql.postgres()).await?;
        seen.ask(client, Scope::of(sql, params), client.query(&statement, &refs(params))).await
    })
    .await
}

/// How many rows changed.
pub(super) async fn execute(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    params: &[Value],
    timeout: Duration,
) -> Result<u64, Failure> {
    bounded(sql, timeout, async {
        let statement = client.prepare_cached(sql.postgres()).await?;
        seen.ask(client, Scope::of(sql, params), client.execute(&statement, &refs(params))).await
    })
    .await
}

/// How many rows each execution changed, the executions pipelined.
pub(super) async fn execute_each(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    timeout: Duration,
) -> Result<Vec<u64>, Failure> {
    let statement = &bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
    let mut items = items.into_iter().peekable();
    let mut changed = Vec::new();
    while let Some((scope, batch)) = next_batch(sql, &mut items) {
        let running = batch.iter().map(|params| async move { client.execute(statement, &refs(params)).await });
        let asking = seen.ask(client, scope, try_join_all(running));
        changed.extend(bounded(sql, timeout, asking).await?);
    }
    Ok(changed)
}

/// The rows of every execution, the executions pipelined.
pub(super) async fn rows_many(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    timeout: Duration,
) -> Result<Vec<Vec<Row>>, Failure> {
    let statement = &bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
    let mut items = items.into_iter().peekable();
    let mut all = Vec::new();
    while let Some((scope, batch)) = next_batch(sql, &mut items) {
        let running = batch.iter().map(|params| async move { client.query(statement, &refs(params)).await });
        all.extend(bounded(sql, timeout, seen.ask(client, scope, try_join_all(running))).await?);
    }
    Ok(all)
}

/// The next items that are under way together: they may see the same rows.
fn next_batch(sql: &Sql, items: &mut Peekable<impl Iterator<Item = Params>>) -> Option<(Scope, Vec<Params>)> {
    let scope = Scope::of(sql, items.peek()?);
    let same = std::iter::from_fn(|| items.next_if(|params| Scope::of(sql, params) == scope));
    Some((scope, same.take(PIPELINE).collect()))
}

/// How the engine goes about a statement: its steps, one behind the other. It leaves a mark on the connection.
pub(super) async fn plan(client: &ClientWrapper, sql: &Sql, timeout: Duration) -> Result<String, Failure> {
    let text = sql.postgres();
    let numbers =
        text.split('$').skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    let params = vec!["NULL"; numbers.max().unwrap_or(0)].join(", ");
    let params = if params.is_empty() { params } else { format!("({params})") };
    let explain =
        format!("SET plan_cache_mode = force_generic_plan; PREPARE slow AS {text}; EXPLAIN EXECUTE slow{params}");
    let steps = bounded(sql, timeout, client.simple_query(&explain)).await?;
    let steps = steps.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::trim),
        _ => None,
    });
    Ok(steps.collect::<Vec<_>>().join("; "))
}

/// A statement that holds the transactions together.
pub(super) async fn control(client: &ClientWrapper, text: &'static str, timeout: Duration) -> Result<(), Failure> {
    match tokio::time::timeout(timeout + GRACE, client.batch_execute(text)).await {
        Ok(result) => result.map_err(|e| failure("transaction", e)),
        Err(_) => Err(silent("transaction")),
    }
}

/// Waits for an answer that the server itself gives up after `timeout`.
pub(super) async fn bounded<T>(
    sql: &Sql,
    timeout: Duration,
    running: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Failure> {
    promptly(sql, timeout + GRACE, running).await
}

/// Waits for an answer; a connection that has none after `timeout` counts as dead.
pub(super) async fn promptly<T>(
    sql: &Sql,
    timeout: Duration,
    running: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(timeout, running).await {
        Ok(result) => result.map_err(|e| failure(sql.name(), e)),
        Err(_) => Err(silent(sql.name())),
    }
}

fn silent(statement: &'static str) -> Failure {
    Failure { error: Error::Timeout { statement }, cure: Cure::Reconnect }
}

fn failure(statement: &'static str, error: tokio_postgres::Error) -> Failure {
    let Some(db) = error.as_db_error() else {
        let broken = error.is_closed()
            || std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if broken {
            Failure { error: Error::Unavailable { reason: super::connect::reason(&error) }, cure: Cure::Reconnect }
        } else {
            Failure { error: Error::Statement { statement, source: error.into() }, cure: Cure::None }
        };
    };
    let cure = cure(db.code());
    let error = match cure {
        Cure::Reconnect | Cure::Elsewhere => Error::Unavailable { reason: db.message().to_owned() },
        _ => meaning(statement, db).unwrap_or_else(|| Error::Statement { statement, source: error.into() }),
    };
    Failure { error, cure }
}

fn cure(code: &SqlState) -> Cure {
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        Cure::Again
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        Cure::Elsewhere
    } else if ["57P01", "57P02", "57P03"].contains(&code.code()) || code.code().starts_with("08") {
        Cure::Reconnect
    } else {
        Cure::None
    }
}

/// The errors that callers tell apart. The server's detail holds values, so only its message is kept.
fn meaning(statement: &'static str, db: &DbError) -> Option<Error> {
    let rule =
        |rule| Some(Error::Rule { statement, rule, detail: db.constraint().or(db.column()).unwrap_or("").into() });
    match db.code() {
        code if *code == SqlState::UNIQUE_VIOLATION => rule(Rule::Unique),
        code if *code == SqlState::FOREIGN_KEY_VIOLATION => rule(Rule::Reference),
        code if *code == SqlState::NOT_NULL_VIOLATION => rule(Rule::NotNull),
        code if *code == SqlState::CHECK_VIOLATION => rule(Rule::Check),
        code if *code == SqlState::QUERY_CANCELED => Some(Error::Timeout { statement }),
        code if *code == SqlState::DISK_FULL => Some(Error::DiskFull),
        _ => None,
    }
}
