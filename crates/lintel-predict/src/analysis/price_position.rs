//! Price position: where a home's asking price stands among its like.
//!
//! The percentile is the mid-rank share, (number below + half the number equal) / n (Hyndman & Fan, The American
//! Statistician 50, 1996, discuss the choices): 0.5 is the middle, whatever the ties.

use lintel_domain::clock::Day;

use super::{
    Calculation, Given, Likeness, Observed,
    Unit::{Currency, CurrencyPerSqft, Metres, Ratio, Share},
};
use crate::learn::metrics::median;

/// The fewest like homes that a position is told from.
const LEAST_PEERS: usize = 5;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Which homes are alike.
    pub likeness: Likeness,
    /// How many days back sales count.
    pub window: Given<u32>,
    /// The price in question; `None` when there is none.
    pub price: Option<Given<f64>>,
}

/// The place of the price of `subject` among like homes for sale, and beside what such homes sold for.
pub fn calculate(subject: &Observed, homes: &[Observed], asked: &Asked, today: Day) -> Calculation {
    let mut answer = Calculation::of(0)
        .input("radius", asked.likeness.radius_m, Metres)
        .input("area_tolerance", asked.likeness.area_tolerance, Share)
        .window(asked.window);
    let Some(price) = asked.price else { return answer.unknown("the listing has no asking price") };
    answer = answer.input("price", price, Currency);
    let price = price.value;
    let (Some(area), Some(like)) = (subject.area_sqft, asked.likeness.of(subject, homes)) else {
        return answer.unknown("the place or the living area of the listing is not known");
    };
    let (mut prices, mut each_sqft, mut sold_sqft) = (Vec::new(), Vec::new(), Vec::new());
    for (home, _) in like {
        if home.is_for_sale() {
            prices.extend(home.asked);
            each_sqft.extend(home.asked_per_sqft());
        } else if home.sold_within(asked.window.value, today) {
            sold_sqft.extend(home.sold_per_sqft());
        }
    }
    answer.n = prices.len() as u64;
    answer = answer.counted("like_homes_for_sale", prices.len()).counted("like_homes_sold", sold_sqft.len());
    if prices.len() < LEAST_PEERS {
        let n = prices.len();
        return answer.too_few(n, LEAST_PEERS, "like homes for sale nearby");
    }
    let (middle, own_sqft, middle_sqft) = (median(&prices), price / area, median(&each_sqft));
    answer = answer
        .figure(
            "percentile",
            mid_rank(price, &prices),
            Share,
            "(like homes asking less + half of those asking the same) / like_homes_for_sale",
        )
        .figure("median_asked", middle, Currency, "median asking price of like homes")
        .figure("to_median_asked", price / middle, Ratio, "price / median_asked")
        .figure("per_sqft", own_sqft, CurrencyPerSqft, "price / living area")
        .figure(
            "per_sqft_percentile",
            mid_rank(own_sqft, &each_sqft),
            Share,
            "the same percentile of price / living area",
        )
        .figure("median_asked_per_sqft", middle_sqft, CurrencyPerSqft, "median of asking price / living area");
    if sold_sqft.len() >= LEAST_PEERS {
        let sold = median(&sold_sqft);
        answer = answer
            .figure(
                "median_sold_per_sqft",
                sold,
                CurrencyPerSqft,
                "median of close price / living area, like homes sold in the window",
            )
            .figure("to_median_sold", own_sqft / sold, Ratio, "per_sqft / median_sold_per_sqft");
    }
    answer
}

/// The share of `others` below `value`, those equal counted half.
fn mid_rank(value: f64, others: &[f64]) -> f64 {
    let below = others.iter().filter(|other| **other < value).count() as f64;
    let equal = others.iter().filter(|other| **other == value).count() as f64;
    (below + equal / 2.0) / others.len() as f64
}
