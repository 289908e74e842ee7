//! Everything SQL, for SQLite and PostgreSQL: migrations, the log, jobs, and one file per table.

pub mod db;
mod error;
pub mod log;
pub mod migrate;

pub use db::{Options, Store, Tx};
pub use error::{Error, Result, Rule};

/// Every statement of this crate, module by module.
pub fn statements() -> impl Iterator<Item = &'static db::Sql> {
    [log::STATEMENTS].into_iter().flatten().copied().chain(db::statements())
}
