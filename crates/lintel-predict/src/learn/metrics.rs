//! Measures of probabilities and of numbers against what happened.

use lintel_domain::rng::Rng;
use serde::{Deserialize, Serialize};

/// Probabilities closer to 0 or 1 than this are moved here before a logarithm is taken.
pub const PROBABILITY_EDGE: f64 = 1e-6;

/// `ln(p / (1 − p))` of a probability kept away from 0 and 1 by [`PROBABILITY_EDGE`].
pub fn logit(probability: f64) -> f64 {
    let p = probability.clamp(PROBABILITY_EDGE, 1.0 - PROBABILITY_EDGE);
    (p / (1.0 - p)).ln()
}

/// `1 / (1 + e^(−x))`, without overflow.
pub fn sigmoid(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let e = log_odds.exp();
        e / (1.0 + e)
    }
}

/// How well probabilities told what would happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// Rows measured.
    pub n: usize,
    /// How many were positive.
    pub positives: usize,
    /// Probability that a positive ranks above a negative; ties count half.
    pub auc: f64,
    /// Average precision: area under precision over recall, in steps.
    pub pr_auc: f64,
    /// Mean of `−ln p(what happened)`.
    pub log_loss: f64,
    /// Mean squared distance of probability and outcome.
    pub brier: f64,
    /// Expected calibration error over ten bins of equal width.
    pub ece: f64,
    /// Rate of positives in each tenth (best first) over the overall rate.
    pub lift_by_decile: Vec<f64>,
    /// The reliability curve: mean probability, observed rate and count of each non-empty bin.
    pub reliability: Vec<ReliabilityBin>,
}

/// One bin of the reliability curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Mean of the probabilities in the bin.
    pub predicted: f64,
    /// Share of positives in the bin.
    pub observed: f64,
    /// Rows in the bin.
    pub n: usize,
}

/// Measures probabilities; `None` without both a positive and a negative row.
pub fn classify(probabilities: &[f64], positive: &[bool]) -> Option<ClassMetrics> {
    let n = probabilities.len().min(positive.len());
    let positives = positive[..n].iter().filter(|hit| **hit).count();
    if positives == 0 || positives == n {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let (auc, pr_auc) = areas(&order, probabilities, positive, positives);
    let mut log_loss = 0.0;
    let mut brier = 0.0;
    for row in 0..n {
        let p = probabilities[row].clamp(PROBABILITY_EDGE, 1.0 - PROBABILITY_EDGE);
        let y = f64::from(u8::from(positive[row]));
        log_loss -= if positive[row] { p.ln() } else { (1.0 - p).ln() };
        brier += (probabilities[row] - y).powi(2);
    }
    let reliability = reliability(&probabilities[..n], &positive[..n]);
    let ece = ece(&reliability, n);
    let rate = positives as f64 / n as f64;
    let lift_by_decile = (0..10)
        .map(|tenth| &order[n * tenth / 10..n * (tenth + 1) / 10])
        .filter(|part| !part.is_empty())
        .map(|part| {
            let hits = part.iter().filter(|row| positive[**row]).count();
            hits as f64 / part.len() as f64 / rate
        })
        .collect();
    Some(ClassMetrics {
        n,
        positives,
        auc,
        pr_auc,
        log_loss: log_loss / n as f64,
        brier: brier / n as f64,
        ece,
        lift_by_decile,
        reliability,
    })
}

/// The calibration error that is left to chance where every probability is right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Luck {
    /// Its mean over the draws.
    pub mean: f64,
    /// What one draw in twenty exceeds.
    pub high: f64,
}

