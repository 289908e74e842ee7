//! Learning and predicting: boosted trees, the lead score, the home price and taste; pure, no input or output.

pub mod analysis;
pub mod card;
pub mod error;
pub mod experiment;
pub mod fields;
pub mod forecast;
pub mod lead;
pub mod learn;
pub mod price;
pub mod tabular;
pub mod taste;

pub use error::{Error, Result};
