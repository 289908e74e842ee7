//! Recalibration: a score that ranks well but says too much or too little is moved along a line by recent outcomes.

use serde::{Deserialize, Serialize};

use super::compare::Paired;
use crate::learn::metrics::sigmoid;
use crate::learn::split::fold_numbers;

/// `slope · log-odds + intercept` (logistic recalibration, Cox 1958).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// 1 leaves the spread as it is; below 1 the scores were too extreme.
    pub slope: f64,
    /// 0 leaves the level as it is; below 0 the scores were too high.
    pub intercept: f64,
}

/// What recent outcomes say about a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recalibration {
    /// Where to move the log-odds.
    pub line: Line,
    /// From how many recent examples.
    pub n: usize,
    /// How many of them came true.
    pub positives: usize,
    /// Mean log loss of the score as it is.
    pub log_loss_before: f64,
    /// The same with lines that had not seen the example.
    pub log_loss_after: f64,
    /// Standard error of the mean difference of the two, by person.
    pub standard_error: f64,
}

/// Standard deviations of the beliefs that pull the line to "leave it": intercept around 0, slope around 1. With few
/// outcomes the line stays near there; 100 outcomes outweigh them.
const BELIEF: (f64, f64) = (0.5, 0.25);
const FOLDS: usize = 5;

impl Recalibration {
    /// Looks at log-odds that a score gave before the outcomes were known; `groups` tells persons apart.
    pub fn of(log_odds: &[f64], positive: &[bool], groups: &[u64], seed: u64) -> Self {
        let n = log_odds.len();
        let fold_of = fold_numbers(n, Some(groups), FOLDS, seed);
        let lines: Vec<Line> = (0..FOLDS as u32)
            .map(|fold| {
                let others: Vec<usize> = (0..n).filter(|row| fold_of[*row] != fold).collect();
                let z: Vec<f64> = others.iter().map(|row| log_odds[*row]).collect();
                let y: Vec<bool> = others.iter().map(|row| positive[*row]).collect();
                Line::fit(&z, &y)
            })
            .collect();
        let moved: Vec<f64> = (0..n).map(|row| lines[fold_of[row] as usize].apply(log_odds[row])).collect();
        let gain = Paired::of_log_odds(log_odds, &moved, positive, groups);
        Self {
            line: Line::fit(log_odds, positive),
            n,
            positives: positive.iter().filter(|hit| **hit).count(),
            log_loss_before: gain.first,
            log_loss_after: gain.second,
            standard_error: gain.standard_error,
        }
    }

    /// Whether moving is clearly better than staying: by more than one standard error.
    pub fn helps(&self) -> bool {
        self.log_loss_before - self.log_loss_after > self.standard_error
    }
}

impl Line {
    /// Where a log-odds is moved.
    pub fn apply(self, log_odds: f64) -> f64 {
        self.slope * log_odds + self.intercept
    }

    /// The line of the greatest posterior, by Newton's method on the penalised log loss.
    pub fn fit(log_odds: &[f64], positive: &[bool]) -> Self {
        let (for_intercept, for_slope) = (BELIEF.0.powi(-2), BELIEF.1.powi(-2));
        let (mut slope, mut intercept) = (1.0_f64, 0.0_f64);
        for _ in 0..50 {
            let (mut g0, mut g1) = (for_slope * (slope - 1.0), for_intercept * intercept);
            let (mut h00, mut h01, mut h11) = (for_slope, 0.0, for_intercept);
            for (z, hit) in log_odds.iter().zip(positive) {
                let p = sigmoid(slope * z + intercept);
                let (d, w) = (p - f64::from(u8::from(*hit)), p * (1.0 - p));
                g0 += d * z;
                g1 += d;
                h00 += w * z * z;
                h01 += w * z;
                h11 += w;
            }
            let determinant = h00 * h11 - h01 * h01;
            let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
            // The penalty keeps the curve convex; a bound on the step keeps Newton on it.
            let size = 1.0 / 1.0_f64.max(step.0.abs().max(step.1.abs()));
            slope -= size * step.0;
            intercept -= size * step.1;
            if step.0.abs().max(step.1.abs()) < 1e-10 {
                break;
            }
        }
        Self { slope: slope.max(0.0), intercept }
    }
}
