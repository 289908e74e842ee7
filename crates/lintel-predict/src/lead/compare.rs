//! Champion and challenger on the same rows: a mean difference and how sure it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::learn::loss::Loss;

/// Two losses measured on the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Rows measured.
    pub n: usize,
    /// Mean loss of the first.
    pub first: f64,
    /// Mean loss of the second.
    pub second: f64,
    /// Standard error of the mean difference. Rows of one person count together, since they are alike.
    pub standard_error: f64,
}

impl Paired {
    /// Compares the log losses of two models by the log-odds they gave to the same rows.
    pub fn of_log_odds(first: &[f64], second: &[f64], labels: &[bool], groups: &[u64]) -> Self {
        let losses = |log_odds: &[f64]| -> Vec<f64> {
            let one = |(z, hit): (&f64, &bool)| Loss::Logistic.value(f64::from(u8::from(*hit)), *z);
            log_odds.iter().zip(labels).map(one).collect()
        };
        Self::of(&losses(first), &losses(second), groups)
    }

    /// Compares two losses row by row; `groups` tells persons apart.
    pub fn of(first: &[f64], second: &[f64], groups: &[u64]) -> Self {
        let n = first.len();
        let rows = n.max(1) as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / rows;
        let (a, b) = (mean(first), mean(second));
        let mut of_person: BTreeMap<u64, f64> = BTreeMap::new();
        for row in 0..n {
            *of_person.entry(groups[row]).or_default() += first[row] - second[row] - (a - b);
        }
        // The cluster-robust variance of a mean: the squared sums of the persons over the squared rows, with the usual
        // correction for few persons.
        let persons = of_person.len() as f64;
        let squares: f64 = of_person.values().map(|sum| sum * sum).sum();
        let standard_error =
            if persons > 1.0 { (squares * persons / (persons - 1.0)).sqrt() / rows } else { f64::INFINITY };
        Self { n, first: a, second: b, standard_error }
    }

    /// Whether the second is better by more than one standard error.
    pub fn second_wins(&self) -> bool {
        self.n > 0 && self.first - self.second > self.standard_error
    }
}
