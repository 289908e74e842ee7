//! What sold around a home before: means over several reaches, and over homes that are alike.

use serde::{Deserialize, Serialize};

use lintel_domain::clock::Day;

use super::home::Home;
use super::sales::{Sale, SalesIndex};

/// A mean over earlier sales nearby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Around {
    /// What the five nearest brought beyond their structure, time-adjusted.
    Premium5,
    Premium10,
    Premium20,
    Premium40,
    Premium100,
    /// Time-adjusted log price per area of the ten nearest.
    Rate10,
    /// The premium of those nearby that are most alike.
    AlikePremium,
    /// Their log price per area.
    AlikeRate,
    /// Their log price.
    AlikePrice,
    /// What stands there: mean log price by structure alone, log areas and year built of the nearest thirty.
    NearValue,
    NearArea,
    NearLot,
    NearYear,
    /// How far the premiums of the nearest twenty lie apart.
    Spread,
}

impl Around {
    pub(crate) const ALL: [Self; 14] = [
        Self::Premium5,
        Self::Premium10,
        Self::Premium20,
        Self::Premium40,
        Self::Premium100,
        Self::Rate10,
        Self::AlikePremium,
        Self::AlikeRate,
        Self::AlikePrice,
        Self::NearValue,
        Self::NearArea,
        Self::NearLot,
        Self::NearYear,
        Self::Spread,
    ];
}

/// The means, in the order of [`Around::ALL`]; NaN when nothing is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nearby([f64; Around::ALL.len()]);

impl Default for Nearby {
    fn default() -> Self {
        Self([f64::NAN; Around::ALL.len()])
    }
}

impl Nearby {
    pub(crate) fn get(&self, around: Around) -> Option<f64> {
        let value = self.0[around as usize];
        value.is_finite().then_some(value)
    }
}

/// What the neighbourhood is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) at: Option<(f32, f32)>,
    /// Sales of earlier days count.
    pub(crate) day: Day,
    /// The home's own key, when it is one of the sales.
    pub(crate) key: Option<&'a str>,
    pub(crate) shape: Shape,
}

/// What makes homes alike, in logarithms and years; NaN when unknown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) log_area: f32,
    pub(crate) log_lot: f32,
    pub(crate) year: f32,
    /// Log price by structure alone.
    pub(crate) structure: f32,
}

impl Shape {
    pub(crate) fn of(home: &Home, structure: f64) -> Self {
        let log = |value: Option<f64>| value.filter(|v| *v > 0.0).map_or(f32::NAN, |v| v.ln() as f32);
        Self {
            log_area: log(home.area()),
            log_lot: log(home.lot_size_sqft),
            year: home.year_built.map_or(f32::NAN, |year| year as f32),
            structure: structure as f32,
        }
    }

    /// How alike two homes are, from 0 to 1: `e^−Σ |difference| / width`.
    fn likeness(&self, other: &Self) -> f64 {
        let gap = |a: f32, b: f32, width: f32| {
            let gap = (a - b).abs() / width;
            if gap.is_finite() { gap } else { UNKNOWN_GAP }
        };
        let away = gap(self.log_area, other.log_area, 0.3)
            + gap(self.log_lot, other.log_lot, 1.0)
            + gap(self.year, other.year, 30.0)
            + gap(self.structure, other.structure, 0.2);
        f64::from((-away).exp())
    }
}

/// Sales looked at.
const LOOKED_AT: usize = 150;
/// Metres beyond which nothing is near.
const REACH_M: f32 = 30_000.0;
/// Metres that a home next door counts as away when looking for those alike.
const ALIKE_FLAT_M: f32 = 200.0;
/// Widths that two homes differ by where one of them is not known.
const UNKNOWN_GAP: f32 = 0.5;

impl SalesIndex {
    /// What sold around a home on strictly earlier days.
    ///
    /// Where all sales share one day none is earlier: then every other home counts.
    pub(crate) fn nearby(&self, asked: &Asked<'_>) -> Nearby {
        let Some(at) = asked.at else {
            return Nearby::default();
        };
        let counts = |index: u32, sold: Day| {
            sold < asked.day || (self.timeless && asked.key != Some(&self.sales[index as usize].key))
        };
        let found: Vec<(f32, &Sale)> = self
            .places
            .nearest(at, LOOKED_AT, REACH_M, counts)
            .iter()
            .map(|near| (near.distance_m, &self.sales[near.index as usize]))
            .collect();
        let premium = |count, flat| mean(found.iter().take(count).map(|(m, s)| (1.0 / f64::from(m + flat), s.premium)));
        let likeness = |(m, s): &(f32, &Sale)| asked.shape.likeness(&s.shape) / f64::from(m + ALIKE_FLAT_M);
        let likenesses: Vec<f64> = found.iter().map(likeness).collect();
        let alike =
            |value: fn(&Sale) -> f32| mean(likenesses.iter().zip(&found).map(|(like, (_, s))| (*like, value(s))));
        let near =
            |value: fn(&Sale) -> f32| mean(found.iter().take(30).map(|(m, s)| (1.0 / f64::from(m + 200.0), value(s))));
        Nearby([
            premium(5, 50.0),
            premium(10, 100.0),
            premium(20, 200.0),
            premium(40, 500.0),
            premium(100, 1000.0),
            mean(found.iter().take(10).map(|(m, s)| (1.0 / f64::from(m + 100.0), s.rate()))),
            alike(|sale| sale.premium),
            alike(Sale::rate),
            alike(|sale| sale.adjusted),
            near(|sale| sale.shape.structure),
            near(|sale| sale.shape.log_area),
            near(|sale| sale.shape.log_lot),
            near(|sale| sale.shape.year),
            spread(found.iter().take(20).map(|(_, sale)| f64::from(sale.premium))),
        ])
    }
}

/// The weighted mean of the finite values; NaN when there is none.
fn mean(values: impl Iterator<Item = (f64, f32)>) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (weight, value) in values.filter(|(_, value)| value.is_finite()) {
        sum += weight * f64::from(value);
        total += weight;
    }
    sum / total
}

/// The standard deviation of the finite values; NaN below two.
fn spread(values: impl Iterator<Item = f64>) -> f64 {
    let known: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
}
