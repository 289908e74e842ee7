//! The estimate of one home: value, intervals, comparables and reasons in money, or a refusal.

use lintel_domain::clock::Day;
use lintel_domain::money::Money;

use super::comparable::{Comparable, Subject, compare};
use super::feature::{HomeFeature, cells, metres, values};
use super::home::Home;
use super::level::LevelAt;
use super::model::PriceModel;
use super::money::{in_money, named};
use super::nearby::{Asked, Shape};
use super::sales::SalesIndex;
use super::support::MAX_DISTANCE_M;
use crate::error::Result;
use crate::learn::interval::Interval;

/// What one feature adds to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The feature; `market_level` is the time, `comparables` what they add,
    /// `calibration` what the trees are off in the median.
    pub feature: String,
    /// How much it adds, in hundredths of the currency.
    pub cents: i64,
}

/// The likely price of a home on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The median of what it would bring.
    pub value: Money,
    /// Lower and upper end of the 80 % interval.
    pub interval80: (Money, Money),
    /// Lower and upper end of the 95 % interval.
    pub interval95: (Money, Money),
    /// The best comparable sales, most similar first.
    pub comparables: Vec<Comparable>,
    /// Where the contributions start from.
    pub base: Money,
    /// What each feature adds, largest first: base plus their sum is the value, to the cent.
    pub contributions: Vec<Contribution>,
}

/// An estimate, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The home is like those that were sold.
    Estimate(Box<Estimate>),
    /// It is not, or something needed is unknown.
    Refused(String),
}

/// Square of the size that four in five of `|N(0, 1)|` stay below: what a variance of the market
/// level adds to the square of a home's own scale.
const LEVEL_SHARE: f64 = 1.6424;

/// The scale of an error: the home's own, widened by how unsure the market level is.
pub(crate) fn scale(log_dispersion: f64, level: &LevelAt) -> f64 {
    (log_dispersion.exp().powi(2) + LEVEL_SHARE * level.variance).sqrt()
}

/// A log value taken apart, with its intervals and comparables.
pub(crate) struct Appraisal {
    pub(crate) log_value: f64,
    /// Where the parts start from.
    pub(crate) base: f64,
    pub(crate) names: Vec<String>,
    /// What each name adds: `base + Σ parts = log_value`.
    pub(crate) parts: Vec<f64>,
    pub(crate) interval: Interval,
    pub(crate) comparables: Vec<Comparable>,
}

impl PriceModel {
    /// Prices a home as of a day, with up to `comparables` comparable sales.
    ///
    /// Only sales up to that day are compared with; neighbours' prices come from strictly earlier
    /// days.
    pub fn estimate(&self, sales: &SalesIndex, home: &Home, as_of: Day, comparables: usize) -> Result<Answer> {
        if let Some(reason) = self.refusal(sales, home, as_of) {
            return Ok(Answer::Refused(reason));
        }
        let found = self.appraise(sales, home, as_of, as_of, comparables)?;
        let split = in_money(found.base, &found.parts);
        let value = Money(split.value);
        let money = |log: f64| Money((log.exp() * 100.0).round() as i64);
        // Rounding may not move an end across the value.
        let below = |log: f64| money(log).min(value);
        let above = |log: f64| money(log).max(value);
        let interval = found.interval;
        Ok(Answer::Estimate(Box::new(Estimate {
            value,
            interval80: (below(interval.lower80), above(interval.upper80)),
            interval95: (below(interval.lower95), above(interval.upper95)),
            comparables: found.comparables,
            base: Money(split.base),
            contributions: named(&found.names, &split.amounts),
        })))
    }

    /// The value of any home, like those that were sold or not; compares with sales up to `until`.
    pub(crate) fn appraise(
        &self,
        sales: &SalesIndex,
        home: &Home,
        as_of: Day,
        until: Day,
        comparables: usize,
    ) -> Result<Appraisal> {
        let at = metres(home, &self.plane);
        let structure = self.structure_value(home)?;
        let nearby = sales.nearby(&Asked { at, day: as_of, key: None, shape: Shape::of(home, structure) });
        let values = values(&self.features, home, at, &nearby);
        let cells = cells(&values);
        let explanation = self.trees.explain(&cells)?;
        let level = self.level.at(as_of);
        let predicted = explanation.raw + self.bias + level.level;
        let subject = Subject {
            at,
            as_of,
            predicted,
            level: level.level,
            log_area: home.area().map_or(f64::NAN, f64::ln),
            year: home.year_built.map_or(f64::NAN, f64::from),
        };
        let comparison = compare(sales, &self.level, &subject, comparables, until);
        let shift = self.blend * comparison.shift;
        let log_value = predicted + shift;
        let scale = scale(self.dispersion.predict(&cells)?, &level);
        let (mut names, mut parts) = grouped(&self.features, &explanation.contributions);
        names.push("market_level".into());
        parts.push(level.level - self.mean_level);
        names.push("comparables".into());
        parts.push(shift);
        names.push("calibration".into());
        parts.push(self.bias);
        Ok(Appraisal {
            log_value,
            base: explanation.base + self.mean_level,
            names,
            parts,
            interval: self.conformal.around(log_value, scale),
            comparables: comparison.comparables,
        })
    }

    fn refusal(&self, sales: &SalesIndex, home: &Home, as_of: Day) -> Option<String> {
        if let Some(reason) = self.support.refusal(home, as_of, &self.level) {
            return Some(reason);
        }
        let at = metres(home, &self.plane)?;
        if sales.nearest_m(at, as_of, MAX_DISTANCE_M).is_some() {
            return None;
        }
        Some(format!("no sale within {:.0} km was known on {as_of}", MAX_DISTANCE_M / 1000.0))
    }
}

/// Contributions by the names they are told under.
fn grouped(features: &[HomeFeature], contributions: &[f64]) -> (Vec<String>, Vec<f64>) {
    let mut names: Vec<String> = Vec::new();
    let mut parts: Vec<f64> = Vec::new();
    for (feature, part) in features.iter().zip(contributions) {
        let group = feature.group();
        match names.iter().position(|name| name == group) {
            Some(place) => parts[place] += part,
            None => {
                names.push(group.to_owned());
                parts.push(*part);
            }
        }
    }
    (names, parts)
}
