//! When requests are meant to leave.

use std::str::FromStr;
use std::time::Duration;

use lintel_domain::rng::Rng;

/// How the times between requests are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Exponential gaps, as of many people who do not know of each other.
    Poisson,
    /// Equal gaps.
    Fixed,
}

impl FromStr for Arrivals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "poisson" => Ok(Self::Poisson),
            "fixed" => Ok(Self::Fixed),
            other => Err(format!("{other:?} is neither poisson nor fixed")),
        }
    }
}

/// Intended times from the beginning of the load, in order, without end.
pub struct Schedule {
    arrivals: Arrivals,
    /// Seconds between two requests on average.
    gap: f64,
    rng: Rng,
    sent: u64,
    at: f64,
}

impl Schedule {
    /// Times for `rate` requests a second, which must be more than 0.
    pub fn new(arrivals: Arrivals, rate: f64, seed: u64) -> Self {
        Self { arrivals, gap: 1.0 / rate, rng: Rng::new(seed), sent: 0, at: 0.0 }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match self.arrivals {
            // Multiplied, not added up: rounding does not change the rate over a long run.
            Arrivals::Fixed => self.at = self.gap * self.sent as f64,
            // Inverse transform: -ln(1 - u) is exponential with mean 1.
            Arrivals::Poisson => self.at += -(1.0 - self.rng.unit()).ln() * self.gap,
        }
        self.sent += 1;
        Some(Duration::from_secs_f64(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrivals, Schedule};

    #[test]
    fn both_kinds_of_arrivals_keep_the_rate() {
        for arrivals in [Arrivals::Poisson, Arrivals::Fixed] {
            let sent = Schedule::new(arrivals, 1000.0, 7).take_while(|at| at.as_secs_f64() < 100.0).count();
            assert!((99_000..=101_000).contains(&sent), "{arrivals:?} {sent}");
        }
    }

    #[test]
    fn poisson_gaps_are_as_spread_as_their_mean_and_fixed_gaps_are_equal() {
        let spread = |arrivals| {
            let times: Vec<f64> = Schedule::new(arrivals, 100.0, 3).take(20_000).map(|at| at.as_secs_f64()).collect();
            let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
            variance.sqrt() / mean
        };
        assert!((spread(Arrivals::Poisson) - 1.0).abs() < 0.05);
        assert!(spread(Arrivals::Fixed) < 0.01);
    }

    #[test]
    fn the_same_seed_gives_the_same_times() {
        let times = |seed| Schedule::new(Arrivals::Poisson, 50.0, seed).take(100).collect::<Vec<_>>();
        assert_eq!(times(1), times(1));
        assert_ne!(times(1), times(2));
    }
}
