//! Learning the price of homes from a file: which column is which, every row as a home, and the book of sales.

use std::collections::HashSet;

use lintel_domain::clock::Day;
use lintel_domain::fair::{Concern, classify, classify_values, words_of};
use lintel_domain::fingerprint::Fingerprint;
use lintel_domain::import::ImportKind;
use lintel_domain::scalar::Scalar;
use lintel_feed::mapping::{Confidence, Mapping, Plan};
use lintel_feed::record::home_as_told;
use lintel_feed::table::{Header, Row, Sheet, Table, Texts};
use lintel_feed::value::{Inferred, Reader, Reading};
use lintel_predict::learn::progress::Progress;
use lintel_predict::price::{BookSale, Home, PriceBook, PriceOptions};
use lintel_predict::tabular::{Values, leaks};

use super::label::{LabelValues, Labels};
use super::learn::{Report, TABLE_BYTES, notice, refused, threads};
use super::model::{Body, HomeReading, ReadColumn};
use super::table::{all_positions, column, in_file, position};
use super::{LearnFile, Notice, TimeOf};
use crate::{Error, Result};

/// The fields of a home that its price may follow from; the region becomes an attribute.
const USED: &[&str] = &[
    "property_type",
    "bedrooms",
    "bathrooms",
    "living_area_sqft",
    "lot_size_sqft",
    "year_built",
    "stories",
    "garage_spaces",
    "latitude",
    "longitude",
    "address.city",
    "address.postal_code",
];

/// What each column is, by name.
#[derive(Default)]
struct Columns {
    mapping: Mapping,
    day: Option<String>,
    key: Option<String>,
    /// Name of each attribute and its column.
    attributes: Vec<(String, String)>,
    warnings: Vec<Notice>,
}

impl Columns {
    fn find(header: &Header, request: &LearnFile) -> Result<Self> {
        let given = request.mapping.as_deref().map(Mapping::parse).transpose().map_err(in_file)?;
        let mapped = given.iter().flat_map(|mapping| mapping.columns.values());
        if let Some(column) = mapped.into_iter().find(|column| is_protected(column)) {
            return Err(in_file(lintel_feed::Error::Protected { field: column.clone() }));
        }
        let accept = if given.is_some() { Confidence::Certain } else { Confidence::Likely };
        let plan = Plan::new(ImportKind::Listings, header, given.as_ref(), accept).map_err(in_file)?;
        let given = given.unwrap_or_default();
        let mut left_out: HashSet<usize> = all_positions(header, &request.drop)?.into_iter().collect();
        for name in [Some(&request.label), request.id.as_ref(), request.group.as_ref()].into_iter().flatten() {
            left_out.insert(position(header, name)?);
        }
        let mut columns = Self {
            key: request.id.clone().or(request.group.clone()),
            day: match &request.time {
                Some(TimeOf::Column(name)) => Some(position(header, name).map(|_| name.clone())?),
                Some(TimeOf::Row) | None => None,
            },
            ..Self::default()
        };
        columns.mapping.date_format.clone_from(&given.date_format);
        for (field, name) in plan.columns() {
            let at = header.position(name).unwrap_or(usize::MAX);
            let own = header.given().get(at).map_or("", String::as_str);
            let is_key = field == "listing_key";
            if (left_out.contains(&at) && !is_key) || columns.day.as_deref() == Some(name) {
                continue;
            }
            if own.is_empty() {
                columns.notice("unnamed_column", name, "has no name in the file and is not used");
            } else if header.is_repeated(own) {
                return Err(in_file(lintel_feed::Error::RepeatedColumn { column: own.to_owned() }));
            } else {
                columns.take(&field, name, &given, &plan);
            }
        }
        for (field, constant) in given.constants.iter().filter(|(field, _)| USED.contains(&field.as_str())) {
            columns.mapping.constants.insert(field.clone(), constant.clone());
            columns.unit(field, &given, &plan);
        }
        Ok(columns)
    }

