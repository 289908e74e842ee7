//! Tables of typed columns: numbers (NaN is missing) and words, built by row or by column.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The code of a missing word.
pub const MISSING: u32 = u32::MAX;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Numbers; NaN is missing.
    Number,
    /// Words from an open set.
    Word,
}

/// Which way a prediction may move when a number grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Monotone {
    /// Either way.
    #[default]
    Free,
    /// Never down.
    Rising,
    /// Never up.
    Falling,
}

/// Name, type and constraint of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name, unique in its schema.
    pub name: String,
    /// What the cells are.
    pub kind: ColumnKind,
    /// Constraint on the prediction; only numbers can have one.
    pub monotone: Monotone,
}

impl Column {
    /// A free column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Number, monotone: Monotone::Free }
    }

    /// A column of words.
    pub fn word(name: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Word, ..Self::number(name) }
    }

    /// The same column with a constraint.
    #[must_use]
    pub fn with(mut self, monotone: Monotone) -> Self {
        self.monotone = monotone;
        self
    }
}

/// The columns of a table, in order, with unique names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// Checks that no name occurs twice.
    pub fn new(columns: Vec<Column>) -> Result<Self> {
        let mut names = HashSet::new();
        for column in &columns {
            if !names.insert(column.name.as_str()) {
                return Err(Error::DuplicateColumn(column.name.clone()));
            }
        }
        Ok(Self { columns })
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Where the named column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// One value on its way into a table or a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is known.
    Missing,
    /// A number; NaN and infinities count as missing.
    Number(f64),
    /// A word.
    Word(&'a str),
}

/// A number as the learner keeps it: infinities and NaN become missing, huge values the largest.
pub(crate) fn as_feature(value: f64) -> f32 {
    if value.is_finite() { value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32 } else { f32::NAN }
}

/// Words as codes with their dictionary.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    codes: Vec<u32>,
    dictionary: Vec<String>,
    lookup: HashMap<String, u32>,
}

impl Words {
    /// One code a row; [`MISSING`] where nothing is known.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The word of each code.
    pub fn words(&self) -> &[String] {
        &self.dictionary
    }

    fn push(&mut self, word: Option<&str>) {
        let Some(word) = word else {
            self.codes.push(MISSING);
            return;
        };
        let code = if let Some(code) = self.lookup.get(word) {
            *code
        } else {
            let code = self.dictionary.len() as u32;
            self.dictionary.push(word.to_owned());
            self.lookup.insert(word.to_owned(), code);
            code
        };
        self.codes.push(code);
    }
}

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Numbers, NaN where missing.
    Numbers(Vec<f32>),
    /// Words.
    Words(Words),
}

/// Typed columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    schema: Schema,
    cells: Vec<Cells>,
    rows: usize,
}

impl Table {
    /// An empty table.
    pub fn new(schema: Schema) -> Self {
        let cells = schema
            .columns
            .iter()
            .map(|column| match column.kind {
                ColumnKind::Number => Cells::Numbers(Vec::new()),
                ColumnKind::Word => Cells::Words(Words::default()),
            })
            .collect();
        Self { schema, cells, rows: 0 }
    }

