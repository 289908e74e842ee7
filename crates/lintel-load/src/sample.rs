//! Real homes, leads and words of a market, read by its API, so that questions have answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use lintel_domain::clock::{Clock, Time};
use lintel_domain::rng::{Ids, Rng};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Error;
use crate::hooks::Hooks;
use crate::operation::{Operation, Prepared};
use crate::pool::Pool;
use crate::zipf::{Zipf, one_of};

/// Entries of one page: the most a list gives.
const PAGE: usize = 200;

/// Pages that are read of each list.
const PAGES: usize = 10;

/// Letters of a word that is worth looking for.
const WORD: std::ops::RangeInclusive<usize> = 5..=12;

/// What questions are made from.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Market by its slug.
    pub market: String,
    /// Active listings with coordinates and a price.
    pub homes: Vec<Home>,
    /// Leads.
    pub leads: Vec<Lead>,
    /// Words from remarks.
    pub words: Vec<String>,
    /// Names of the market's series.
    pub metrics: Vec<String>,
    /// Where events go, when any are sent.
    pub hooks: Option<Arc<Hooks>>,
    /// Tells the leads of this run from those of others.
    pub run: String,
    /// When it was read.
    pub at: Time,
    /// How much more the first homes and leads are asked for than the last; all alike without it.
    popularity: Option<Popularity>,
}

#[derive(Clone, Debug)]
struct Popularity {
    homes: Zipf,
    leads: Zipf,
}

/// The part of a listing that questions are made from.
#[derive(Clone, Debug)]
pub struct Home {
    /// The id of its listing.
    pub id: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// List price in major units.
    pub price: f64,
    /// Type as the feed names it.
    pub property_type: Option<String>,
    /// Number of bedrooms.
    pub bedrooms: Option<u32>,
    /// Number of bathrooms, halves included.
    pub bathrooms: Option<f64>,
    /// Living area in square feet.
    pub living_area_sqft: Option<f64>,
    /// Lot in square feet.
    pub lot_size_sqft: Option<f64>,
    /// Year of construction.
    pub year_built: Option<i32>,
}

