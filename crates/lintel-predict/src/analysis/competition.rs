//! Competition: what a buyer could take instead of a home.
//!
//! Counted are like homes for sale nearby (as in the position of the price), and among them those within 15 % of the
//! price, which buyers see beside it under the usual price filters. No competitor is an answer, not a lack of data.

use std::f64::consts::PI;

use lintel_domain::clock::Day;

use super::{
    Calculation, Given, Likeness, Observed, Stage,
    Unit::{Currency, Days, Homes, HomesPerKm2, Metres, Share},
};
use crate::learn::metrics::median;

/// How much a price may differ to be of the same bracket.
const BRACKET: f64 = 0.15;
/// Within how many days a home is new on the market.
const NEW_DAYS: i32 = 14;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which homes are alike.
    pub likeness: Likeness,
    /// The price in question; `None` when there is none.
    pub price: Option<Given<f64>>,
}

/// The like homes near `subject` on `today`.
pub fn calculate(subject: &Observed, homes: &[Observed], asked: &Asked, today: Day) -> Calculation {
    let mut answer = Calculation::of(0).input("radius", asked.likeness.radius_m, Metres).input(
        "area_tolerance",
        asked.likeness.area_tolerance,
        Share,
    );
    let Some(price) = asked.price else { return answer.unknown("the listing has no asking price") };
    answer = answer.input("price", price, Currency);
    let price = price.value;
    let Some(like) = asked.likeness.of(subject, homes) else {
        return answer.unknown("the place or the living area of the listing is not known");
    };
    let (mut rivals, mut bracket, mut cheaper, mut new, mut contract) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let (mut days, mut nearest) = (Vec::new(), f64::INFINITY);
    for (home, distance) in like {
        match home.stage {
            Stage::ForSale => {
                rivals += 1;
                nearest = nearest.min(distance);
                bracket += usize::from(home.asked.is_some_and(|other| (other / price - 1.0).abs() <= BRACKET));
                cheaper += usize::from(home.asked.is_some_and(|other| other < price));
                new += usize::from(home.listed_on.is_some_and(|day| today.0 - day.0 < NEW_DAYS));
                days.extend(home.days);
            }
            Stage::UnderContract => contract += 1,
            Stage::Sold | Stage::Unsold => {}
        }
    }
    answer.n = rivals as u64;
    let km2 = PI * (asked.likeness.radius_m.value / 1000.0).powi(2);
    answer = answer
        .figure("rivals", rivals as f64, Homes, "like homes for sale within the radius")
        .figure("rivals_in_bracket", bracket as f64, Homes, "rivals whose asking price is within 15 % of the price")
        .figure("rivals_cheaper", cheaper as f64, Homes, "rivals that ask less")
        .figure("rivals_new", new as f64, Homes, "rivals listed within 14 days")
        .figure("under_contract", contract as f64, Homes, "like homes under contract within the radius")
        .figure("density", rivals as f64 / km2, HomesPerKm2, "rivals / (pi * radius^2)")
        .figure("nearest", nearest, Metres, "distance to the nearest rival");
    if days.is_empty() {
        return answer;
    }
    answer.figure("median_days_on_market", median(&days), Days, "median of the rivals' days on the market so far")
}
