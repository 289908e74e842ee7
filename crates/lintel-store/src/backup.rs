//! Backup and restore of the embedded database.

use std::{path::PathBuf, time::Duration};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{Error, Result, Store, db::Target};

/// Pages copied at once, and the pause between, in which others write.
const PAGES: i32 = 4_096;
const PAUSE: Duration = Duration::from_millis(5);

impl Store {
    /// Copies the embedded database into a new file while it is in use: the copy is the database as it was at one moment.
    /// PostgreSQL has tools of its own.
    pub async fn backup(&self, to: PathBuf) -> Result<()> {
        let Target::Sqlite(from) = self.options().target()? else {
            return Err(Error::Options("backup is for the embedded database; use pg_dump for PostgreSQL".into()));
        };
        blocking(move || {
            let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
            let mut target = Connection::open(to).map_err(failed)?;
            Backup::new(&source, &mut target)
                .and_then(|copy| copy.run_to_completion(PAGES, PAUSE, None))
                .map_err(failed)
        })
        .await
    }
}

/// Whether a file is a whole database of ours that this version can bring up to date.
pub async fn check_backup(file: PathBuf) -> Result<()> {
    blocking(move || {
        let database = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let found: String = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if found != "ok" {
            return Err(Error::Options(format!("{} is damaged: {found}", file.display())));
        }
        let schema: i32 = database
            .query_row("SELECT coalesce(max(version), 0) FROM refinery_schema_history", [], |row| row.get(0))
            .map_err(failed)?;
        let newest = crate::migrate::newest();
        if schema > newest {
            return Err(Error::Migration {
                reason: format!("{} has schema {schema}, this version knows {newest}", file.display()),
            });
        }
        Ok(())
    })
    .await
}

/// Puts a checked copy in place of the embedded database. Fails while somebody uses it.
pub async fn replace_database(new: PathBuf, target: PathBuf) -> Result<()> {
    blocking(move || {
        if target.exists() {
            // Writes the log into the file and takes every lock: refused while another connection is open.
            let old = Connection::open(&target).map_err(failed)?;
            old.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(failed)?;
            old.execute_batch("BEGIN EXCLUSIVE; COMMIT; PRAGMA wal_checkpoint(TRUNCATE);").map_err(failed)?;
        }
        for suffix in ["-wal", "-shm"] {
            let mut side = target.clone().into_os_string();
            side.push(suffix);
            match std::fs::remove_file(&side) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        std::fs::rename(&new, &target).map_err(failed)
    })
    .await
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Options(error.to_string())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Panicked)?
}
