//! Rows on their way to a prediction: read as the model's columns, or as homes.

use lintel_domain::clock::Day;
use lintel_domain::import::ImportKind;
use lintel_feed::mapping::Plan;
use lintel_feed::record::home_as_told;
use lintel_feed::table::{Header, Row, Texts};
use lintel_feed::value::{Reader, Reading};
use lintel_predict::price::{Home, Prediction, PriceBook};
use lintel_predict::tabular::{Explained, FileColumn, Forecast, Tabular};

use super::learn::threads;
use super::model::{Body, HomeReading, book};
use super::price::{attribute, day};
use super::table::{column, in_file};
use crate::{Error, Result};

/// Rows that are predicted together.
const BATCH: usize = 8_192;
/// Bytes of text after which fewer rows are.
const BATCH_BYTES: usize = 64 << 20;

/// Rows that were read, of the kind that the model wants.
pub(super) enum Rows {
    Table(Box<TableRows>),
    Homes(Box<HomeRows>),
}

/// The numbers of a prediction in the order of the columns, and where they come from.
pub(super) struct Answer {
    pub(super) numbers: Vec<f64>,
    pub(super) explained: Option<Explained>,
}

impl Rows {
    /// No rows yet, of a file with this header; notes tell what the model does without.
    pub(super) fn new(body: Body, header: &Header, notes: &mut Vec<String>) -> Result<Self> {
        Ok(match body {
            Body::Table(tabular, readings) => Self::Table(Box::new(TableRows::new(*tabular, readings, header)?)),
            Body::Price(reading, bytes) => Self::Homes(Box::new(HomeRows::new(reading, book(&bytes)?, header, notes)?)),
        })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &Row<'_>) {
        match self {
            Self::Table(rows) => rows.push(row),
            Self::Homes(rows) => rows.push(row),
        }
    }

    /// Whether so much is held that it should be predicted now.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Table(rows) => rows.count >= BATCH || rows.bytes >= BATCH_BYTES,
            Self::Homes(rows) => rows.homes.len() >= BATCH,
        }
    }

    /// Predicts all rows and forgets them.
    pub(super) fn answers(&mut self, explain: bool) -> Result<Vec<Answer>> {
        match self {
            Self::Table(rows) => rows.answers(explain),
            Self::Homes(rows) => rows.answers(explain),
        }
    }
}

/// Rows of any table, as the texts of the model's columns.
pub(super) struct TableRows {
    tabular: Tabular,
    readings: Vec<(Reading, Reader)>,
    positions: Vec<usize>,
    texts: Vec<Texts>,
    count: usize,
    bytes: usize,
}

impl TableRows {
    fn new(tabular: Tabular, readings: Vec<Reading>, header: &Header) -> Result<Self> {
        let positions = needed(header, tabular.columns().iter().map(String::as_str))?;
        let texts = vec![Texts::default(); positions.len()];
        let readings = readings.into_iter().map(|reading| (reading.clone(), reading.reader())).collect();
        Ok(Self { tabular, readings, positions, texts, count: 0, bytes: 0 })
    }

    fn push(&mut self, row: &Row<'_>) {
        for (texts, position) in self.texts.iter_mut().zip(&self.positions) {
            let text = row.get(*position);
            texts.push(text);
            self.bytes += text.len();
        }
        self.count += 1;
    }

    fn answers(&mut self, explain: bool) -> Result<Vec<Answer>> {
        let columns: Vec<FileColumn<'_>> = self
            .tabular
            .columns()
            .iter()
            .zip(&self.readings)
            .zip(&self.texts)
            .map(|((name, (reading, reader)), texts)| column(name, texts, reading, reader, 0..self.count))
            .collect();
        let forecasts = self.tabular.predict(&columns).map_err(Error::internal)?;
        let rows: Vec<(usize, Forecast)> = forecasts.into_iter().enumerate().collect();
        let answers = in_parallel(&rows, |(row, forecast)| {
            let explained =
                explain.then(|| self.tabular.explain(&columns, *row)).transpose().map_err(Error::internal)?;
            Ok(Answer { numbers: numbers(forecast), explained })
        });
        drop(columns);
        self.texts.iter_mut().for_each(Texts::clear);
        (self.count, self.bytes) = (0, 0);
        answers
    }
}

