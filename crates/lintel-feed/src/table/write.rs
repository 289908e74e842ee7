//! Writes rows as comma-separated text (RFC 4180), quoted only where needed.

use std::io::{self, Write};

/// Writes one row with its line end; a field with a comma, a quote or a line break is quoted.
pub fn write_row<'a>(out: &mut impl Write, fields: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        if field.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Next, Source, Table, TableOptions};

    #[test]
    fn what_is_written_is_read_back() {
        let rows = [["a", "b, c", "d"], ["1", "say \"x\"", "two\nlines"], ["", " y ", ";"]];
        let mut text = Vec::new();
        for row in rows {
            write_row(&mut text, row).unwrap();
        }
        let source = Source::from_reader("test", io::Cursor::new(text), None);
        let mut table = Table::open(source, &TableOptions::default()).unwrap();
        for expected in &rows[1..] {
            let Ok(Some(Next::Row(row))) = table.next_row() else { panic!("a row") };
            assert_eq!(row.iter().collect::<Vec<_>>(), expected);
        }
    }
}
