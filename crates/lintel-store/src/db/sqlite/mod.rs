//! SQLite: one thread that writes, a few that read, and connections for short reads on the caller's thread.

mod open;
mod readers;
mod run;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use parking_lot::Mutex;
use rusqlite::Connection;

pub(crate) use open::open_for_migration;
pub(super) use run::{execute, execute_each, query, query_many};

use self::{
    open::Role,
    readers::{Pace, Readers},
    writer::Writer,
};
use super::{
    Busy, Options, Params, Row, Shared, Sql, Tx,
    background::{PATIENCE, gives_way},
};
use crate::{Error, Result};

/// The engine on one file.
pub(super) struct Sqlite {
    writer: Writer,
    readers: Readers,
    /// One reader for work that gives way.
    patient: Readers,
    inline: Mutex<Vec<Connection>>,
    /// Sees, by its counter of the file's changes, that another process has written.
    watcher: Mutex<Connection>,
    shared: Arc<Shared>,
}

impl Sqlite {
    pub(super) fn open(path: &Path, options: &Options, shared: Arc<Shared>) -> Result<Self> {
        let timeout = options.statement_timeout;
        let writer = open::connection(path, options, Role::Writer)?;
        let readers = (0..options.readers)
            .map(|_| open::connection(path, options, Role::Reader { timeout }))
            .collect::<Result<Vec<_>>>()?;
        let patient = open::connection(path, options, Role::Reader { timeout: PATIENCE })?;
        let inline = (0..options.inline_readers)
            .map(|_| open::connection(path, options, Role::Reader { timeout }))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            writer: Writer::start(writer, options, Arc::clone(&shared))?,
            readers: Readers::start(readers, Pace::Prompt, options, Arc::clone(&shared))?,
            patient: Readers::start(vec![patient], Pace::GivingWay, options, Arc::clone(&shared))?,
            inline: Mutex::new(inline.into_iter().map(|reader| reader.connection).collect()),
            watcher: Mutex::new(open::connection(path, options, Role::Watcher)?.connection),
            shared,
        })
    }

    pub(super) async fn query<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        let readers = if gives_way() { &self.patient } else { &self.readers };
        readers.query(sql, params, map).await
    }

    /// The first row, read on the caller's thread while a connection is free, otherwise on a reader's.
    pub(super) async fn point<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match self.inline(sql, |connection| run::first(connection, sql, &params, &map)) {
            Some(read) => read,
            None => Ok(self.query(sql, params, map).await?.into_iter().next()),
        }
    }

    /// A few rows, read the same way.
    pub(super) async fn points<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match self.inline(sql, |connection| query(connection, sql, &params, &map)) {
            Some(read) => read,
            None => self.query(sql, params, map).await,
        }
    }

    /// Reads on this thread; `None` when it is work that gives way, or when all connections for that are lent.
    fn inline<T>(&self, sql: &Sql, read: impl FnOnce(&Connection) -> Result<T>) -> Option<Result<T>> {
        if gives_way() {
            return None;
        }
        let free = self.inline.lock().pop()?;
        let lent = Lent { connection: Some(free), home: &self.inline };
        let begun = std::time::Instant::now();
        Some(self.shared.stats.record(sql, begun, lent.read(read)))
    }

    /// How the engine goes about a statement, in a line.
    pub(super) fn plan(&self, sql: &Sql) -> Result<String> {
        let busy = Error::Busy { what: "all connections for short reads are lent" };
        let free = self.inline.lock().pop().ok_or(busy)?;
        Lent { connection: Some(free), home: &self.inline }.read(|connection| run::plan(connection, sql))
    }

    pub(super) async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.writer.write(write).await
    }

    /// A number that changes when any other connection, of this or another process, has written.
    pub(super) fn data_version(&self) -> Result<i64> {
        let watcher = self.watcher.lock();
        watcher
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|error| run::error("data_version", error))
    }

    /// What is in line.
    pub(super) fn busy(&self) -> Busy {
        let (reads, places) = self.readers.in_line();
        Busy::Lines { writes: self.writer.in_line(), reads, places }
    }

    /// Finishes what is in line, then ends the threads.
    pub(super) async fn close(&self, patience: Duration) {
        self.writer.close(patience).await;
        self.readers.close();
        self.patient.close();
        self.inline.lock().clear();
    }
}

/// A connection that goes back when this is dropped, also by a panic in the caller's mapping.
struct Lent<'a> {
    connection: Option<Connection>,
    home: &'a Mutex<Vec<Connection>>,
}

impl Lent<'_> {
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        read(self.connection.as_ref().ok_or(Error::Closed)?)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.home.lock().extend(self.connection.take());
    }
}

/// The engine's version.
pub(super) fn version() -> &'static str {
    rusqlite::version()
}
