//! How sure the measures of a ratio study are, over all sales and by price tier.

use lintel_domain::rng::Rng;
use serde::{Deserialize, Serialize};

use super::ratio::{RatioStudy, Trial, proxy};
use crate::learn::metrics::quantile_sorted;

/// 95 % confidence intervals, lower and upper end each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// Of the median ratio: by order statistics, whatever the distribution.
    pub median_ratio: (f64, f64),
    /// Of the coefficient of dispersion: by bootstrap.
    pub cod: (f64, f64),
    /// Of the price-related differential: by bootstrap.
    pub prd: (f64, f64),
    /// Of the price-related bias: by bootstrap.
    pub prb: (f64, f64),
}

/// The ratio study of the homes between two values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// The lowest value in it.
    pub from: f64,
    /// The highest value in it.
    pub to: f64,
    /// The study.
    pub study: RatioStudy,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Samples drawn by the bootstrap.
const SAMPLES: usize = 200;
/// Price tiers: low, middle, high.
const TIERS: usize = 3;
/// The fewest trials of a tier: the IAAO asks for more than a handful.
const MIN_OF_TIER: usize = 30;
/// Standard normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;

impl Confidence {
    /// The intervals of some trials; `None` without a usable one.
    ///
    /// Order statistics of the median: ranks `(n ∓ z·√n) / 2` (IAAO Standard on Ratio Studies 2013,
    /// appendix; Conover 1999, 3.2). The rest are percentiles of bootstrapped studies (Efron 1979).
    pub fn of(trials: &[Trial], seed: u64) -> Option<Self> {
        let mut ratios: Vec<f64> = trials.iter().filter(|t| t.is_usable()).map(|t| t.estimate / t.price).collect();
        ratios.sort_by(f64::total_cmp);
        let n = ratios.len() as f64;
        let last = ratios.len().checked_sub(1)?;
        let reach = Z * n.sqrt() / 2.0;
        let low = (n / 2.0 - reach).floor().max(0.0) as usize;
        let high = (n / 2.0 + reach).ceil() as usize;
        let mut rng = Rng::new(seed);
        let mut sample = Vec::with_capacity(trials.len());
        let mut drawn: [Vec<f64>; 3] = Default::default();
        for _ in 0..SAMPLES {
            sample.clear();
            // Intervals of prices are not part of these measures.
            sample.extend((0..trials.len()).filter_map(|_| rng.pick(trials)).map(|t| Trial { intervals: None, ..*t }));
            if let Some(study) = RatioStudy::of(&sample) {
                for (values, value) in drawn.iter_mut().zip([study.cod, study.prd, study.prb]) {
                    values.push(value);
                }
            }
        }
        let [cod, prd, prb] = drawn.map(|mut values| {
            values.sort_by(f64::total_cmp);
            (quantile_sorted(&values, 0.025), quantile_sorted(&values, 0.975))
        });
        Some(Self { median_ratio: (ratios[low.min(last)], ratios[high.min(last)]), cod, prd, prb })
    }
}

/// The study in thirds by value, lowest first; tiers with few trials are left out.
///
/// The value is the mean of price and estimate over the median ratio: by either alone a tier would
/// hold the homes that the estimate misses to one side.
pub fn tiers(trials: &[Trial], seed: u64) -> Vec<Tier> {
    let Some(all) = RatioStudy::of(trials) else {
        return Vec::new();
    };
    let mut valued: Vec<(f64, Trial)> =
        trials.iter().filter(|t| t.is_usable()).map(|t| (proxy(t, all.median_ratio), *t)).collect();
    valued.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = valued.len();
    (0..TIERS)
        .map(|tier| &valued[n * tier / TIERS..n * (tier + 1) / TIERS])
        .filter(|part| part.len() >= MIN_OF_TIER)
        .filter_map(|part| {
            let trials: Vec<Trial> = part.iter().map(|(_, trial)| *trial).collect();
            Some(Tier {
                from: part[0].0,
                to: part[part.len() - 1].0,
                study: RatioStudy::of(&trials)?,
                confidence: Confidence::of(&trials, seed)?,
            })
        })
        .collect()
}
