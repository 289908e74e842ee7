//! One row of a table, borrowed from the reader, and what is said of a row that is no good.

use serde::Serialize;

use super::scan::Span;

/// One data row. Borrowed from the table: it lives until the next row is asked for.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) cells: Cells<'a>,
}

/// The texts of a row, wherever they are kept.
#[derive(Clone, Copy)]
pub(super) enum Cells<'a> {
    /// Slices of the row as read; unescaped fields lie in a text of their own.
    Spans { text: &'a str, unescaped: &'a str, spans: &'a [Span] },
    /// Cells of a workbook row, padded with empty ones to the width of the header.
    Sheet { text: &'a str, ends: &'a [u32], begin: u32, width: usize },
}

/// A row as it was read, before its fields are counted against the header.
pub(super) struct Found<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) line: u64,
    pub(super) fields: usize,
}

/// A row that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The data row, counted from 1 with rejected rows.
    pub number: u64,
    /// The physical line the row starts in, from 1 (the header's line is counted).
    pub line: u64,
    /// Everything that is wrong with it, at least one entry.
    pub faults: Vec<Fault>,
}

/// One thing that is wrong with a row. Never quotes the value: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file's column, or `None` where the row as a whole is meant.
    pub column: Option<String>,
    /// What is wrong and what was expected.
    pub reason: String,
}

/// A row that could not even be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) line: u64,
    pub(super) field: Option<usize>,
    pub(super) reason: String,
}

impl<'a> Row<'a> {
    /// The data row, counted from 1 with rejected rows.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The physical line the row starts in, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The text of a column by its position; empty beyond the last column.
    #[inline]
    pub fn get(&self, column: usize) -> &'a str {
        self.cells.get(column)
    }

    /// All texts in column order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.cells.iter()
    }
}

impl<'a> Cells<'a> {
    pub(super) fn get(&self, column: usize) -> &'a str {
        match *self {
            Self::Spans { text, unescaped, spans } => spans.get(column).map_or("", |s| {
                let within = if s.escaped { unescaped } else { text };
                &within[s.start as usize..s.end as usize]
            }),
            Self::Sheet { text, ends, begin, .. } => ends.get(column).map_or("", |&end| {
                let start = if column == 0 { begin } else { ends[column - 1] };
                &text[start as usize..end as usize]
            }),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'a str> + use<'a> {
        let width = match self {
            Self::Spans { spans, .. } => spans.len(),
            Self::Sheet { width, .. } => width,
        };
        (0..width).map(move |i| self.get(i))
    }
}