/// The [`ClassMetrics::ece`] of outcomes drawn `draws` times from the probabilities themselves: the same rows cannot
/// show less error on average, however good the model. `None` without rows or draws.
pub fn ece_by_luck(probabilities: &[f64], draws: usize, seed: u64) -> Option<Luck> {
    let mut random = Rng::new(seed ^ 0x6c75_636b);
    let mut errors: Vec<f64> = (0..draws)
        .map(|_| {
            let drawn: Vec<bool> = probabilities.iter().map(|p| random.chance(*p)).collect();
            ece(&reliability(probabilities, &drawn), probabilities.len())
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    let mean = errors.iter().sum::<f64>() / draws as f64;
    (draws > 0 && !probabilities.is_empty()).then(|| Luck { mean, high: quantile_sorted(&errors, 0.95) })
}

fn ece(bins: &[ReliabilityBin], rows: usize) -> f64 {
    bins.iter().map(|bin| (bin.predicted - bin.observed).abs() * bin.n as f64).sum::<f64>() / rows as f64
}

/// How well predicted numbers told what would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberMetrics {
    /// Rows measured.
    pub n: usize,
    /// Mean absolute error, in units of the target.
    pub mae: f64,
    /// Root of the mean squared error, in units of the target.
    pub rmse: f64,
    /// Share of the variance explained: 1 is perfect, 0 as good as the mean.
    pub r2: f64,
    /// Median of `|error / actual|`; absent when an actual value is not positive.
    pub median_ape: Option<f64>,
    /// Share of rows inside the 80 % and inside the 95 % interval, where measured.
    pub coverage: Option<(f64, f64)>,
}

impl NumberMetrics {
    /// Measures predictions, without intervals.
    pub fn of(predicted: &[f64], actual: &[f64]) -> Self {
        let n = predicted.len().min(actual.len());
        let errors: Vec<f64> = predicted.iter().zip(actual).map(|(p, a)| p - a).collect();
        let mean = actual[..n].iter().sum::<f64>() / n as f64;
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        let total: f64 = actual[..n].iter().map(|a| (a - mean).powi(2)).sum();
        let shares: Vec<f64> = errors.iter().zip(actual).map(|(error, a)| (error / a).abs()).collect();
        Self {
            n,
            mae: errors.iter().map(|error| error.abs()).sum::<f64>() / n as f64,
            rmse: (squares / n as f64).sqrt(),
            r2: 1.0 - squares / total,
            median_ape: actual[..n].iter().all(|a| *a > 0.0).then(|| median(&shares)),
            coverage: None,
        }
    }
}

/// Area under the ROC curve of any score; `None` without both classes.
pub fn auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let n = scores.len().min(positive.len());
    let positives = positive[..n].iter().filter(|hit| **hit).count();
    if positives == 0 || positives == n {
        return None;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    Some(areas(&order, scores, positive, positives).0)
}

fn areas(order: &[usize], scores: &[f64], positive: &[bool], positives: usize) -> (f64, f64) {
    let negatives = order.len() - positives;
    let (mut hits, mut misses, mut area, mut precision) = (0.0, 0.0, 0.0, 0.0);
    let mut at = 0;
    while at < order.len() {
        let (mut tie_hits, mut tie_misses) = (0.0, 0.0);
        let score = scores[order[at]];
        while at < order.len() && scores[order[at]] == score {
            if positive[order[at]] {
                tie_hits += 1.0;
            } else {
                tie_misses += 1.0;
            }
            at += 1;
        }
        if tie_hits + tie_misses == 0.0 {
            break; // a NaN score equals nothing, itself included
        }
        area += tie_misses * (hits + tie_hits / 2.0);
        hits += tie_hits;
        misses += tie_misses;
        precision += tie_hits * hits / (hits + misses);
    }
    (area / (positives as f64 * negatives as f64), precision / positives as f64)
}

fn reliability(probabilities: &[f64], positive: &[bool]) -> Vec<ReliabilityBin> {
    let mut bins = [(0.0, 0usize, 0usize); 10];
    for (p, hit) in probabilities.iter().zip(positive) {
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        bin.0 += p;
        bin.1 += usize::from(*hit);
        bin.2 += 1;
    }
    bins.iter()
        .filter(|bin| bin.2 > 0)
        .map(|(sum, hits, n)| ReliabilityBin { predicted: sum / *n as f64, observed: *hits as f64 / *n as f64, n: *n })
        .collect()
}

/// The `q`-quantile of sorted values, linear between neighbours; NaN when there are none.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64)
}

/// The median; NaN when there are no values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_sorted(&sorted, 0.5)
}
