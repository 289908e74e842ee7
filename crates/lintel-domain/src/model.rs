//! What is learnt, and the metrics it is judged by.

use serde::{Deserialize, Serialize};

use crate::contact::words;

/// What a model predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// The probability that a lead is won.
    LeadScore,
    /// What a home sells for.
    Price,
    /// The probability that a lead goes silent.
    Churn,
}

words!(ModelKind { LeadScore => "lead-score", Price => "price", Churn => "churn" });
