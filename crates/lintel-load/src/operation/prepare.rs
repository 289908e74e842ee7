//! Requests of each operation about a sampled market.

use bytes::Bytes;
use http::Method;
use lintel_domain::rng::Rng;
use serde_json::Value;

use super::{Operation, Prepared, capture, clusters, estimate, leads, matches, reports, score, search};
use crate::Error;
use crate::sample::{Home, Sample};

impl Operation {
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
}

/// A number between two bounds.
pub(super) fn between(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.unit()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::Method;
    use lintel_domain::rng::Rng;
    use serde_json::Value;

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
}
