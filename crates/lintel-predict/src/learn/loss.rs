//! What the trees make small: losses with their first and second derivatives.

use super::metrics::sigmoid;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A loss between a target and a raw prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Loss {
    /// `−ln p(y)` with `p = sigmoid(raw)`, targets 0 and 1; raw is log-odds.
    Logistic,
    /// `(y − raw)² / 2`; raw is the mean.
    Squared,
    /// Squared up to `delta`, straight beyond it.
    Huber {
        /// Where the straight part begins, in units of the target.
        delta: f64,
    },
    /// `|y − raw|`; raw is the median.
    Absolute,
    /// The pinball loss; raw is the `level`-quantile.
    Quantile {
        /// The quantile, strictly between 0 and 1.
        level: f64,
    },
}

impl Loss {
    /// Checks the parameters and that every target suits the loss.
    pub fn check(self, targets: &[f64]) -> Result<()> {
        match self {
            Self::Huber { delta } if !(delta > 0.0 && delta.is_finite()) => {
                return Err(Error::Setting { name: "delta", detail: "must be positive" });
            }
            Self::Quantile { level } if !(level > 0.0 && level < 1.0) => {
                return Err(Error::Setting { name: "level", detail: "must be between 0 and 1" });
            }
            _ => {}
        }
        let usable = |value: f64| match self {
            Self::Logistic => value == 0.0 || value == 1.0,
            _ => value.is_finite() && value.abs() < 1e150,
        };
        match targets.iter().position(|value| !usable(*value)) {
            Some(row) => Err(Error::BadLabel { row, value: targets[row] }),
            None => Ok(()),
        }
    }

    /// The constant raw prediction with the least loss.
    pub(crate) fn initial(self, targets: &[f64], weights: Option<&[f32]>) -> f64 {
        let weight = |row: usize| weights.map_or(1.0, |w| f64::from(w[row]));
        match self {
            Self::Absolute | Self::Huber { .. } | Self::Quantile { .. } => {
                let mut pairs: Vec<(f64, f64)> = (0..targets.len()).map(|row| (targets[row], weight(row))).collect();
                weighted_quantile(&mut pairs, self.level())
            }
            Self::Logistic | Self::Squared => {
                let total: f64 = (0..targets.len()).map(weight).sum();
                let sum: f64 = (0..targets.len()).map(|row| targets[row] * weight(row)).sum();
                let mean = if total > 0.0 { sum / total } else { 0.0 };
                if matches!(self, Self::Logistic) { super::metrics::logit(mean) } else { mean }
            }
        }
    }

    /// First and second derivative by the raw prediction.
    pub(crate) fn derivatives(self, target: f64, raw: f64) -> (f64, f64) {
        match self {
            Self::Logistic => {
                let p = sigmoid(raw);
                (p - target, (p * (1.0 - p)).max(1e-16))
            }
            Self::Squared => (raw - target, 1.0),
            Self::Huber { delta } => ((raw - target).clamp(-delta, delta), 1.0),
            Self::Absolute => (sign(raw - target), 1.0),
            Self::Quantile { level } => {
                let up = if raw >= target { 1.0 - level } else { -level };
                (up, 1.0)
            }
        }
    }

    /// The loss of one row.
    pub(crate) fn value(self, target: f64, raw: f64) -> f64 {
        let error = raw - target;
        match self {
            Self::Logistic => {
                let signed = if target > 0.5 { -raw } else { raw };
                // ln(1 + e^x) without overflow
                signed.max(0.0) + (-signed.abs()).exp().ln_1p()
            }
            Self::Squared => error * error / 2.0,
            Self::Huber { delta } if error.abs() > delta => delta * (error.abs() - delta / 2.0),
            Self::Huber { .. } => error * error / 2.0,
            Self::Absolute => error.abs(),
            Self::Quantile { level } => {
                if error >= 0.0 {
                    (1.0 - level) * error
                } else {
                    -level * error
                }
            }
        }
    }

    /// Whether leaf values are quantiles of residuals instead of Newton steps.
    pub(crate) fn renews_leaves(self) -> bool {
        matches!(self, Self::Absolute | Self::Quantile { .. })
    }

    /// The quantile that the loss aims at.
    pub(crate) fn level(self) -> f64 {
        match self {
            Self::Quantile { level } => level,
            _ => 0.5,
        }
    }
}

/// The smallest value at which the weights reach `level` of their sum; 0 without weight.
pub(crate) fn weighted_quantile(pairs: &mut [(f64, f64)], level: f64) -> f64 {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
    let mut sum = 0.0;
    for (value, weight) in pairs.iter() {
        sum += weight;
        if sum >= level * total && *weight > 0.0 {
            return *value;
        }
    }
    pairs.last().map_or(0.0, |pair| pair.0)
}

fn sign(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}
