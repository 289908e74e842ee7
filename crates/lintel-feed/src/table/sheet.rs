//! A whole table in memory, column by column, as text: what learning from a file with free columns starts from.

use super::{Header, Next, RejectedRow, Row, Table};
use crate::{Error, Result};

/// Some columns of a table, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    columns: Vec<Texts>,
    lines: Vec<u64>,
    rejected: Vec<RejectedRow>,
    rows: u64,
}

/// The texts of one column, in one piece of memory.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Sheet {
    /// Reads the columns at these positions from all rows that have as many fields as the header.
    ///
    /// # Errors
    /// When the table cannot be read on, or needs more than `bytes` of memory.
    pub fn read(table: &mut Table, positions: &[usize], bytes: u64) -> Result<Self> {
        Self::read_with(table, positions, bytes, |_| ())
    }

    /// The same, and shows every row that can be read to `see`.
    ///
    /// # Errors
    /// As of [`Self::read`].
    pub fn read_with(
        table: &mut Table,
        positions: &[usize],
        bytes: u64,
        mut see: impl FnMut(&Row<'_>),
    ) -> Result<Self> {
        let mut sheet = Self { columns: vec![Texts::default(); positions.len()], ..Self::default() };
        let over = Error::Limit { what: "the memory for a table that is read whole, in bytes,", limit: bytes };
        let mut used = 0;
        while let Some(next) = table.next_row()? {
            sheet.rows += 1;
            match next {
                Next::Row(row) => {
                    see(&row);
                    sheet.lines.push(row.line());
                    used += 8;
                    for (column, position) in sheet.columns.iter_mut().zip(positions) {
                        let text = row.get(*position);
                        used += text.len() as u64 + 4;
                        if !column.push(text) {
                            return Err(over);
                        }
                    }
                }
                Next::Rejected(row) => {
                    used += 200;
                    sheet.rejected.push(row);
                }
            }
            if used > bytes {
                return Err(over);
            }
        }
        Ok(sheet)
    }

    /// The columns, in the order they were asked for.
    pub fn columns(&self) -> &[Texts] {
        &self.columns
    }

    /// The physical line of each row, from 1.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// Rows that could not be read.
    pub fn rejected(&self) -> &[RejectedRow] {
        &self.rejected
    }

    /// Data rows in the file, rejected ones included.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Texts {
    /// Adds the text of the next row; refused, with `false`, when all texts together pass 4 GiB.
    pub fn push(&mut self, text: &str) -> bool {
        let Ok(end) = u32::try_from(self.text.len() + text.len()) else { return false };
        self.text.push_str(text);
        self.ends.push(end);
        true
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// The text of a row; empty beyond the last.
    pub fn get(&self, row: usize) -> &str {
        let Some(end) = self.ends.get(row) else { return "" };
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start as usize..*end as usize]
    }

    /// All texts, in the order of the rows.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|row| self.get(row))
    }
}

/// Splits a list of names as a row of a CSV file: `Tags,"Lead, quality"`. Names are trimmed; blank ones are left out.
pub fn split_names(list: &str) -> std::result::Result<Vec<String>, &'static str> {
    let mut names = Vec::new();
    let mut rest = list.trim_start();
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        if !name.is_empty() {
            names.push(name);
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(more) => more.trim_start(),
            None if after.is_empty() => after,
            None => return Err("a comma must follow a quoted name"),
        };
    }
    Ok(names)
}

/// The text up to the closing quote, and what follows it.
fn unquoted(text: &str) -> std::result::Result<(String, &str), &'static str> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or("a quote is not closed")?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Ok((name.trim().to_owned(), rest)),
        }
    }
}

/// The positions of the columns with these names.
///
/// # Errors
/// [`Error::NoColumn`] when there is none of a name, [`Error::RepeatedColumn`] when there are several.
pub fn positions<'a>(header: &Header, names: impl IntoIterator<Item = &'a str>) -> Result<Vec<usize>> {
    let position = |name: &str| {
        if header.is_repeated(name) {
            return Err(Error::RepeatedColumn { column: name.to_owned() });
        }
        header.position(name).ok_or_else(|| Error::NoColumn { column: name.to_owned() })
    };
    names.into_iter().map(position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Source, TableOptions};

    fn sheet(text: &'static str, positions: &[usize], bytes: u64) -> Result<Sheet> {
        let source = Source::from_reader("test", text.as_bytes(), None);
        Sheet::read(&mut Table::open(source, &TableOptions::default())?, positions, bytes)
    }

    #[test]
    fn columns_are_read_whole_and_broken_rows_set_aside() {
        let sheet = sheet("a,b,c\n1,x,\"2\n3\"\n4,5\n6,,7\n", &[2, 0], 10_000).unwrap();
        let columns: Vec<Vec<&str>> = sheet.columns().iter().map(|column| column.iter().collect()).collect();
        assert_eq!(columns, [["2\n3", "7"], ["1", "6"]]);
        assert_eq!((sheet.lines(), sheet.rows(), sheet.rejected()[0].line), ([2, 5].as_slice(), 3, 4));
        assert_eq!(sheet.columns()[0].get(9), "");
    }

    #[test]
    fn memory_is_bounded() {
        assert!(matches!(sheet("a,b\n1,2\n3,4\n", &[0, 1], 20), Err(Error::Limit { .. })));
    }

    #[test]
    fn names_are_split_as_in_csv() {
        assert_eq!(
            split_names("Tags, \"Lead, quality\" ,\"say \"\"x\"\"\",").unwrap(),
            ["Tags", "Lead, quality", "say \"x\""]
        );
        assert_eq!(split_names("").unwrap(), [""; 0]);
        assert!(split_names("\"open").is_err() && split_names("\"a\"b").is_err());
    }
}
