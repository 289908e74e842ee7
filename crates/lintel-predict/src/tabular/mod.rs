//! Learning from any table with free columns: which columns to use, in which order to look at rows, and a model that
//! reads the same columns elsewhere.

mod column;
mod feature;
mod model;
mod order;

pub use column::{Choice, FileColumn, Values, choose, leaks};
pub use model::{Explained, Forecast, LearnOptions, Learned, Marks, Measured, Tabular, Target};
