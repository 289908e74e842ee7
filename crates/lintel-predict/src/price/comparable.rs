//! Comparable sales: near, recent and alike, each with the price it would bring as this home, now.

use lintel_domain::clock::Day;
use lintel_domain::money::Money;

use super::level::Level;
use super::sales::SalesIndex;

/// A sale that tells something about a home.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparable {
    /// The sold home's key.
    pub key: String,
    /// The day it was sold; never after the day of the estimate.
    pub close_date: Day,
    /// What was paid.
    pub close_price: Money,
    /// What was paid, moved to this home and day: `close price × e^(predicted here − predicted there)`.
    pub adjusted_price: Money,
    /// Metres away.
    pub distance_m: f64,
    /// How alike it is, from 0 to 1: by distance, age of the sale, area, value and year built.
    pub similarity: f64,
}

/// What the home of the estimate looks like to the comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) at: Option<(f32, f32)>,
    pub(crate) as_of: Day,
    /// Log price by trees, calibration and market level.
    pub(crate) predicted: f64,
    /// The market level in it.
    pub(crate) level: f64,
    pub(crate) log_area: f64,
    pub(crate) year: f64,
}

/// Comparables and what they say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Comparison {
    pub(crate) comparables: Vec<Comparable>,
    /// By how much, in logarithms, comparable homes sold above what the model says; shrunk to 0.
    pub(crate) shift: f64,
}

/// Sales looked at.
const CANDIDATES: usize = 60;
/// Metres beyond which nothing compares.
const REACH_M: f32 = 30_000.0;
/// Days over which a sale loses most of its weight.
const AGE_DAYS: f64 = 240.0;
/// Differences in log area, in log value and in years that cost most of the weight.
const AREA: f64 = 0.4;
const VALUE: f64 = 0.4;
const YEARS: f64 = 40.0;
/// How many perfect comparables' weight of "no shift" the mean starts with.
const SHRINK: f64 = 1.0;
/// A sale that is a whole width away in so many respects counts as 1/e similar.
const SIMILARITY: f64 = 8.0;
/// A single sale moves the mean by no more than this residual.
const MOST: f64 = 0.5;

/// Finds the `count` best comparables, and the shift over all candidates.
pub(crate) fn compare(index: &SalesIndex, level: &Level, subject: &Subject, count: usize, until: Day) -> Comparison {
    let Some(at) = subject.at else {
        return Comparison::default();
    };
    let found = index.places.nearest(at, CANDIDATES, REACH_M, |_, sold| sold <= until);
    // The market's own density sets how far "near" is.
    let scale = found.get(found.len().min(12).saturating_sub(1)).map_or(1.0, |near| near.distance_m);
    let scale = f64::from(scale).max(150.0);
    let mut weighed: Vec<(f64, f64, u32, f32)> = Vec::with_capacity(found.len());
    let (mut sum, mut total) = (0.0, SHRINK);
    for near in &found {
        let sale = &index.sales[near.index as usize];
        let residual = f64::from(sale.residual);
        let value = f64::from(sale.log_price) - residual - level.at(sale.day).level;
        let gap = |a: f64, b: f64, width: f64| {
            let gap = (a - b).abs() / width;
            if gap.is_finite() { gap } else { 0.5 }
        };
        let away = f64::from(near.distance_m) / scale
            + f64::from(subject.as_of.0.saturating_sub(sale.day.0)).max(0.0) / AGE_DAYS
            + gap(f64::from(sale.shape.log_area), subject.log_area, AREA)
            + gap(value, subject.predicted - subject.level, VALUE)
            + gap(f64::from(sale.shape.year), subject.year, YEARS);
        let weight = (-away).exp();
        sum += weight * residual.clamp(-MOST, MOST);
        total += weight;
        weighed.push((weight, residual, near.index, near.distance_m));
    }
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    let comparables = weighed
        .iter()
        .take(count)
        .map(|(weight, residual, row, distance_m)| {
            let sale = &index.sales[*row as usize];
            let adjusted = (subject.predicted + residual).exp();
            Comparable {
                key: sale.key.to_string(),
                close_date: sale.day,
                close_price: sale.price,
                adjusted_price: Money::from_major(adjusted).unwrap_or_default(),
                distance_m: f64::from(*distance_m),
                similarity: weight.powf(1.0 / SIMILARITY),
            }
        })
        .collect();
    Comparison { comparables, shift: sum / total }
}
