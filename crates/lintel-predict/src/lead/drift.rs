//! Drift: how far the leads of today differ from those a model was put in place for.

use serde::{Deserialize, Serialize};

use super::churn::ChurnModel;
use super::feature::{LeadFeature, values};
use super::score::{LeadInput, LeadScoreModel};
use crate::error::Result;
use crate::fields::Value;
use crate::learn::metrics::quantile_sorted;

/// How the values of one feature, or the scores, are spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The feature's name; `score` for the probabilities.
    pub feature: String,
    /// What tells the bins apart.
    pub bins: Bins,
    /// How many leads are in each bin: the bins of `bins`, then everything else (other words), then missing.
    pub counts: Vec<u64>,
}

/// The bins of a spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// Numbers up to each edge, and above the last: deciles of the reference.
    UpTo(Vec<f64>),
    /// The most frequent words.
    Words(Vec<String>),
}

/// The spreads of all that a model reads and says, kept with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Leads counted.
    pub n: u64,
    /// One for each feature, and the scores last.
    pub spreads: Vec<Spread>,
}

/// How far one spread moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The feature's name; `score` for the probabilities.
    pub feature: String,
    /// Population stability index: `Σ (now − then) · ln(now / then)` over the bins.
    pub psi: f64,
    /// What the index would be on average if nothing had moved, for want of leads.
    pub noise: f64,
    /// `steady`, `watch` or `drifted`.
    pub state: DriftState,
}

/// What a moved spread means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftState {
    /// Nothing to see.
    Steady,
    /// An index above 0.1, and clearly above noise.
    Watch,
    /// An index above 0.25, and clearly above noise: retrain.
    Drifted,
}

/// The bounds of an index that are in use since Siddiqi (Credit Risk Scorecards, 2006).
const BOUNDS: (f64, f64) = (0.1, 0.25);
/// Noise has about this many times its mean at the far end: an index below is no news.
const NOISE_MARGIN: f64 = 2.5;
/// Words with a bin of their own.
const WORDS: usize = 12;
/// Bins of numbers.
const BINS: usize = 10;

/// A model of leads, as far as drift looks at it.
#[derive(Debug, Clone, Copy)]
pub enum Watched<'a> {
    /// The lead score.
    LeadScore(&'a LeadScoreModel),
    /// Churn.
    Churn(&'a ChurnModel),
}

impl Watched<'_> {
    fn features(&self) -> &[LeadFeature] {
        match self {
            Self::LeadScore(model) => model.manifest(),
            Self::Churn(model) => model.manifest(),
        }
    }

    fn probability(&self, lead: LeadInput<'_>) -> Result<f64> {
        let score = match self {
            Self::LeadScore(model) => model.score(lead, false)?,
            Self::Churn(model) => model.score(lead, false)?,
        };
        Ok(score.probability)
    }

    /// The spreads of these leads, with bins of their own.
    pub fn reference(&self, leads: &[LeadInput<'_>]) -> Result<Reference> {
        let (columns, scores) = self.columns(leads)?;
        let mut spreads: Vec<Spread> = self
            .features()
            .iter()
            .zip(&columns)
            .map(|(feature, column)| Spread::of(feature.name().into_owned(), column))
            .collect();
        spreads.push(Spread::of("score".into(), &scores));
        Ok(Reference { n: leads.len() as u64, spreads })
    }

    /// How far these leads differ from the reference: the most moved first.
    pub fn drift(&self, reference: &Reference, leads: &[LeadInput<'_>]) -> Result<Vec<Moved>> {
        let (columns, scores) = self.columns(leads)?;
        let names = self.features().iter().map(|feature| feature.name().into_owned());
        let mut moved: Vec<Moved> = names
            .zip(&columns)
            .chain([("score".to_owned(), &scores)])
            .filter_map(|(name, column)| {
                let then = reference.spreads.iter().find(|spread| spread.feature == name)?;
                Some(then.moved(&then.bins.count(column)))
            })
            .collect();
        moved.sort_by(|a, b| b.psi.total_cmp(&a.psi));
        Ok(moved)
    }

    /// The values of each feature, and the probabilities.
    fn columns<'a>(&self, leads: &[LeadInput<'a>]) -> Result<(Vec<Vec<Value<'a>>>, Vec<Value<'a>>)> {
        let mut columns: Vec<Vec<Value<'a>>> =
            self.features().iter().map(|_| Vec::with_capacity(leads.len())).collect();
        let mut scores = Vec::with_capacity(leads.len());
        for lead in leads {
            let values = values(self.features(), lead.facts, lead.behaviour, lead.as_of);
            for (column, value) in columns.iter_mut().zip(values) {
                column.push(value);
            }
            scores.push(Value::Number(self.probability(*lead)?));
        }
        Ok((columns, scores))
    }
}

