//! Scores leads by a trained model or the prior, one or many at a time.

use lintel_domain::clock::Time;
use lintel_domain::lead::LeadFacts;
use serde::{Deserialize, Serialize};

use super::behaviour::Behaviour;
use super::feature::{LeadFeature, cells, values};
use super::inputs;
use super::prior;
use super::reason::{Manifest, Reason};
use super::recalibrate::Line;
use crate::error::{Error, Result};
use crate::fields::Value;
use crate::learn::artefact::{self, ArtefactKind};
use crate::learn::calibrate::MAX_LOG_ODDS;
use crate::learn::classify::Classifier;
use crate::learn::metrics::{ClassMetrics, sigmoid};

/// What is known about a lead at a moment.
#[derive(Debug, Clone, Copy)]
pub struct LeadInput<'a> {
    /// Its fields, as they stood at that moment.
    pub facts: &'a LeadFacts,
    /// What it had done until then.
    pub behaviour: &'a Behaviour,
    /// The moment.
    pub as_of: Time,
}

/// How likely a lead is to be won.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeadScore {
    /// Calibrated, strictly between 0 and 1.
    pub probability: f64,
    /// `ln(p / (1 − p))` of it.
    pub log_odds: f64,
    /// Where the reasons start from, in log-odds.
    pub base: f64,
    /// Every feature that adds something, largest first: base plus their sum is `log_odds`.
    /// Empty unless asked for.
    pub reasons: Vec<Reason>,
}

/// A lead score, ready to serve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadScoreModel {
    manifest: Manifest,
    classifier: Option<Classifier>,
    rows: usize,
}

impl LeadScoreModel {
    /// The documented prior, for a team without enough outcomes.
    pub fn prior() -> Self {
        Self { manifest: prior::features().into(), classifier: None, rows: 0 }
    }

    pub(crate) fn trained(features: Vec<LeadFeature>, classifier: Classifier, rows: usize) -> Self {
        Self { manifest: features.into(), classifier: Some(classifier), rows }
    }

    /// Whether this is the prior.
    pub fn is_prior(&self) -> bool {
        self.classifier.is_none()
    }

    /// Leads with an outcome that it learnt from.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What it measured on held-out leads; nothing for the prior.
    pub fn metrics(&self) -> Option<&ClassMetrics> {
        self.classifier.as_ref().map(Classifier::metrics)
    }

    pub(crate) fn manifest(&self) -> &[LeadFeature] {
        self.manifest.features()
    }

    /// The names of the features it reads: its manifest.
    pub fn features(&self) -> Vec<String> {
        self.manifest.names()
    }

    /// The same model with its log-odds moved along a line: see [`super::recalibrate`]. The prior stays as it is.
    #[must_use]
    pub fn recalibrated(&self, line: Line) -> Self {
        let classifier = self.classifier.as_ref().map(|classifier| classifier.recalibrated(line.slope, line.intercept));
        Self { classifier, ..self.clone() }
    }

    /// The score of one lead, with reasons when `explain` is set.
    pub fn score(&self, lead: LeadInput<'_>, explain: bool) -> Result<LeadScore> {
        let values = values(self.manifest(), lead.facts, lead.behaviour, lead.as_of);
        self.score_values(&values, explain)
    }

    /// The score of one lead with its reasons, and what it was made from, for [`Self::replay`].
    pub fn score_and_keep(&self, lead: LeadInput<'_>) -> Result<(LeadScore, Vec<u8>)> {
        let values = values(self.manifest(), lead.facts, lead.behaviour, lead.as_of);
        Ok((self.score_values(&values, true)?, inputs::write(self.manifest(), &values)?))
    }

    /// A score once more, with its reasons, from what it was made from.
    pub fn replay(&self, kept: &[u8]) -> Result<LeadScore> {
        self.score_values(&inputs::read(self.manifest(), kept)?, true)
    }

    /// The scores of many leads, in their order.
    pub fn score_batch(&self, leads: &[LeadInput<'_>], explain: bool) -> Result<Vec<LeadScore>> {
        leads.iter().map(|lead| self.score(*lead, explain)).collect()
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::LeadScore, self)
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let model: Self = artefact::read(ArtefactKind::LeadScore, bytes)?;
        let Some(classifier) = model.classifier else {
            return Ok(Self::prior());
        };
        Ok(Self { classifier: Some(checked(classifier, model.manifest.features())?), ..model })
    }

    fn score_values(&self, values: &[Value<'_>], explain: bool) -> Result<LeadScore> {
        match &self.classifier {
            None => Ok(self.score_prior(values, explain)),
            Some(classifier) => score_by(classifier, &self.manifest, values, explain),
        }
    }

    fn score_prior(&self, values: &[Value<'_>], explain: bool) -> LeadScore {
        let parts = prior::contributions(values);
        let raw = prior::BASE + parts.iter().sum::<f64>();
        let log_odds = raw.clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS);
        let reasons = if explain { self.manifest.reasons(values, &parts, log_odds - raw) } else { Vec::new() };
        scored(log_odds, prior::BASE, reasons)
    }
}

/// A score by a classifier of these features.
pub(crate) fn score_by(
    classifier: &Classifier,
    manifest: &Manifest,
    values: &[Value<'_>],
    explain: bool,
) -> Result<LeadScore> {
    if explain {
        let explanation = classifier.explain(&cells(values))?;
        let reasons = manifest.reasons(values, &explanation.contributions, explanation.calibration);
        Ok(scored(explanation.log_odds, explanation.base, reasons))
    } else {
        let log_odds = classifier.log_odds(&cells(values))?;
        Ok(scored(log_odds, classifier.model().forest().expected(), Vec::new()))
    }
}

/// A classifier that was read, if it is sound and made for these features.
pub(crate) fn checked(classifier: Classifier, features: &[LeadFeature]) -> Result<Classifier> {
    let columns: Vec<_> = features.iter().map(LeadFeature::column).collect();
    let classifier = classifier.check()?;
    if classifier.model().schema().columns() == columns {
        Ok(classifier)
    } else {
        Err(Error::Artefact("its features do not fit its trees".into()))
    }
}

fn scored(log_odds: f64, base: f64, reasons: Vec<Reason>) -> LeadScore {
    LeadScore { probability: sigmoid(log_odds), log_odds, base, reasons }
}