/// The part of a lead that questions are made from.
#[derive(Clone, Debug, Deserialize)]
pub struct Lead {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// The id of its agent.
    pub assignee: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// How far it is.
    pub stage: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct ListingItem {
    id: String,
    latitude: Option<f64>,
    longitude: Option<f64>,
    list_price: Option<f64>,
    property_type: Option<String>,
    bedrooms: Option<f64>,
    bathrooms: Option<f64>,
    living_area_sqft: Option<f64>,
    lot_size_sqft: Option<f64>,
    year_built: Option<i32>,
    remarks: Option<String>,
}

impl Sample {
    /// Reads up to 2,000 listings and 2,000 leads of a market.
    pub async fn read(pool: &Pool, market: &str) -> Result<Self, Error> {
        let at = Clock::System.now();
        let run = Ids::random().next(at).to_string();
        let mut sample = Self { market: market.to_owned(), run, at, ..Self::default() };
        let mut words = BTreeSet::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let ask = json!({"market": market, "sort": "newest", "limit": PAGE, "cursor": cursor});
            let page: Page<ListingItem> =
                answer_of(pool, Method::POST, "/api/v1/listings/search".to_owned(), &ask).await?;
            for item in page.items {
                words.extend(item.remarks.as_deref().into_iter().flat_map(words_of));
                sample.homes.extend(home(item));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        sample.words = words.into_iter().collect();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let after = cursor.map(|cursor| format!("&cursor={}", escaped(&cursor))).unwrap_or_default();
            let path = format!("/api/v1/leads?limit={PAGE}{after}");
            let page: Page<Lead> = answer_of(pool, Method::GET, path, &Value::Null).await?;
            sample.leads.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(sample)
    }

    /// From now on the first homes and leads are asked for more than the last, by this exponent, and in few ways each.
    pub fn make_popular(&mut self, exponent: f64) {
        let zipf = |count| Zipf::new(count, exponent);
        self.popularity = Some(Popularity { homes: zipf(self.homes.len()), leads: zipf(self.leads.len()) });
    }

    /// A home, and what decides the details of a question about it.
    pub(crate) fn home(&self, rng: &mut Rng) -> Result<(&Home, Rng), Error> {
        let popular = self.popularity.as_ref().map(|popularity| &popularity.homes);
        one_of(&self.homes, popular, rng).ok_or_else(|| self.without("active listings"))
    }

    /// A lead, and what decides the details of a question about it.
    pub(crate) fn lead(&self, rng: &mut Rng) -> Result<(&Lead, Rng), Error> {
        let popular = self.popularity.as_ref().map(|popularity| &popularity.leads);
        one_of(&self.leads, popular, rng).ok_or_else(|| self.without("leads"))
    }

    /// The name of a series.
    pub(crate) fn metric(&self, rng: &mut Rng) -> Result<&str, Error> {
        rng.pick(&self.metrics).map(String::as_str).ok_or_else(|| self.without("series"))
    }

    fn without(&self, what: &'static str) -> Error {
        Error::Empty { market: self.market.clone(), what }
    }
}

/// Asks for something that is not measured.
pub(crate) async fn answer_of<T: DeserializeOwned>(
    pool: &Pool,
    method: Method,
    path: String,
    ask: &Value,
) -> Result<T, Error> {
    let body = if method == Method::GET { Bytes::new() } else { Bytes::from(ask.to_string()) };
    // The operation only names what is measured; these requests are not.
    let prepared = Prepared { operation: Operation::Search, method, path, body, signature: None };
    let wrong = |answer: String| Error::Answer { path: prepared.path.clone(), answer };
    match pool.exchange(&prepared).await {
        Ok((200..=202, body)) => {
            serde_json::from_slice(&body).map_err(|error| wrong(format!("unexpected JSON: {error}")))
        }
        Ok((status, body)) => Err(wrong(format!("{status} {}", beginning(&body)))),
        Err(outcome) => Err(wrong(format!("{outcome:?}"))),
    }
}

/// The first characters of a body, for a message.
pub(crate) fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(300).collect()
}

fn home(item: ListingItem) -> Option<Home> {
    Some(Home {
        id: item.id,
        latitude: item.latitude?,
        longitude: item.longitude?,
        price: item.list_price?,
        property_type: item.property_type,
        bedrooms: item.bedrooms.map(|bedrooms| bedrooms as u32),
        bathrooms: item.bathrooms,
        living_area_sqft: item.living_area_sqft,
        lot_size_sqft: item.lot_size_sqft,
        year_built: item.year_built,
    })
}

fn words_of(remarks: &str) -> impl Iterator<Item = String> {
    remarks
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| WORD.contains(&word.chars().count()))
        .map(str::to_lowercase)
}

/// A cursor as part of a query: everything but letters, digits, `-`, `_`, `.` and `~` is escaped.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Home, Lead, Sample, escaped, words_of};

    /// A market of one home and one lead.
    pub(crate) fn sample() -> Sample {
        let home = Home {
            id: "home".into(),
            latitude: 47.6,
            longitude: -122.3,
            price: 600_000.0,
            property_type: Some("house".into()),
            bedrooms: Some(3),
            bathrooms: Some(2.25),
            living_area_sqft: Some(1800.0),
            lot_size_sqft: None,
            year_built: Some(1998),
        };
        let lead = Lead {
            id: "lead".into(),
            name: Some("Ada Byron".into()),
            assignee: None,
            source: Some("portal".into()),
            stage: None,
        };
        Sample {
            market: "demo".into(),
            homes: vec![home],
            leads: vec![lead],
            words: vec!["garden".into()],
            metrics: vec!["median price".into()],
            ..Sample::default()
        }
    }

    #[test]
    fn words_are_long_enough_to_mean_something() {
        let words: Vec<String> = words_of("A sunny Garden, 2 decks & south-facing!").collect();
        assert_eq!(words, ["sunny", "garden", "decks", "south", "facing"]);
    }

    #[test]
    fn a_cursor_stays_one_value_of_a_query() {
        assert_eq!(escaped("a+b/c=&~"), "a%2Bb%2Fc%3D%26~");
    }
}