impl Spread {
    fn of(feature: String, column: &[Value<'_>]) -> Self {
        let bins = Bins::of(column);
        Self { counts: bins.count(column), feature, bins }
    }

    /// The index of other counts in the same bins. Half a lead is added to each bin, so that an empty one is not infinite.
    fn moved(&self, now: &[u64]) -> Moved {
        let then_n = self.counts.iter().sum::<u64>() as f64;
        let now_n = now.iter().sum::<u64>() as f64;
        let used = self.counts.iter().zip(now).filter(|(a, b)| **a + **b > 0);
        let bins = used.clone().count() as f64;
        let share = |count: u64, n: f64| (count as f64 + 0.5) / (n + 0.5 * bins);
        let psi = used
            .map(|(then, now)| (share(*then, then_n), share(*now, now_n)))
            .map(|(then, now)| (now - then) * (now / then).ln())
            .sum::<f64>();
        // The index of two samples of one population is about χ² of bins − 1, times this (Yurdakul 2018).
        let noise = (bins - 1.0).max(0.0) * (1.0 / then_n.max(1.0) + 1.0 / now_n.max(1.0));
        let real = psi > NOISE_MARGIN * noise;
        let state = match psi {
            psi if real && psi > BOUNDS.1 => DriftState::Drifted,
            psi if real && psi > BOUNDS.0 => DriftState::Watch,
            _ => DriftState::Steady,
        };
        Moved { feature: self.feature.clone(), psi, noise, state }
    }
}

impl Bins {
    /// Deciles of numbers, or the most frequent words.
    fn of(column: &[Value<'_>]) -> Self {
        let mut numbers: Vec<f64> = Vec::new();
        let mut words: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for value in column {
            match value {
                Value::Missing => {}
                Value::Number(number) => numbers.push(*number),
                Value::Word(word) => *words.entry(word).or_default() += 1,
            }
        }
        if words.is_empty() {
            numbers.sort_by(f64::total_cmp);
            let mut edges: Vec<f64> =
                (1..BINS).map(|tenth| quantile_sorted(&numbers, tenth as f64 / BINS as f64)).collect();
            edges.retain(|edge| edge.is_finite());
            edges.dedup();
            return Self::UpTo(edges);
        }
        let mut ranked: Vec<(&str, u64)> = words.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        Self::Words(ranked.into_iter().take(WORDS).map(|(word, _)| word.to_owned()).collect())
    }

    fn count(&self, column: &[Value<'_>]) -> Vec<u64> {
        let own = match self {
            Self::UpTo(edges) => edges.len(),
            Self::Words(words) => words.len(),
        };
        let mut counts = vec![0; own + 2];
        for value in column {
            let bin = match (self, value) {
                (_, Value::Missing) => own + 1,
                (Self::UpTo(edges), Value::Number(number)) => edges.partition_point(|edge| edge < number),
                (Self::Words(words), Value::Word(word)) => words.iter().position(|known| known == word).unwrap_or(own),
                (Self::UpTo(_), Value::Word(_)) | (Self::Words(_), Value::Number(_)) => own,
            };
            counts[bin] += 1;
        }
        counts
    }
}
