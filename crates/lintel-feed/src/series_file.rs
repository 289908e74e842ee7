//! Files of series for forecasting, wide or long, without a mapping: the layout says where names, periods and values are.

use std::collections::HashMap;

use lintel_domain::clock::Day;

use crate::table::{Fault, Next, RejectedRow, Row, Source, Table, TableOptions};
use crate::value::{Dates, bare, number, period};
use crate::{Error, Result};

/// How a file of series is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One series a row: columns that describe it, the first of which names it, then one column for each period.
    Wide,
    /// One value a row: series, period and value; or period and value of a single series, named by its value column.
    Long,
}

/// How the periods of a file are written, so that the ones that follow can be written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodStyle {
    /// `2022-10-31`.
    Day,
    /// `2022-10`.
    Month,
}

/// The series of a file, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesFile {
    /// The series.
    pub series: Vec<NamedSeries>,
    /// The periods that all series share, in order of time; `None` for a long file, where each has its own.
    pub periods: Option<Vec<Day>>,
    /// How periods are written.
    pub style: PeriodStyle,
    /// Rows that could not be used.
    pub rejected: Vec<RejectedRow>,
}

/// One series of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedSeries {
    /// Its name, as it is written.
    pub name: String,
    /// Periods and values in order of time, without empty ones.
    pub points: Vec<(Day, f64)>,
    /// Why it cannot be used although its name is known.
    pub fault: Option<String>,
}

/// Words that stand for an empty value.
const EMPTY: [&str; 7] = ["", ".", "-", "NA", "N/A", "NAN", "NULL"];

/// Reads a file of series.
///
/// # Errors
/// When the file cannot be read, or its header does not fit the layout.
pub fn read_series(source: Source, layout: Layout) -> Result<SeriesFile> {
    let table = Table::open(source, &TableOptions::default())?;
    match layout {
        Layout::Wide => wide(table),
        Layout::Long => long(table),
    }
}

fn wide(mut table: Table) -> Result<SeriesFile> {
    let names = table.header().names().to_vec();
    let wrong = |reason: String| Error::Header { line: 1, reason };
    let first = names.iter().position(|name| period(name).is_some());
    let first = first.ok_or_else(|| wrong("no column is named by a date, such as 2022-10-31".to_owned()))?;
    if first == 0 {
        return Err(wrong("no column before the first period names the series".to_owned()));
    }
    let mut columns: Vec<(Day, usize)> = Vec::with_capacity(names.len() - first);
    for (at, name) in names.iter().enumerate().skip(first) {
        let day = period(name);
        columns.push((day.ok_or_else(|| wrong(format!("column {name}, among the periods, is no date")))?, at));
    }
    columns.sort_unstable();
    if let Some(pair) = columns.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(wrong(format!("columns {} and {} are the same period", names[pair[0].1], names[pair[1].1])));
    }
    let style = style(names[first..].iter().map(String::as_str));
    let (mut series, mut rejected) = (Vec::new(), Vec::new());
    while let Some(next) = table.next_row()? {
        match next {
            Next::Rejected(row) => rejected.push(row),
            Next::Row(row) => {
                let (one, faults) = wide_row(&row, &names, &columns);
                if !faults.is_empty() {
                    rejected.push(RejectedRow { number: row.number(), line: row.line(), faults });
                }
                series.push(one);
            }
        }
    }
    let periods = Some(columns.into_iter().map(|(day, _)| day).collect());
    Ok(SeriesFile { series, periods, style, rejected })
}

/// A series and what is wrong with its cells.
fn wide_row(row: &Row<'_>, names: &[String], columns: &[(Day, usize)]) -> (NamedSeries, Vec<Fault>) {
    let (mut points, mut faults) = (Vec::with_capacity(columns.len()), Vec::new());
    for (day, column) in columns {
        match value(row.get(*column)) {
            Ok(Some(value)) => points.push((*day, value)),
            Ok(None) => {}
            Err(reason) => faults.push(Fault { column: Some(names[*column].clone()), reason: reason.to_owned() }),
        }
    }
    let fault = faults.first().map(|fault| {
        let column = fault.column.as_deref().unwrap_or_default();
        format!("line {}, column {column}: {}", row.line(), fault.reason)
    });
    (NamedSeries { name: row.get(0).to_owned(), points, fault }, faults)
}

/// Which columns of a long file are which.
struct Columns {
    /// `None` when the file is one series, which the value's column names.
    series: Option<usize>,
    period: usize,
    value: usize,
}

impl Columns {
    fn of(names: &[String]) -> Result<Self> {
        let find = |words: &[&str]| names.iter().position(|name| words.contains(&bare(name).as_str()));
        let by_name = (find(&["series", "seriesid", "id"]), find(&["period", "date"]), find(&["value"]));
        match (names.len(), by_name) {
            (2, (_, _, Some(0))) => Ok(Self { series: None, period: 1, value: 0 }),
            (2, _) => Ok(Self { series: None, period: 0, value: 1 }),
            (_, (Some(series), Some(period), Some(value))) => Ok(Self { series: Some(series), period, value }),
            (3, _) => Ok(Self { series: Some(0), period: 1, value: 2 }),
            _ => {
                let reason = "a long file has the columns series, period and value, or a date and a value".to_owned();
                Err(Error::Header { line: 1, reason })
            }
        }
    }
}

