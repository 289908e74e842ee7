//! Measures a price model on sales predicted from what was known before them.

use std::collections::BTreeMap;

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use super::confidence::{Confidence, Tier, tiers};
use super::level::LevelAt;
use super::ratio::{RatioStudy, Trial};
use super::recent::weights;
use crate::error::{Error, Result};
use crate::learn::interval::Conformal;

/// A sale predicted from what was known before it.
pub(crate) struct Forecast {
    pub(crate) row: usize,
    pub(crate) day: Day,
    /// The last day that it was predicted from; `None` where other homes of the same time told it.
    pub(crate) known: Option<Day>,
    pub(crate) price: f64,
    pub(crate) predicted: f64,
    pub(crate) shift: f64,
    pub(crate) level: LevelAt,
}

impl Forecast {
    fn value(&self, blend: f64) -> f64 {
        self.predicted + blend * self.shift
    }

    fn error(&self, blend: f64) -> f64 {
        self.price - self.value(blend)
    }
}

/// The share of the comparables' shift with the least mean absolute error.
pub(crate) fn best_blend(forecasts: &[Forecast]) -> f64 {
    let loss = |blend: f64| forecasts.iter().map(|f| f.error(blend).abs()).sum::<f64>();
    (0..=6).map(|step| f64::from(step) * 0.25).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(0.0)
}

/// Forecasts with their errors, and the size of error that was to be expected of each.
pub(crate) struct Scored<'a> {
    pub(crate) forecasts: &'a [Forecast],
    pub(crate) blend: f64,
    pub(crate) scales: Vec<f64>,
}

impl Scored<'_> {
    /// The quantiles of some of the errors, the latest counting most.
    fn quantiles(&self, among: impl Fn(usize, &Forecast) -> bool) -> Result<Conformal> {
        let rows: Vec<usize> = (0..self.forecasts.len()).filter(|at| among(*at, &self.forecasts[*at])).collect();
        let days: Vec<Day> = rows.iter().map(|at| self.forecasts[*at].day).collect();
        let errors: Vec<f64> = rows.iter().map(|at| self.forecasts[*at].error(self.blend)).collect();
        let scales: Vec<f64> = rows.iter().map(|at| self.scales[*at]).collect();
        Conformal::weighed(&errors, &scales, &weights(&days))
    }

    /// What intervals of sales to come rest on.
    pub(crate) fn conformal(&self) -> Result<Conformal> {
        self.quantiles(|_, _| true)
    }

    /// The forecasts in money, with the intervals that were to be had before each: by the errors known by then.
    ///
    /// The first have none. Where that leaves all without, each half is covered by intervals from the other half.
    pub(crate) fn trials(&self) -> Vec<Trial> {
        let mut known: BTreeMap<Day, Option<Conformal>> = BTreeMap::new();
        for day in self.forecasts.iter().filter_map(|f| f.known) {
            known.entry(day).or_insert_with(|| self.quantiles(|_, f| f.day <= day).ok());
        }
        let told = known.values().any(Option::is_some);
        let halves: Result<Vec<Conformal>> =
            [1, 0].into_iter().map(|other| self.quantiles(|at, _| at % 2 == other)).collect();
        let halves = halves.unwrap_or_default();
        let before = |at: usize, f: &Forecast| {
            if told { f.known.and_then(|day| known.get(&day)?.as_ref()) } else { halves.get(at % 2) }
        };
        let trial = |(at, f): (usize, &Forecast)| {
            let value = f.value(self.blend);
            Trial {
                price: f.price.exp(),
                estimate: value.exp(),
                intervals: before(at, f).map(|conformal| {
                    let i = conformal.around(value, self.scales[at]);
                    [(i.lower80.exp(), i.upper80.exp()), (i.lower95.exp(), i.upper95.exp())]
                }),
            }
        };
        self.forecasts.iter().enumerate().map(trial).collect()
    }
}

/// What was measured on later sales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) study: RatioStudy,
    pub(crate) confidence: Confidence,
    pub(crate) tiers: Vec<Tier>,
}

impl Measured {
    pub(crate) fn of(trials: &[Trial], seed: u64) -> Result<Self> {
        let missing = Error::InsufficientData { rows: 0, needed: 1, what: "measured sales" };
        let (Some(study), Some(confidence)) = (RatioStudy::of(trials), Confidence::of(trials, seed)) else {
            return Err(missing);
        };
        Ok(Self { study, confidence, tiers: tiers(trials, seed) })
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    const A_DAY: i32 = 60;
    const STEP: i32 = 30;

    /// Errors of 0.1 until day 60, of 0.2 after it, in three steps of thirty days.
    fn forecasts(known: bool) -> Vec<Forecast> {
        let mut rng = Rng::new(1);
        (0..3 * STEP * A_DAY)
            .map(|sale| {
                let day = sale / A_DAY;
                Forecast {
                    row: sale as usize,
                    day: Day(day),
                    known: known.then_some(Day(day / STEP * STEP - 1)),
                    price: rng.normal() * if day < 2 * STEP { 0.1 } else { 0.2 },
                    predicted: 0.0,
                    shift: 0.0,
                    level: LevelAt { level: 0.0, variance: 0.0 },
                }
            })
            .collect()
    }

    fn scored(forecasts: &[Forecast]) -> Scored<'_> {
        Scored { forecasts, blend: 0.0, scales: vec![1.0; forecasts.len()] }
    }

    #[test]
    fn an_interval_follows_the_spread_of_the_latest_errors() {
        let forecasts = forecasts(true);
        let interval = scored(&forecasts).conformal().unwrap().around(0.0, 1.0);
        // Four in five of N(0, 0.2) lie within 0.256.
        assert!((interval.upper80 - 0.256).abs() < 0.02 && (interval.lower80 + 0.256).abs() < 0.02, "{interval:?}");
    }

    #[test]
    fn coverage_is_told_by_intervals_that_were_to_be_had_before() {
        let all = forecasts(true);
        let trials = scored(&all).trials();
        let step = |number: usize| &trials[number * trials.len() / 3..(number + 1) * trials.len() / 3];
        assert!(step(0).iter().all(|trial| trial.intervals.is_none()), "nothing was known before the first step");
        let coverage = |number: usize| RatioStudy::of(step(number)).unwrap().coverage_80.unwrap();
        assert!((coverage(1) - 0.8).abs() < 0.03, "{}", coverage(1));
        assert!(coverage(2) < 0.6, "nobody knew that the spread would double, but {} are covered", coverage(2));
    }

    #[test]
    fn where_nothing_was_known_before_each_half_is_covered_by_the_other() {
        let trials = scored(&forecasts(false)).trials();
        assert!(trials.iter().all(|trial| trial.intervals.is_some()));
    }
}
