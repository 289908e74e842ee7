//! Makes log-odds honest: Platt's straight line or an isotonic curve, chosen on held-out rows.

use super::loss::Loss;
use super::metrics::{logit, sigmoid};
use super::split::{Split, stratified_folds};
use serde::{Deserialize, Serialize};

/// The largest log-odds a calibrated score may have, either way: probabilities stay inside (0, 1).
pub const MAX_LOG_ODDS: f64 = 12.0;

/// A rising map from raw to calibrated log-odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// Raw is right already.
    Identity,
    /// `slope · raw + offset` (Platt 1999).
    Platt {
        /// Not negative.
        slope: f64,
        /// Log-odds at raw 0.
        offset: f64,
    },
    /// Straight between points, flat outside: the centres of the blocks of pool-adjacent-violators.
    Isotonic {
        /// Raw log-odds, ascending.
        raw: Vec<f64>,
        /// Calibrated log-odds, not descending.
        calibrated: Vec<f64>,
    },
}

impl Calibration {
    /// The calibrated log-odds, within ±[`MAX_LOG_ODDS`].
    pub fn apply(&self, raw: f64) -> f64 {
        let value = match self {
            Self::Identity => raw,
            Self::Platt { slope, offset } => slope * raw + offset,
            Self::Isotonic { raw: at, calibrated } => interpolate(at, calibrated, raw),
        };
        if value.is_nan() { 0.0 } else { value.clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS) }
    }

    /// This one, followed by the line `slope · log-odds + intercept`; a slope below 0 counts as 0.
    #[must_use]
    pub fn then(&self, slope: f64, intercept: f64) -> Self {
        let slope = slope.max(0.0);
        match self {
            Self::Identity => Self::Platt { slope, offset: intercept },
            Self::Platt { slope: first, offset } => {
                Self::Platt { slope: slope * first, offset: slope * offset + intercept }
            }
            Self::Isotonic { raw, calibrated } => Self::Isotonic {
                raw: raw.clone(),
                calibrated: calibrated.iter().map(|value| slope * value + intercept).collect(),
            },
        }
    }

    /// Platt's line by Newton's method, with his smoothed targets.
    pub fn platt(raw: &[f64], positive: &[bool]) -> Self {
        let positives = positive.iter().filter(|hit| **hit).count() as f64;
        let negatives = positive.len() as f64 - positives;
        let high = (positives + 1.0) / (positives + 2.0);
        let low = 1.0 / (negatives + 2.0);
        let target = |hit: bool| if hit { high } else { low };
        let rate = logit((positives + 1.0) / (positives + negatives + 2.0));
        let loss = |slope: f64, offset: f64| -> f64 {
            raw.iter()
                .zip(positive)
                .map(|(x, hit)| {
                    let z = slope * x + offset;
                    z.max(0.0) + (-z.abs()).exp().ln_1p() - target(*hit) * z
                })
                .sum()
        };
        let (mut slope, mut offset) = (1.0, 0.0);
        let mut current = loss(slope, offset);
        for _ in 0..50 {
            let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            for (x, hit) in raw.iter().zip(positive) {
                let p = sigmoid(slope * x + offset);
                let (d, w) = (p - target(*hit), p * (1.0 - p));
                g0 += d * x;
                g1 += d;
                h00 += w * x * x;
                h01 += w * x;
                h11 += w;
            }
            let determinant = h00 * h11 - h01 * h01;
            if determinant.abs() < 1e-300 || g0.abs().max(g1.abs()) < 1e-9 {
                break;
            }
            let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
            let mut size = 1.0;
            let mut moved = false;
            while size > 1e-6 {
                let next = (slope - size * step.0, offset - size * step.1);
                let value = loss(next.0, next.1);
                if value < current {
                    (slope, offset) = next;
                    current = value;
                    moved = true;
                    break;
                }
                size /= 2.0;
            }
            if !moved {
                break;
            }
        }
        if slope > 0.0 && slope.is_finite() && offset.is_finite() {
            Self::Platt { slope, offset }
        } else {
            // The raw score does not rank at all: say the rate.
            Self::Platt { slope: 0.0, offset: rate }
        }
    }

    /// The isotonic curve by pool-adjacent-violators (Ayer et al. 1955), its block rates smoothed
    /// by one row at the overall rate.
    pub fn isotonic(raw: &[f64], positive: &[bool]) -> Self {
        let n = raw.len().min(positive.len());
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| raw[*a].total_cmp(&raw[*b]));
        let overall = positive[..n].iter().filter(|hit| **hit).count() as f64 / n.max(1) as f64;
        // (sum of raw, hits, rows)
        let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
        let mut at = 0;
        while at < n {
            let mut block = (0.0, 0.0, 0.0);
            let tie = raw[order[at]];
            while at < n && raw[order[at]].total_cmp(&tie).is_eq() {
                block.0 += tie;
                block.1 += f64::from(u8::from(positive[order[at]]));
                block.2 += 1.0;
                at += 1;
            }
            blocks.push(block);
            while let [.., a, b] = blocks.as_slice() {
                if a.1 * b.2 < b.1 * a.2 {
                    break;
                }
                let merged = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
                blocks.truncate(blocks.len() - 2);
                blocks.push(merged);
            }
        }
        let mut highest = f64::NEG_INFINITY;
        let (raw, calibrated) = blocks
            .iter()
            .map(|(sum, hits, rows)| {
                highest = highest.max(logit((hits + overall) / (rows + 1.0)));
                (sum / rows, highest)
            })
            .unzip();
        Self::Isotonic { raw, calibrated }
    }

    /// The kind with the least log loss in five-fold cross-validation, with the cross-fitted
    /// log-odds that were compared; a more flexible kind must win by half a standard error.
    pub fn choose(raw: &[f64], positive: &[bool], seed: u64) -> (Self, Vec<f64>) {
        let kinds: [Kind; 3] = [|_, _| Self::Identity, Self::platt, Self::isotonic];
        let splits = stratified_folds(positive, None, 5, seed);
        if splits.is_empty() {
            return (Self::Identity, raw.to_vec());
        }
        let mut best = 0;
        let mut standing = cross_fitted(kinds[0], raw, positive, &splits);
        for (index, kind) in kinds.into_iter().enumerate().skip(1) {
            let fitted = cross_fitted(kind, raw, positive, &splits);
            if clearly_less(&losses(&fitted, positive), &losses(&standing, positive)) {
                (best, standing) = (index, fitted);
            }
        }
        (kinds[best](raw, positive), standing)
    }

    /// Whether a stored curve is a curve.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Identity => true,
            Self::Platt { slope, offset } => *slope >= 0.0 && slope.is_finite() && offset.is_finite(),
            Self::Isotonic { raw, calibrated } => {
                raw.len() == calibrated.len()
                    && !raw.is_empty()
                    && raw.windows(2).all(|pair| pair[0] <= pair[1])
                    && calibrated.windows(2).all(|pair| pair[0] <= pair[1])
            }
        }
    }
}