fn long(mut table: Table) -> Result<SeriesFile> {
    let names = table.header().names().to_vec();
    let columns = Columns::of(&names)?;
    let single = names[columns.value].clone();
    let dates = Dates::default();
    let (mut series, mut rejected): (Vec<NamedSeries>, _) = (Vec::new(), Vec::new());
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut texts = Vec::new();
    while let Some(next) = table.next_row()? {
        let row = match next {
            Next::Rejected(row) => {
                rejected.push(row);
                continue;
            }
            Next::Row(row) => row,
        };
        let name = columns.series.map_or(single.as_str(), |column| row.get(column));
        let at = *by_name.entry(name.to_owned()).or_insert_with(|| {
            series.push(NamedSeries { name: name.to_owned(), points: Vec::new(), fault: None });
            series.len() - 1
        });
        let text = row.get(columns.period);
        let day = dates.day(text).ok().or_else(|| period(text)).ok_or("not a date such as 2022-10-31");
        let read = day.map_err(|reason| (columns.period, reason));
        let read =
            read.and_then(|day| Ok((day, value(row.get(columns.value)).map_err(|reason| (columns.value, reason))?)));
        match read {
            Ok((day, value)) => {
                if texts.len() < STYLE_ROWS {
                    texts.push(text.to_owned());
                }
                series[at].points.extend(value.map(|value| (day, value)));
            }
            Err((column, reason)) => {
                let one = &mut series[at];
                one.fault.get_or_insert_with(|| format!("line {}, column {}: {reason}", row.line(), names[column]));
                let fault = Fault { column: Some(names[column].clone()), reason: reason.to_owned() };
                rejected.push(RejectedRow { number: row.number(), line: row.line(), faults: vec![fault] });
            }
        }
    }
    for one in &mut series {
        one.points.sort_by_key(|(day, _)| *day);
        if let Some(pair) = one.points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            one.fault.get_or_insert_with(|| format!("more than one value for {}", pair[0].0));
        }
    }
    Ok(SeriesFile { series, periods: None, style: style(texts.iter().map(String::as_str)), rejected })
}

/// Periods that are looked at for how they are written.
const STYLE_ROWS: usize = 64;

fn style<'a>(mut periods: impl Iterator<Item = &'a str>) -> PeriodStyle {
    let is_month = |text: &str| text.trim().len() == 7;
    let month = periods.next().is_some_and(is_month) && periods.all(is_month);
    if month { PeriodStyle::Month } else { PeriodStyle::Day }
}

/// A number, `None` where a value is said to be missing.
fn value(text: &str) -> std::result::Result<Option<f64>, &'static str> {
    let text = text.trim();
    if EMPTY.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Ok(None);
    }
    number(text).map(Some)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(text: &str, layout: Layout) -> Result<SeriesFile> {
        read_series(Source::from_reader("test", Cursor::new(text.to_owned()), None), layout)
    }

    fn points(series: &NamedSeries) -> Vec<(String, f64)> {
        series.points.iter().map(|(day, value)| (day.to_string(), *value)).collect()
    }

    fn pairs(of: &[(&str, f64)]) -> Vec<(String, f64)> {
        of.iter().map(|(day, value)| ((*day).to_owned(), *value)).collect()
    }

    #[test]
    fn a_wide_file_gives_a_series_a_row() {
        let file = read("id;size;10/31/2022;09/30/2022\nA;7;2,5;1,5\n\"B;C\";8;;4\n", Layout::Wide).unwrap();
        assert_eq!(file.periods.as_ref().map(Vec::len), Some(2));
        assert_eq!((file.style, file.rejected.len()), (PeriodStyle::Day, 0));
        assert_eq!(file.series[0].name, "A");
        assert_eq!(points(&file.series[0]), pairs(&[("2022-09-30", 1.5), ("2022-10-31", 2.5)]));
        assert_eq!((file.series[1].name.as_str(), file.series[1].points.len()), ("B;C", 1));
    }

    #[test]
    fn a_long_file_gives_series_in_the_order_they_begin() {
        let text = "series\tperiod\tvalue\nB\t2022-10\t2\nA\t2022-10\t3\nB\t2022-09\t1\nA\t2022-09\t.\n";
        let file = read(text, Layout::Long).unwrap();
        assert_eq!((file.periods.is_none(), file.style), (true, PeriodStyle::Month));
        assert_eq!(file.series.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        assert_eq!(points(&file.series[0]), pairs(&[("2022-09-01", 1.0), ("2022-10-01", 2.0)]));
        assert_eq!(points(&file.series[1]), pairs(&[("2022-10-01", 3.0)]));
    }

    #[test]
    fn two_columns_are_one_series_named_by_its_values() {
        let file = read("DATE,CPI\n1947-01-01,21.48\n1947-02-01,21.62\n", Layout::Long).unwrap();
        assert_eq!((file.series.len(), file.series[0].name.as_str(), file.series[0].points.len()), (1, "CPI", 2));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let file = read("id,2022-09-30,2022-10-31\nA,1,many\nB,1\nC,1,2\n", Layout::Wide).unwrap();
        assert_eq!(file.series.len(), 2);
        assert_eq!(file.series[0].fault.as_deref(), Some("line 2, column 2022-10-31: not a number"));
        assert_eq!(file.rejected.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
        let file = read("series,period,value\nA,soon,1\nB,2022-09,1\nB,2022-09,2\n", Layout::Long).unwrap();
        assert!(file.series.iter().all(|series| series.fault.is_some()), "{file:?}");
    }

    #[test]
    fn headers_that_do_not_fit_are_refused() {
        let wide = ["id,name\nA,1\n", "id,2022-09-30,note\nA,1,x\n", "id,2022-09-30,9/30/2022\nA,1,2\n"];
        for text in wide {
            assert!(matches!(read(text, Layout::Wide), Err(Error::Header { .. })), "{text}");
        }
        assert!(matches!(read("a,b,c,d\n1,2,3,4\n", Layout::Long), Err(Error::Header { .. })));
        assert!(matches!(read("", Layout::Wide), Err(Error::Header { .. })));
    }
}
