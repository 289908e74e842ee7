//! Pricing homes: an estimate with an honest interval, its comparables and its contributions.

use lintel_domain::{
    clock::{Day, Time},
    id::ListingId,
    market::MarketSlug,
    money::Money,
};
use lintel_predict::price::{Answer, Home, Wanted};

use crate::{App, Error, Principal, Result, model::Waits, pricer::LivePrice};

/// The most comparables in an answer.
const MOST_COMPARABLES: u32 = 50;

/// An estimate asked for.
#[derive(Clone, Debug)]
pub struct EstimateRequest {
    /// Where.
    pub market: MarketSlug,
    /// What.
    pub home: Home,
    /// As of which day; today when absent. Nothing later is used.
    pub as_of: Option<Day>,
    /// How many comparables, 0 to 50; 5 when absent.
    pub comparables: Option<u32>,
    /// Whether contributions are wanted.
    pub explain: bool,
}

/// A value with its intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRange {
    /// The estimate.
    pub value: Money,
    /// ISO 4217.
    pub currency: String,
    /// Where the price falls in 80 of 100 cases.
    pub interval80: [Money; 2],
    /// Where the price falls in 95 of 100 cases.
    pub interval95: [Money; 2],
}

/// A sale that speaks for the value.
#[derive(Clone, Debug)]
pub struct Comparable {
    /// The sale.
    pub listing: ListingId,
    /// Metres away.
    pub distance_m: Option<f64>,
    /// 0 to 1.
    pub similarity: f64,
    /// What it sold for.
    pub close_price: Money,
    /// What it would have sold for as this home, now.
    pub adjusted_price: Money,
}

/// Which model estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceModelNote {
    /// Its version.
    pub version: String,
    /// When it was trained.
    pub trained_at: Time,
    /// From how many sales.
    pub n: u64,
    /// Median absolute error on held-out sales, as a fraction.
    pub median_ape: f64,
}

/// The answer; either `value` or `refused` is there.
#[derive(Clone, Debug)]
pub struct EstimateAnswer {
    /// The value.
    pub value: Option<ValueRange>,
    /// The sales it leans on.
    pub comparables: Vec<Comparable>,
    /// What contributions are added to.
    pub base: Option<Money>,
    /// Parts of the value; base and parts add up to the value to the cent.
    pub contributions: Vec<(String, Money)>,
    /// By which model.
    pub model: Option<PriceModelNote>,
    /// Why there is no value.
    pub refused: Option<String>,
    /// As of which day.
    pub as_of: Day,
}

impl LivePrice {
    fn note(&self) -> PriceModelNote {
        PriceModelNote {
            version: self.version.clone(),
            trained_at: self.trained_at,
            n: self.model.rows() as u64,
            median_ape: self.model.study().median_ape,
        }
    }

    fn comparable(&self, found: lintel_predict::price::Comparable) -> Option<Comparable> {
        Some(Comparable {
            listing: self.listing_of(&found.key, found.close_date)?,
            distance_m: found.distance_m.is_finite().then_some(found.distance_m),
            similarity: found.similarity,
            close_price: found.close_price,
            adjusted_price: found.adjusted_price,
        })
    }
}

impl App {
    /// Prices a home.
    pub async fn estimate(&self, who: &Principal, request: EstimateRequest) -> Result<EstimateAnswer> {
        let currency = self.currency(who.tenant, &request.market).await?.ok_or_else(Error::unknown_market)?;
        let wanted = request.comparables.unwrap_or(5);
        if wanted > MOST_COMPARABLES {
            return Err(Error::invalid("/comparables", "out_of_range", format!("0 to {MOST_COMPARABLES}")));
        }
        let as_of = request.as_of.unwrap_or_else(|| self.clock().now().day());
        let pricer = self.pricer(who.tenant, &request.market, Waits::Somebody).await?;
        self.refresh_pricer(who.tenant, &request.market, &pricer);
        let Some(live) = &pricer.live else {
            let reason = "there is no price model for this market yet: import sales and train one".to_owned();
            return Ok(EstimateAnswer::refused(reason, None, as_of));
        };
        let wanted = Wanted { comparables: wanted as usize, reasons: request.explain };
        let estimate = match live.model.estimate(&live.sales, &request.home, as_of, wanted).map_err(Error::internal)? {
            Answer::Refused(reason) => return Ok(EstimateAnswer::refused(reason, Some(live.note()), as_of)),
            Answer::Estimate(estimate) => *estimate,
        };
        let comparables = estimate.comparables.into_iter().filter_map(|one| live.comparable(one)).collect();
        let pair = |(low, high): (Money, Money)| [low, high];
        Ok(EstimateAnswer {
            value: Some(ValueRange {
                value: estimate.value,
                currency: currency.code().to_owned(),
                interval80: pair(estimate.interval80),
                interval95: pair(estimate.interval95),
            }),
            comparables,
            base: request.explain.then_some(estimate.base),
            contributions: estimate.contributions.into_iter().map(|one| (one.feature, Money(one.cents))).collect(),
            model: Some(live.note()),
            refused: None,
            as_of,
        })
    }

    /// Prices a stored listing, blind to its asking price.
    pub async fn estimate_listing(
        &self,
        who: &Principal,
        id: ListingId,
        comparables: Option<u32>,
        explain: bool,
    ) -> Result<EstimateAnswer> {
        let listing = self.listing(who, id).await?;
        let home = Home::from(&listing.facts);
        let request = EstimateRequest { market: listing.market, home, as_of: None, comparables, explain };
        self.estimate(who, request).await
    }
}

impl EstimateAnswer {
    fn refused(reason: String, model: Option<PriceModelNote>, as_of: Day) -> Self {
        Self {
            value: None,
            comparables: Vec::new(),
            base: None,
            contributions: Vec::new(),
            model,
            refused: Some(reason),
            as_of,
        }
    }
}
