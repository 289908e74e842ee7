//! What can be asked of a server: a closed set of operations, each a generator of requests.

mod capture;
mod clusters;
mod estimate;
mod leads;
mod matches;
pub(crate) mod reports;
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
use crate::sample::{Home, Sample};

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
    /// A new lead, by a form.
    Capture,
    /// The score of somebody who is not stored, from facts, with reasons.
    ScoreFacts,
    /// The scores of a hundred leads.
    ScoreBatch,
    /// What a home is worth, with ten comparables.
    Comparables,
    /// Figures of leads by day, market, source or agent.
    Analytics,
    /// How good estimates were, once the homes were sold.
    Accuracy,
    /// A series of the market.
    Series,
    /// The forecast of a series of the market.
    Forecast,
    /// The latest analyses of the market.
    Report,
    /// An analysis asked for: of a home, or of its part of the market.
    Analysis,
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
    pub const ALL: [Self; 17] = [
        Self::Search,
        Self::Match,
        Self::Clusters,
        Self::Score,
        Self::Estimate,
        Self::Leads,
        Self::Webhook,
        Self::Capture,
        Self::ScoreFacts,
        Self::ScoreBatch,
        Self::Comparables,
        Self::Analytics,
        Self::Accuracy,
        Self::Series,
        Self::Forecast,
        Self::Report,
        Self::Analysis,
    ];

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
            Self::Capture => "capture",
            Self::ScoreFacts => "score_facts",
            Self::ScoreBatch => "score_batch",
            Self::Comparables => "comparables",
            Self::Analytics => "analytics",
            Self::Accuracy => "accuracy",
            Self::Series => "series",
            Self::Forecast => "forecast",
            Self::Report => "report",
            Self::Analysis => "analysis",
        }
    }

    /// A request about the sampled market.
    pub fn prepare(self, sample: &Sample, rng: &mut Rng) -> Result<Prepared, Error> {
        let market = &sample.market;
        Ok(match self {
            Self::Search => self.of_home("/api/v1/listings/search", sample, rng, search::body)?,
            Self::Match => self.of_home("/api/v1/properties/match", sample, rng, matches::body)?,
            Self::Clusters => self.of_home("/api/v1/listings/clusters", sample, rng, clusters::body)?,
            Self::Score => self.post("/api/v1/leads/score", &score::body(&sample.lead(rng)?.0.id)),
            Self::Estimate | Self::Comparables => {
                let comparables = if self == Self::Estimate { 5 } else { 10 };
                self.of_home("/api/v1/pricing/estimate", sample, rng, |sample, home, rng| {
                    estimate::body(sample, home, comparables, rng)
                })?
            }
            Self::Leads => {
                let (lead, mut details) = sample.lead(rng)?;
                self.post("/api/v1/leads/search", &leads::body(sample, lead, &mut details))
            }
            Self::Webhook => {
                let hooks = sample.hooks.as_ref();
                let none = || Error::Empty { market: market.clone(), what: "connection for events" };
                hooks.ok_or_else(none)?.prepare(rng)?
            }
            // Popular or not, every new lead is another one.
            Self::Capture => {
                let home = sample.home(rng)?.0;
                self.post("/api/v1/leads", &capture::body(sample, home, rng))
            }
            Self::ScoreFacts => {
                let (lead, mut details) = sample.lead(rng)?;
                let home = sample.home(&mut details)?.0;
                self.post("/api/v1/leads/score", &score::facts(lead, home, &mut details))
            }
            Self::ScoreBatch => {
                sample.lead(rng)?;
                let page = rng.below(sample.leads.len().div_ceil(score::BATCH) as u64) as usize;
                let leads = sample.leads.iter().skip(page * score::BATCH).take(score::BATCH);
                self.post("/api/v1/leads/scores:batch", &score::batch(leads))
            }
            Self::Analytics => self.get(reports::analytics(sample, rng)),
            Self::Accuracy => self.get(reports::accuracy(sample, rng)),
            Self::Series => self.get(reports::series(market, sample.metric(rng)?)),
            Self::Forecast => self.get(reports::forecast(market, sample.metric(rng)?, rng)),
            Self::Report => self.get(reports::report(market)),
            Self::Analysis => self.of_home("/api/v1/analyses", sample, rng, reports::analysis)?,
        })
    }

    /// A question that begins with a home.
    fn of_home(
        self,
        path: &str,
        sample: &Sample,
        rng: &mut Rng,
        body: impl Fn(&Sample, &Home, &mut Rng) -> Value,
    ) -> Result<Prepared, Error> {
        let (home, mut details) = sample.home(rng)?;
        Ok(self.post(path, &body(sample, home, &mut details)))
    }

    fn post(self, path: &str, body: &Value) -> Prepared {
        let body = body.to_string().into();
        Prepared { operation: self, method: Method::POST, path: path.to_owned(), body, signature: None }
    }

    fn get(self, path: String) -> Prepared {
        Prepared { operation: self, method: Method::GET, path, body: Bytes::new(), signature: None }
    }

    /// Whether the same request must not be sent twice, since the second time it would be another one.
    pub fn is_once(self) -> bool {
        matches!(self, Self::Webhook | Self::Capture)
    }

    /// Whether an answer holds what was asked for, rather than an empty page or a refusal.
    pub fn is_useful(self, answer: &Value) -> bool {
        let filled = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
        match self {
            Self::Search | Self::Leads | Self::Analytics | Self::Accuracy | Self::Report => filled(&answer["items"]),
            Self::Match => filled(&answer["matches"]),
            Self::Clusters => filled(&answer["features"]),
            Self::Webhook => answer["status"].is_string(),
            Self::Score | Self::ScoreFacts | Self::ScoreBatch => answer["scores"][0]["probability"].is_number(),
            Self::Capture => answer["id"].is_string(),
            Self::Series | Self::Forecast => filled(&answer["points"]),
            Self::Analysis => answer["state"].is_string(),
            Self::Estimate | Self::Comparables => {
                answer["estimate"]["value"].is_number() && filled(&answer["comparables"])
            }
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

/// A number between two bounds.
fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.unit()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::Method;
    use lintel_domain::rng::Rng;
    use serde_json::{Value, json};

    use super::Operation;
    use crate::sample::{Sample, tests::sample};

    #[test]
    fn every_operation_asks_about_the_market_in_json_or_in_its_address() {
        let sample = sample();
        let mut rng = Rng::new(1);
        for operation in Operation::ALL.into_iter().filter(|operation| *operation != Operation::Webhook) {
            for _ in 0..50 {
                let prepared = operation.prepare(&sample, &mut rng).expect("a request");
                assert!(prepared.path.starts_with("/api/v1/"), "{}", prepared.path);
                assert_eq!(prepared.body.is_empty(), prepared.method == Method::GET, "{operation}");
                if prepared.method == Method::POST {
                    assert!(serde_json::from_slice::<Value>(&prepared.body).expect("JSON").is_object());
                }
            }
        }
    }

    #[test]
    fn no_two_new_leads_have_the_same_id_even_when_homes_are_popular() {
        let mut sample = sample();
        sample.make_popular(1.0);
        let mut rng = Rng::new(3);
        let mut ids = BTreeSet::new();
        for _ in 0..500 {
            let prepared = Operation::Capture.prepare(&sample, &mut rng).expect("a request");
            let body: Value = serde_json::from_slice(&prepared.body).expect("JSON");
            assert!(ids.insert(body["external_id"].to_string()));
        }
    }

    #[test]
    fn a_popular_home_is_asked_about_in_the_same_words_again() {
        let mut sample = sample();
        let different = |sample: &Sample| {
            let mut rng = Rng::new(4);
            let bodies = (0..100).map(|_| Operation::Estimate.prepare(sample, &mut rng).expect("a request").body);
            bodies.collect::<BTreeSet<_>>().len()
        };
        assert_eq!(different(&sample), 100);
        sample.make_popular(1.0);
        assert!(different(&sample) <= 3);
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
