//! What a search should find, read off the listings one by one.

use std::{cmp::Ordering, collections::BTreeMap};

use lintel_domain::{
    filter::ListingFilter,
    listing::{Listing, Status},
    money::{Currency, Money},
    place::Point,
    range::Range,
};
use lintel_search::{Facet, FacetValue, ListingView, Query, SortKey, Wishes};
use rust_stemmers::{Algorithm, Stemmer};

use crate::world::TODAY;

const STOP: [&str; 3] = ["the", "of", "a"];

/// The stems of a text that has no accents but those of the test's words.
pub(crate) fn stems(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('ñ', "n").replace('\'', "");
    let stemmer = Stemmer::create(Algorithm::English);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !STOP.contains(word));
    words
        .map(|word| {
            let number = word.chars().any(|c| c.is_ascii_digit());
            if number { word.to_owned() } else { stemmer.stem(word).into_owned() }
        })
        .collect()
}

/// Optimal string alignment by the whole table.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}

/// A listing with its words.
pub(crate) struct Known<'a> {
    pub(crate) listing: &'a Listing,
    pub(crate) estimate: Option<Money>,
    remarks: Vec<String>,
    address: Vec<String>,
}

/// All listings, ready to be asked.
pub(crate) struct Brute<'a>(pub(crate) Vec<Known<'a>>);

/// A word of a query: its stem, its length as typed, and whether no listing has it.
struct Word {
    stem: String,
    allowance: usize,
    widened: bool,
}

impl<'a> Brute<'a> {
    pub(crate) fn new(listings: &'a [Listing], estimate: impl Fn(usize) -> Option<Money>) -> Self {
        let known = |(at, listing): (usize, &'a Listing)| Known {
            listing,
            estimate: estimate(at),
            remarks: stems(listing.facts.remarks.as_deref().unwrap_or_default()),
            address: [&listing.facts.address.line, &listing.facts.address.city]
                .into_iter()
                .flat_map(|text| stems(text.as_deref().unwrap_or_default()))
                .collect(),
        };
        Self(listings.iter().enumerate().map(known).collect())
    }

    fn words(&self, text: &str) -> Vec<Word> {
        let typed: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(|word| word.replace('\'', "")).collect();
        let word = |typed: &String| {
            let stem = stems(typed).pop()?;
            let allowance = match typed.chars().count() {
                _ if typed.chars().any(|c| c.is_ascii_digit()) => 0,
                0..4 => 0,
                4..8 => 1,
                _ => 2,
            };
            let widened = !self.0.iter().any(|known| known.remarks.contains(&stem) || known.address.contains(&stem));
            Some(Word { stem, allowance, widened })
        };
        typed.iter().filter_map(word).collect()
    }

    /// The listings that pass, with what their words are worth.
    pub(crate) fn passing(&self, filter: &ListingFilter) -> Vec<(&Known<'a>, i64)> {
        let words = self.words(filter.text.as_deref().unwrap_or_default());
        let mut different: Vec<&Word> = Vec::new();
        for word in &words {
            if different.iter().all(|known| known.stem != word.stem) {
                different.push(word);
            }
        }
        let passing = self.0.iter().filter(|known| passes(filter, known.listing));
        passing
            .filter_map(|known| {
                let worth: Vec<i64> = different.iter().map(|word| known.worth(word)).collect();
                (!worth.contains(&0)).then(|| (known, worth.iter().sum()))
            })
            .collect()
    }
}

impl Known<'_> {
    fn worth(&self, word: &Word) -> i64 {
        let all = || self.remarks.iter().chain(&self.address);
        if !word.widened {
            if self.address.contains(&word.stem) {
                return 4;
            }
            return if self.remarks.contains(&word.stem) { 3 } else { 0 };
        }
        let longer = |stem: &String| word.stem.chars().count() >= 3 && stem.starts_with(&word.stem);
        let typo = |stem: &String| {
            word.allowance > 0
                && stem.chars().next() == word.stem.chars().next()
                && distance(stem, &word.stem) <= word.allowance
        };
        if all().any(longer) { 2 } else { i64::from(all().any(typo)) }
    }

    pub(crate) fn price(&self) -> Option<i64> {
        price(self.listing).map(|price| price.0)
    }

    pub(crate) fn gap(&self) -> Option<f64> {
        let price = self.price().filter(|price| *price > 0)?;
        Some((self.estimate?.0 - price) as f64 / price as f64)
    }

    /// The sort's value; a greater one comes later.
    fn value(&self, query: &Query<'_>, worth: i64) -> Option<f64> {
        let facts = &self.listing.facts;
        let value = match query.sort.key {
            SortKey::Newest => facts.listed_at.map(|at| at.0 as f64),
            SortKey::Price => self.price().map(|price| price as f64),
            SortKey::Bedrooms => facts.bedrooms,
            SortKey::Bathrooms => facts.bathrooms,
            SortKey::LivingAreaSqft => facts.living_area_sqft,
            SortKey::LotSizeSqft => facts.lot_size_sqft,
            SortKey::YearBuilt => facts.year_built.map(f64::from),
            SortKey::DaysOnMarket => facts.days_on_market(TODAY.start()).map(f64::from),
            SortKey::EstimateGap => self.gap(),
            SortKey::Relevance => (worth > 0).then_some(worth as f64),
            SortKey::Distance => {
                let origin: Option<Point> = query.origin.or(query.filter.near.map(|near| near.centre()));
                facts.place.zip(origin).map(|(place, origin)| origin.distance_m(place))
            }
            SortKey::Fit => {
                // Fit asks for a status of its own; a search has its own, so the listing is shown as active.
                let mut listing = self.listing.clone();
                let price = price(&listing);
                listing.facts.status = Status::Active;
                listing.facts.list_price = price;
                let view = ListingView::new(&listing, self.estimate);
                let fit = query.preferences.and_then(|wishes| Wishes::new(wishes).score(&view, TODAY, Currency::USD));
                fit.map(|fit| fit.fit)
            }
        };
        value.map(|value| if query.sort.descending { -value } else { value })
    }
}

