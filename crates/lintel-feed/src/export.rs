//! Records as rows of a file that is safe in a spreadsheet and comes back through an import without loss.
//!
//! Columns bear the names of our fields, so that an import maps them to themselves. In CSV a text that a spreadsheet would
//! take for a formula gets an apostrophe in front, and so does one that begins with an apostrophe; the column [`MARK`] says
//! so, and only where it is does an import take the apostrophe off again: files of others stay as they are.

use lintel_domain::clock::{Day, Time};
use lintel_domain::import::ImportKind;
use lintel_domain::interaction::InteractionFacts;
use lintel_domain::lead::LeadFacts;
use lintel_domain::listing::ListingFacts;
use lintel_domain::market::MarketSlug;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::mapping::fields_of;
use crate::table::write_row;

/// The column by which a file says that its texts are guarded against being taken for formulas.
pub const MARK: &str = "lintel.export";

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated, with a header (RFC 4180).
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// The values of one record, in the order of [`columns`].
pub type ExportRow = Vec<Value>;

/// The columns of a kind of record.
pub fn columns(kind: ImportKind) -> Vec<&'static str> {
    let whole = |name: &&str| match kind {
        // What a person looks for is written as a whole; what they agreed to is proof and is not copied about.
        ImportKind::Leads => !name.starts_with("preferences.") && !name.starts_with("consent."),
        _ => true,
    };
    fields_of(kind).filter(whole).collect()
}

/// A home, in the order of its columns.
pub fn home(market: &MarketSlug, facts: &ListingFacts) -> ExportRow {
    let address = &facts.address;
    vec![
        value(market.as_str()),
        value(&facts.source),
        value(&facts.listing_key),
        value(facts.status.as_str()),
        value(&facts.property_type),
        value(facts.list_price),
        value(facts.original_list_price),
        value(facts.close_price),
        value(facts.close_date),
        value(facts.listed_at),
        value(facts.modified_at),
        value(facts.days_on_market),
        value(facts.bedrooms),
        value(facts.bathrooms),
        value(facts.living_area_sqft),
        value(facts.lot_size_sqft),
        value(facts.year_built),
        value(facts.stories),
        value(facts.garage_spaces),
        value(facts.place.map(|place| place.latitude)),
        value(facts.place.map(|place| place.longitude)),
        value(&address.line),
        value(&address.city),
        value(&address.region),
        value(&address.postal_code),
        value(&facts.remarks),
        filled(&facts.photos, facts.photos.is_empty()),
        filled(&facts.attributes, facts.attributes.is_empty()),
    ]
}

/// A person, in the order of its columns, known as `external_id` and known since `created_at`.
pub fn lead(external_id: &str, facts: &LeadFacts, created_at: Time) -> ExportRow {
    vec![
        value(external_id),
        value(&facts.name),
        value(&facts.email),
        value(&facts.phone),
        value(&facts.source),
        value(&facts.stage),
        value(facts.market.as_ref().map(MarketSlug::as_str)),
        filled(&facts.preferences, facts.preferences == lintel_domain::preference::Preferences::default()),
        filled(&facts.tags, facts.tags.is_empty()),
        filled(&facts.custom, facts.custom.is_empty()),
        value(facts.outcome.map(lintel_domain::lead::Outcome::as_str)),
        value(facts.outcome_at),
        value(created_at),
    ]
}

/// What a person did, in the order of its columns; person and home by their keys.
pub fn interaction(lead: &str, facts: &InteractionFacts, listing_key: Option<&str>) -> ExportRow {
    vec![
        value(lead),
        value(facts.kind.as_str()),
        value(facts.at),
        value(listing_key),
        value(&facts.event_id),
        filled(&facts.properties, facts.properties.is_empty()),
    ]
}

/// A value of a series, in the order of its columns.
pub fn series(market: &MarketSlug, metric: &str, period: Day, number: f64) -> ExportRow {
    vec![value(market.as_str()), value(metric), value(period), value(number)]
}

/// A value of the domain as JSON. All of them can be written so: they have no keys but texts.
fn value(of: impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or(Value::Null)
}

fn filled(of: impl Serialize, is_empty: bool) -> Value {
    if is_empty { Value::Null } else { value(of) }
}

impl ExportFormat {
    /// What stands before the rows.
    pub fn header(self, kind: ImportKind) -> Vec<u8> {
        let mut out = Vec::new();
        if self == Self::Csv {
            line(&mut out, columns(kind).into_iter().chain([MARK]));
        }
        out
    }

    /// Adds rows of a kind of record to what is written.
    pub fn write(self, kind: ImportKind, rows: &[ExportRow], out: &mut Vec<u8>) {
        let names = columns(kind);
        for row in rows {
            match self {
                Self::Csv => {
                    let cells: Vec<String> = row.iter().map(cell).chain(["1".to_owned()]).collect();
                    line(out, cells.iter().map(String::as_str));
                }
                Self::JsonLines => {
                    let known = names.iter().zip(row).filter(|(_, value)| !value.is_null());
                    let object: Map<String, Value> =
                        known.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                    out.extend_from_slice(Value::Object(object).to_string().as_bytes());
                    out.push(b'\n');
                }
            }
        }
    }
}

fn line<'a>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = &'a str>) {
    // Writing to memory does not fail.
    let _ = write_row(out, cells);
}

/// A value as the text of a cell. Numbers are numbers to a spreadsheet, also negative ones; all other texts are guarded.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => guarded(text),
        Value::Number(number) => match number.as_f64() {
            // Without an exponent, and without the sign of a zero.
            Some(real) if number.is_f64() => format!("{}", real + 0.0),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// A text that no spreadsheet takes for a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(is_dangerous) { format!("'{text}") } else { text.to_owned() }
}

/// What begins a formula in some spreadsheet, also in full width (OWASP, CSV injection), or an apostrophe, so that taking
/// one off is never wrong.
fn is_dangerous(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '|' | '%' | '\t' | '\r' | '\n' | '\'' | '＝' | '＋' | '－' | '＠')
}

/// The text behind a guard.
pub(crate) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}
