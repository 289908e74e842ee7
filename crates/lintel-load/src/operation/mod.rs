//! What can be asked of a server: a closed set of operations, each a generator of requests.

mod clusters;
mod estimate;
mod leads;
mod matches;
mod score;
mod search;

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderValue, Method};
use lintel_domain::rng::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;
use crate::sample::{Home, Lead, Sample};

/// One kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A page of listings by text, polygon and filters, with five facets.
    Search,
    /// Homes that fit stated preferences, with reasons.
    Match,
    /// The bubbles of a map's viewport.
    Clusters,
    /// The score of one lead, with reasons.
    Score,
    /// What a home is worth, with five comparables.
    Estimate,
    /// The first page of a smart list of leads.
    Leads,
    /// A signed event of HighLevel: a new contact.
    Webhook,
}

/// A request ready to be sent.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What it asks for.
    pub operation: Operation,
    /// Method of the request.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// JSON body; empty for a GET.
    pub body: Bytes,
    /// The signature of the body, where it is signed.
    pub signature: Option<HeaderValue>,
}

impl Prepared {
    /// The same with a query.
    pub(crate) fn with_query(&self, query: &str) -> Self {
        Self { path: format!("{}?{query}", self.path), ..self.clone() }
    }
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 7] =
        [Self::Search, Self::Match, Self::Clusters, Self::Score, Self::Estimate, Self::Leads, Self::Webhook];

    /// The name in scenario files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Match => "match",
            Self::Clusters => "clusters",
            Self::Score => "score",
            Self::Estimate => "estimate",
            Self::Leads => "leads",
            Self::Webhook => "webhook",
        }
    }

    /// A request about the sampled market.
    pub fn prepare(self, sample: &Sample, rng: &mut Rng) -> Result<Prepared, Error> {
        let (path, body) = match self {
            Self::Search => ("/api/v1/listings/search", search::body(sample, home(sample, rng)?, rng)),
            Self::Match => ("/api/v1/properties/match", matches::body(sample, home(sample, rng)?, rng)),
            Self::Clusters => ("/api/v1/listings/clusters", clusters::body(sample, home(sample, rng)?, rng)),
            Self::Score => ("/api/v1/leads/score", score::body(&lead(sample, rng)?.id)),
            Self::Estimate => ("/api/v1/pricing/estimate", estimate::body(sample, home(sample, rng)?, rng)),
            Self::Leads => ("/api/v1/leads/search", leads::body(sample, lead(sample, rng)?, rng)),
            Self::Webhook => {
                let hooks = sample.hooks.as_ref();
                let none = || Error::Empty { market: sample.market.clone(), what: "connection for events" };
                return hooks.ok_or_else(none)?.prepare(rng);
            }
        };
        let (path, body) = (path.to_owned(), body.to_string().into());
        Ok(Prepared { operation: self, method: Method::POST, path, body, signature: None })
    }

    /// Whether an answer holds what was asked for, rather than an empty page or a refusal.
    pub fn is_useful(self, answer: &Value) -> bool {
        let filled = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
        match self {
            Self::Search | Self::Leads => filled(&answer["items"]),
            Self::Match => filled(&answer["matches"]),
            Self::Clusters => filled(&answer["features"]),
            Self::Webhook => answer["status"].is_string(),
            Self::Score => answer["scores"][0]["probability"].is_number(),
            Self::Estimate => answer["estimate"]["value"].is_number() && filled(&answer["comparables"]),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|operation| operation.name() == text)
            .ok_or_else(|| format!("{text:?} is none of {}", names()))
    }
}

fn home<'a>(sample: &'a Sample, rng: &mut Rng) -> Result<&'a Home, Error> {
    rng.pick(&sample.homes).ok_or_else(|| Error::Empty { market: sample.market.clone(), what: "active listings" })
}

fn lead<'a>(sample: &'a Sample, rng: &mut Rng) -> Result<&'a Lead, Error> {
    rng.pick(&sample.leads).ok_or_else(|| Error::Empty { market: sample.market.clone(), what: "leads" })
}

/// A number between two bounds.
fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.unit()
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;
    use serde_json::{Value, json};

    use super::Operation;
    use crate::sample::tests::sample;

    #[test]
    fn every_operation_makes_json_about_the_market() {
        let sample = sample();
        let mut rng = Rng::new(1);
        for operation in Operation::ALL.into_iter().filter(|operation| *operation != Operation::Webhook) {
            for _ in 0..50 {
                let prepared = operation.prepare(&sample, &mut rng).expect("a request");
                let body: Value = serde_json::from_slice(&prepared.body).expect("JSON");
                assert!(body.is_object() && prepared.path.starts_with("/api/v1/"));
                if ![Operation::Score, Operation::Leads].contains(&operation) {
                    assert_eq!(body["market"], "demo");
                }
            }
        }
    }

    #[test]
    fn a_search_asks_for_five_facets_a_polygon_and_words() {
        let prepared = Operation::Search.prepare(&sample(), &mut Rng::new(2)).expect("a request");
        let body: Value = serde_json::from_slice(&prepared.body).expect("JSON");
        assert_eq!(body["facets"].as_array().map(Vec::len), Some(5));
        assert!(body["polygon"].as_array().is_some_and(|ring| ring.len() >= 4 && ring.first() == ring.last()));
        assert_eq!(body["text"], "garden");
    }

    #[test]
    fn an_empty_market_is_an_error_that_says_so() {
        let mut sample = sample();
        sample.homes.clear();
        let error = Operation::Search.prepare(&sample, &mut Rng::new(1)).expect_err("nothing to ask about");
        assert!(error.to_string().contains("no active listings"));
    }

    #[test]
    fn a_refusal_is_no_useful_answer() {
        let refused = json!({"estimate": null, "comparables": [], "refused": {"reason": "outside"}});
        assert!(!Operation::Estimate.is_useful(&refused));
        let answered = json!({"estimate": {"value": 1.0}, "comparables": [{}]});
        assert!(Operation::Estimate.is_useful(&answered));
    }

    #[test]
    fn names_read_back() {
        for operation in Operation::ALL {
            assert_eq!(operation.name().parse(), Ok(operation));
        }
        assert!("sleep".parse::<Operation>().is_err());
    }
}
