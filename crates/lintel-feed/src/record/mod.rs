//! Rows mapped to the records of the domain, every field typed and checked; all faults of a row are told at once.

mod home;
mod interaction;
mod lead;
mod series;

pub use home::{HomeRecord, home, home_as_told};
pub use interaction::{InteractionRecord, interaction};
pub use lead::{LeadRecord, lead};
pub use series::{SeriesRecord, series};

use lintel_domain::fingerprint::Fingerprint;
use lintel_domain::listing::Provenance;
use lintel_domain::market::MarketSlug;
use lintel_domain::money::Money;
use lintel_domain::scalar::{Fields, Scalar};

use crate::mapping::{Plan, Step};
use crate::table::{Fault, Row};
use crate::value::{Reason, money, number, scalar, without_nul};

/// What a file does not say about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The source of listings that name none.
    pub source: String,
    /// How the records come to be here.
    pub provenance: Provenance,
}

impl Default for Origin {
    fn default() -> Self {
        Self { source: "import".to_owned(), provenance: Provenance::Import }
    }
}

const KEY_BYTES: usize = 255;
const SHORT_BYTES: usize = 1_000;
const BLANK: &str = "every field is empty";
const NEGATIVE: Reason = "must not be negative";
const OUT_OF_RANGE: Reason = "the number is out of range";

/// What was found wrong with a row so far.
struct Faults<'p> {
    plan: &'p Plan,
    found: Vec<Fault>,
}

impl<'p> Faults<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { plan, found: Vec::new() }
    }

    fn add(&mut self, step: &Step, reason: &str) {
        self.found.push(Fault { column: self.plan.column_of(step), reason: reason.to_owned() });
    }

    fn row(&mut self, reason: &str) {
        self.found.push(Fault { column: None, reason: reason.to_owned() });
    }

    fn or<T>(self, record: T) -> Result<T, Vec<Fault>> {
        if self.found.is_empty() { Ok(record) } else { Err(self.found) }
    }
}

/// The steps whose text is not blank, with that text.
fn filled<'a>(plan: &'a Plan, row: &'a Row<'a>) -> impl Iterator<Item = (&'a Step, &'a str)> {
    plan.steps
        .iter()
        .map(|step| (step, plan.text(step, row)))
        .filter(|(_, text)| !text.is_empty() && !text.trim().is_empty())
}

/// Collects free fields; a plan brings them in the order of their names.
#[derive(Default)]
struct Free(Vec<(String, Scalar)>);

impl Free {
    fn add(&mut self, name: &str, text: &str) {
        if let Some(value) = scalar(text) {
            self.0.push((name.to_owned(), value));
        }
    }

    /// Adds the entries of a JSON object; what is nested is kept as its JSON text.
    fn add_json(&mut self, text: &str) -> Result<(), Reason> {
        const NOT_AN_OBJECT: Reason = "not a JSON object";
        without_nul(text)?;
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| NOT_AN_OBJECT)?;
        for (name, value) in object {
            let value = match value {
                serde_json::Value::Null => continue,
                serde_json::Value::Bool(b) => Scalar::Bool(b),
                serde_json::Value::Number(n) => {
                    Scalar::Number(n.as_f64().filter(|n| n.is_finite()).ok_or(OUT_OF_RANGE)?)
                }
                serde_json::Value::String(text) => Scalar::Text(text),
                nested => Scalar::Text(nested.to_string()),
            };
            self.0.push((name, value));
        }
        Ok(())
    }

    fn finish(self) -> Fields {
        self.0.into_iter().collect()
    }
}

/// A key: trimmed and short.
fn key(text: &str) -> Result<String, Reason> {
    let text = text.trim();
    if text.len() > KEY_BYTES { Err("longer than 255 bytes, which is too long for a key") } else { Ok(text.to_owned()) }
}

/// A short text, exactly as it is.
fn short(text: &str) -> Result<String, Reason> {
    if text.len() > SHORT_BYTES { Err("longer than 1000 bytes") } else { Ok(text.to_owned()) }
}

/// A number from 0 to `most`.
fn amount(text: &str, most: f64) -> Result<f64, Reason> {
    let value = number(text)?;
    if value < 0.0 {
        Err(NEGATIVE)
    } else if value > most {
        Err(OUT_OF_RANGE)
    } else {
        Ok(value)
    }
}

/// An amount of money; 0 means that it is not stated.
fn price(text: &str) -> Result<Option<Money>, Reason> {
    let price = money(text)?;
    if price.0 < 0 { Err(NEGATIVE) } else { Ok((price.0 > 0).then_some(price)) }
}

/// The slug of a market; a name such as `New York, NY` becomes `new-york-ny`.
fn market(text: &str) -> Result<MarketSlug, Reason> {
    let text = text.trim();
    if let Ok(slug) = text.parse() {
        return Ok(slug);
    }
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').parse().map_err(|_| "not the name of a market")
}

/// The key of a record without one, from its content: the same content has the same key.
fn content_key(fingerprint: Fingerprint) -> String {
    let mut key = String::with_capacity(36);
    key.push_str("row-");
    for byte in fingerprint {
        for digit in [byte >> 4, byte & 15] {
            key.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    key
}
