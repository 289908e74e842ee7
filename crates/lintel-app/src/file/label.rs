//! The label: its two classes or its numbers, and the rows that have one.

use std::collections::BTreeMap;

use lintel_domain::import::Rejected;
use lintel_feed::table::Sheet;
use lintel_feed::value::{Reading, number};

use super::FileTask;
use crate::{Error, Result};

/// The label of the rows that have one.
#[derive(Debug)]
pub(super) struct Labels {
    /// Rows of the sheet with a label that can be read, ascending.
    pub(super) rows: Vec<usize>,
    pub(super) values: LabelValues,
    /// Rows whose label cannot be read.
    pub(super) rejected: Vec<Rejected>,
}

#[derive(Debug)]
pub(super) enum LabelValues {
    /// Whether each row is positive, and the positive value as it is written first.
    Classes(Vec<bool>, String),
    Numbers(Vec<f64>),
}

/// Numbers of this size are a fault of the file; their squares would leave the range of numbers.
const LARGEST: f64 = 1e100;

/// Reads the label in the first column of the sheet. Rows with an empty label are left out.
pub(super) fn labels(sheet: &Sheet, name: &str, task: FileTask, positive: Option<&str>) -> Result<Labels> {
    let texts = &sheet.columns()[0];
    let filled = || texts.iter().filter(|text| !text.trim().is_empty());
    if filled().next().is_none() {
        return Err(Error::File(format!("no row has a value in the label column \"{name}\"")));
    }
    let reading = Reading::infer(filled, None).reading;
    let reader = match (&reading, task) {
        (Reading::Number { .. }, _) => reading.reader(),
        // A text or date in most rows: whatever is no number is told row by row.
        (_, FileTask::Regress | FileTask::Price) => Reading::Number { decimal_comma: false }.reader(),
        (_, FileTask::Classify) => Reading::Word.reader(),
    };
    let numeric = task != FileTask::Classify || matches!(reading, Reading::Number { .. });
    let mut labels = Labels { rows: Vec::new(), values: LabelValues::Numbers(Vec::new()), rejected: Vec::new() };
    let mut numbers = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        if numeric {
            let usable = |value: &f64| match task {
                FileTask::Classify => true,
                FileTask::Regress => value.abs() < LARGEST,
                FileTask::Price => (0.0..LARGEST).contains(value) && *value > 0.0,
            };
            let Some(value) = reader.number(text).filter(usable) else {
                let what = if task == FileTask::Price { "a price above 0" } else { "a finite number" };
                let reason = match reader.number(text) {
                    Some(value) if value.abs() >= LARGEST => "the label is too large to be learned from".to_owned(),
                    _ => format!("the label is not {what}"),
                };
                labels.rejected.push(Rejected { line: sheet.lines()[row], column: Some(name.to_owned()), reason });
                continue;
            };
            numbers.push(value);
        }
        labels.rows.push(row);
    }
    if labels.rows.is_empty() {
        return Err(Error::File(format!("no row has a number in the label column \"{name}\"")));
    }
    labels.values = match task {
        FileTask::Regress | FileTask::Price => LabelValues::Numbers(numbers),
        FileTask::Classify => {
            let written: Vec<&str> = labels.rows.iter().map(|row| texts.get(*row).trim()).collect();
            classes(&written, name, positive)?
        }
    };
    Ok(labels)
}

/// What makes two labels the same: `1` and `1.0`, `Yes` and `yes`.
fn same(text: &str) -> String {
    number(text).map_or_else(|_| text.to_lowercase(), |value| value.to_string())
}

/// The most classes that are counted before giving up.
const COUNTED: usize = 1_000;

