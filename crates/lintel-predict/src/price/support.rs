//! What the model has seen: homes outside it are refused, with the reason.

use std::collections::BTreeMap;

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use super::feature::kind_of_home;
use super::home::{Home, SaleRecord};
use super::level::{Level, MAX_AHEAD_DAYS};
use crate::learn::metrics::quantile_sorted;

/// Ranges of the sales that were learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Support {
    /// Nearly every sale had a living area.
    needs_area: bool,
    /// Nearly every sale had a place.
    needs_place: bool,
    area: (f64, f64),
    /// Property types with enough sales, in one spelling, sorted; empty when none were stated.
    types: Vec<String>,
    /// Log price per area of market sales.
    rate: (f64, f64),
    price: (f64, f64),
}

/// Share of sales that must have a field for it to be required.
const NEARLY_ALL: f64 = 0.95;
/// Sales that make a property type known.
const MIN_OF_TYPE: usize = 5;
/// Metres to the nearest sale beyond which a place is foreign.
pub(crate) const MAX_DISTANCE_M: f32 = 5_000.0;

impl Support {
    pub(crate) fn of(records: &[SaleRecord]) -> Self {
        let sorted = |pick: &dyn Fn(&SaleRecord) -> Option<f64>| {
            let mut values: Vec<f64> = records.iter().filter_map(pick).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let areas = sorted(&|record| record.home.area());
        let rates = sorted(&|record| Some((record.close_price / record.home.area()?).ln()));
        let prices = sorted(&|record| Some(record.close_price));
        let placed = records.iter().filter(|record| record.home.place.is_some()).count();
        let mut types: BTreeMap<String, usize> = BTreeMap::new();
        for record in records {
            if let Some(kind) = kind_of_home(&record.home) {
                *types.entry(kind.into_owned()).or_default() += 1;
            }
        }
        let n = records.len() as f64;
        let range = |values: &[f64]| (values.first().copied(), values.last().copied());
        let bounds = |values: &[f64]| match range(values) {
            (Some(low), Some(high)) => (low, high),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let (low, high) = (quantile_sorted(&areas, 0.001), quantile_sorted(&areas, 0.999));
        Self {
            needs_area: areas.len() as f64 >= NEARLY_ALL * n,
            needs_place: placed as f64 >= NEARLY_ALL * n,
            area: if areas.is_empty() { (0.0, f64::INFINITY) } else { (low / 1.5, high * 1.5) },
            types: types.into_iter().filter(|(_, n)| *n >= MIN_OF_TYPE).map(|(kind, _)| kind).collect(),
            rate: bounds(&rates),
            price: bounds(&prices),
        }
    }

    /// Why a home cannot be priced by what it is and when; where it is comes later.
    pub(crate) fn refusal(&self, home: &Home, as_of: Day, level: &Level) -> Option<String> {
        match home.area() {
            None if self.needs_area => return Some("living area is missing".into()),
            Some(area) if !(self.area.0..=self.area.1).contains(&area) => {
                return Some(format!(
                    "living area {area} sqft is outside what was sold ({:.0} to {:.0} sqft)",
                    self.area.0, self.area.1
                ));
            }
            _ => {}
        }
        if self.needs_place && home.place.is_none() {
            return Some("coordinates are missing".into());
        }
        if let Some(kind) = kind_of_home(home)
            && !self.types.is_empty()
            && self.types.binary_search_by(|known| known.as_str().cmp(&kind)).is_err()
        {
            return Some(format!("no sales of property type {kind} are known"));
        }
        if as_of < level.first_day() {
            return Some(format!("no sales before {} are known", level.first_day()));
        }
        let ahead = as_of.0.saturating_sub(level.last_day().0);
        (ahead > MAX_AHEAD_DAYS).then(|| format!("the last known sale, on {}, is {ahead} days ago", level.last_day()))
    }

    /// Whether a sale could be one that was learnt from: half to twice the range of prices and rates.
    pub(crate) fn is_market(&self, record: &SaleRecord) -> bool {
        let margin = std::f64::consts::LN_2;
        let price = record.close_price;
        let rate_ok = record
            .home
            .area()
            .is_none_or(|area| ((self.rate.0 - margin)..=(self.rate.1 + margin)).contains(&(price / area).ln()));
        price.is_finite() && price > 0.0 && rate_ok && (self.price.0 / 2.0..=self.price.1 * 2.0).contains(&price)
    }
}
