//! How right frozen estimates were: the ratio study of homes that were estimated before they were sold.

use lintel_domain::{clock::Day, market::MarketSlug, money::Currency};
use lintel_predict::price::{
    Home, RatioStudy, SaleRecord,
    confidence::{Confidence, Tier, tiers},
    ratio::Trial,
    validate::validate,
};
use lintel_store::frozen::{Sold, SoldFilter, Verdict};

use crate::{App, Error, Principal, Result};

/// Sales of a market that are studied; of more, the latest.
const MOST_SALES: u32 = 10_000;
/// What the bootstrap draws by.
const SEED: u64 = 1;

/// Which sales are asked about.
#[derive(Clone, Debug, Default)]
pub struct AccuracyQuery {
    /// Where; everywhere when absent.
    pub market: Option<MarketSlug>,
    /// Sold on this day or later.
    pub from: Option<Day>,
    /// Sold on this day or earlier.
    pub to: Option<Day>,
    /// Of this property type only, whatever the case of its letters.
    pub property_type: Option<String>,
}

/// How right the frozen estimates of a market were.
#[derive(Clone, Debug)]
pub struct MarketAccuracy {
    /// Where.
    pub market: MarketSlug,
    /// The currency of its prices.
    pub currency: Currency,
    /// Sold homes that are studied.
    pub n: u64,
    /// Homes with an estimate that are not sold yet.
    pub pending: u64,
    /// Sold homes for which the model had refused an estimate.
    pub refused: u64,
    /// Sold homes that are left out: what was paid is no market price, or the sale was before the day of the estimate.
    pub left_out: u64,
    /// Whether there are more sales than are studied; the latest are.
    pub is_cut: bool,
    /// What was measured; nothing without a sold home.
    pub measured: Option<MeasuredAccuracy>,
}

/// A ratio study, how sure it is, and the same by price.
#[derive(Clone, Debug)]
pub struct MeasuredAccuracy {
    /// The study.
    pub study: RatioStudy,
    /// How sure it is.
    pub confidence: Confidence,
    /// Thirds by value, the lowest first; without those of fewer than 30 homes.
    pub tiers: Vec<Tier>,
}

impl App {
    /// The system's own blind error: frozen estimates of homes that were sold since, market by market.
    pub async fn pricing_accuracy(&self, who: &Principal, query: AccuracyQuery) -> Result<Vec<MarketAccuracy>> {
        let (from, to) = (query.from.unwrap_or(Day(i32::MIN)), query.to.unwrap_or(Day(i32::MAX)));
        if from > to {
            return Err(Error::invalid("/to", "out_of_range", "must not be before from"));
        }
        let markets = match query.market {
            Some(slug) => {
                let market = self.0.store.market_get(who.tenant, &slug).await?;
                vec![market.ok_or_else(Error::unknown_market)?]
            }
            None => self.0.store.markets(who.tenant).await?,
        };
        let mut answers = Vec::with_capacity(markets.len());
        for market in markets {
            let property_type = query.property_type.clone();
            let filter = SoldFilter { market: market.slug.clone(), from, to, property_type };
            let mut sold = self.0.store.frozen_sold(who.tenant, &filter, MOST_SALES + 1).await?;
            let is_cut = sold.len() > MOST_SALES as usize;
            sold.truncate(MOST_SALES as usize);
            let pending =
                self.0.store.frozen_waiting(who.tenant, &market.slug, filter.property_type.as_deref()).await?;
            let studied = self.compute(move || Studied::of(&sold)).await?;
            answers.push(MarketAccuracy {
                market: market.slug,
                currency: market.currency,
                n: studied.measured.as_ref().map_or(0, |measured| measured.study.n as u64),
                pending,
                refused: studied.refused,
                left_out: studied.left_out,
                is_cut,
                measured: studied.measured,
            });
        }
        Ok(answers)
    }
}

/// What sold homes say.
struct Studied {
    measured: Option<MeasuredAccuracy>,
    refused: u64,
    left_out: u64,
}

impl Studied {
    fn of(sold: &[Sold]) -> Self {
        let faults = validate(&sold.iter().map(as_sale).collect::<Vec<_>>()).faults;
        let (mut trials, mut refused, mut left_out) = (Vec::with_capacity(sold.len()), 0, 0);
        for (one, fault) in sold.iter().zip(faults) {
            match &one.verdict {
                Verdict::Refused(_) => refused += 1,
                Verdict::Value { .. } if fault.is_some() || one.sale.0 < one.as_of => left_out += 1,
                Verdict::Value { value, interval80, interval95 } => trials.push(Trial {
                    price: one.sale.1.major(),
                    estimate: value.major(),
                    intervals: Some([interval80, interval95].map(|[low, high]| (low.major(), high.major()))),
                }),
            }
        }
        let measured = || {
            let (study, confidence) = (RatioStudy::of(&trials)?, Confidence::of(&trials, SEED)?);
            Some(MeasuredAccuracy { study, confidence, tiers: tiers(&trials, SEED) })
        };
        Self { measured: measured(), refused, left_out }
    }
}

/// A sale as the validation of sales reads it: by the rules that keep transfers from a model they are kept from its study.
fn as_sale(sold: &Sold) -> SaleRecord {
    SaleRecord {
        key: sold.listing.to_string(),
        close_price: sold.sale.1.major(),
        close_date: sold.sale.0,
        home: Home::default(),
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::{id::ListingId, money::Money};

    use super::*;

    fn sold(n: u128, price: i64, verdict: Verdict) -> Sold {
        let listing = ListingId(uuid::Uuid::from_u128(n));
        Sold { listing, as_of: Day(10), verdict, sale: (Day(40), Money(price)) }
    }

    fn value(value: i64) -> Verdict {
        let around = |share: i64| [Money(value - value / share), Money(value + value / share)];
        Verdict::Value { value: Money(value), interval80: around(20), interval95: around(4) }
    }

    #[test]
    fn transfers_refusals_and_sales_before_the_estimate_are_counted_and_not_measured() {
        let mut all: Vec<Sold> = (0..60).map(|n| sold(n, 40_000_000 + 100_000 * n as i64, value(42_000_000))).collect();
        all.push(sold(100, 100, value(42_000_000)));
        all.push(sold(101, 42_000_000, Verdict::Refused("too large".to_owned())));
        all.push(Sold { as_of: Day(41), ..sold(102, 42_000_000, value(42_000_000)) });
        let studied = Studied::of(&all);
        assert_eq!((studied.refused, studied.left_out), (1, 2));
        let measured = studied.measured.unwrap();
        assert_eq!((measured.study.n, measured.study.coverage_95), (60, Some(1.0)));
        assert!(measured.study.coverage_80.is_some_and(|share| share > 0.5 && share < 1.0));
        let (low, high) = measured.confidence.median_ratio;
        assert!(low <= measured.study.median_ratio && measured.study.median_ratio <= high);
        assert!(Studied::of(&[]).measured.is_none());
    }
}