    /// Gives a column its place.
    fn take(&mut self, field: &str, name: &str, given: &Mapping, plan: &Plan) {
        let guessed = !given.columns.contains_key(field) && field != name && !field.starts_with("attributes.");
        match field {
            "close_date" => self.day = self.day.take().or(Some(name.to_owned())),
            "listing_key" => self.key = self.key.take().or(Some(name.to_owned())),
            "address.region" => self.attributes.push((field.to_owned(), name.to_owned())),
            used if USED.contains(&used) => {
                self.mapping.columns.insert(field.to_owned(), name.to_owned());
                self.unit(field, given, plan);
            }
            other => match other.strip_prefix("attributes.") {
                Some(attribute) => self.attributes.push((attribute.to_owned(), name.to_owned())),
                None => {
                    self.notice(
                        "ignored_column",
                        name,
                        &format!("is read as {field}, which the price does not follow from"),
                    );
                    return;
                }
            },
        }
        if guessed {
            self.notice("guessed_column", name, &format!("is read as {field}; a mapping can say otherwise"));
        }
    }

    fn unit(&mut self, field: &str, given: &Mapping, plan: &Plan) {
        let guess = plan.guesses().iter().find(|guess| guess.field == field && !given.columns.contains_key(field));
        let unit = given.units.get(field).copied().or(guess.and_then(|guess| guess.unit));
        self.mapping.units.extend(unit.map(|unit| (field.to_owned(), unit)));
    }

    fn notice(&mut self, code: &'static str, column: &str, detail: &str) {
        self.warnings.push(Notice { code, column: column.to_owned(), detail: detail.to_owned() });
    }

    /// The columns to be kept as text, after the label: key, day, attributes.
    fn texts(&self) -> Vec<&str> {
        let names = self.key.iter().chain(&self.day).chain(self.attributes.iter().map(|(_, column)| column));
        names.map(String::as_str).collect()
    }
}

