//! Churn: how likely a lead does nothing for a month, with reasons that add up.

use serde::{Deserialize, Serialize};

use super::example::SILENT_DAYS;
use super::feature::{LeadFeature, values};
use super::reason::Manifest;
use super::score::{LeadInput, LeadScore, checked, score_by};
use crate::error::Result;
use crate::learn::artefact::{self, ArtefactKind};
use crate::learn::classify::Classifier;
use crate::learn::metrics::ClassMetrics;

/// Says how likely a lead goes silent, ready to serve. There is no prior: without history nothing is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChurnModel {
    manifest: Manifest,
    classifier: Classifier,
    rows: usize,
    days: i64,
}

impl ChurnModel {
    pub(crate) fn trained(features: Vec<LeadFeature>, classifier: Classifier, rows: usize) -> Self {
        Self { manifest: features.into(), classifier, rows, days: SILENT_DAYS }
    }

    /// For how many days nothing has to come from a lead that counts as silent.
    pub fn days(&self) -> i64 {
        self.days
    }

    /// Leads that it learnt from.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What it measured on held-out leads.
    pub fn metrics(&self) -> &ClassMetrics {
        self.classifier.metrics()
    }

    pub(crate) fn manifest(&self) -> &[LeadFeature] {
        self.manifest.features()
    }

    /// The names of the features it reads: its manifest.
    pub fn features(&self) -> Vec<String> {
        self.manifest.names()
    }

    /// How likely one lead does nothing for [`Self::days`] from the moment on, with reasons when `explain` is set.
    pub fn score(&self, lead: LeadInput<'_>, explain: bool) -> Result<LeadScore> {
        let values = values(self.manifest(), lead.facts, lead.behaviour, lead.as_of);
        score_by(&self.classifier, &self.manifest, &values, explain)
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::Churn, self)
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let model: Self = artefact::read(ArtefactKind::Churn, bytes)?;
        Ok(Self { classifier: checked(model.classifier, model.manifest.features())?, ..model })
    }
}
