//! Reasons of a score: what each feature adds, in words.
//!
//! Most features of most leads count what never happened. What these are called and say is written once for a model, and shared
//! by all its scores.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::feature::LeadFeature;
use super::label::label;
use crate::fields::Value;

/// One reason of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The feature's name; `calibration` is what calibration adds.
    pub feature: Arc<str>,
    /// The same in words.
    pub label: Arc<str>,
    /// What it adds to the log-odds.
    pub contribution: f64,
}

/// The name of what calibration adds.
const CALIBRATION: &str = "calibration";

impl Reason {
    /// Whether it is what calibration adds, and so says nothing of the lead.
    pub fn is_calibration(&self) -> bool {
        &*self.feature == CALIBRATION
    }
}

/// The features a model reads, with their words. It is stored as the features alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<LeadFeature>", into = "Vec<LeadFeature>")]
pub(crate) struct Manifest {
    features: Vec<LeadFeature>,
    words: Vec<Words>,
    calibration: Words,
}

/// How a feature is called, and what it says of a lead of which nothing is known.
#[derive(Debug, Clone)]
struct Words {
    name: Arc<str>,
    nothing_known: Arc<str>,
}

impl Manifest {
    /// The features.
    pub(crate) fn features(&self) -> &[LeadFeature] {
        &self.features
    }

    /// Their names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.words.iter().map(|words| words.name.to_string()).collect()
    }

    /// Every part that is not 0, largest first; equal ones in the order of the features.
    pub(crate) fn reasons(&self, values: &[Value<'_>], parts: &[f64], calibration: f64) -> Vec<Reason> {
        let all = parts.iter().chain([&calibration]).copied().enumerate();
        let mut order: Vec<(usize, f64)> = all.filter(|(_, part)| *part != 0.0).collect();
        order.sort_unstable_by(|(i, a), (j, b)| b.abs().total_cmp(&a.abs()).then(i.cmp(j)));
        let reason = |(place, contribution): (usize, f64)| {
            let words = self.words.get(place).unwrap_or(&self.calibration);
            let label = match (self.features.get(place), values.get(place)) {
                (Some(feature), Some(value)) if *value != feature.nothing_known() => label(feature, value).into(),
                _ => Arc::clone(&words.nothing_known),
            };
            Reason { feature: Arc::clone(&words.name), label, contribution }
        };
        order.into_iter().map(reason).collect()
    }
}

impl From<Vec<LeadFeature>> for Manifest {
    fn from(features: Vec<LeadFeature>) -> Self {
        let words = |feature: &LeadFeature| Words {
            name: feature.name().into(),
            nothing_known: label(feature, &feature.nothing_known()).into(),
        };
        Self {
            words: features.iter().map(words).collect(),
            features,
            calibration: Words { name: CALIBRATION.into(), nothing_known: "calibration to observed outcomes".into() },
        }
    }
}

impl From<Manifest> for Vec<LeadFeature> {
    fn from(manifest: Manifest) -> Self {
        manifest.features
    }
}

impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        self.features == other.features
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::interaction::InteractionKind;

    use super::super::behaviour::Window;
    use super::*;

    fn manifest() -> Manifest {
        let views = LeadFeature::Count(InteractionKind::ListingView, Window::Week);
        Manifest::from(vec![views, LeadFeature::Source, LeadFeature::HasPhone])
    }

    fn told(values: &[Value<'_>], parts: &[f64], calibration: f64) -> Vec<(String, String)> {
        let reasons = manifest().reasons(values, parts, calibration);
        reasons.iter().map(|reason| (reason.feature.to_string(), reason.label.to_string())).collect()
    }

    #[test]
    fn the_largest_part_comes_first_and_what_adds_nothing_is_left_out() {
        let values = [Value::Number(3.0), Value::Word("portal".into()), Value::Number(1.0)];
        let pairs = [
            ("source".to_owned(), "source: portal".to_owned()),
            ("calibration".to_owned(), "calibration to observed outcomes".to_owned()),
            ("listing_views_7d".to_owned(), "3 views this week".to_owned()),
        ];
        assert_eq!(told(&values, &[0.25, -2.0, 0.0], 0.5), pairs);
    }

    #[test]
    fn what_is_not_known_is_told_in_the_same_words_as_any_value() {
        let manifest = manifest();
        let unknown: Vec<Value<'_>> = manifest.features().iter().map(LeadFeature::nothing_known).collect();
        for (reason, feature) in manifest.reasons(&unknown, &[3.0, 2.0, 1.0], 0.0).iter().zip(manifest.features()) {
            assert_eq!(*reason.label, *label(feature, &feature.nothing_known()));
            assert_eq!(*reason.feature, *feature.name());
        }
    }

    #[test]
    fn equal_parts_stand_in_the_order_of_the_features() {
        let values = [Value::Number(0.0), Value::Missing, Value::Number(0.0)];
        let names: Vec<String> = told(&values, &[-1.0, 1.0, 1.0], -1.0).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["listing_views_7d", "source", "has_phone", "calibration"]);
    }
}
