//! A write in progress: plain synchronous calls, the same on both engines.

use std::{cell::Cell, time::Instant};

use lintel_domain::{event::Event, id::TenantId};

use super::{
    Params, Row, Sql, Stats,
    postgres::{Left, PgTx},
    sqlite,
};
use crate::{Error, Result};

/// A transaction that a closure given to [`Store::write`](super::Store::write) writes into.
///
/// All of it is kept when the closure returns `Ok`, and nothing when it returns `Err`, panics, or goes on after one of
/// its statements failed (PostgreSQL would refuse to; so SQLite does too).
pub struct Tx<'a> {
    engine: Engine<'a>,
    stats: &'a Stats,
    failed: Option<&'static str>,
    disk: Option<Error>,
    pub(crate) kept: Kept,
    pub(crate) cause: Option<crate::log::Cause>,
}

enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(PgTx<'a>),
}

/// An event that a write has put into the log.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// Whose.
    pub tenant: TenantId,
    /// What it tells.
    pub event: Event,
}

/// What others hear of once the write is kept.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) events: Vec<Emitted>,
    pub(crate) jobs: bool,
}

impl Kept {
    /// Adds what another write of the same commit has.
    pub(crate) fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.jobs |= other.jobs;
    }
}

impl<'a> Tx<'a> {
    pub(super) fn sqlite(connection: &'a rusqlite::Connection, stats: &'a Stats) -> Self {
        Self { engine: Engine::Sqlite(connection), stats, failed: None, disk: None, kept: Kept::default(), cause: None }
    }

    pub(super) fn postgres(client: PgTx<'a>, stats: &'a Stats) -> Self {
        Self { engine: Engine::Postgres(client), stats, failed: None, disk: None, kept: Kept::default(), cause: None }
    }

    /// Runs a statement and returns how many rows it changed.
    pub fn execute(&mut self, sql: &'static Sql, params: Params) -> Result<u64> {
        self.run(sql, |engine| match engine {
            Engine::Sqlite(connection) => sqlite::execute(connection, sql, &params),
            Engine::Postgres(client) => client.execute(sql, &params),
        })
    }

    /// Runs a statement that nothing else of this write depends on, at its end at the latest. PostgreSQL is sent it together
    /// with the commit, so that it costs no round trip.
    pub(crate) fn execute_last(&mut self, sql: &'static Sql, params: Params) -> Result<()> {
        if let (None, Engine::Postgres(client)) = (self.failed, &mut self.engine) {
            client.execute_last(sql, params);
            return Ok(());
        }
        self.execute(sql, params).map(|_| ())
    }

    /// Runs a statement once per item and returns how many rows changed in all. Prepared once; on PostgreSQL pipelined, or
    /// where it only inserts, one execution for many items.
    pub fn execute_many(&mut self, sql: &'static Sql, items: impl IntoIterator<Item = Params>) -> Result<u64> {
        let times = Cell::new(0);
        let items = items.into_iter().inspect(|_| times.set(times.get() + 1));
        self.run_many(sql, &times, |engine| match engine {
            Engine::Sqlite(connection) => Ok(sqlite::execute_each(connection, sql, items)?.iter().sum()),
            Engine::Postgres(client) => client.execute_many(sql, items),
        })
    }

    /// The same, with how many rows each item changed, in their order. On PostgreSQL rows that are only inserted share an
    /// execution as long as all of them are new.
    pub fn execute_each(&mut self, sql: &'static Sql, items: impl IntoIterator<Item = Params>) -> Result<Vec<u64>> {
        let times = Cell::new(0);
        let items = items.into_iter().inspect(|_| times.set(times.get() + 1));
        self.run_many(sql, &times, |engine| match engine {
            Engine::Sqlite(connection) => sqlite::execute_each(connection, sql, items),
            Engine::Postgres(client) => client.execute_each(sql, items),
        })
    }