    /// Appends one row; the table is unchanged when it does not fit.
    pub fn push_row(&mut self, row: &[Cell<'_>]) -> Result<()> {
        check_row(&self.schema, row)?;
        for (cells, cell) in self.cells.iter_mut().zip(row) {
            match (cells, cell) {
                (Cells::Numbers(numbers), Cell::Number(value)) => {
                    numbers.push(as_feature(*value));
                }
                (Cells::Numbers(numbers), _) => numbers.push(f32::NAN),
                (Cells::Words(words), Cell::Word(word)) => words.push(Some(word)),
                (Cells::Words(words), _) => words.push(None),
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The table of columns given whole; every column must have the same length.
    pub fn from_columns(columns: Vec<(Column, ColumnValues<'_>)>) -> Result<Self> {
        let rows = columns.first().map_or(0, |(_, values)| values.len());
        let mut specs = Vec::with_capacity(columns.len());
        let mut cells = Vec::with_capacity(columns.len());
        for (column, values) in columns {
            if values.len() != rows {
                return Err(Error::Shape { what: "rows of a column", expected: rows, found: values.len() });
            }
            cells.push(match (column.kind, values) {
                (ColumnKind::Number, ColumnValues::Numbers(values)) => {
                    Cells::Numbers(values.iter().copied().map(as_feature).collect())
                }
                (ColumnKind::Word, ColumnValues::Words(values)) => {
                    let mut words = Words::default();
                    for value in values {
                        words.push(*value);
                    }
                    Cells::Words(words)
                }
                (ColumnKind::Number, ColumnValues::Words(_)) => {
                    return Err(cell_type(&column, "a word"));
                }
                (ColumnKind::Word, ColumnValues::Numbers(_)) => {
                    return Err(cell_type(&column, "a number"));
                }
            });
            specs.push(column);
        }
        Ok(Self { schema: Schema::new(specs)?, cells, rows })
    }

    /// The columns' names and types.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The cells of each column, in the schema's order.
    pub fn cells(&self) -> &[Cells] {
        &self.cells
    }

    /// One cell; missing outside the table.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.cells.get(column) {
            Some(Cells::Numbers(numbers)) => match numbers.get(row) {
                Some(value) if !value.is_nan() => Cell::Number(f64::from(*value)),
                _ => Cell::Missing,
            },
            Some(Cells::Words(words)) => match words.codes.get(row) {
                Some(code) if *code != MISSING => Cell::Word(&words.dictionary[*code as usize]),
                _ => Cell::Missing,
            },
            None => Cell::Missing,
        }
    }

    /// The table of some of the rows, in the given order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let cells = self.cells.iter().map(|cells| match cells {
            Cells::Numbers(numbers) => Cells::Numbers(rows.iter().map(|row| numbers[*row]).collect()),
            Cells::Words(words) => {
                Cells::Words(Words { codes: rows.iter().map(|row| words.codes[*row]).collect(), ..words.clone() })
            }
        });
        Self { schema: self.schema.clone(), cells: cells.collect(), rows: rows.len() }
    }

    /// The same table with nothing known in some of its columns of numbers.
    #[must_use]
    pub(crate) fn without_numbers(&self, columns: &[usize]) -> Self {
        let mut blank = self.clone();
        for column in columns {
            if let Some(Cells::Numbers(numbers)) = blank.cells.get_mut(*column) {
                numbers.fill(f32::NAN);
            }
        }
        blank
    }

    /// All cells of one row.
    pub fn row(&self, row: usize) -> Vec<Cell<'_>> {
        (0..self.cells.len()).map(|column| self.cell(row, column)).collect()
    }
}

/// The values of a whole column.
#[derive(Debug, Clone, Copy)]
pub enum ColumnValues<'a> {
    /// Numbers, NaN where missing.
    Numbers(&'a [f64]),
    /// Words, `None` where missing.
    Words(&'a [Option<&'a str>]),
}

impl ColumnValues<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Words(values) => values.len(),
        }
    }
}

/// Checks that a row has the schema's columns and types.
pub(crate) fn check_row(schema: &Schema, row: &[Cell<'_>]) -> Result<()> {
    if row.len() != schema.columns.len() {
        return Err(Error::Shape { what: "cells of a row", expected: schema.columns.len(), found: row.len() });
    }
    for (column, cell) in schema.columns.iter().zip(row) {
        match (column.kind, cell) {
            (ColumnKind::Number, Cell::Word(_)) => return Err(cell_type(column, "a word")),
            (ColumnKind::Word, Cell::Number(_)) => return Err(cell_type(column, "a number")),
            _ => {}
        }
    }
    Ok(())
}

fn cell_type(column: &Column, found: &'static str) -> Error {
    Error::CellType {
        column: column.name.clone(),
        expected: match column.kind {
            ColumnKind::Number => "numbers",
            ColumnKind::Word => "words",
        },
        found,
    }
}