/// Learns the book of the homes in a table.
pub(super) fn learn(request: &LearnFile, table: &mut Table, progress: &Progress) -> Result<(Body, Report)> {
    let columns = Columns::find(table.header(), request)?;
    let plan = Plan::exactly(ImportKind::Listings, table.header(), &columns.mapping).map_err(in_file)?;
    let names = [request.label.as_str()].into_iter().chain(columns.texts());
    let positions = names.map(|name| position(table.header(), name)).collect::<Result<Vec<_>>>()?;
    let mut homes: Vec<(Home, Fingerprint)> = Vec::new();
    let see = |row: &Row<'_>| {
        let facts = home_as_told(&plan, row);
        homes.push((Home::from(&facts), facts.fingerprint()));
    };
    let sheet = Sheet::read_with(table, &positions, TABLE_BYTES, see).map_err(in_file)?;
    let labels = super::label::labels(&sheet, &request.label, request.task, None)?;
    let LabelValues::Numbers(prices) = &labels.values else {
        return Err(Error::File("a price is a number".to_owned()));
    };
    check_values(&homes, &columns)?;
    let Columns { mapping, day, key, attributes, mut warnings } = columns;

    let mut texts = sheet.columns()[1..].iter();
    let keys = key.as_ref().and_then(|_| texts.next());
    let infer = |texts: &Texts| {
        Reading::infer(|| labels.rows.iter().map(|row| texts.get(*row)), mapping.date_format.as_deref())
    };
    let mut reading = HomeReading { mapping: mapping.clone(), ..HomeReading::default() };
    let told = |name: String, column: String, texts| Told { name, inferred: infer(texts), column, texts };
    let day = day.zip(if texts.len() > attributes.len() { texts.next() } else { None });
    let mut others: Vec<Told<'_>> =
        attributes.into_iter().zip(texts).map(|((name, column), texts)| told(name, column, texts)).collect();
    let day = match day {
        Some((column, texts)) => Some(told("close_date".to_owned(), column, texts).dated(&labels.rows)?),
        None => day_among(&mut others, &mut warnings),
    };
    if let Some(day) = day.as_ref().filter(|day| day.inferred.ambiguous) {
        warnings.push(super::learn::ambiguous(&day.column));
    }
    let days = day.as_ref().map(|day| (day.texts, day.inferred.reading.reader()));
    reading.day = day.map(|day| day.read().1);
    let texts: Vec<&Texts> = others.iter().map(|told| told.texts).collect();
    reading.attributes = others.into_iter().map(Told::read).collect();

    let readers: Vec<Reader> = reading.attributes.iter().map(|(_, read)| read.reading.reader()).collect();
    for ((home, _), row) in homes.iter_mut().zip(0..) {
        for (((name, _), reader), texts) in reading.attributes.iter().zip(&readers).zip(&texts) {
            home.attributes.extend(attribute(reader, texts.get(row)).map(|value| (name.clone(), value)));
        }
    }
    let sales = sales(&homes, &labels, prices, days.as_ref(), keys);
    let mut options = PriceOptions::default();
    (options.boost.seed, options.boost.threads) = (request.seed, threads());
    options.boost.progress = progress.clone();
    let learned = PriceBook::learn(&sales, &options).map_err(refused)?;

    let column_of = |name: &str| {
        let found = reading.attributes.iter().find(|(attribute, _)| attribute == name);
        found.map_or(name.to_owned(), |(_, read)| read.column.clone())
    };
    for warning in &learned.warnings {
        warnings.push(Notice { column: column_of(&warning.column), ..notice(warning) });
    }
    let free: Vec<_> = reading
        .attributes
        .iter()
        .zip(&readers)
        .zip(&texts)
        .map(|(((_, read), reader), texts)| {
            column(&read.column, texts, &read.reading, reader, labels.rows.iter().copied())
        })
        .filter(|column| !matches!(column.values, Values::Words(_)))
        .collect();
    warnings.extend(leaks(&free, prices).map_err(refused)?.iter().map(notice));
    let left_out = learned.validation.faults.iter().flatten().count();
    if left_out > 0 {
        let detail = format!("{left_out} prices are not those of market sales and were not learned from");
        warnings.push(Notice { code: "not_market_sales", column: request.label.clone(), detail });
    }
    let used = learned.book.model().features();
    let kept = |name: &String| used.contains(name);
    let mut features: Vec<String> = reading.mapping.columns.values().cloned().collect();
    features.extend(reading.day.iter().map(|read| read.column.clone()));
    reading.attributes.retain(|(name, _)| kept(name));
    features.extend(reading.attributes.iter().map(|(_, read)| read.column.clone()));
    features.sort_by_key(|name| table.header().position(name));
    let report = Report {
        features,
        warnings,
        rows_used: sales.len() - left_out,
        metrics: serde_json::to_value(learned.book.study()).map_err(Error::internal)?,
        positive: None,
        protected: Vec::new(),
        labels,
        sheet,
    };
    let book = learned.book.to_bytes().map_err(Error::internal)?;
    Ok((Body::Price(reading, book), report))
}

fn is_protected(name: &str) -> bool {
    matches!(classify(name), Some(Concern::Protected(_)))
}

/// What a column is for a home, and how it is read.
struct Told<'a> {
    name: String,
    column: String,
    inferred: Inferred,
    texts: &'a Texts,
}

impl Told<'_> {
    fn read(self) -> (String, ReadColumn) {
        (self.name, ReadColumn { column: self.column, reading: self.inferred.reading })
    }

    fn is_dated(&self) -> bool {
        matches!(self.inferred.reading, Reading::Date { .. } | Reading::Year)
    }

    /// The column, if it holds dates in these rows, or years alone.
    fn dated(mut self, rows: &[usize]) -> Result<Self> {
        if !self.is_dated()
            && let Some(reading) = Reading::years(rows.iter().map(|row| self.texts.get(*row)))
        {
            self.inferred = Inferred { reading, ambiguous: false };
        }
        if self.is_dated() {
            return Ok(self);
        }
        let column = &self.column;
        let why =
            format!("the column \"{column}\" holds no dates that are understood; name their form under [formats]");
        Err(Error::File(why))
    }

    fn is_named(&self, of: fn(&str) -> bool) -> bool {
        words_of(&self.column).iter().any(|word| of(word))
    }
}

