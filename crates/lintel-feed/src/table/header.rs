//! The column names of a table, made unique.

use std::collections::{HashMap, HashSet};

use super::scan::BYTE_ORDER_MARK;

/// Column names in file order. Empty and repeated names get a name of their own, and a note says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    names: Vec<String>,
    given: Vec<String>,
    index: HashMap<String, usize>,
    repeated: Vec<String>,
    notes: Vec<(String, String)>,
}

impl Header {
    /// Names columns from the cells of the header row: trimmed; empty ones become `column_7`, repeated ones `price_2`.
    pub fn new<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let cells: Vec<&str> = cells.map(str::trim).collect();
        let mut header = Self { given: cells.iter().map(|cell| (*cell).to_owned()).collect(), ..Self::default() };
        let given: HashSet<&str> = cells.iter().copied().collect();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (i, cell) in cells.iter().enumerate() {
            let wanted = if cell.is_empty() { format!("column_{}", i + 1) } else { (*cell).to_owned() };
            let mut name = wanted.clone();
            let count = counts.entry(wanted.clone()).or_insert(1);
            let repeats = header.index.contains_key(&name);
            while header.index.contains_key(&name) || (repeats && given.contains(name.as_str())) {
                *count += 1;
                name = format!("{wanted}_{count}");
            }
            if repeats {
                header.notes.push((
                    name.clone(),
                    format!("column {} repeats the name \"{wanted}\" and is called \"{name}\"", i + 1),
                ));
                header.repeated.push(wanted);
            } else if cell.is_empty() {
                header.notes.push((name.clone(), format!("column {} has no name and is called \"{name}\"", i + 1)));
            }
            header.index.insert(name.clone(), i);
            header.names.push(name);
        }
        header
    }

    /// The names, in file order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The names as they stand in the file, trimmed: they may be empty or repeated.
    pub fn given(&self) -> &[String] {
        &self.given
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no column at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The position of a column by its exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Whether the file has more than one column of this name.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|n| n == name)
    }

    /// Columns whose names were changed, and how, for people.
    pub fn notes(&self) -> &[(String, String)] {
        &self.notes
    }
}

/// Whether a cell looks like a value rather than like the name of a column: empty, a number or a date.
pub(super) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    let date_like = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | ':' | 'T' | 'Z' | '.' | ' ' | '+' | ',');
    cell.is_empty()
        || cell.parse::<f64>().is_ok_and(f64::is_finite)
        || (cell.starts_with(|c: char| c.is_ascii_digit()) && cell.chars().all(date_like))
}

/// The bytes without a byte order mark.
pub(super) fn without_mark(data: &[u8]) -> &[u8] {
    data.strip_prefix(BYTE_ORDER_MARK).unwrap_or(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_repeated_names_become_unique() {
        let header = Header::new(["price", "", "price", " price_2 ", "price", ""].into_iter());
        assert_eq!(header.names(), ["price", "column_2", "price_3", "price_2", "price_4", "column_6"]);
        assert!(header.is_repeated("price") && !header.is_repeated("price_2"));
        assert_eq!(header.notes().len(), 4);
    }

    #[test]
    fn values_are_told_from_names() {
        assert!(["", "12", "-1.5e3", "2022-10-31", "10/31/2022", "12:30"].iter().all(|c| is_value(c)));
        assert!(!["price", "2nd owner", "a1", "DATE"].iter().any(|c| is_value(c)));
    }
}
