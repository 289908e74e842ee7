//! The thin layer over both engines: one store to read from, one kind of transaction to write in.

mod background;
mod load;
mod options;
mod postgres;
mod row;
mod shared;
mod sql;
mod sqlite;
mod stats;
mod store;
mod tx;
mod value;
mod wake;

pub use background::{giving_way, step_back};
pub use load::{Busy, Load, ReplicaStats};
pub use options::{OnCommit, Options};
#[doc(hidden)]
pub use postgres::{insert_of_many, select_of_many};
pub use row::{Column, Row};
pub use shared::Disk;
pub use sql::Sql;
#[doc(hidden)]
pub use sql::{question_marks, text};
pub use stats::{BOUNDS_MICROS, StatementStats, WAIT};
pub use store::{Health, MOST_SAID_BYTES, POINTS, Store};
pub use tx::{Emitted, Tx};
pub use value::{Params, Value};
pub use wake::Wake;

pub(crate) use options::Target;
pub(crate) use postgres::Connector;
pub(crate) use shared::{Shared, Woken};
pub(crate) use sqlite::open_for_migration;
pub(crate) use stats::Stats;

/// Every statement of this module.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    [store::STATEMENTS, tx::STATEMENTS, postgres::STATEMENTS].into_iter().flatten().copied()
}