fn classes(written: &[&str], name: &str, positive: Option<&str>) -> Result<LabelValues> {
    let mut classes: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    let keys: Vec<String> = written.iter().map(|text| same(text)).collect();
    for (key, text) in keys.iter().zip(written) {
        classes.entry(key.clone()).or_insert((0, text)).0 += 1;
        if classes.len() > COUNTED {
            break;
        }
    }
    let told = |(_, (rows, text)): (&String, &(usize, &str))| format!("\"{text}\" ({rows} rows)");
    if classes.len() > 2 {
        let some: Vec<String> = classes.iter().take(4).map(told).collect();
        let count = if classes.len() > COUNTED { format!("more than {COUNTED}") } else { classes.len().to_string() };
        return Err(Error::File(format!(
            "the label \"{name}\" has {count} values, a classifier tells two apart: {}{}",
            some.join(", "),
            if classes.len() > 4 { ", …" } else { "" }
        )));
    }
    if classes.len() < 2 {
        let only: Vec<String> = classes.iter().map(told).collect();
        return Err(Error::File(format!("the label \"{name}\" does not vary: it is always {}", only.join(""))));
    }
    let says_yes = |key: &str| matches!(key, "1" | "true" | "yes" | "y");
    let mut sure = classes.keys().filter(|key| says_yes(key));
    let key = match (positive, sure.next(), sure.next()) {
        (Some(positive), ..) => {
            let exact = classes.keys().find(|key| **key == same(positive.trim()));
            exact.cloned().ok_or_else(|| {
                Error::File(format!("no row has the positive value \"{positive}\" in the label column \"{name}\""))
            })?
        }
        (None, Some(only), None) => only.clone(),
        _ => {
            let both: Vec<String> = classes.iter().map(told).collect();
            return Err(Error::File(format!(
                "the label \"{name}\" has the values {}: say which one is positive with --positive",
                both.join(" and ")
            )));
        }
    };
    let shown = classes[&key].1.to_owned();
    Ok(LabelValues::Classes(keys.into_iter().map(|own| own == key).collect(), shown))
}

#[cfg(test)]
mod tests {
    use lintel_feed::table::{Source, Table, TableOptions};

    use super::*;

    fn read(labels_of: &[&str], task: FileTask, positive: Option<&str>) -> Result<Labels> {
        let text = format!("y,x\n{}", labels_of.iter().fold(String::new(), |text, label| text + label + ",1\n"));
        let source = Source::from_reader("test", std::io::Cursor::new(text), None);
        let mut table = Table::open(source, &TableOptions::default()).unwrap();
        labels(&Sheet::read(&mut table, &[0], 1 << 20).unwrap(), "y", task, positive)
    }

    fn hits(labels_of: &[&str], positive: Option<&str>) -> std::result::Result<(Vec<bool>, String), String> {
        match read(labels_of, FileTask::Classify, positive).map(|labels| labels.values) {
            Ok(LabelValues::Classes(hits, shown)) => Ok((hits, shown)),
            Ok(LabelValues::Numbers(_)) => Err("numbers".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_positive_class_says_so_or_is_named() {
        for yes in ["1", "1.0", "TRUE", "Yes", "y"] {
            assert_eq!(hits(&["0", yes], None).unwrap(), (vec![false, true], yes.to_owned()));
        }
        assert_eq!(hits(&["won", "lost", "Won"], Some("won")).unwrap(), (vec![true, false, true], "won".into()));
        assert_eq!(hits(&["0", "1"], Some("0")).unwrap().0, [true, false]);
        assert!(hits(&["won", "lost"], None).unwrap_err().contains("--positive"));
        assert!(hits(&["yes", "1"], None).unwrap_err().contains("--positive"));
        assert!(hits(&["won", "lost"], Some("maybe")).unwrap_err().contains("maybe"));
    }

    #[test]
    fn labels_that_make_no_classifier_are_refused() {
        assert!(hits(&["a", "b", "c"], None).unwrap_err().contains("3 values"));
        assert!(hits(&["1", "1"], None).unwrap_err().contains("does not vary"));
        assert!(hits(&["", " "], None).unwrap_err().contains("no row"));
    }

    #[test]
    fn empty_labels_are_left_out_and_unreadable_ones_rejected() {
        let mut texts = vec!["1.5", "", "oops", "1e300", "$2000"];
        texts.extend(["3"; 60]);
        let labels = read(&texts, FileTask::Regress, None).unwrap();
        assert_eq!((labels.rows.len(), labels.rows[1]), (62, 4));
        let said: Vec<(u64, &str)> = labels.rejected.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert_eq!(said[0], (4, "the label is not a finite number"));
        assert_eq!(said[1], (5, "the label is too large to be learned from"));
        let LabelValues::Numbers(values) = labels.values else { panic!("numbers") };
        assert_eq!(values[..2], [1.5, 2000.0]);
        assert!(read(&["a", "b"], FileTask::Regress, None).is_err());
    }
}
