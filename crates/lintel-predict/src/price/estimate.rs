//! The estimate of one home: value, intervals, comparables and reasons in money, or a refusal.

use lintel_domain::clock::Day;
use lintel_domain::money::Money;

use super::comparable::{Comparable, Subject, compare};
use super::feature::{HomeFeature, cells, metres, values};
use super::home::Home;
use super::level::LevelAt;
use super::model::PriceModel;
use super::money::{cents, in_money, named};
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
    /// What each feature adds, largest first: base plus their sum is the value, to the cent. Empty unless asked for.
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
    pub(crate) parts: Option<Parts>,
    pub(crate) interval: Interval,
    pub(crate) comparables: Vec<Comparable>,
}

/// What each name adds: `base + Σ parts = log_value`.
#[derive(Default)]
pub(crate) struct Parts {
    names: Vec<String>,
    parts: Vec<f64>,
}

impl Parts {
    /// Each name with what it adds.
    pub(crate) fn into_pairs(self) -> Vec<(String, f64)> {
        self.names.into_iter().zip(self.parts).collect()
    }

    fn add(&mut self, name: &str, part: f64) {
        self.names.push(name.to_owned());
        self.parts.push(part);
    }
}

/// How much is wanted of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Up to how many comparable sales.
    pub comparables: usize,
    /// Whether contributions are wanted: they cost as much as all else.
    pub reasons: bool,
}

impl PriceModel {
    /// Prices a home as of a day. The value does not depend on what is wanted.
    ///
    /// Only sales up to that day are compared with; neighbours' prices come from strictly earlier
    /// days.
    pub fn estimate(&self, sales: &SalesIndex, home: &Home, as_of: Day, wanted: Wanted) -> Result<Answer> {
        if let Some(reason) = self.refusal(sales, home, as_of) {
            return Ok(Answer::Refused(reason));
        }
        let found = self.appraise(sales, home, as_of, as_of, wanted)?;
        let money = |log: f64| Money(cents(log.exp()));
        let value = money(found.log_value);
        let (base, contributions) = match found.parts {
            None => (money(found.base), Vec::new()),
            Some(Parts { names, parts }) => {
                let split = in_money(found.base, &parts, found.log_value);
                (Money(split.base), named(&names, &split.amounts))
            }
        };
        // Rounding may not move an end across the value.
        let below = |log: f64| money(log).min(value);
        let above = |log: f64| money(log).max(value);
        let interval = found.interval;
        Ok(Answer::Estimate(Box::new(Estimate {
            value,
            interval80: (below(interval.lower80), above(interval.upper80)),
            interval95: (below(interval.lower95), above(interval.upper95)),
            comparables: found.comparables,
            base,
            contributions,
        })))
    }

    /// The value of any home, like those that were sold or not; compares with sales up to `until`.
    pub(crate) fn appraise(
        &self,
        sales: &SalesIndex,
        home: &Home,
        as_of: Day,
        until: Day,
        wanted: Wanted,
    ) -> Result<Appraisal> {
        let at = metres(home, &self.plane);
        let structure = self.structure_value(home)?;
        let nearby = sales.nearby(&Asked { at, day: as_of, key: None, shape: Shape::of(home, structure) });
        let values = values(&self.features, home, at, &nearby);
        let cells = cells(&values);
        let explanation = if wanted.reasons { Some(self.trees.explain(&cells)?) } else { None };
        let raw = match &explanation {
            Some(explanation) => explanation.raw,
            None => self.trees.predict(&cells)?,
        };
        let level = self.level.at(as_of);
        let predicted = raw + self.bias + level.level;
        let subject = Subject {
            at,
            as_of,
            predicted,
            level: level.level,
            log_area: home.area().map_or(f64::NAN, f64::ln),
            year: home.year_built.map_or(f64::NAN, f64::from),
        };
        let comparison = compare(sales, &self.level, &subject, wanted.comparables, until);
        let shift = self.blend * comparison.shift;
        let log_value = predicted + shift;
        let scale = scale(self.dispersion.predict(&cells)?, &level);
        let parts = explanation.map(|explanation| {
            let mut parts = grouped(&self.features, &explanation.contributions);
            parts.add("market_level", level.level - self.mean_level);
            parts.add("comparables", shift);
            parts.add("calibration", self.bias);
            parts
        });
        Ok(Appraisal {
            log_value,
            base: self.trees.forest().expected() + self.mean_level,
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
fn grouped(features: &[HomeFeature], contributions: &[f64]) -> Parts {
    let mut all = Parts::default();
    for (feature, part) in features.iter().zip(contributions) {
        let group = feature.group();
        match all.names.iter().position(|name| name == group) {
            Some(place) => all.parts[place] += part,
            None => all.add(group, *part),
        }
    }
    all
}
