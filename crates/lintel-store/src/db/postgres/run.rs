//! Running statements on a PostgreSQL connection, and what its errors mean.

use std::{iter::Peekable, time::Duration};

use deadpool_postgres::ClientWrapper;
use futures_util::future::{try_join, try_join_all};
use tokio_postgres::{
    Row, SimpleQueryMessage,
    error::{DbError, SqlState},
    types::ToSql,
};

use super::{
    scope::{Scope, Seen},
    unnest::{insert_of_many, select_of_many},
};
use crate::{
    Error, Result,
    db::{Params, Sql, Value},
    error::Rule,
};

/// Executions that are under way on one connection at a time, and items that one execution is for.
const PIPELINE: usize = 256;
/// With fewer items than this a statement of its own for many of them does not pay.
const FEW: usize = 8;
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

/// How many rows changed in all: rows that are only inserted many at a time, the executions of all else pipelined.
pub(super) async fn execute_many(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    timeout: Duration,
) -> Result<u64, Failure> {
    let one = &bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
    let mut of_many = None;
    let mut items = items.into_iter().peekable();
    let mut changed = 0;
    while let Some((scope, batch)) = next_batch(sql, &mut items) {
        changed += if batch.len() >= FEW
            && let Some(text) = of_many.get_or_insert_with(|| insert_of_many(sql.postgres(), one.params()))
        {
            let many = &bounded(sql, timeout, client.prepare_cached(text)).await?;
            let arrays = arrays(&batch);
            bounded(sql, timeout, seen.ask(client, scope, client.execute(many, &array_refs(&arrays)))).await?
        } else {
            let running = batch.iter().map(|params| async move { client.execute(one, &refs(params)).await });
            bounded(sql, timeout, seen.ask(client, scope, try_join_all(running))).await?.iter().sum()
        };
    }
    Ok(changed)
}

/// How many rows each execution changed: one for each of many at a time where rows are only inserted and all of them are new,
/// else of executions that are pipelined.
pub(super) async fn execute_each(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    timeout: Duration,
) -> Result<Vec<u64>, Failure> {
    let one = &bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
    let mut of_many = None;
    let mut items = items.into_iter().peekable();
    let mut changed = Vec::new();
    while let Some((scope, batch)) = next_batch(sql, &mut items) {
        if batch.len() >= FEW
            && let Some(text) = of_many.get_or_insert_with(|| insert_of_many(sql.postgres(), one.params()))
        {
            let many = &bounded(sql, timeout, client.prepare_cached(text)).await?;
            let arrays = arrays(&batch);
            let arrays = array_refs(&arrays);
            // What comes after a savepoint is undone with it, but the scope is set before.
            let trying = try_join(client.batch_execute("SAVEPOINT many"), client.execute(many, &arrays));
            let ((), new) = bounded(sql, timeout, seen.ask(client, scope, trying)).await?;
            if new == batch.len() as u64 {
                control(client, "RELEASE SAVEPOINT many", timeout).await?;
                changed.extend(batch.iter().map(|_| 1));
                continue;
            }
            control(client, "ROLLBACK TO SAVEPOINT many; RELEASE SAVEPOINT many", timeout).await?;
        }
        let running = batch.iter().map(|params| async move { client.execute(one, &refs(params)).await });
        changed.extend(bounded(sql, timeout, seen.ask(client, scope, try_join_all(running))).await?);
    }
    Ok(changed)
}

/// The rows of every item: of many at a time where nothing but selects, else of executions that are pipelined.
pub(super) async fn rows_many(
    client: &ClientWrapper,
    seen: &mut Seen,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    timeout: Duration,
) -> Result<Vec<Vec<Row>>, Failure> {
    let one = &bounded(sql, timeout, client.prepare_cached(sql.postgres())).await?;
    let mut of_many = None;
    let mut items = items.into_iter().peekable();
    let mut all: Vec<Vec<Row>> = Vec::new();
    while let Some((scope, batch)) = next_batch(sql, &mut items) {
        if batch.len() >= FEW
            && let Some(text) = of_many.get_or_insert_with(|| select_of_many(sql.postgres(), one.params()))
        {
            let many = &bounded(sql, timeout, client.prepare_cached(text)).await?;
            let arrays = arrays(&batch);
            let rows = bounded(sql, timeout, seen.ask(client, scope, client.query(many, &array_refs(&arrays)))).await?;
            let before = all.len();
            all.resize_with(before + batch.len(), Vec::new);
            for row in rows {
                let item: i64 = row.get(row.len() - 1);
                all[before + item as usize - 1].push(row);
            }
        } else {
            let running = batch.iter().map(|params| async move { client.query(one, &refs(params)).await });
            all.extend(bounded(sql, timeout, seen.ask(client, scope, try_join_all(running))).await?);
        }
    }
    Ok(all)
}

/// Each parameter with what it is for every item.
fn arrays(items: &[Params]) -> Vec<Vec<&Value>> {
    let parameters = items.first().map_or(0, Vec::len);
    (0..parameters).map(|at| items.iter().map(|params| &params[at]).collect()).collect()
}

fn array_refs<'a>(arrays: &'a [Vec<&Value>]) -> Vec<&'a (dyn ToSql + Sync)> {
    arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect()
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
