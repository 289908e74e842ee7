//! Tables as text: read from the user's files, written in parts.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use csv::StringRecord;
use flate2::read::GzDecoder;

/// A header and its rows.
pub(crate) struct Table {
    pub(crate) header: StringRecord,
    pub(crate) rows: Vec<StringRecord>,
}

impl Table {
    /// Reads CSV with commas or semicolons, unpacked where the name ends in `.gz`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let opened = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let mut text = String::new();
        let mut source: Box<dyn Read> = Box::new(BufReader::new(opened));
        if path.extension().is_some_and(|extension| extension == "gz") {
            source = Box::new(GzDecoder::new(source));
        }
        source.read_to_string(&mut text).with_context(|| format!("{} cannot be read", path.display()))?;
        let first = text.lines().next().unwrap_or_default();
        let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let rows = reader.records().collect::<Result<_, _>>().with_context(|| format!("{}", path.display()))?;
        Ok(Self { header, rows })
    }

    /// The same with one series a row, when it is a column of periods and one of values.
    pub(crate) fn wide(self) -> Self {
        let [_, series] = self.header.iter().collect::<Vec<_>>()[..] else { return self };
        let column = |at: usize| self.rows.iter().map(move |row| row[at].to_owned());
        let header = ["series".to_owned()].into_iter().chain(column(0)).collect();
        let row = [series.to_owned()].into_iter().chain(column(1)).collect();
        Self { header, rows: vec![row] }
    }

    /// Where the named column stands.
    pub(crate) fn column(&self, name: &str) -> Result<usize> {
        self.header.iter().position(|column| column == name).with_context(|| format!("there is no column {name}"))
    }

    /// Writes some of the rows, without one column.
    pub(crate) fn write(&self, rows: &[usize], without: Option<usize>, path: &Path) -> Result<()> {
        let mut writer =
            csv::Writer::from_path(path).with_context(|| format!("{} cannot be written", path.display()))?;
        for row in [&self.header].into_iter().chain(rows.iter().map(|row| &self.rows[*row])) {
            let fields = row.iter().enumerate().filter(|(column, _)| Some(*column) != without);
            writer.write_record(fields.map(|(_, field)| field))?;
        }
        Ok(writer.flush()?)
    }

    /// Reads numbers by column; `None` where a field is empty.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let column = self.column(name)?;
        let number = |row: &StringRecord| match &row[column] {
            "" => Ok(None),
            text => Ok(Some(text.parse::<f64>().with_context(|| format!("column {name}: {text}"))?)),
        };
        self.rows.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_periods_and_one_of_values_become_one_row() {
        let rows = [["2020-01-01", "3.5"], ["2020-02-01", ""]].map(|row| StringRecord::from(row.to_vec()));
        let wide = Table { header: StringRecord::from(vec!["DATE", "RATE"]), rows: rows.to_vec() }.wide();
        assert_eq!(wide.header, vec!["series", "2020-01-01", "2020-02-01"]);
        assert_eq!(wide.rows, vec![vec!["RATE", "3.5", ""]]);
    }
}
