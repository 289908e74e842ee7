//! What can be asked of a server: a closed set of operations, each a generator of requests.

mod capture;
mod clusters;
mod estimate;
mod leads;
mod matches;
mod prepare;
pub(crate) mod reports;
mod score;
mod search;

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Operation;

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
