//! Bringing the schema up to date: two folders, the same numbers and names, forward only.

use std::path::Path;

use refinery::Runner;
use tokio_postgres::Client;

use crate::{
    Error, Result,
    db::{Connector, open_for_migration},
};

#[allow(clippy::all, clippy::pedantic, missing_docs, unreachable_pub, reason = "generated")]
mod for_sqlite {
    refinery::embed_migrations!("migrations/sqlite");
}

#[allow(clippy::all, clippy::pedantic, missing_docs, unreachable_pub, reason = "generated")]
mod for_postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// The key of the lock under which one process at a time migrates.
const LOCK: i64 = 0x6c69_6e74_656c;

/// A database that is newer than the program is fine: migrations only expand before they contract, so the version
/// before still runs while the new one is rolled out.
fn runner(runner: Runner) -> Runner {
    runner.set_abort_missing(false).set_abort_divergent(true)
}

/// The number of the newest migration in this program.
pub fn newest() -> i32 {
    for_sqlite::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

/// A text that changes with every change of the PostgreSQL migrations: names a template database in tests.
pub fn fingerprint() -> String {
    let sums = for_postgres::migrations::runner()
        .get_migrations()
        .iter()
        .fold(0u64, |sum, m| sum.rotate_left(7) ^ m.checksum());
    format!("{sums:016x}")
}

pub(crate) fn sqlite(path: &Path, allowed: bool) -> Result<()> {
    let mut connection = open_for_migration(path)?;
    let runner = runner(for_sqlite::migrations::runner());
    let mut before = None;
    loop {
        let applied = runner.get_last_applied_migration(&mut connection);
        let current = applied.ok().flatten().map_or(0, |m| m.version());
        if current >= newest() {
            return Ok(());
        }
        if !allowed {
            return Err(behind(current));
        }
        // Two processes may start together. Each step is one transaction, so the one that comes second fails; it then
        // looks again, and has failed only when nobody has come further.
        match runner.run(&mut connection) {
            Err(e) if before == Some(current) => return Err(Error::Migration { reason: said(&e) }),
            Ok(_) | Err(_) => before = Some(current),
        }
    }
}

pub(crate) async fn postgres(connector: &Connector, allowed: bool) -> Result<()> {
    let (mut client, driving) = connector.connect_and_drive().await?;
    let migrated = under_lock(&mut client, allowed).await;
    drop(client);
    // The server has let go of the connection when this ends, and with it of the lock.
    let _ = driving.await;
    migrated
}

async fn under_lock(client: &mut Client, allowed: bool) -> Result<()> {
    let failed = |e: tokio_postgres::Error| Error::Migration { reason: said(&e) };
    client.query_one("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(failed)?;
    let done = migrate(client, allowed).await;
    client.query_one("SELECT pg_advisory_unlock($1)", &[&LOCK]).await.map_err(failed)?;
    done
}

async fn migrate(client: &mut Client, allowed: bool) -> Result<()> {
    let runner = runner(for_postgres::migrations::runner());
    let applied = runner.get_last_applied_migration_async(client).await;
    let current = applied.ok().flatten().map_or(0, |m| m.version());
    if current < newest() {
        if !allowed {
            return Err(behind(current));
        }
        runner.run_async(client).await.map_err(|e| Error::Migration { reason: said(&e) })?;
    }
    client.batch_execute(KEEP_ORDER.postgres()).await.map_err(|e| Error::Migration { reason: said(&e) })
}

crate::sql! {
    /// Transaction numbers begin anew when a dump is restored into a new cluster. New events must still come after the
    /// old ones, so the difference is added to them from then on.
    KEEP_ORDER "log.keep_order" = {
        sqlite: "UPDATE log_state SET txid_offset = 0 WHERE id = 1 AND txid_offset <> 0",
        postgres: "UPDATE log_state SET txid_offset = newest.txid + 1 - own.txid
            FROM (SELECT GREATEST(
                    (SELECT MAX(txid) FROM events), (SELECT MAX(txid) FROM followers),
                    (SELECT floor_txid FROM log_state WHERE id = 1)) AS txid) newest,
                (SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint) AS txid) own
            WHERE id = 1 AND newest.txid >= own.txid + txid_offset",
    };
}

fn behind(current: i32) -> Error {
    Error::Migration { reason: format!("the schema is at {current}, this program needs {}", newest()) }
}

/// An error with its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
