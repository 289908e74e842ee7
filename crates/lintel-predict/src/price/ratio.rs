//! The ratio study: how estimates relate to prices paid (IAAO Standard on Ratio Studies, 2013).

use serde::{Deserialize, Serialize};

use crate::learn::metrics::{median, quantile_sorted};

/// Measures of estimates against prices that were not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RatioStudy {
    /// Sales measured.
    pub n: usize,
    /// Median of `|estimate − price| / price`.
    pub median_ape: f64,
    /// Mean of it.
    pub mean_ape: f64,
    /// Share of estimates within 10 % of the price.
    pub within_10: f64,
    /// Share within 20 %.
    pub within_20: f64,
    /// Median of `(estimate − price) / price`: negative when estimates run low.
    pub median_signed_error: f64,
    /// Median of `estimate / price`.
    pub median_ratio: f64,
    /// Coefficient of dispersion: mean absolute deviation from the median ratio, in % of it.
    pub cod: f64,
    /// Price-related differential: mean ratio over price-weighted ratio; above 1.03 favours dear homes.
    pub prd: f64,
    /// Price-related bias: change of the ratio, in shares, when the price doubles.
    pub prb: f64,
    /// Share of prices inside the 80 % interval, when intervals were given.
    pub coverage_80: Option<f64>,
    /// Share of prices inside the 95 % interval.
    pub coverage_95: Option<f64>,
    /// Mean interval score of the 80 % interval in % of the price: width plus 10 × miss.
    pub interval_score_80: Option<f64>,
}

/// A price paid, what was estimated before, and the intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// The price paid.
    pub price: f64,
    /// The estimate.
    pub estimate: f64,
    /// Lower and upper end of the 80 % and the 95 % interval.
    pub intervals: Option<[(f64, f64); 2]>,
}

impl Trial {
    pub(crate) fn is_usable(&self) -> bool {
        self.price > 0.0 && self.price.is_finite() && self.estimate.is_finite()
    }
}

/// The value of a home, as sure of the estimate as of the price: neither is the truth.
pub(crate) fn proxy(trial: &Trial, median_ratio: f64) -> f64 {
    f64::midpoint(trial.price, trial.estimate / median_ratio)
}

impl RatioStudy {
    /// The study of some trials; `None` without a usable one.
    pub fn of(trials: &[Trial]) -> Option<Self> {
        let usable: Vec<&Trial> = trials.iter().filter(|t| t.is_usable()).collect();
        let n = usable.len();
        if n == 0 {
            return None;
        }
        let share = |count: usize, of: usize| count as f64 / of as f64;
        let ratios: Vec<f64> = usable.iter().map(|t| t.estimate / t.price).collect();
        let mut errors: Vec<f64> = ratios.iter().map(|r| (r - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        let median_ratio = median(&ratios);
        let spread = ratios.iter().map(|r| (r - median_ratio).abs()).sum::<f64>() / n as f64;
        let weighted = usable.iter().map(|t| t.estimate).sum::<f64>() / usable.iter().map(|t| t.price).sum::<f64>();
        let within = |limit: f64| share(errors.iter().filter(|e| **e <= limit).count(), n);
        let banded: Vec<&Trial> = usable.iter().copied().filter(|t| t.intervals.is_some()).collect();
        let coverage = |which: usize| {
            let inside = |t: &&&Trial| t.intervals.is_some_and(|i| (i[which].0..=i[which].1).contains(&t.price));
            (!banded.is_empty()).then(|| share(banded.iter().filter(inside).count(), banded.len()))
        };
        let score = |t: &&Trial| {
            let (low, high) = t.intervals.map_or((0.0, 0.0), |i| i[0]);
            let miss = (low - t.price).max(t.price - high).max(0.0);
            100.0 * (high - low + 10.0 * miss) / t.price
        };
        Some(Self {
            n,
            median_ape: quantile_sorted(&errors, 0.5),
            mean_ape: errors.iter().sum::<f64>() / n as f64,
            within_10: within(0.1),
            within_20: within(0.2),
            median_signed_error: median_ratio - 1.0,
            median_ratio,
            cod: 100.0 * spread / median_ratio,
            prd: ratios.iter().sum::<f64>() / n as f64 / weighted,
            prb: price_related_bias(&usable, &ratios, median_ratio),
            coverage_80: coverage(0),
            coverage_95: coverage(1),
            interval_score_80: (!banded.is_empty())
                .then(|| banded.iter().map(score).sum::<f64>() / banded.len() as f64),
        })
    }
}

/// Slope of `(ratio − median) / median` on `log₂` of the mean of price and estimate over the median ratio.
fn price_related_bias(trials: &[&Trial], ratios: &[f64], median_ratio: f64) -> f64 {
    let points: Vec<(f64, f64)> = trials
        .iter()
        .zip(ratios)
        .map(|(t, ratio)| (proxy(t, median_ratio).log2(), (ratio - median_ratio) / median_ratio))
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let cross: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let square: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    if square > 0.0 { cross / square } else { 0.0 }
}