    /// Runs a statement that returns at most one row, once per item: one answer per item, in their order.
    /// Prepared once; on PostgreSQL pipelined, or where it only selects, one execution for many items.
    pub fn query_many<T>(
        &mut self,
        sql: &'static Sql,
        items: impl IntoIterator<Item = Params>,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<Option<T>>> {
        let times = Cell::new(0);
        let items = items.into_iter().inspect(|_| times.set(times.get() + 1));
        self.run_many(sql, &times, |engine| match engine {
            Engine::Sqlite(connection) => sqlite::query_many(connection, sql, items, &map),
            Engine::Postgres(client) => client.query_many(sql, items, &map),
        })
    }

    /// Every row of the result.
    pub fn query<T>(
        &mut self,
        sql: &'static Sql,
        params: Params,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.run(sql, |engine| match engine {
            Engine::Sqlite(connection) => sqlite::query(connection, sql, &params, &map),
            Engine::Postgres(client) => client.query(sql, &params, &map),
        })
    }

    /// The first row of the result, if there is one.
    pub fn query_opt<T>(
        &mut self,
        sql: &'static Sql,
        params: Params,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, params, map)?.into_iter().next())
    }

    /// The first row of the result; [`Error::NoRow`] when there is none.
    pub fn query_one<T>(
        &mut self,
        sql: &'static Sql,
        params: Params,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.query_opt(sql, params, map)?.ok_or(Error::NoRow { statement: sql.name() })
    }

    /// Waits until no other write holds `key`, and holds it until this one is kept or undone.
    ///
    /// For what has to be read, decided and written alone. SQLite has one writer and needs nothing for it; PostgreSQL
    /// runs writes side by side (READ COMMITTED). Prefer one statement that decides itself: `ON CONFLICT`, or
    /// `UPDATE … WHERE version = $n`.
    pub fn lock(&mut self, key: &str) -> Result<()> {
        let Engine::Postgres(_) = self.engine else { return Ok(()) };
        self.query(&LOCK, crate::params![key], |_| Ok(()))?;
        Ok(())
    }

    /// [`Tx::lock`] without waiting: whether it is held now.
    pub(crate) fn try_lock(&mut self, key: &str) -> Result<bool> {
        let Engine::Postgres(_) = self.engine else { return Ok(true) };
        self.query_one(&TRY_LOCK, crate::params![key], |row| row.get(0))
    }

    /// The statement that failed in this write, if one did.
    pub(super) fn failed(&self) -> Option<&'static str> {
        self.failed
    }

    /// What others hear of once it is kept, and on PostgreSQL what it leaves for its end.
    pub(super) fn end(self) -> (Kept, Left) {
        let left = match self.engine {
            Engine::Sqlite(_) => Left::default(),
            Engine::Postgres(client) => client.end(),
        };
        (self.kept, left)
    }

    /// What the disk refused in this write, if it did.
    pub(super) fn take_disk(&mut self) -> Option<Error> {
        self.disk.take()
    }

    fn run<T>(&mut self, sql: &'static Sql, run: impl FnOnce(&mut Engine<'a>) -> Result<T>) -> Result<T> {
        self.run_many(sql, &Cell::new(1), run)
    }

    /// Runs a statement as many times as `times` says afterwards.
    fn run_many<T>(
        &mut self,
        sql: &'static Sql,
        times: &Cell<u32>,
        run: impl FnOnce(&mut Engine<'a>) -> Result<T>,
    ) -> Result<T> {
        if let Some(statement) = self.failed {
            return Err(Error::WentOn { statement });
        }
        let begun = Instant::now();
        let result = run(&mut self.engine);
        let result = self.stats.record_many(sql, begun, times.get(), result);
        if let Err(error) = &result {
            self.failed = Some(sql.name());
            self.disk = match error {
                Error::DiskFull => Some(Error::DiskFull),
                Error::DiskFailed { reason } => Some(Error::DiskFailed { reason: reason.clone() }),
                _ => None,
            };
        }
        result
    }
}

crate::sql! {
    /// Held until the end of the transaction. Two texts because SQLite never runs it.
    LOCK "tx.lock" = {
        sqlite: "SELECT $1",
        postgres: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
    };
    /// The same, without waiting.
    TRY_LOCK "tx.try_lock" = {
        sqlite: "SELECT $1",
        postgres: "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
    };
}
