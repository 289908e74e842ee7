//! Everything SQL, for SQLite and PostgreSQL: migrations, the log, jobs, and one file per table.

pub mod db;
mod error;
pub mod idempotency;
pub mod job;
pub mod log;
pub mod migrate;

pub use db::{Options, Store, Tx};
pub use error::{Error, Result, Rule};

/// Every statement of this crate.
pub fn statements() -> impl Iterator<Item = &'static db::Sql> {
    db::statements()
        .chain(migrate::STATEMENTS.iter().copied())
        .chain(log::statements())
        .chain(job::statements())
        .chain(idempotency::STATEMENTS.iter().copied())
}
