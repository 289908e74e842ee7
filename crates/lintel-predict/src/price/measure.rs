//! Measures a price model on sales predicted from what was known before them.

use serde::{Deserialize, Serialize};

use super::confidence::{Confidence, Tier, tiers};
use super::level::LevelAt;
use super::ratio::{RatioStudy, Trial};
use crate::error::{Error, Result};
use crate::learn::interval::Conformal;

/// A sale predicted from what was known before it.
pub(crate) struct Forecast {
    pub(crate) row: usize,
    pub(crate) price: f64,
    pub(crate) predicted: f64,
    pub(crate) shift: f64,
    pub(crate) level: LevelAt,
}

impl Forecast {
    pub(crate) fn error(&self, blend: f64) -> f64 {
        self.price - self.predicted - blend * self.shift
    }
}

/// The share of the comparables' shift with the least mean absolute error.
pub(crate) fn best_blend(forecasts: &[Forecast]) -> f64 {
    let loss = |blend: f64| forecasts.iter().map(|f| f.error(blend).abs()).sum::<f64>();
    (0..=6).map(|step| f64::from(step) * 0.25).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(0.0)
}

/// The forecasts in money; each half of them is covered by intervals from the other half.
pub(crate) fn trials(forecasts: &[Forecast], blend: f64, scales: &[f64], errors: &[f64]) -> Vec<Trial> {
    let halves: Vec<Conformal> = [0, 1]
        .into_iter()
        .filter_map(|half| {
            let other = |values: &[f64]| -> Vec<f64> { values.iter().skip(1 - half).step_by(2).copied().collect() };
            Conformal::learn(&other(errors), &other(scales)).ok()
        })
        .collect();
    forecasts
        .iter()
        .enumerate()
        .map(|(at, f)| {
            let predicted = f.predicted + blend * f.shift;
            Trial {
                price: f.price.exp(),
                estimate: predicted.exp(),
                intervals: (halves.len() == 2).then(|| {
                    let i = halves[at % 2].around(predicted, scales[at]);
                    [(i.lower80.exp(), i.upper80.exp()), (i.lower95.exp(), i.upper95.exp())]
                }),
            }
        })
        .collect()
}

/// What was measured on later sales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) study: RatioStudy,
    pub(crate) confidence: Confidence,
    pub(crate) tiers: Vec<Tier>,
}

impl Measured {
    pub(crate) fn of(trials: &[Trial], seed: u64) -> Result<Self> {
        let missing = Error::InsufficientData { rows: 0, needed: 1, what: "measured sales" };
        let (Some(study), Some(confidence)) = (RatioStudy::of(trials), Confidence::of(trials, seed)) else {
            return Err(missing);
        };
        Ok(Self { study, confidence, tiers: tiers(trials, seed) })
    }
}
