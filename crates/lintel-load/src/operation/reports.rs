//! What a team looks at now and then: figures of its leads, how good its estimates were, series, forecasts, analyses.

use lintel_domain::clock::Day;
use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use crate::sample::{Home, Sample, escaped};

/// What figures of leads are told apart by.
const APART: [&str; 4] = ["day", "market", "source", "agent"];

/// Days that figures look back.
const BACK: [i32; 4] = [6, 29, 89, 364];

/// Days that the sales of an analysis look back.
const WINDOWS: [u32; 3] = [90, 180, 365];

/// Metres around a home.
const RADII: [u32; 3] = [1_000, 2_000, 5_000];

/// Periods of a forecast.
const HORIZONS: [u32; 3] = [6, 12, 24];

/// Figures of leads up to a day, told apart in one of the ways.
pub(super) fn analytics(sample: &Sample, rng: &mut Rng) -> String {
    let to = sample.at.day();
    let from = Day(to.0 - rng.pick(&BACK).copied().unwrap_or_default());
    let by = rng.pick(&APART).copied().unwrap_or("day");
    let market = if rng.chance(0.5) { format!("&market={}", sample.market) } else { String::new() };
    format!("/api/v1/analytics/leads?from={from}&to={to}&by={by}{market}")
}

/// The ratio study of the market's sales in some years up to now.
pub(super) fn accuracy(sample: &Sample, rng: &mut Rng) -> String {
    let from = Day(sample.at.day().0 - 365 * (1 + rng.below(3) as i32));
    format!("/api/v1/pricing/accuracy?market={}&from={from}", sample.market)
}

/// One series of the market.
pub(super) fn series(market: &str, metric: &str) -> String {
    format!("/api/v1/markets/{market}/series?metric={}", escaped(metric))
}

/// The forecast of one series of the market.
pub(super) fn forecast(market: &str, metric: &str, rng: &mut Rng) -> String {
    let horizon = rng.pick(&HORIZONS).copied().unwrap_or(12);
    format!("/api/v1/markets/{market}/forecast?metric={}&horizon={horizon}", escaped(metric))
}

/// The report of a market: the latest of its analyses.
pub(crate) fn report(market: &str) -> String {
    format!("/api/v1/analyses?market={market}")
}

/// The analyses that a report of the market is made of.
pub(crate) fn of_market(market: &str) -> [Value; 2] {
    ["supply", "demand"].map(|kind| json!({"kind": kind, "subject": {"market": market}}))
}

/// An analysis of a home or of its part of the market.
pub(super) fn analysis(sample: &Sample, home: &Home, rng: &mut Rng) -> Value {
    let window = rng.pick(&WINDOWS);
    let radius = rng.pick(&RADII);
    match rng.below(4) {
        0 => json!({"kind": "competition", "subject": {"listing_id": home.id}, "inputs": {"radius_m": radius}}),
        1 => json!({"kind": "price_position", "subject": {"listing_id": home.id}, "inputs": {"radius_m": radius}}),
        kind => json!({
            "kind": if kind == 2 { "supply" } else { "demand" },
            "subject": {"market": sample.market},
            "inputs": {"property_type": home.property_type, "window_days": window},
        }),
    }
}
