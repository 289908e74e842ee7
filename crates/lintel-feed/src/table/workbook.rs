//! The first sheet of a workbook (XLSX) as rows of text; it is held in memory, so its size is bounded.

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};

use super::archive::weigh;
use super::limits::Limits;
use super::row::{Cells, Found};
use crate::{Error, Result};

/// The rows of a sheet that hold anything.
pub(super) struct Workbook {
    text: String,
    /// End of every cell in `text`.
    ends: Vec<u32>,
    rows: Vec<SheetRow>,
    next: usize,
    width: usize,
}

struct SheetRow {
    line: u64,
    first: usize,
    cells: usize,
    begin: u32,
}

impl Workbook {
    pub(super) fn open(name: &str, input: Box<dyn Read + Send>, limits: &Limits) -> Result<Self> {
        let mut archive = Vec::new();
        let read = input.take(limits.workbook_bytes + 1).read_to_end(&mut archive);
        read.map_err(|source| Error::Read { name: name.to_owned(), source })?;
        if archive.len() as u64 > limits.workbook_bytes {
            return Err(Error::Limit { what: "the workbook in bytes", limit: limits.workbook_bytes });
        }
        weigh(&archive, limits)?;
        let mut book: Xlsx<_> =
            calamine::open_workbook_from_rs(Cursor::new(archive)).map_err(|e: calamine::XlsxError| damaged(&e))?;
        let sheet = book.sheet_names().first().cloned();
        let sheet = sheet.ok_or_else(|| Error::Workbook { reason: "it has no sheet".to_owned() })?;
        let mut this = Self { text: String::new(), ends: Vec::new(), rows: Vec::new(), next: 0, width: 0 };
        let mut cells = book.worksheet_cells_reader(&sheet).map_err(|e| damaged(&e))?;
        while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
            let (row, column) = cell.get_position();
            this.push(u64::from(row) + 1, column as usize, cell.get_value(), limits)?;
        }
        Ok(this)
    }

    /// The cells of the first row that holds anything, and its number in the sheet.
    pub(super) fn header(&mut self) -> Option<(Vec<String>, u64)> {
        let row = self.row()?;
        Some((row.cells.iter().map(str::to_owned).collect(), row.line))
    }

    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// The next row; it has the fields of the header unless it has more.
    pub(super) fn row(&mut self) -> Option<Found<'_>> {
        let row = self.rows.get(self.next)?;
        self.next += 1;
        let ends = &self.ends[row.first..row.first + row.cells];
        let fields = self.width.max(row.cells);
        let cells = Cells::Sheet { text: &self.text, ends, begin: row.begin, width: fields };
        Some(Found { cells, line: row.line, fields })
    }

    /// The number in the sheet of the row that comes next.
    pub(super) fn line(&self) -> u64 {
        let past = |row: &SheetRow| row.line + 1;
        self.rows.get(self.next).map_or_else(|| self.rows.last().map_or(1, past), |row| row.line)
    }

    pub(super) fn offset(&self) -> u64 {
        self.next as u64
    }

    pub(super) fn skip_to(&mut self, offset: u64) {
        self.next = (offset as usize).min(self.rows.len());
    }

    fn push(&mut self, line: u64, column: usize, value: &DataRef<'_>, limits: &Limits) -> Result<()> {
        if matches!(value, DataRef::Empty) {
            return Ok(());
        }
        if self.rows.last().is_none_or(|r| r.line != line) {
            if self.rows.last().is_some_and(|r| r.line > line) {
                return Err(Error::Workbook { reason: format!("row {line} stands after a later one") });
            }
            self.rows.push(SheetRow { line, first: self.ends.len(), cells: 0, begin: self.text.len() as u32 });
        }
        if column >= limits.columns {
            return Err(Error::Limit { what: "the number of columns", limit: limits.columns as u64 });
        }
        let Some(row) = self.rows.last_mut() else { return Ok(()) };
        if column < row.cells {
            return Err(Error::Workbook { reason: format!("row {line} holds a cell twice") });
        }
        while row.cells < column {
            self.ends.push(self.text.len() as u32);
            row.cells += 1;
        }
        let before = self.text.len();
        write_cell(&mut self.text, value);
        row.cells += 1;
        self.ends.push(self.text.len() as u32);
        if self.text.len() - before > limits.field_bytes {
            return Err(Error::Limit { what: "a cell in bytes", limit: limits.field_bytes as u64 });
        }
        let held = self.text.len() + self.ends.len() * size_of::<u32>() + self.rows.len() * size_of::<SheetRow>();
        if held as u64 > limits.workbook_decoded_bytes {
            return Err(Error::Limit { what: "the decoded workbook in bytes", limit: limits.workbook_decoded_bytes });
        }
        Ok(())
    }
}

/// A cell as the text a delimited file would hold: dates in ISO form, numbers in full, errors as nothing.
fn write_cell(text: &mut String, value: &DataRef<'_>) {
    match value {
        DataRef::Int(n) => text.push_str(&n.to_string()),
        DataRef::Float(n) => text.push_str(&n.to_string()),
        DataRef::String(s) => text.push_str(s),
        DataRef::SharedString(s) => text.push_str(s),
        DataRef::Bool(b) => text.push_str(if *b { "true" } else { "false" }),
        DataRef::DateTime(at) => write_time(text, *at),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => text.push_str(s),
        DataRef::Error(_) | DataRef::Empty => {}
    }
}

fn write_time(text: &mut String, at: ExcelDateTime) {
    if at.is_duration() {
        text.push_str(&at.as_f64().to_string());
        return;
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    text.push_str(&date);
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        let time = format!("T{hour:02}:{minute:02}:{second:02}.{milli:03}");
        text.push_str(time.trim_end_matches(".000"));
    }
}

fn damaged(error: &calamine::XlsxError) -> Error {
    Error::Workbook { reason: error.to_string() }
}
