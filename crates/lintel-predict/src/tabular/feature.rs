//! Features of a table: each column as it is, and the month of dates that span more than a year.

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use super::column::{FileColumn, Values};
use crate::error::{Error, Result};
use crate::learn::table::{Cell, Column, ColumnKind, ColumnValues, Schema, Table};

/// One feature and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Feature {
    /// The position of its column among those of the model.
    pub(crate) column: usize,
    pub(crate) part: Part,
}

/// What of a column a feature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Part {
    /// The number, or for dates the day.
    Number,
    /// The word.
    Word,
    /// The month of a date, 1 to 12.
    Month,
}

/// Dates that span fewer days do not show a season apart from the days themselves.
const SEASON_DAYS: f64 = 400.0;

/// The features of some columns.
pub(crate) fn features(columns: &[&FileColumn<'_>]) -> Vec<Feature> {
    let mut features = Vec::new();
    for (column, FileColumn { values, .. }) in columns.iter().enumerate() {
        let part = if matches!(values, Values::Words(_)) { Part::Word } else { Part::Number };
        features.push(Feature { column, part });
        if let Values::Dates(days) = values {
            let known = || days.iter().copied().filter(|day| day.is_finite());
            let span = known().fold(f64::NEG_INFINITY, f64::max) - known().fold(f64::INFINITY, f64::min);
            if span >= SEASON_DAYS {
                features.push(Feature { column, part: Part::Month });
            }
        }
    }
    features
}

impl Feature {
    /// The column of the learner's table; `names` are those of the model's columns.
    pub(crate) fn spec(&self, names: &[String]) -> Column {
        let name = &names[self.column];
        match self.part {
            Part::Number => Column::number(name),
            Part::Word => Column::word(name),
            Part::Month => Column::number(format!("{name}\u{1f}month")),
        }
    }
}

/// The learner's table of some rows, in the given order.
pub(crate) fn table(
    features: &[Feature],
    names: &[String],
    columns: &[&FileColumn<'_>],
    rows: &[usize],
) -> Result<Table> {
    enum Own<'a> {
        Numbers(Vec<f64>),
        Words(Vec<Option<&'a str>>),
    }
    let mut own = Vec::with_capacity(features.len());
    for feature in features {
        let name = &names[feature.column];
        own.push(match (feature.part, &columns[feature.column].values) {
            (Part::Word, Values::Words(words)) => Own::Words(rows.iter().map(|row| words[*row]).collect()),
            (Part::Number, Values::Numbers(values) | Values::Dates(values)) => {
                Own::Numbers(rows.iter().map(|row| values[*row]).collect())
            }
            (Part::Month, Values::Numbers(values) | Values::Dates(values)) => {
                Own::Numbers(rows.iter().map(|row| month(values[*row])).collect())
            }
            (part, _) => return Err(mismatch(name, part)),
        });
    }
    let columns = features.iter().zip(&own).map(|(feature, own)| {
        let values = match own {
            Own::Numbers(values) => ColumnValues::Numbers(values),
            Own::Words(words) => ColumnValues::Words(words),
        };
        (feature.spec(names), values)
    });
    Table::from_columns(columns.collect())
}

/// The learner's cells of one row.
pub(crate) fn cells<'a>(
    features: &[Feature],
    names: &[String],
    columns: &[&FileColumn<'a>],
    row: usize,
) -> Result<Vec<Cell<'a>>> {
    let cell = |feature: &Feature| {
        Ok(match (feature.part, &columns[feature.column].values) {
            (Part::Word, Values::Words(words)) => words[row].map_or(Cell::Missing, Cell::Word),
            (Part::Number, Values::Numbers(values) | Values::Dates(values)) => Cell::Number(values[row]),
            (Part::Month, Values::Numbers(values) | Values::Dates(values)) => Cell::Number(month(values[row])),
            (part, _) => return Err(mismatch(&names[feature.column], part)),
        })
    };
    features.iter().map(cell).collect()
}

fn month(days: f64) -> f64 {
    let date = if days.is_finite() { Day(days.floor() as i32).date() } else { None };
    date.map_or(f64::NAN, |date| f64::from(date.month()))
}

fn mismatch(name: &str, part: Part) -> Error {
    let (expected, found) = if part == Part::Word { ("words", "numbers") } else { ("numbers", "words") };
    Error::CellType { column: name.to_owned(), expected, found }
}

/// Whether stored features point at columns that are there.
pub(crate) fn is_sound(features: &[Feature], columns: usize, schema: &Schema) -> bool {
    features.len() == schema.columns().len()
        && features.iter().zip(schema.columns()).all(|(feature, spec)| {
            feature.column < columns && (feature.part == Part::Word) == (spec.kind == ColumnKind::Word)
        })
}
