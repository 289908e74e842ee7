//! The columns of a file, and which of them may be learned from.

use crate::error::Result;
use crate::fields::{Seen, Subject, Warning, WarningCode};
use crate::learn::leak::number_leaks;
use crate::learn::table::{Column, ColumnValues, Table};

/// A column with a value for every row.
#[derive(Debug, Clone, PartialEq)]
pub struct FileColumn<'a> {
    /// Its name, unique in its file.
    pub name: &'a str,
    /// Its values.
    pub values: Values<'a>,
}

/// The values of a column, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values<'a> {
    /// Numbers; NaN and infinities are missing.
    Numbers(Vec<f64>),
    /// Days since 1970-01-01; NaN is missing.
    Dates(Vec<f64>),
    /// Words; `None` is missing.
    Words(Vec<Option<&'a str>>),
}

impl Values<'_> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) | Self::Dates(values) => values.len(),
            Self::Words(words) => words.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which columns are used, and what was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Positions of the columns to use, ascending.
    pub used: Vec<usize>,
    /// Protected traits among them, which were allowed by name.
    pub protected: Vec<String>,
    /// What to say about columns, in their order.
    pub warnings: Vec<Warning>,
}

/// Chooses the columns that may be features. A protected trait is one only when its name is in `allow`.
pub fn choose(columns: &[FileColumn<'_>], allow: &[String]) -> Choice {
    let mut choice = Choice::default();
    for (position, column) in columns.iter().enumerate() {
        let mut seen = Seen::default();
        let numeric = match &column.values {
            Values::Numbers(values) | Values::Dates(values) => {
                for value in values {
                    seen.add_number(*value);
                }
                true
            }
            Values::Words(words) => {
                for word in words.iter().flatten() {
                    seen.add_text(word);
                }
                false
            }
        };
        let rows = column.values.len();
        let allowed = allow.iter().any(|name| name == column.name);
        let verdict = match seen.protected(column.name) {
            Some(why) if allowed => {
                let verdict = seen.judge_open(column.name, Subject::Table, rows, numeric);
                if verdict.used {
                    let detail = format!("{why} and is used as allowed: the model must not decide about housing");
                    let code = WarningCode::NotForHousing;
                    choice.warnings.push(Warning { code, column: column.name.to_owned(), detail });
                    choice.protected.push(column.name.to_owned());
                }
                verdict
            }
            _ => seen.judge(column.name, Subject::Table, rows, numeric),
        };
        if verdict.used {
            choice.used.push(position);
        }
        choice.warnings.extend(verdict.warning(column.name));
    }
    choice
}

/// The columns of numbers that follow the target rank by rank.
pub fn leaks(columns: &[FileColumn<'_>], targets: &[f64]) -> Result<Vec<Warning>> {
    let columns: Vec<(Column, ColumnValues<'_>)> = columns
        .iter()
        .filter_map(|column| match &column.values {
            Values::Numbers(values) | Values::Dates(values) => {
                Some((Column::number(column.name), ColumnValues::Numbers(values)))
            }
            Values::Words(_) => None,
        })
        .collect();
    let table = Table::from_columns(columns)?;
    let leaks = number_leaks(&table, targets).into_iter().map(|at| leak(&table.schema().columns()[at].name));
    Ok(leaks.collect())
}

/// The warning about a column that determines the label.
pub(crate) fn leak(column: &str) -> Warning {
    Warning {
        code: WarningCode::LabelLeak,
        column: column.to_owned(),
        detail: "alone determines the label: drop it unless it is known before the label is".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<'a>(name: &'a str, words: &[&'a str]) -> FileColumn<'a> {
        let values = words.iter().map(|word| (!word.is_empty()).then_some(*word)).collect();
        FileColumn { name, values: Values::Words(values) }
    }

    fn numbers(name: &str, values: impl IntoIterator<Item = f64>) -> FileColumn<'_> {
        FileColumn { name, values: Values::Numbers(values.into_iter().collect()) }
    }

    fn codes(column: FileColumn<'_>, allow: &[String]) -> (bool, Vec<&'static str>) {
        let choice = choose(&[column], allow);
        (!choice.used.is_empty(), choice.warnings.iter().map(|warning| warning.code.as_str()).collect())
    }

    #[test]
    fn protected_columns_are_used_only_when_allowed() {
        let by_name = || numbers("Age", [20.0, 30.0]);
        assert_eq!(codes(by_name(), &[]), (false, vec!["protected_column"]));
        assert_eq!(codes(by_name(), &["Age".into()]), (true, vec!["not_for_housing"]));
        assert_eq!(codes(words("x1", &["male", "female", ""]), &[]), (false, vec!["protected_column"]));
        assert_eq!(codes(words("x1", &["male", "female"]), &["x1".into()]), (true, vec!["not_for_housing"]));
    }

    #[test]
    fn what_tells_rows_apart_is_left_out_or_named() {
        let unique: Vec<String> = (0..100).map(|n| format!("k{n}")).collect();
        let unique: Vec<&str> = unique.iter().map(String::as_str).collect();
        assert_eq!(codes(words("Prospect ID", &unique), &[]), (false, vec!["identifier"]));
        assert_eq!(codes(words("notes", &unique), &[]), (false, vec!["too_many_values"]));
        assert_eq!(codes(numbers("Lead Number", (0..100).map(f64::from)), &[]), (true, vec!["identifier"]));
        assert_eq!(codes(words("email", &["a@b.de", "c@d.org"]), &[]), (false, vec!["personal_data"]));
    }

    #[test]
    fn columns_that_say_nothing_are_named() {
        assert_eq!(codes(numbers("a", [f64::NAN, f64::INFINITY]), &[]), (false, vec!["empty_column"]));
        assert_eq!(codes(words("a", &["x", "x"]), &[]), (false, vec!["constant_column"]));
        assert_eq!(codes(words("a", &["x", ""]), &[]), (true, vec![]));
        assert_eq!(codes(words("City", &["x", "y"]), &[]), (true, vec!["proxy_column"]));
    }
}
