//! Texts of a file read as values: numbers, dates, units, words. Every reader refuses what it is not sure of.

mod date;
mod number;
mod reading;
mod scalar;
mod unit;
mod word;

pub use date::{Dates, period};
pub use number::{money, number};
pub use reading::{Inferred, Reader, Reading};
pub use scalar::scalar;
pub use unit::Unit;
pub(crate) use word::{bare, without_nul};
pub use word::{consent, interaction_kind, list, outcome, status};

/// Why a text is not the value it should be, for people.
pub type Reason = &'static str;
