//! Which sales tell the market price: duplicates, absurd prices and non-market transfers are named.

use std::collections::HashMap;

use super::home::SaleRecord;
use crate::learn::metrics::median;

/// Why a sale is not learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaleFault {
    /// The price is not a positive finite number.
    NoPrice,
    /// The same home, day and price as an earlier row.
    Duplicate,
    /// Price per area far outside the market's range.
    AbsurdPricePerArea,
    /// Far below every market price of such a home: a transfer, not a sale.
    NonMarket,
}

impl SaleFault {
    /// The fault in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoPrice => "no usable price",
            Self::Duplicate => "duplicate of another sale",
            Self::AbsurdPricePerArea => "absurd price per area",
            Self::NonMarket => "not a market sale",
        }
    }
}

/// What was found about a list of sales.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Validation {
    /// For each sale why it is not learnt from, or `None`.
    pub faults: Vec<Option<SaleFault>>,
    /// Sales of a home sold again within a year for at least 20 % more: by position, kept.
    pub flips: Vec<usize>,
}

/// Prices below this share of the median are transfers, whatever the home.
const NON_MARKET_SHARE: f64 = 0.05;
/// Robust deviations of log price per area beyond which a sale is absurd.
const ABSURD_DEVIATIONS: f64 = 7.0;
const FLIP_DAYS: i32 = 365;
const FLIP_GAIN: f64 = 1.2;

/// Looks at all sales of a market together.
pub fn validate(sales: &[SaleRecord]) -> Validation {
    let mut faults = vec![None; sales.len()];
    let usable = |sale: &SaleRecord| sale.close_price.is_finite() && sale.close_price > 0.0;
    let prices: Vec<f64> = sales.iter().filter(|s| usable(s)).map(|s| s.close_price).collect();
    let typical = median(&prices);
    let rates: Vec<f64> = sales.iter().filter(|s| usable(s)).filter_map(log_rate).collect();
    let centre = median(&rates);
    let spread = 1.4826 * median(&rates.iter().map(|rate| (rate - centre).abs()).collect::<Vec<_>>());
    let mut seen = HashMap::new();
    for (row, sale) in sales.iter().enumerate() {
        let absurd = log_rate(sale).is_some_and(|rate| (rate - centre).abs() > ABSURD_DEVIATIONS * spread.max(0.05));
        faults[row] = if !usable(sale) {
            Some(SaleFault::NoPrice)
        } else if seen.insert((sale.key.as_str(), sale.close_date, sale.close_price.to_bits()), row).is_some() {
            Some(SaleFault::Duplicate)
        } else if sale.close_price < NON_MARKET_SHARE * typical {
            Some(SaleFault::NonMarket)
        } else if absurd {
            Some(SaleFault::AbsurdPricePerArea)
        } else {
            None
        };
    }
    Validation { flips: flips(sales, &faults), faults }
}

fn log_rate(sale: &SaleRecord) -> Option<f64> {
    let rate = (sale.close_price / sale.home.area()?).ln();
    rate.is_finite().then_some(rate)
}

fn flips(sales: &[SaleRecord], faults: &[Option<SaleFault>]) -> Vec<usize> {
    let mut of_home: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, sale) in sales.iter().enumerate() {
        if faults[row].is_none() && !sale.key.is_empty() {
            of_home.entry(&sale.key).or_default().push(row);
        }
    }
    let mut flips = Vec::new();
    for rows in of_home.values_mut() {
        rows.sort_by_key(|row| (sales[*row].close_date, *row));
        for pair in rows.windows(2) {
            let (first, second) = (&sales[pair[0]], &sales[pair[1]]);
            let days = second.close_date.0.saturating_sub(first.close_date.0);
            if days <= FLIP_DAYS && second.close_price >= FLIP_GAIN * first.close_price {
                flips.push(pair[1]);
            }
        }
    }
    flips.sort_unstable();
    flips
}
