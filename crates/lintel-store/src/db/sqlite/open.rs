//! Opening connections to a file, with the settings that durability and privacy need.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::run::error;
use crate::{Error, Result, db::Options};

/// What a connection is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    /// The one that writes.
    Writer,
    /// One that only reads, no statement longer than the timeout.
    Reader { timeout: Duration },
    /// One that only asks whether something was written.
    Watcher,
}

/// A connection with the deadline its statements run under.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) deadline: Deadline,
}

/// When the running statement is to be given up; shared with the engine's progress callback.
#[derive(Clone)]
pub(super) struct Deadline {
    base: Instant,
    at_nanos: Arc<AtomicU64>,
    timeout: Duration,
}

impl Deadline {
    fn new(timeout: Duration) -> Self {
        Self { base: Instant::now(), at_nanos: Arc::new(AtomicU64::new(u64::MAX)), timeout }
    }

    /// Starts the time for the next statement.
    pub(super) fn start(&self) {
        let at = self.base.elapsed() + self.timeout;
        self.at_nanos.store(at.as_nanos() as u64, Ordering::Relaxed);
    }

    fn passed(&self) -> bool {
        self.base.elapsed().as_nanos() as u64 > self.at_nanos.load(Ordering::Relaxed)
    }
}

/// How long a statement waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages after which the writer moves the write-ahead log into the file: 16 MiB.
const CHECKPOINT_PAGES: i64 = 4096;
/// Bytes to which the write-ahead log is cut after it has grown.
const WAL_LIMIT: i64 = 64 << 20;
/// Engine steps between two looks at the deadline: about a millisecond.
const STEPS: i32 = 20_000;
/// Part of the writer's page cache that each reader has. Every commit voids it, and emptying it takes time by its pages;
/// the system keeps the pages of the file anyway.
const READER_SHARE: i64 = 32;
/// Statements kept prepared per connection.
const STATEMENTS: usize = 512;

pub(super) fn connection(path: &Path, options: &Options, role: Role) -> Result<Opened> {
    let mut connection = open(path)?;
    let set = |connection: &Connection, name: &str, value: i64| {
        // Some of these answer with the value they took, some do not.
        connection
            .pragma_update(None, name, value)
            .or_else(|e| if matches!(e, rusqlite::Error::ExecuteReturnedResults) { Ok(()) } else { Err(e) })
            .map_err(|e| error("pragma", e))
    };
    let cache_kib = (options.cache_bytes / 1024) as i64;
    set(
        &connection,
        "cache_size",
        match role {
            Role::Writer => -cache_kib,
            Role::Reader { .. } => -(cache_kib / READER_SHARE),
            Role::Watcher => -64,
        },
    )?;
    // Plans do not depend on the values of parameters: with statistics, a statement would else be prepared anew whenever one
    // of them differs from the last time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|e| error("plans", e))?;
    let deadline = Deadline::new(match role {
        Role::Reader { timeout } => timeout,
        Role::Writer | Role::Watcher => Duration::from_hours(1),
    });
    match role {
        Role::Writer => {
            set(&connection, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            set(&connection, "journal_size_limit", WAL_LIMIT)?;
        }
        Role::Reader { .. } => {
            set(&connection, "query_only", 1)?;
            let watched = deadline.clone();
            connection.progress_handler(STEPS, Some(move || watched.passed())).map_err(|e| error("progress", e))?;
        }
        Role::Watcher => set(&connection, "query_only", 1)?,
    }
    Ok(Opened { connection, deadline })
}

/// A connection with the settings that every connection has.
pub(crate) fn open_for_migration(path: &Path) -> Result<Connection> {
    create_private(path)?;
    open(path)
}

fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|e| Error::Unavailable { reason: format!("cannot open {}: {e}", path.display()) })?;
    let refused = |e| error("pragma", e);
    connection.busy_timeout(BUSY_TIMEOUT).map_err(refused)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(refused)?;
    if mode != "wal" {
        return Err(Error::Unavailable { reason: format!("the file system allows no write-ahead log (mode {mode})") });
    }
    for (name, value) in
        [("synchronous", "FULL"), ("foreign_keys", "ON"), ("trusted_schema", "OFF"), ("temp_store", "MEMORY")]
    {
        connection.pragma_update(None, name, value).map_err(refused)?;
    }
    connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(())).map_err(refused)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Creates the file readable by its owner only; SQLite gives its side files the same permissions.
///
/// A file that is there is not touched: closing a handle to it would drop every lock that this process has on it.
fn create_private(path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::Unavailable { reason: format!("cannot create {}: {e}", path.display()) };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(e)),
        _ => Ok(()),
    }
}
