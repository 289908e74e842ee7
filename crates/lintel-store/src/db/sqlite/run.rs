//! Running statements on a SQLite connection, and what its errors mean.

use rusqlite::{Connection, ErrorCode, ffi, params_from_iter};

use crate::{
    Error, Result,
    db::{Params, Row, Sql, Value},
    error::Rule,
};

pub(crate) fn execute(connection: &Connection, sql: &Sql, params: &[Value]) -> Result<u64> {
    let run = || connection.prepare_cached(sql.sqlite())?.execute(params_from_iter(params));
    run().map(|count| count as u64).map_err(|e| error(sql.name(), e))
}

pub(crate) fn execute_each(
    connection: &Connection,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
) -> Result<Vec<u64>> {
    let failed = |e| error(sql.name(), e);
    let mut statement = connection.prepare_cached(sql.sqlite()).map_err(failed)?;
    let mut run = |params: Params| Ok(statement.execute(params_from_iter(&params)).map_err(failed)? as u64);
    items.into_iter().map(&mut run).collect()
}

pub(crate) fn query<T>(
    connection: &Connection,
    sql: &Sql,
    params: &[Value],
    map: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let failed = |e| error(sql.name(), e);
    let mut statement = connection.prepare_cached(sql.sqlite()).map_err(failed)?;
    let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        all.push(map(&Row::Sqlite(row))?);
    }
    Ok(all)
}

/// Of each item the first row, if there is one.
pub(crate) fn query_many<T>(
    connection: &Connection,
    sql: &Sql,
    items: impl IntoIterator<Item = Params>,
    map: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<Option<T>>> {
    let failed = |e| error(sql.name(), e);
    let mut statement = connection.prepare_cached(sql.sqlite()).map_err(failed)?;
    let mut all = Vec::new();
    for params in items {
        let mut rows = statement.query(params_from_iter(&params)).map_err(failed)?;
        all.push(rows.next().map_err(failed)?.map(|row| map(&Row::Sqlite(row))).transpose()?);
    }
    Ok(all)
}

/// The first row; the rest is not stepped through.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &Sql,
    params: &[Value],
    map: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let failed = |e| error(sql.name(), e);
    let mut statement = connection.prepare_cached(sql.sqlite()).map_err(failed)?;
    let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
    rows.next().map_err(failed)?.map(|row| map(&Row::Sqlite(row))).transpose()
}

/// How the engine goes about a statement: its steps, one behind the other.
pub(super) fn plan(connection: &Connection, sql: &Sql) -> Result<String> {
    let explain = || {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite()))?;
        // No plan depends on what is bound.
        let steps = statement.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(steps.join("; "))
    };
    explain().map_err(|e| error(sql.name(), e))
}

/// A statement that holds the transactions together and is no business of anybody else.
pub(super) fn control(connection: &Connection, text: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.execute([]).map(|_| ())
}

/// What an error of the engine means.
pub(crate) fn error(statement: &'static str, error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(failure, message) = &error else {
        return Error::Statement { statement, source: error.into() };
    };
    let detail = message.clone().unwrap_or_default();
    let rule = |rule| Error::Rule { statement, rule, detail: detail.clone() };
    match (failure.code, failure.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
            rule(Rule::Unique)
        }
        (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => rule(Rule::Reference),
        (_, ffi::SQLITE_CONSTRAINT_NOTNULL) => rule(Rule::NotNull),
        (ErrorCode::ConstraintViolation, _) => rule(Rule::Check),
        (ErrorCode::DiskFull, _) => Error::DiskFull,
        (ErrorCode::SystemIoFailure, _) => Error::DiskFailed { reason: error.to_string() },
        (ErrorCode::OperationInterrupted, _) => Error::Timeout { statement },
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Error::Busy { what: "another process is writing" },
        _ => Error::Statement { statement, source: error.into() },
    }
}
