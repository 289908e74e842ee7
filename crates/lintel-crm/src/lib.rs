//! Customer-relationship systems of others: whether an event is from them, and what it says.
//!
//! One folder for each system. Nothing here reads a clock, a network or a database: bytes come in, facts go out.

mod error;
pub mod highlevel;
mod json;

pub use error::{Error, Result};
