//! Tables in the files of others: delimited text and workbooks, read row by row with line numbers.

mod archive;
mod delimited;
mod detect;
mod header;
mod limits;
mod row;
mod scan;
mod sheet;
mod source;
mod workbook;
mod write;

pub use header::Header;
pub use limits::Limits;
pub use row::{Fault, RejectedRow, Row};
pub use sheet::{Sheet, Texts, positions, split_names};
pub use source::{Progress, Source};
pub use write::write_row;

use delimited::Delimited;
use row::Found;
use serde::{Deserialize, Serialize};
use source::Content;
use workbook::Workbook;

use crate::{Error, Result};

/// How to read a table; the defaults detect everything.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// The delimiter, where it is known better than it can be detected.
    pub delimiter: Option<u8>,
    /// Bounds on sizes.
    pub limits: Limits,
}

/// A place between two rows of a file, to go on from after an interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Data rows before this place, rejected ones included.
    pub rows: u64,
    /// The physical line that comes next.
    pub line: u64,
    /// Bytes before this place, after decompression; for a workbook the sheet's rows.
    pub offset: u64,
}

/// A table being read, after its header.
pub struct Table {
    header: Header,
    rows: Rows,
    progress: Progress,
    number: u64,
}

/// What comes next in a table.
pub enum Next<'a> {
    /// A row with as many fields as the header.
    Row(Row<'a>),
    /// A row that cannot be used.
    Rejected(RejectedRow),
}

enum Rows {
    Delimited(Box<Delimited>),
    Workbook(Workbook),
}

impl Table {
    /// Reads the start of a source: compression, kind, delimiter and header.
    ///
    /// # Errors
    /// When the source cannot be read, is no table, has no header, or passes a bound.
    pub fn open(source: Source, options: &TableOptions) -> Result<Self> {
        let name = source.name().to_owned();
        let limits = &options.limits;
        let (content, progress) = source.into_content(limits)?;
        let (mut rows, header) = match content {
            Content::Text(input) => {
                let mut file = Delimited::new(&name, input, *limits, options.delimiter)?;
                let header = file.header()?;
                (Rows::Delimited(Box::new(file)), header)
            }
            Content::Workbook(input) => {
                let mut book = Workbook::open(&name, input, limits)?;
                let header = book.header();
                (Rows::Workbook(book), header)
            }
        };
        let Some((cells, line)) = header else {
            return Err(Error::Header { line: 1, reason: "the file is empty".to_owned() });
        };
        if cells.iter().all(|c| header::is_value(c)) {
            return Err(Error::Header { line, reason: "values stand where the column names should be".to_owned() });
        }
        let header = Header::new(cells.iter().map(String::as_str));
        if header.len() > limits.columns {
            return Err(Error::Limit { what: "the number of columns", limit: limits.columns as u64 });
        }
        if let Rows::Workbook(book) = &mut rows {
            book.set_width(header.len());
        }
        Ok(Self { header, rows, progress, number: 0 })
    }

    /// The column names.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The delimiter found, `None` for a workbook.
    pub fn delimiter(&self) -> Option<char> {
        match &self.rows {
            Rows::Delimited(file) => Some(file.format().delimiter as char),
            Rows::Workbook(_) => None,
        }
    }

    /// How far the source has been read; stays valid while the table is read elsewhere.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The place before the next row.
    pub fn position(&self) -> Position {
        let (line, offset) = match &self.rows {
            Rows::Delimited(file) => (file.line(), file.offset()),
            Rows::Workbook(book) => (book.line(), book.offset()),
        };
        Position { rows: self.number, line, offset }
    }

    /// Goes to a place that [`Self::position`] gave for the same file before; a freshly opened table only goes forward.
    ///
    /// # Errors
    /// When the file ends before that place.
    pub fn resume(&mut self, at: Position) -> Result<()> {
        match &mut self.rows {
            Rows::Delimited(file) => file.skip_to(at.offset, at.line)?,
            Rows::Workbook(book) => book.skip_to(at.offset),
        }
        self.number = at.rows;
        Ok(())
    }

    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// When the source cannot be read on: what was read before stays good.
    pub fn next_row(&mut self) -> Result<Option<Next<'_>>> {
        let width = self.header.len();
        let found = match &mut self.rows {
            Rows::Delimited(file) => file.row(width)?,
            Rows::Workbook(book) => book.row().map(Ok),
        };
        let Some(found) = found else { return Ok(None) };
        self.number += 1;
        let number = self.number;
        let rejected = |line, field: Option<usize>, reason: String| {
            let column = field.and_then(|f| self.header.names().get(f).cloned());
            Ok(Some(Next::Rejected(RejectedRow { number, line, faults: vec![Fault { column, reason }] })))
        };
        match found {
            Err(r) => rejected(r.line, r.field, r.reason),
            Ok(Found { line, fields, .. }) if fields != width => {
                let count = |n: usize| if n == 1 { "1 field".to_owned() } else { format!("{n} fields") };
                rejected(line, None, format!("has {}, the header has {width}", count(fields)))
            }
            Ok(Found { cells, line, .. }) => Ok(Some(Next::Row(Row { number, line, cells }))),
        }
    }
}