/// The day among attributes: the one column of dates that is named after a date or a sale, where nothing says which.
fn day_among<'a>(others: &mut Vec<Told<'a>>, warnings: &mut Vec<Notice>) -> Option<Told<'a>> {
    let sold = |word: &str| word.contains("sale") || word.contains("sold") || word.contains("clos");
    let dated = |word: &str| word.ends_with("date") && !word.ends_with("update");
    let of_sale: Vec<usize> =
        (0..others.len()).filter(|at| others[*at].is_dated() && others[*at].is_named(sold)).collect();
    let of_any: Vec<usize> =
        (0..others.len()).filter(|at| others[*at].is_dated() && others[*at].is_named(dated)).collect();
    let (([at], _) | (_, [at])) = (of_sale.as_slice(), of_any.as_slice()) else { return None };
    let day = others.remove(*at);
    let detail = "is read as close_date; --time or a mapping can say otherwise".to_owned();
    warnings.push(Notice { code: "guessed_column", column: day.column.clone(), detail });
    Some(day)
}

/// Refuses a mapped column of words that speak of a protected trait.
fn check_values(homes: &[(Home, Fingerprint)], columns: &Columns) -> Result<()> {
    for field in ["property_type", "address.city", "address.postal_code"] {
        let value = |home: &'_ Home| match field {
            "property_type" => home.property_type.clone(),
            "address.city" => home.city.clone(),
            _ => home.postal_code.clone(),
        };
        let words: HashSet<String> = homes.iter().filter_map(|(home, _)| value(home)).collect();
        if let Some(column) = columns.mapping.columns.get(field)
            && let Some(found) = classify_values(words.iter().map(String::as_str))
        {
            let why = format!("mapping: the values of \"{column}\" for {field} speak of {found}, a protected trait");
            return Err(Error::File(why));
        }
    }
    Ok(())
}

/// The value of an attribute as the model knows it.
pub(super) fn attribute(reader: &Reader, text: &str) -> Option<Scalar> {
    match reader {
        Reader::Word => reader.word(text).map(|word| Scalar::Text(word.to_owned())),
        _ => reader.number(text).map(Scalar::Number),
    }
}

/// The day that a text says.
pub(super) fn day(reader: &Reader, text: &str) -> Option<Day> {
    reader.number(text).map(|days| Day(days.floor() as i32))
}

/// The sales in an order that depends on what they say only, keyed by their own keys or by their place in it.
fn sales(
    homes: &[(Home, Fingerprint)],
    labels: &Labels,
    prices: &[f64],
    days: Option<&(&Texts, Reader)>,
    keys: Option<&Texts>,
) -> Vec<BookSale> {
    let day_of = |row: usize| days.and_then(|(texts, reader)| day(reader, texts.get(row)));
    let mut order: Vec<(Option<Day>, Fingerprint, usize)> =
        labels.rows.iter().enumerate().map(|(at, row)| (day_of(*row), homes[*row].1, at)).collect();
    order.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(prices[a.2].total_cmp(&prices[b.2])).then(a.2.cmp(&b.2)));
    let sale = |(place, (day, _, at)): (usize, (Option<Day>, Fingerprint, usize))| {
        let row = labels.rows[at];
        let key = keys.map(|keys| keys.get(row).trim()).filter(|key| !key.is_empty());
        BookSale {
            key: key.map_or_else(|| format!("#{place}"), str::to_owned),
            price: prices[at],
            day,
            home: homes[row].0.clone(),
        }
    };
    order.into_iter().enumerate().map(sale).collect()
}
