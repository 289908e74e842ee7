//! Tables with free columns: opened with care, their columns found by name, their texts read as values.

use std::path::Path;

use lintel_feed::table::{Header, Source, Table, TableOptions, Texts, positions};
use lintel_feed::value::{Reader, Reading};
use lintel_predict::tabular::{FileColumn, Values};

use crate::{Error, Result, error};

/// A fault of a file or mapping is the caller's to mend.
pub(super) fn in_file(error: lintel_feed::Error) -> Error {
    Error::File(error::chain(&error))
}

/// Opens a delimited file.
pub(super) fn open(path: &Path) -> Result<Table> {
    let table = Table::open(Source::open(path).map_err(in_file)?, &TableOptions::default()).map_err(in_file)?;
    if table.delimiter().is_none() {
        return Err(Error::File(format!("{} is a workbook; save it as CSV, only import reads XLSX", path.display())));
    }
    Ok(table)
}

/// The position of one column by its name.
pub(super) fn position(header: &Header, name: &str) -> Result<usize> {
    positions(header, [name]).map(|found| found[0]).map_err(in_file)
}

/// The positions of all columns that have one of these names in the file.
pub(super) fn all_positions(header: &Header, names: &[String]) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    for name in names {
        let before = found.len();
        found.extend((0..header.len()).filter(|at| header.given()[*at] == *name || header.names()[*at] == *name));
        if found.len() == before {
            return Err(in_file(lintel_feed::Error::NoColumn { column: name.clone() }));
        }
    }
    Ok(found)
}

/// The values of some rows of a column.
pub(super) fn column<'a>(
    name: &'a str,
    texts: &'a Texts,
    reading: &Reading,
    reader: &Reader,
    rows: impl Iterator<Item = usize>,
) -> FileColumn<'a> {
    let numbers = |rows: &mut dyn Iterator<Item = usize>| -> Vec<f64> {
        rows.map(|row| reader.number(texts.get(row)).unwrap_or(f64::NAN)).collect()
    };
    let mut rows = rows;
    let values = match reading {
        Reading::Number { .. } => Values::Numbers(numbers(&mut rows)),
        Reading::Date { .. } | Reading::Year => Values::Dates(numbers(&mut rows)),
        Reading::Word => Values::Words(rows.map(|row| reader.word(texts.get(row))).collect()),
    };
    FileColumn { name, values }
}
