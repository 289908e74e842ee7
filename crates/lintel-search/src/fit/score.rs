//! How much of each wish a listing meets. The formulas are in `docs/methods/fit.md`.

use lintel_domain::{
    clock::Day,
    liking::{self, on_scale},
    place::Point,
};

use super::wishes::{Bound, FRESHNESS, GAP, PARTS, TASTE, Wishes};
use crate::segment::{NO_DAY, NONE};

/// What a miss leaves of a wish at most: the rest is the price of missing at all.
const NEAR_MISS: f64 = 0.75;
/// Days after which freshness has halved.
const FRESH_DAYS: f64 = 30.0;
/// The gap between estimate and price, up or down, at which it counts wholly for or against.
const FULL_GAP: f64 = 0.2;

/// A listing as fit compares it. Unknown numbers are not a number, [`NONE`] or [`NO_DAY`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    /// Price in hundredths, bedrooms, bathrooms, living area, lot size, year of construction.
    pub(crate) numbers: [f64; 6],
    /// How many of the keywords it has.
    pub(crate) found: u32,
    /// The day it came on the market.
    pub(crate) listed: i32,
    /// (estimate − price) / price.
    pub(crate) gap: f64,
    pub(crate) point: Option<Point>,
    /// How much its type of property is liked, 0 to 1.
    pub(crate) type_liked: f64,
}

/// An amount in hundredths as a number. Amounts are below 2^53, so this is exact.
#[inline]
pub(crate) fn amount(price: i64) -> f64 {
    if price == NONE { f64::NAN } else { price as f64 }
}

/// A year as a number.
#[inline]
pub(crate) fn year(year: i32) -> f64 {
    if year == NO_DAY { f64::NAN } else { f64::from(year) }
}

impl Bound {
    /// Whether a known number is within.
    #[inline]
    pub(crate) fn admits(&self, value: f64) -> bool {
        value >= self.least && value <= self.most
    }

    /// How much of the wish a number meets: 1 within the bounds, nothing when unknown, else
    /// `0.75 / (1 + distance / step)`.
    #[inline]
    pub(crate) fn share(&self, value: f64) -> f64 {
        if self.admits(value) {
            1.0
        } else if value < self.least {
            NEAR_MISS / (1.0 + (self.least - value) / self.below)
        } else if value > self.most {
            NEAR_MISS / (1.0 + (value - self.most) / self.above)
        } else {
            0.0
        }
    }
}

/// How fresh a listing is: `1 / (1 + days / 30)`; nothing when unknown, 1 before it comes on the market.
#[inline]
pub(crate) fn freshness(listed: i32, today: Day) -> f64 {
    if listed == NO_DAY {
        return 0.0;
    }
    let days = today.0.saturating_sub(listed).max(0);
    1.0 / (1.0 + f64::from(days) / FRESH_DAYS)
}

/// How much the estimate speaks for it: 0 at 20 % below the price, 1 at 20 % above; nothing when unknown.
#[inline]
pub(crate) fn bargain(gap: f64) -> f64 {
    if gap.is_nan() {
        return 0.0;
    }
    ((gap + FULL_GAP) / (2.0 * FULL_GAP)).clamp(0.0, 1.0)
}

impl Wishes {
    /// What each part adds to the fit. The hard wishes for type and area are met by every listing that is compared.
    #[inline]
    pub(crate) fn contributions(&self, values: &Values, today: Day) -> [f64; PARTS] {
        let mut parts = self.weights;
        for (at, bound) in self.bounds.iter().enumerate() {
            if let Some(bound) = bound {
                parts[at] *= bound.share(values.numbers[at]);
            }
        }
        if !self.keywords.is_empty() {
            parts[9] *= f64::from(values.found) / self.keywords.len() as f64;
        }
        parts[FRESHNESS] *= freshness(values.listed, today);
        parts[GAP] *= bargain(values.gap);
        if parts[TASTE] > 0.0 {
            parts[TASTE] *= self.liked(values).iter().sum::<f64>();
        }
        parts
    }

    /// What each liking adds to the affinity of a home: weight × share, of the numbers and then of the type.
    pub(crate) fn liked(&self, values: &Values) -> [f64; 7] {
        let mut liked = [0.0; 7];
        for (at, liking) in self.likings.numbers.iter().enumerate() {
            if let Some(liking) = liking {
                liked[at] = liking.weight * liking.share(on_scale(liking::NUMBERS[at], values.numbers[at]));
            }
        }
        liked[6] = self.likings.types_weight * values.type_liked;
        liked
    }

    /// The fit: the sum of the contributions, in their order.
    #[inline]
    pub(crate) fn fit(&self, values: &Values, today: Day) -> f64 {
        self.contributions(values, today).iter().sum()
    }

    /// Whether the numbers and keywords that a listing must have are there.
    #[inline]
    pub(crate) fn hard_numbers_met(&self, values: &Values) -> bool {
        let bounds = self.bounds.iter().zip(&values.numbers);
        let numbers = bounds
            .filter_map(|(bound, value)| bound.as_ref().map(|bound| (bound, value)))
            .all(|(bound, value)| !bound.hard || bound.admits(*value));
        numbers && self.keywords_met(values)
    }

    /// Whether the keywords that a listing must have are there.
    #[inline]
    pub(crate) fn keywords_met(&self, values: &Values) -> bool {
        !self.keywords_hard || values.found as usize == self.keywords.len()
    }

    /// The least that missing one soft wish costs; infinite when there is none.
    pub(crate) fn least_miss(&self) -> f64 {
        let mut least = f64::INFINITY;
        for (at, bound) in self.bounds.iter().enumerate() {
            if bound.is_some_and(|bound| !bound.hard) {
                least = least.min(self.weights[at] * (1.0 - NEAR_MISS));
            }
        }
        if !self.keywords.is_empty() && !self.keywords_hard {
            least = least.min(self.weights[9] / self.keywords.len() as f64);
        }
        least
    }
}
