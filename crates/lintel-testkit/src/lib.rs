//! Throwaway PostgreSQL databases and Redis servers for tests, from the binaries on the machine.
//!
//! ```no_run
//! # async fn a_test() {
//! let prepare = async |url: String| { /* bring the schema up to date */ };
//! let Some(database) = lintel_testkit::postgres::database("schema-1", prepare).await else { return };
//! // connect to database.url(); it is removed when `database` is dropped
//! # }
//! ```

pub mod postgres;
pub mod redis;

mod settings;
