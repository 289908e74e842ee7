//! The sales of a market in memory: what sold near a place before a day.

use lintel_domain::clock::Day;
use lintel_domain::money::Money;
use serde::{Deserialize, Serialize};

use super::feature::{cells, metres, values};
use super::home::{Home, SaleRecord};
use super::level::Level;
use super::model::PriceModel;
use super::places::{Plane, PointTree};
use crate::error::Result;

/// One sale, as little of it as comparing needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sale {
    pub(crate) key: Box<str>,
    /// Metres east and north on the model's plane; NaN when unknown.
    pub(crate) at: (f32, f32),
    #[serde(with = "cents")]
    pub(crate) price: Money,
    #[serde(with = "day_number")]
    pub(crate) day: Day,
    pub(crate) log_price: f32,
    /// Log of the living area; NaN when unknown.
    pub(crate) log_area: f32,
    /// Time-adjusted log price beyond what the structure explains; NaN when unknown.
    pub(crate) premium: f32,
    /// Log price beyond what the whole model explains; 0 when unknown.
    pub(crate) residual: f32,
    /// Time-adjusted log price per area; NaN when unknown.
    pub(crate) rate: f32,
    /// Year of construction; NaN when unknown.
    pub(crate) year: f32,
}

impl Sale {
    pub(crate) fn of(record: &SaleRecord, at: Option<(f32, f32)>, level: &Level, premium: f64) -> Self {
        let log_price = record.close_price.ln();
        let log_area = record.home.area().map_or(f64::NAN, f64::ln);
        let adjusted = log_price - level.at(record.close_date).level;
        Self {
            key: record.key.as_str().into(),
            at: at.unwrap_or((f32::NAN, f32::NAN)),
            price: Money::from_major(record.close_price).unwrap_or_default(),
            day: record.close_date,
            log_price: log_price as f32,
            log_area: log_area as f32,
            premium: premium as f32,
            residual: 0.0,
            rate: (adjusted - log_area) as f32,
            year: record.home.year_built.map_or(f32::NAN, |year| year as f32),
        }
    }

    /// Whether a stored sale can be compared with.
    pub(crate) fn is_sound(&self) -> bool {
        self.log_price.is_finite() && self.residual.is_finite()
    }
}

/// What sold around a place before a day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Nearby {
    pub(crate) premium_near: Option<f64>,
    pub(crate) premium_wide: Option<f64>,
    pub(crate) rate_near: Option<f64>,
}

/// Sales looked at for the wide and for the near mean.
const WIDE: usize = 40;
const NEAR: usize = 10;
/// Metres beyond which nothing is near.
const REACH_M: f32 = 30_000.0;

/// The sales of one market, found by place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SalesIndex {
    pub(crate) sales: Vec<Sale>,
    pub(crate) places: PointTree,
}

impl SalesIndex {
    /// Builds the index for a model; sales that the model would not learn from are left out.
    ///
    /// What the model kept about sales it learnt from is used; newer ones are predicted.
    pub fn build(model: &PriceModel, records: impl IntoIterator<Item = SaleRecord>) -> Result<Self> {
        let mut sales = Vec::new();
        let mut fresh: Vec<(usize, Home)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for record in records {
            if !model.is_market_sale(&record) || !seen.insert(record.mark()) {
                continue;
            }
            let at = metres(&record.home, &model.plane);
            let kept = model.kept(record.mark());
            let premium = match kept {
                Some((premium, _)) => f64::from(premium),
                None => model.premium(&record)?,
            };
            let mut sale = Sale::of(&record, at, &model.level, premium);
            match kept {
                Some((_, residual)) => sale.residual = residual,
                None => fresh.push((sales.len(), record.home)),
            }
            sales.push(sale);
        }
        let mut index = Self::of(sales);
        for (row, home) in fresh {
            let at = metres(&home, &model.plane);
            let day = index.sales[row].day;
            let nearby = index.nearby(at, day);
            let values = values(&model.features, &home, at, &nearby);
            let predicted = model.trees.predict(&cells(&values))? + model.bias + model.level.at(day).level;
            index.sales[row].residual = (f64::from(index.sales[row].log_price) - predicted) as f32;
        }
        Ok(index)
    }

    /// The index of sales whose premiums and residuals are known.
    pub(crate) fn of(sales: Vec<Sale>) -> Self {
        Self { places: PointTree::new(sales.iter().map(|sale| sale.at)), sales }
    }

    /// How many sales there are.
    pub fn len(&self) -> usize {
        self.sales.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sales.is_empty()
    }

    /// What sold around a place strictly before a day.
    pub(crate) fn nearby(&self, at: Option<(f32, f32)>, day: Day) -> Nearby {
        let Some(at) = at else {
            return Nearby::default();
        };
        let earlier = |index: u32| self.sales[index as usize].day < day;
        let found = self.places.nearest(at, WIDE, REACH_M, earlier);
        if found.is_empty() {
            return Nearby::default();
        }
        let mean = |count: usize, flat: f32, pick: fn(&Sale) -> f32| {
            let (mut sum, mut total) = (0.0, 0.0);
            for near in found.iter().take(count) {
                let value = f64::from(pick(&self.sales[near.index as usize]));
                if value.is_finite() {
                    let weight = 1.0 / f64::from(near.distance_m + flat);
                    sum += weight * value;
                    total += weight;
                }
            }
            (total > 0.0).then(|| sum / total)
        };
        Nearby {
            premium_near: mean(NEAR, 100.0, |sale| sale.premium),
            premium_wide: mean(WIDE, 500.0, |sale| sale.premium),
            rate_near: mean(NEAR, 100.0, |sale| sale.rate),
        }
    }

    /// Metres to the nearest sale up to a day.
    pub(crate) fn nearest_m(&self, at: (f32, f32), day: Day, reach_m: f32) -> Option<f32> {
        let until = |index: u32| self.sales[index as usize].day <= day;
        let found = self.places.nearest(at, 1, reach_m, until);
        found.first().map(|near| near.distance_m)
    }
}

/// The plane of some sales.
pub(crate) fn plane_of(records: &[SaleRecord]) -> Plane {
    Plane::of(records.iter().filter_map(|record| record.home.place))
}

/// Money as a whole number of cents: exact and short.
mod cents {
    use lintel_domain::money::Money;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(money: &Money, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(money.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
        i64::deserialize(from).map(Money)
    }
}

/// A day as its number.
mod day_number {
    use lintel_domain::clock::Day;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i32(day.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        i32::deserialize(from).map(Day)
    }
}