/// A way to find a curve from raw log-odds and outcomes.
type Kind = fn(&[f64], &[bool]) -> Calibration;

/// Each row calibrated by a curve that did not see it.
fn cross_fitted(kind: Kind, raw: &[f64], positive: &[bool], splits: &[Split]) -> Vec<f64> {
    let mut fitted = vec![f64::NAN; raw.len()];
    for split in splits {
        let train: Vec<f64> = split.train.iter().map(|row| raw[*row]).collect();
        let hits: Vec<bool> = split.train.iter().map(|row| positive[*row]).collect();
        let calibration = kind(&train, &hits);
        for row in &split.valid {
            fitted[*row] = calibration.apply(raw[*row]);
        }
    }
    fitted
}

fn losses(log_odds: &[f64], positive: &[bool]) -> Vec<f64> {
    let loss = |(z, hit): (&f64, &bool)| Loss::Logistic.value(f64::from(u8::from(*hit)), *z);
    log_odds.iter().zip(positive).map(loss).collect()
}

fn clearly_less(losses: &[f64], standing: &[f64]) -> bool {
    let n = losses.len() as f64;
    let gaps: Vec<f64> = standing.iter().zip(losses).map(|(a, b)| a - b).collect();
    let mean = gaps.iter().sum::<f64>() / n;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / n;
    mean > 0.5 * (variance / n).sqrt()
}

/// The value at `x` on the line through the points; the end values outside.
pub(crate) fn interpolate(at: &[f64], values: &[f64], x: f64) -> f64 {
    let above = at.partition_point(|point| *point < x);
    match (above.checked_sub(1), values.get(above)) {
        (None, Some(first)) => *first,
        (None, None) => f64::NAN,
        (Some(below), None) => values[below],
        (Some(below), Some(high)) => {
            let (x0, x1) = (at[below], at[above]);
            let share = if x1 > x0 { (x - x0) / (x1 - x0) } else { 1.0 };
            values[below] + (high - values[below]) * share
        }
    }
}
