//! Learning and predicting: boosted trees, the lead score and the home price; pure, no input or output.

pub mod analysis;
pub mod card;
pub mod error;
pub mod fields;
pub mod lead;
pub mod learn;
pub mod price;
pub mod tabular;

pub use error::{Error, Result};