fn numbers(forecast: &Forecast) -> Vec<f64> {
    match forecast {
        Forecast::Probability(probability) => vec![*probability],
        Forecast::Number(number) => {
            let i = &number.interval;
            vec![number.value, i.lower80, i.upper80, i.lower95, i.upper95]
        }
    }
}

/// Rows of homes.
pub(super) struct HomeRows {
    book: PriceBook,
    plan: Plan,
    day: Option<(usize, Reader)>,
    attributes: Vec<(String, usize, Reader)>,
    homes: Vec<(Home, Option<Day>)>,
}

impl HomeRows {
    fn new(reading: HomeReading, book: PriceBook, header: &Header, notes: &mut Vec<String>) -> Result<Self> {
        let HomeReading { mut mapping, day, attributes } = reading;
        let mut without = |field: &str, column: &str| {
            let has = header.position(column).is_some();
            if !has {
                notes.push(format!("the file has no column \"{column}\" ({field}): predicted without"));
            }
            has
        };
        mapping.columns.retain(|field, column| without(field, column));
        let day = day.filter(|read| without("close_date", &read.column));
        let areas: Vec<String> = mapping.units.keys().cloned().collect();
        for field in areas.iter().filter(|f| !mapping.columns.contains_key(*f) && !mapping.constants.contains_key(*f)) {
            mapping.units.remove(field);
        }
        let plan = Plan::exactly(ImportKind::Listings, header, &mapping).map_err(in_file)?;
        let day = match day {
            Some(read) => Some((needed(header, [read.column.as_str()])?[0], read.reading.reader())),
            None => None,
        };
        let positions = needed(header, attributes.iter().map(|(_, read)| read.column.as_str()))?;
        let attributes =
            attributes.into_iter().zip(positions).map(|((name, read), at)| (name, at, read.reading.reader())).collect();
        Ok(Self { book, plan, day, attributes, homes: Vec::new() })
    }

    fn push(&mut self, row: &Row<'_>) {
        let mut home = Home::from(&home_as_told(&self.plan, row));
        for (name, at, reader) in &self.attributes {
            home.attributes.extend(attribute(reader, row.get(*at)).map(|value| (name.clone(), value)));
        }
        let sold = self.day.as_ref().and_then(|(at, reader)| day(reader, row.get(*at)));
        self.homes.push((home, sold));
    }

    fn answers(&mut self, explain: bool) -> Result<Vec<Answer>> {
        let answers = in_parallel(&self.homes, |(home, day)| {
            let found = self.book.predict(home, *day).map_err(Error::internal)?;
            let Prediction { value, interval80, interval95, base, contributions } = found;
            let numbers = vec![value, interval80.0, interval80.1, interval95.0, interval95.1];
            let contributions = contributions.into_iter().filter(|(_, part)| *part != 0.0).collect();
            Ok(Answer { numbers, explained: explain.then_some(Explained { scale: "log", base, contributions }) })
        });
        self.homes.clear();
        answers
    }
}

/// The positions of columns that the model cannot do without.
fn needed<'a>(header: &Header, names: impl IntoIterator<Item = &'a str>) -> Result<Vec<usize>> {
    let (mut positions, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        if header.is_repeated(name) {
            return Err(in_file(lintel_feed::Error::RepeatedColumn { column: name.to_owned() }));
        }
        match header.position(name) {
            Some(position) => positions.push(position),
            None => missing.push(name),
        }
    }
    if missing.is_empty() {
        return Ok(positions);
    }
    let missing = missing.join("\", \"");
    Err(Error::File(format!("the model needs columns that the file does not have: \"{missing}\"")))
}

/// Answers for rows on all cores, in the order of the rows.
fn in_parallel<T: Sync>(rows: &[T], answer: impl Fn(&T) -> Result<Answer> + Sync) -> Result<Vec<Answer>> {
    let share = rows.len().div_ceil(threads()).max(256);
    std::thread::scope(|scope| {
        let answer = &answer;
        let parts: Vec<_> = rows
            .chunks(share)
            .map(|rows| scope.spawn(move || rows.iter().map(answer).collect::<Result<Vec<_>>>()))
            .collect();
        let mut answers = Vec::with_capacity(rows.len());
        for part in parts {
            answers.extend(part.join().map_err(|_| Error::internal("a prediction panicked"))??);
        }
        Ok(answers)
    })
}
