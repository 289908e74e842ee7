//! Turns contributions in logarithms into money that adds up to the cent.

use super::estimate::Contribution;

/// Base and amounts in cents: `base + Σ amounts = value`, exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct InMoney {
    /// Where the contributions start from, in cents.
    pub base: i64,
    /// What each part adds, in cents, in the given order.
    pub amounts: Vec<i64>,
    /// The value, in cents.
    pub value: i64,
}

/// Splits `e^log_value` into money, where `log_value = base + Σ parts` but for rounding: it alone decides the value, so that
/// it is the same cent whether it is split or not.
///
/// With value `V`, base `B` and parts `c_i` that sum to `ln(V / B)`, each part gets `L·c_i`, where
/// `L = (V − B) / ln(V / B)` is the logarithmic mean (Ang 2004, LMDI): no order of the parts
/// matters, none changes sign, and they sum to `V − B`. What rounding to cents leaves goes to the
/// largest part.
pub fn in_money(base: f64, parts: &[f64], log_value: f64) -> InMoney {
    let total: f64 = parts.iter().sum();
    let (low, high) = (base.exp(), log_value.exp());
    let mean = if total.abs() < 1e-9 { low } else { (high - low) / total };
    let mut amounts: Vec<i64> = parts.iter().map(|part| cents(mean * part)).collect();
    let (mut base, value) = (cents(low), cents(high));
    let sum = amounts.iter().fold(base, |sum, amount| sum.saturating_add(*amount));
    let rest = value.saturating_sub(sum);
    match amounts.iter_mut().max_by_key(|amount| amount.unsigned_abs()) {
        Some(largest) => *largest = largest.saturating_add(rest),
        None => base = base.saturating_add(rest),
    }
    InMoney { base, amounts, value }
}

/// An amount in cents.
pub(crate) fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

/// Named amounts, largest first, without those that round to nothing.
pub(crate) fn named(names: &[String], amounts: &[i64]) -> Vec<Contribution> {
    let mut contributions: Vec<Contribution> = names
        .iter()
        .zip(amounts)
        .filter(|(_, cents)| **cents != 0)
        .map(|(feature, cents)| Contribution { feature: feature.clone(), cents: *cents })
        .collect();
    contributions.sort_by_key(|c| std::cmp::Reverse(c.cents.unsigned_abs()));
    contributions
}
