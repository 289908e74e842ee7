//! Learning from a file with free columns, predicting the rows of another one, and forecasting series. No store is needed.

mod forecast;
mod label;
mod learn;
mod model;
mod output;
mod predict;
mod price;
mod rows;
mod table;

pub use forecast::{FileForecastRequest, FileForecastSummary, MOST_FORECAST_STEPS, SeriesLayout, forecast_file};
pub use learn::learn_file;
pub use predict::predict_file;

use std::path::PathBuf;

use lintel_domain::import::Rejected;
use lintel_feed::RejectedRow;
use serde::{Deserialize, Serialize};

/// What is to be learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileTask {
    /// Whether a label of two values has the positive one.
    Classify,
    /// A number.
    Regress,
    /// The price of homes.
    Price,
}

impl FileTask {
    /// Every task.
    pub const ALL: [Self; 3] = [Self::Classify, Self::Regress, Self::Price];

    /// The word on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Regress => "regress",
            Self::Price => "price",
        }
    }
}

/// What orders rows in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeOf {
    /// The file is in time order.
    Row,
    /// This column of dates or numbers.
    Column(String),
}

/// A model to be learned from a file.
#[derive(Debug, Clone)]
pub struct LearnFile {
    /// The table; `-` is standard input.
    pub from: PathBuf,
    /// Where the model is written.
    pub out: PathBuf,
    /// What is to be learned.
    pub task: FileTask,
    /// The column to be predicted.
    pub label: String,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// What orders the rows: the latest are held out.
    pub time: Option<TimeOf>,
    /// Rows with the same value stay in one fold; no feature.
    pub group: Option<String>,
    /// The same for what identifies a row.
    pub id: Option<String>,
    /// The label value that is positive, where it does not say so by itself.
    pub positive: Option<String>,
    /// Columns of protected traits that may be used.
    pub allow_protected: Vec<String>,
    /// Text of a mapping file.
    pub mapping: Option<String>,
    /// Everything random follows from it.
    pub seed: u64,
}

/// Something about a column that the user should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// A word for programs, such as `label_leak`.
    pub code: &'static str,
    /// The column.
    pub column: String,
    /// A sentence for people.
    pub detail: String,
}

/// How learning went.
#[derive(Debug, Clone, Serialize)]
pub struct LearnedFile {
    /// What was learned.
    pub task: &'static str,
    /// The column that is predicted.
    pub label: String,
    /// Its positive value, of a classifier.
    pub positive: Option<String>,
    /// Data rows in the file.
    pub rows: u64,
    /// Rows learned from.
    pub rows_used: u64,
    /// The columns that the model reads, in the order of the file.
    pub features: Vec<String>,
    /// What the user should know about columns.
    pub warnings: Vec<Notice>,
    /// Rows that were not understood.
    pub rejected: Vec<Rejected>,
    /// What was measured on held-out rows.
    pub metrics: serde_json::Value,
}

/// Rows to be predicted.
#[derive(Debug, Clone)]
pub struct PredictFile {
    /// The model.
    pub model: PathBuf,
    /// The table; `-` is standard input.
    pub from: PathBuf,
    /// Where the predictions are written.
    pub out: PathBuf,
    /// Whether each prediction is taken apart.
    pub explain: bool,
}

/// How predicting went.
#[derive(Debug, Clone, Serialize)]
pub struct PredictedFile {
    /// The task of the model.
    pub task: &'static str,
    /// Data rows in the file.
    pub rows: u64,
    /// Rows that have a prediction.
    pub predicted: u64,
    /// The others, at most 10,000 of them; all stand in the output with their reasons.
    pub rejected: Vec<Rejected>,
    /// What the user should know about the model.
    pub notes: Vec<String>,
}

/// Every fault of some rows.
fn rejected(rows: &[RejectedRow]) -> impl Iterator<Item = Rejected> {
    rows.iter().flat_map(|row| {
        row.faults.iter().map(|fault| Rejected {
            line: row.line,
            column: fault.column.clone(),
            reason: fault.reason.clone(),
        })
    })
}
