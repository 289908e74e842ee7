//! Everything SQL, for SQLite and PostgreSQL: migrations, the log, jobs, and one file per table.
//!
//! # The layer
//!
//! [`Store`] is a database, opened by [`Options`] from `sqlite:PATH` or `postgres://…`. Reads are its methods, writes are
//! closures that get a [`Tx`]; nothing outside this crate knows which engine it is.
//!
//! - **Statements** are declared by [`sql!`]: one text with `$N` for both engines, or two side by side where they
//!   differ. What is declared is in [`statements`], is prepared on both engines by a test, and is counted by its name
//!   ([`Store::statement_stats`](db::Store::statement_stats)). Casts are written `CAST($1 AS bigint)`; ids are
//!   16 bytes on SQLite, so they are never cast.
//! - **Tenants**: a statement sees the rows of the [`TenantId`](lintel_domain::id::TenantId) among its parameters. Its
//!   text says so (`tenant_id = $1`); on PostgreSQL policies on the rows say it again. One that works for all tenants is
//!   declared `across_tenants`.
//! - **Values** go in by [`params!`] and come out by position, `row.get::<T>(0)`, for every [`db::Column`].
//! - **Reads**: [`query`](db::Store::query) for rows, [`point`](db::Store::point) for one row behind an index,
//!   [`survey`](db::Store::survey) for many that a read replica may read as well.
//! - **Writes**: [`write`](db::Store::write) takes plain synchronous code. All of it is kept, durably, or nothing. On
//!   SQLite writes that arrive together share one commit; on PostgreSQL they run side by side (READ COMMITTED) and
//!   are run again after a collision, so closures are `Fn`. What is read to decide and then written needs one
//!   statement that decides itself (`ON CONFLICT`, `WHERE version = $n`) or [`Tx::lock`](db::Tx::lock).
//! - **A statement that fails ends its write**: PostgreSQL refuses to go on, so SQLite does too. Expect conflicts in
//!   the statement, not in the error.
//!
//! # The spine
//!
//! A write that others react to holds its rows, [`Tx::emit`](db::Tx::emit) for the event, and
//! [`Tx::enqueue`](db::Tx::enqueue) for the jobs it causes. [`log`] is read by followers with cursors of their own,
//! [`job`] is the queue, [`idempotency`] gives a repeated request its first answer.

pub mod analysis;
pub mod api_key;
pub mod audit;
mod backup;
pub mod behaviour;
mod by_ids;
pub mod connection;
pub mod consent;
pub mod db;
mod error;
pub mod experiment;
pub mod frozen;
pub mod hook;
pub mod idempotency;
pub mod import;
pub mod interaction;
pub mod job;
mod kept;
pub mod lead;
pub mod lead_days;
pub mod listing;
pub mod log;
pub mod mark;
pub mod market;
pub mod migrate;
pub mod model;
pub mod notification;
mod parts;
pub mod saved_search;
pub mod score;
pub mod search_match;
pub mod series;
pub mod session;
pub mod task;
pub mod tenant;
pub mod trigger;
pub mod undo;
pub mod user;

pub use backup::{check_backup, replace_database};
pub use db::{Options, Store, Tx};
pub use error::{Error, Result, Rule};

/// Every statement of this crate.
pub fn statements() -> impl Iterator<Item = &'static db::Sql> {
    let tables = [
        migrate::STATEMENTS,
        idempotency::STATEMENTS,
        tenant::STATEMENTS,
        user::STATEMENTS,
        session::STATEMENTS,
        api_key::STATEMENTS,
        market::STATEMENTS,
        behaviour::STATEMENTS,
        connection::STATEMENTS,
        consent::STATEMENTS,
        experiment::STATEMENTS,
        frozen::STATEMENTS,
        interaction::STATEMENTS,
        score::STATEMENTS,
        saved_search::STATEMENTS,
        search_match::STATEMENTS,
        task::STATEMENTS,
        lead_days::STATEMENTS,
        notification::STATEMENTS,
        mark::STATEMENTS,
        import::STATEMENTS,
        undo::STATEMENTS,
        model::STATEMENTS,
        series::STATEMENTS,
        trigger::STATEMENTS,
        audit::STATEMENTS,
        analysis::STATEMENTS,
        parts::STATEMENTS,
    ];
    db::statements()
        .chain(log::statements())
        .chain(job::statements())
        .chain(listing::statements())
        .chain(lead::statements())
        .chain(hook::statements())
        .chain(tables.into_iter().flatten().copied())
}
