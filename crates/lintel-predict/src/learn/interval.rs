//! Intervals with honest coverage: split-conformal quantiles of residuals over their own scale.

use super::metrics::median;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The fewest held-out residuals an interval may rest on: below, a 95 % interval has no data in its tails.
pub const MIN_RESIDUALS: usize = 40;

/// Signed quantiles of `(actual − predicted) / scale` over held-out rows.
///
/// The interval `predicted + scale · [q(α/2), q(1−α/2)]` covers a share `1 − α` of future rows
/// when these are exchangeable with the held-out ones (Vovk et al. 2005; Lei et al. 2018).
/// Both tails have their own quantile, so a skewed error gives a skewed interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conformal {
    lower95: f64,
    lower80: f64,
    upper80: f64,
    upper95: f64,
    /// Held-out residuals behind the quantiles.
    pub n: usize,
}

/// A value with an 80 % and a 95 % interval around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// 2.5 % lie below.
    pub lower95: f64,
    /// 10 % lie below.
    pub lower80: f64,
    /// 10 % lie above.
    pub upper80: f64,
    /// 2.5 % lie above.
    pub upper95: f64,
}

impl Conformal {
    /// The quantiles of held-out residuals, each divided by its scale.
    pub fn learn(residuals: &[f64], scales: &[f64]) -> Result<Self> {
        Self::weighed(residuals, scales, &vec![1.0; residuals.len()])
    }

    /// The same, each score counting by its weight, 1 for one as near to the rows to come as can be.
    ///
    /// A row to come takes part with weight 1 and an infinite score (Barber, Candès, Ramdas & Tibshirani 2023,
    /// "Conformal prediction beyond exchangeability", Annals of Statistics 51(2)): what the interval falls short of
    /// `1 − α` is then at most the weighted sum of how far each score's distribution has moved since.
    pub fn weighed(residuals: &[f64], scales: &[f64], weights: &[f64]) -> Result<Self> {
        let mut scores: Vec<(f64, f64)> = residuals
            .iter()
            .zip(scales)
            .zip(weights)
            .map(|((residual, scale), weight)| (residual / scale, *weight))
            .filter(|(score, weight)| score.is_finite() && *weight > 0.0)
            .collect();
        if scores.len() < MIN_RESIDUALS {
            return Err(Error::InsufficientData {
                rows: scores.len(),
                needed: MIN_RESIDUALS,
                what: "held-out residuals",
            });
        }
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = 1.0 + scores.iter().map(|(_, weight)| weight).sum::<f64>();
        let upper = |level: f64| reached(scores.iter(), level * total).max(0.0);
        let lower = |level: f64| reached(scores.iter().rev(), level * total).min(0.0);
        Ok(Self {
            lower95: lower(0.975),
            lower80: lower(0.9),
            upper80: upper(0.9),
            upper95: upper(0.975),
            n: scores.len(),
        })
    }

    /// The intervals around a prediction: `lower95 ≤ lower80 ≤ predicted ≤ upper80 ≤ upper95`.
    pub fn around(&self, predicted: f64, scale: f64) -> Interval {
        Interval {
            lower95: predicted + self.lower95 * scale,
            lower80: predicted + self.lower80 * scale,
            upper80: predicted + self.upper80 * scale,
            upper95: predicted + self.upper95 * scale,
        }
    }

    /// Whether stored quantiles are in order.
    pub(crate) fn is_sound(&self) -> bool {
        self.lower95.is_finite()
            && self.upper95.is_finite()
            && self.lower95 <= self.lower80
            && self.lower80 <= 0.0
            && 0.0 <= self.upper80
            && self.upper80 <= self.upper95
    }
}

/// The score with which the weights, summed in this order, reach `needed`; the last where they do not.
fn reached<'a>(scores: impl Iterator<Item = &'a (f64, f64)>, needed: f64) -> f64 {
    let (mut sum, mut found) = (0.0, 0.0);
    for (score, weight) in scores {
        (sum, found) = (sum + weight, *score);
        if sum >= needed {
            break;
        }
    }
    found
}

/// Targets for a dispersion model: `ln(|residual| + a tenth of the median)`.
///
/// The mean of this logarithm, exponentiated, is the scale of a row; the offset keeps a lucky
/// hit from counting as certainty.
pub fn dispersion_targets(residuals: &[f64]) -> Vec<f64> {
    let sizes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    let offset = (median(&sizes) * 0.1).max(1e-9);
    sizes.iter().map(|size| (size + offset).ln()).collect()
}