/// The whole result in order.
pub(crate) fn sorted<'a>(query: &Query<'_>, mut rows: Vec<(&'a Known<'a>, i64)>) -> Vec<&'a Known<'a>> {
    let mut keyed: Vec<(Option<f64>, &Known)> =
        rows.drain(..).map(|(known, worth)| (known.value(query, worth), known)).collect();
    keyed.sort_by(|(a, left), (b, right)| {
        let values = match (a, b) {
            (Some(a), Some(b)) => a.partial_cmp(b).unwrap(),
            (None, None) => Ordering::Equal,
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        values.then(left.listing.id.cmp(&right.listing.id))
    });
    keyed.into_iter().map(|(_, known)| known).collect()
}

/// The counts of a facet by a text for each value, and the unknown.
pub(crate) fn counts(facet: Facet, rows: &[(&Known<'_>, i64)]) -> (BTreeMap<String, u64>, u64) {
    let (mut counts, mut unknown) = (BTreeMap::new(), 0);
    for (known, _) in rows {
        let facts = &known.listing.facts;
        let value = match facet {
            Facet::Status => Some(facts.status.to_string()),
            Facet::PropertyType => facts.property_type.clone(),
            Facet::Bedrooms => facts.bedrooms.map(|v| v.to_string()),
            Facet::Bathrooms => facts.bathrooms.map(|v| v.to_string()),
            Facet::YearBuilt => facts.year_built.map(|v| (v / 10 * 10).to_string()),
            Facet::Price => None,
        };
        match value {
            Some(value) => *counts.entry(value).or_default() += 1,
            None => unknown += 1,
        }
    }
    (counts, unknown)
}

/// A facet's value as [`counts`] writes it.
pub(crate) fn written(value: &FacetValue) -> String {
    match value {
        FacetValue::Status(status) => status.to_string(),
        FacetValue::Text(text) => text.clone(),
        FacetValue::Number(number) => number.to_string(),
        FacetValue::Year { min, .. } => min.to_string(),
        FacetValue::Price { .. } => unreachable!("prices are compared by their bounds"),
    }
}

fn price(listing: &Listing) -> Option<Money> {
    match listing.facts.status {
        Status::Closed => listing.facts.close_price,
        _ => listing.facts.list_price,
    }
}

/// Whether a listing passes everything but the text.
pub(crate) fn passes(filter: &ListingFilter, listing: &Listing) -> bool {
    let facts = &listing.facts;
    let named = |name: &String| filter.property_types.contains(name);
    filter.statuses().contains(&facts.status)
        && (filter.property_types.is_empty() || facts.property_type.as_ref().is_some_and(named))
        && admits(filter.price, price(listing))
        && admits(filter.bedrooms, facts.bedrooms)
        && admits(filter.bathrooms, facts.bathrooms)
        && admits(filter.living_area_sqft, facts.living_area_sqft)
        && admits(filter.lot_size_sqft, facts.lot_size_sqft)
        && admits(filter.year_built, facts.year_built)
        && admits(filter.days_on_market, facts.days_on_market(TODAY.start()))
        && filter.polygon.as_ref().is_none_or(|area| facts.place.is_some_and(|at| area.contains(at)))
        && filter.near.is_none_or(|near| facts.place.is_some_and(|at| near.contains(at)))
}

fn admits<T: PartialOrd + Copy>(range: Option<Range<T>>, value: Option<T>) -> bool {
    range.is_none_or(|range| range.admits(value))
}
