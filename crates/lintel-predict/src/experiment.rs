//! Experiments: who is assigned to what, and whether variants differ, at any time one looks.
//!
//! Assignment is a hash of experiment and person: the same answer on every node, forever, and by nothing that is known
//! about the person. Differences are tested by the mixture sequential probability ratio test (Robbins 1970; Johari,
//! Koomen, Pekelis and Walsh, "Always Valid Inference", Operations Research 2022): its p-value and interval hold at
//! whatever moment somebody stops.

use lintel_domain::id::{ExperimentId, LeadId};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The spread of differences that are worth finding, in shares: the mixing distribution is normal with this deviation.
const TAU: f64 = 0.05;
/// With fewer people on either side the normal approximation behind the test says nothing.
pub const FEWEST: u64 = 30;
/// The level of intervals, and of a p-value that ends an experiment.
pub const LEVEL: f64 = 0.05;

/// The variant of a lead: by weight, the same for the same ids forever. 0 when there are no weights.
pub fn assign(experiment: ExperimentId, lead: LeadId, weights: &[u32]) -> usize {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let digest = Sha256::new().chain_update(experiment.0.as_bytes()).chain_update(lead.0.as_bytes()).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let mut at = ((u128::from(u64::from_be_bytes(first)) * u128::from(total)) >> 64) as u64;
    for (variant, weight) in weights.iter().enumerate() {
        if at < u64::from(*weight) {
            return variant;
        }
        at -= u64::from(*weight);
    }
    0
}

/// How often something happened on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// People for whom it is known.
    pub n: u64,
    /// Those to whom it happened.
    pub hits: u64,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, hit: bool) {
        self.n += 1;
        self.hits += u64::from(hit);
    }

    /// The share; `None` of nobody.
    pub fn rate(self) -> Option<f64> {
        (self.n > 0).then(|| self.hits as f64 / self.n as f64)
    }

    /// The variance of a share, of one person, with half a hit and half a miss added so that it is never 0.
    fn variance(self) -> f64 {
        let rate = (self.hits as f64 + 0.5) / (self.n as f64 + 1.0);
        rate * (1.0 - rate)
    }
}

/// What can be said about a difference after everything so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The variant's share less the control's.
    pub estimate: f64,
    /// Where the difference lies, at whatever moment one looks, in 95 of 100 experiments.
    pub interval95: (f64, f64),
    /// The least p-value so far: it never rises, and may be looked at at any time.
    pub p_value: f64,
}

/// Follows two sides as results come in.
#[derive(Debug, Clone, Default)]
pub struct Sequential {
    /// The control.
    pub control: Tally,
    /// The variant.
    pub variant: Tally,
    least: Option<f64>,
}

impl Sequential {
    /// Takes one result, in the order in which they came to be known.
    pub fn count(&mut self, is_variant: bool, hit: bool) {
        if is_variant {
            self.variant.count(hit);
        } else {
            self.control.count(hit);
        }
        if let Some((estimate, variance)) = self.state() {
            let sum = variance + TAU * TAU;
            let log_ratio = 0.5 * (variance / sum).ln() + estimate * estimate * TAU * TAU / (2.0 * variance * sum);
            let p = (-log_ratio).exp().min(1.0);
            self.least = Some(self.least.map_or(p, |least| least.min(p)));
        }
    }

    /// What can be said by now; `None` while either side has fewer than [`FEWEST`].
    pub fn difference(&self) -> Option<Difference> {
        let (estimate, variance) = self.state()?;
        let sum = variance + TAU * TAU;
        let reach = 2.0 * variance * sum / (TAU * TAU) * ((1.0 / LEVEL).ln() + 0.5 * (sum / variance).ln());
        let half = reach.sqrt();
        Some(Difference {
            estimate,
            interval95: ((estimate - half).max(-1.0), (estimate + half).min(1.0)),
            p_value: self.least.unwrap_or(1.0),
        })
    }

    /// The difference and its variance.
    fn state(&self) -> Option<(f64, f64)> {
        if self.control.n < FEWEST || self.variant.n < FEWEST {
            return None;
        }
        let estimate = self.variant.rate()? - self.control.rate()?;
        let variance =
            self.control.variance() / self.control.n as f64 + self.variant.variance() / self.variant.n as f64;
        Some((estimate, variance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lintel_domain::rng::Rng;

    fn experiment(n: u64) -> ExperimentId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    fn lead(n: u64) -> LeadId {
        format!("00000000-0000-7000-8000-{n:012x}").parse().unwrap()
    }

    #[test]
    fn people_are_assigned_by_weight_and_always_alike() {
        let mut counts = [0_u32; 3];
        for person in (0..9_000).map(lead) {
            let variant = assign(experiment(7), person, &[1, 2, 0]);
            assert_eq!(variant, assign(experiment(7), person, &[1, 2, 0]));
            counts[variant] += 1;
        }
        assert!((2_850..3_150).contains(&counts[0]) && counts[2] == 0, "{counts:?}");
        let of = |n: u64, person: u64| assign(experiment(n), lead(person), &[1, 1]);
        let same = (0..1_000).filter(|person| of(7, *person) == of(8, *person)).count();
        assert!((430..570).contains(&same), "another experiment assigns anew: {same}");
        assert_eq!(assign(experiment(7), lead(1), &[]), 0);
    }

    /// The share of experiments that find a difference when one looks after every person.
    fn found(control: f64, variant: f64) -> f64 {
        let runs = 200;
        let finds = (0..runs).filter(|run| {
            let mut rng = Rng::new(*run);
            let mut test = Sequential::default();
            for _ in 0..2_000 {
                let is_variant = rng.chance(0.5);
                test.count(is_variant, rng.chance(if is_variant { variant } else { control }));
            }
            test.difference().unwrap().p_value < LEVEL
        });
        finds.count() as f64 / runs as f64
    }

    #[test]
    fn looking_at_every_moment_finds_nothing_where_nothing_is() {
        assert!(found(0.2, 0.2) <= 0.06, "{}", found(0.2, 0.2));
        assert!(found(0.2, 0.3) > 0.9, "{}", found(0.2, 0.3));
    }

    #[test]
    fn the_p_value_never_rises_and_the_interval_holds_the_difference() {
        let mut rng = Rng::new(3);
        let mut test = Sequential::default();
        let mut last = 1.0;
        for row in 0..4_000 {
            test.count(row % 2 == 0, rng.chance(if row % 2 == 0 { 0.25 } else { 0.2 }));
            let Some(now) = test.difference() else { continue };
            assert!(now.p_value <= last);
            last = now.p_value;
        }
        let (low, high) = test.difference().unwrap().interval95;
        assert!(low <= 0.05 && 0.05 <= high && high - low < 0.12, "{low} {high}");
    }
}
