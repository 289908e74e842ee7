//! The sales of a market in memory: what sold near a place before a day.

use lintel_domain::clock::Day;
use lintel_domain::money::Money;
use serde::{Deserialize, Serialize};

use super::feature::{cells, metres, values};
use super::home::{Home, SaleRecord};
use super::level::Level;
use super::model::PriceModel;
use super::nearby::{Asked, Shape};
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
    /// The same without the market level.
    pub(crate) adjusted: f32,
    pub(crate) shape: Shape,
    /// Time-adjusted log price beyond what the structure explains; NaN when unknown.
    pub(crate) premium: f32,
    /// Log price beyond what the whole model explains; 0 when unknown.
    pub(crate) residual: f32,
}

impl Sale {
    pub(crate) fn of(record: &SaleRecord, at: Option<(f32, f32)>, level: &Level, premium: f64) -> Self {
        let log_price = record.close_price.ln();
        let adjusted = log_price - level.at(record.close_date).level;
        Self {
            key: record.key.as_str().into(),
            at: at.unwrap_or((f32::NAN, f32::NAN)),
            price: Money::from_major(record.close_price).unwrap_or_default(),
            day: record.close_date,
            log_price: log_price as f32,
            adjusted: adjusted as f32,
            shape: Shape::of(&record.home, adjusted - premium),
            premium: premium as f32,
            residual: 0.0,
        }
    }

    /// Time-adjusted log price per area; NaN when unknown.
    pub(crate) fn rate(&self) -> f32 {
        self.adjusted - self.shape.log_area
    }

    /// Whether a stored sale can be compared with.
    pub(crate) fn is_sound(&self) -> bool {
        self.log_price.is_finite() && self.residual.is_finite()
    }
}

/// The sales of one market, found by place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SalesIndex {
    pub(crate) sales: Vec<Sale>,
    pub(crate) places: PointTree,
    /// All sales share one day.
    pub(crate) timeless: bool,
}

impl SalesIndex {
    /// Builds the index for a model; sales that the model would not learn from are left out.
    ///
    /// What the model kept about sales is used; others are predicted.
    pub fn build(model: &PriceModel, records: impl IntoIterator<Item = SaleRecord>) -> Result<Self> {
        Ok(Self::build_marked(model, records)?.0)
    }

    /// The same, with the mark of each sale.
    pub(crate) fn build_marked(
        model: &PriceModel,
        records: impl IntoIterator<Item = SaleRecord>,
    ) -> Result<(Self, Vec<u64>)> {
        let (mut sales, mut marks) = (Vec::new(), Vec::new());
        let mut fresh: Vec<(usize, Home)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for record in records {
            let mark = record.mark();
            if !model.is_market_sale(&record) || !seen.insert(mark) {
                continue;
            }
            let at = metres(&record.home, &model.plane);
            let kept = model.kept(mark);
            // As precise as it is kept, so that both give the same index.
            let premium = match kept {
                Some((premium, _)) => premium,
                None => model.premium(&record)? as f32,
            };
            let mut sale = Sale::of(&record, at, &model.level, f64::from(premium));
            match kept {
                Some((_, residual)) => sale.residual = residual,
                None => fresh.push((sales.len(), record.home)),
            }
            sales.push(sale);
            marks.push(mark);
        }
        let mut index = Self::of(sales);
        for (row, home) in fresh {
            let sale = &index.sales[row];
            let known_at = (!sale.at.0.is_nan()).then_some(sale.at);
            let nearby = index.nearby(&Asked { at: known_at, day: sale.day, key: Some(&sale.key), shape: sale.shape });
            let values = values(&model.features, &home, known_at, &nearby);
            let predicted = model.trees.predict(&cells(&values))? + model.bias + model.level.at(sale.day).level;
            index.sales[row].residual = (f64::from(sale.log_price) - predicted) as f32;
        }
        Ok((index, marks))
    }

    /// The index of sales whose premiums and residuals are known.
    pub(crate) fn of(sales: Vec<Sale>) -> Self {
        let timeless = sales.windows(2).all(|pair| pair[0].day == pair[1].day);
        Self { places: PointTree::new(sales.iter().map(|sale| (sale.at, sale.day))), timeless, sales }
    }

    /// How many sales there are.
    pub fn len(&self) -> usize {
        self.sales.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sales.is_empty()
    }

    /// Metres to the nearest sale up to a day.
    pub(crate) fn nearest_m(&self, at: (f32, f32), day: Day, reach_m: f32) -> Option<f32> {
        let found = self.places.nearest(at, 1, reach_m, |_, sold| sold <= day);
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
