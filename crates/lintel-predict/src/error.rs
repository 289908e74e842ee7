//! What can go wrong while learning, loading a model or predicting.

/// Every failure of this crate. Nothing here panics on foreign input.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There are too few usable rows to learn from.
    #[error("insufficient data (n = {rows}), at least {needed} {what} are needed")]
    InsufficientData {
        /// How many there are.
        rows: usize,
        /// How many there must be.
        needed: usize,
        /// What is counted, in the plural.
        what: &'static str,
    },
    /// The label does not vary, so there is nothing to learn.
    #[error("the label does not vary: all {rows} rows say {value}")]
    ConstantLabel {
        /// Rows looked at.
        rows: usize,
        /// The one value.
        value: f64,
    },
    /// A label is missing, infinite or outside what the task allows.
    #[error("label of row {row} is not usable: {value}")]
    BadLabel {
        /// Row, counted from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// No column is left to learn from.
    #[error("no usable feature is left, {columns} columns were given")]
    NoFeatures {
        /// Columns before the choice.
        columns: usize,
    },
    /// A row or table does not have the shape the model needs.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A cell's type is not the column's.
    #[error("column {column} holds {expected}, but a cell holds {found}")]
    CellType {
        /// The column's name.
        column: String,
        /// What the column holds.
        expected: &'static str,
        /// What the cell holds.
        found: &'static str,
    },
    /// Two columns share a name.
    #[error("column {0} is named twice")]
    DuplicateColumn(String),
    /// A setting is outside its range.
    #[error("setting {name} is out of range: {detail}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What would be right.
        detail: &'static str,
    },
    /// The feature may not be used: it names a protected trait of a person.
    #[error("{0} is a protected trait and cannot be a feature")]
    Protected(String),
    /// Somebody asked for the end of the work.
    #[error("stopped on request")]
    Stopped,
    /// The bytes are not a model of ours, are damaged, or of a later format.
    #[error("model artefact refused: {0}")]
    Artefact(String),
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;
