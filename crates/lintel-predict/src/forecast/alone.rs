//! A series without a market: its candidates weighed by its own record, as sharply as that record allows.

use super::trend::{Candidate, Family, State, WAYS};

/// How sharply misses tell: the power, for one independent stretch of time.
const SHARP: f64 = 2.0;
/// The least miss, over the mean of all candidates: what was never wrong is not infinitely better.
const LEAST: f64 = 1e-6;

/// How far each candidate missed at earlier origins, by how far ahead it looked.
#[derive(Debug, Clone)]
pub(super) struct Misses {
    /// By candidate: summed absolute misses by step.
    sums: Vec<Vec<f64>>,
    /// Origins after which each step is known.
    known: Vec<usize>,
}

impl Misses {
    pub(super) fn new(family: &Family, steps: usize) -> Self {
        Self { sums: vec![vec![0.0; steps]; family.candidates.len()], known: vec![0; steps] }
    }

    /// Adds one origin: where the series stood, and what came.
    pub(super) fn add(&mut self, family: &Family, state: &State, came: &[f64]) {
        for (sums, candidate) in self.sums.iter_mut().zip(&family.candidates) {
            family.add_misses(*candidate, state, came, sums);
        }
        for (known, _) in self.known.iter_mut().zip(came).filter(|(_, value)| value.is_finite()) {
            *known += 1;
        }
    }

    /// Weights that add up to 1, from origins so many steps apart.
    ///
    /// Misses `h` steps ahead of origins less than `h` apart share what happened, so they tell as much as `n` stretches of
    /// time do, `n` their number times the distance over `h`. A weight falls with the logarithm of the miss, times the
    /// root of `n`, averaged over the steps with weights `1/h`: what is near was seen more often, and is known better. Each
    /// [way to go on](Candidate::way) begins with the same share, however many candidates it has.
    pub(super) fn weights(&self, family: &Family, apart: usize) -> Vec<f64> {
        let mut told = vec![0.0; self.sums.len()];
        let mut whole = 0.0;
        for (at, known) in self.known.iter().enumerate() {
            let ahead = (at + 1) as f64;
            let mean = self.sums.iter().map(|sums| sums[at]).sum::<f64>() / self.sums.len() as f64;
            if mean <= 0.0 {
                continue;
            }
            let stretches = *known as f64 * (apart as f64 / ahead).min(1.0);
            for (told, sums) in told.iter_mut().zip(&self.sums) {
                *told += stretches.sqrt() / ahead * (sums[at] / mean).max(LEAST).ln();
            }
            whole += 1.0 / ahead;
        }
        let ways: Vec<usize> = family.candidates.iter().copied().map(Candidate::way).collect();
        let mut alike = [0.0; WAYS];
        for way in &ways {
            alike[*way] += 1.0;
        }
        let best = told.iter().copied().fold(f64::INFINITY, f64::min);
        let sharp = if whole > 0.0 { SHARP / whole } else { 0.0 };
        let raw: Vec<f64> =
            told.iter().zip(&ways).map(|(told, way)| (sharp * (best - told)).exp() / alike[*way]).collect();
        let total: f64 = raw.iter().sum();
        raw.into_iter().map(|weight| weight / total).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::trend::Shape;
    use super::*;

    fn family() -> Family {
        Family::new(12.0, 6, &[0.5], &[0.0, 1.0])
    }

    /// The share of the candidates with a growth, where a series has risen by one a month and gone on by `next`.
    fn moving(origins: usize, next: f64) -> f64 {
        let family = family();
        let mut misses = Misses::new(&family, 6);
        let recent: Vec<f64> = (0..40).map(f64::from).collect();
        let state = State::of(&Shape::new(12.0), &recent, 0.0);
        let came: Vec<f64> = (1..=6).map(|step| 39.0 + next * f64::from(step)).collect();
        for _ in 0..origins {
            misses.add(&family, &state, &came);
        }
        let weights = misses.weights(&family, 3);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        family.candidates.iter().zip(weights).filter(|(c, _)| c.way() >= 2).map(|(_, weight)| weight).sum()
    }

    #[test]
    fn without_a_record_every_way_to_go_on_counts_the_same() {
        assert!((moving(0, 0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_longer_record_decides_more_sharply() {
        let (few, many) = (moving(2, 1.0), moving(40, 1.0));
        assert!(few > 0.5 && many > few, "{few} {many}");
        let (few, many) = (moving(2, 0.0), moving(40, 0.0));
        assert!(few < 0.5 && many < few, "{few} {many}");
    }
}
