//! Named calculations over a listing or a market: pure, with every input, unit and formula shown.
//!
//! A calculation that has too little to go by says so with the number it has, and gives no figure.

pub mod cash_flow;
pub mod competition;
pub mod days_on_market;
pub mod demand;
mod observed;
pub mod price_position;
pub mod rental_yield;
mod report;
pub mod supply;

pub use lintel_domain::analysis::{Origin, Unit};
pub use observed::{Likeness, Observed, Segment, Stage};
pub use report::{Calculation, Change, Figure, Given, Input, changes};

/// Average days of a month: 365.25 / 12.
const DAYS_PER_MONTH: f64 = 30.4375;
