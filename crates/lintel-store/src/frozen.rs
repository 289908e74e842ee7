//! Frozen estimates: what homes were thought to bring when they came on the market, and what they then brought.

use lintel_domain::{
    clock::{Day, Time},
    id::{ListingId, TenantId},
    market::MarketSlug,
    money::Money,
};

use crate::{Error, Result, Store, Tx, db::Row, params};

/// What a model said of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What it would bring.
    Value {
        /// The estimate.
        value: Money,
        /// Lower and upper end of the 80 % interval.
        interval80: [Money; 2],
        /// Lower and upper end of the 95 % interval.
        interval95: [Money; 2],
    },
    /// Why there is no estimate.
    Refused(String),
}

/// An estimate to be frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFrozen {
    /// Of which home.
    pub listing: ListingId,
    /// Nothing later than this day was used.
    pub as_of: Day,
    /// Where.
    pub market: MarketSlug,
    /// Free text, as in the listing.
    pub property_type: Option<String>,
    /// The version of the model.
    pub model: String,
    /// What the model said.
    pub verdict: Verdict,
}

/// A sale: the day and the price.
pub type Sale = (Day, Money);

/// A frozen estimate, as far as its sale is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Of which home.
    pub listing: ListingId,
    /// With the home, which estimate.
    pub as_of: Day,
    /// The sale it was scored by; `None` while it waits for one.
    pub sale: Option<Sale>,
}

/// A frozen estimate with the sale of its home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// Of which home.
    pub listing: ListingId,
    /// Nothing later than this day was used.
    pub as_of: Day,
    /// What the model said.
    pub verdict: Verdict,
    /// The sale.
    pub sale: Sale,
}

crate::sql! {
    /// A new estimate, unless the home waits for its sale already.
    FREEZE "frozen.freeze" = "INSERT INTO frozen_estimates (tenant_id, listing_id, as_of, market, type_key, model, value,
            low80, high80, low95, high95, refused, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    /// What a sale was, or that there was none after all.
    SCORE "frozen.score" = "UPDATE frozen_estimates SET sold_on = $4, sold_for = $5, scored_at = $6
        WHERE tenant_id = $1 AND listing_id = $2 AND as_of = $3";
    /// Those of some homes, the oldest first.
    OF_LISTINGS "frozen.of_listings" = {
        sqlite: "SELECT listing_id, as_of, sold_on, sold_for FROM frozen_estimates
            WHERE tenant_id = $1 AND listing_id IN (SELECT unhex(value) FROM json_each($2)) ORDER BY listing_id, as_of",
        postgres: "SELECT listing_id, as_of, sold_on, sold_for FROM frozen_estimates
            WHERE tenant_id = $1 AND listing_id = ANY($2) ORDER BY listing_id, as_of",
    };
    /// Those of homes of a market that were sold in a span of days, the latest sales first.
    SOLD "frozen.sold" = "SELECT listing_id, as_of, value, low80, high80, low95, high95, refused, sold_on, sold_for
        FROM frozen_estimates WHERE tenant_id = $1 AND market = $2 AND sold_on >= $3 AND sold_on <= $4
            AND (CAST($5 AS text) IS NULL OR type_key = $5)
        ORDER BY sold_on DESC, listing_id DESC LIMIT $6";
    /// How many homes of a market wait for their sale.
    WAITING "frozen.waiting" = "SELECT count(*) FROM frozen_estimates
        WHERE tenant_id = $1 AND market = $2 AND sold_on IS NULL AND value IS NOT NULL
            AND (CAST($3 AS text) IS NULL OR type_key = $3)";
    /// Those of a home that is gone.
    FORGET "frozen.forget" = "DELETE FROM frozen_estimates WHERE tenant_id = $1 AND listing_id = $2";
}

/// A property type as it is compared.
fn type_key(property_type: Option<&str>) -> Option<String> {
    property_type.map(str::to_lowercase)
}

fn frozen(row: &Row<'_>) -> Result<Frozen> {
    let (on, price): (Option<Day>, Option<Money>) = (row.get(2)?, row.get(3)?);
    Ok(Frozen { listing: row.get(0)?, as_of: row.get(1)?, sale: on.zip(price) })
}

fn sold(row: &Row<'_>) -> Result<Sold> {
    let value: Option<Money> = row.get(2)?;
    let refused: Option<String> = row.get(7)?;
    let verdict = match (value, refused) {
        (Some(value), _) => {
            Verdict::Value { value, interval80: [row.get(3)?, row.get(4)?], interval95: [row.get(5)?, row.get(6)?] }
        }
        (None, Some(reason)) => Verdict::Refused(reason),
        (None, None) => return Err(Error::Column { index: 2, message: "neither a value nor a reason".into() }),
    };
    Ok(Sold { listing: row.get(0)?, as_of: row.get(1)?, verdict, sale: (row.get(8)?, row.get(9)?) })
}

/// Which sold homes are asked for.
#[derive(Clone, Debug)]
pub struct SoldFilter {
    /// Where.
    pub market: MarketSlug,
    /// Sold on this day or later.
    pub from: Day,
    /// Sold on this day or earlier.
    pub to: Day,
    /// Of this property type, whatever the case of its letters.
    pub property_type: Option<String>,
}

impl Store {
    /// The frozen estimates of some homes, of each the oldest first.
    pub async fn frozen_of(&self, tenant: TenantId, listings: &[ListingId]) -> Result<Vec<Frozen>> {
        self.by_ids(&OF_LISTINGS, tenant, listings.iter().map(|id| id.0).collect(), frozen).await
    }

    /// At most `limit` frozen estimates of homes that were sold, the latest sales first.
    pub async fn frozen_sold(&self, tenant: TenantId, filter: &SoldFilter, limit: u32) -> Result<Vec<Sold>> {
        let key = type_key(filter.property_type.as_deref());
        self.survey(&SOLD, params![tenant, &filter.market, filter.from, filter.to, key, limit], sold).await
    }

    /// How many homes of a market have an estimate and no sale yet.
    pub async fn frozen_waiting(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        property_type: Option<&str>,
    ) -> Result<u64> {
        let count = self.query(&WAITING, params![tenant, market, type_key(property_type)], |row| row.get::<i64>(0));
        Ok(count.await?.first().map_or(0, |count| count.unsigned_abs()))
    }
}

impl Tx<'_> {
    /// Freezes estimates. Of a home that waits for its sale already the first stays. Returns how many were new.
    pub fn estimates_freeze(&mut self, tenant: TenantId, estimates: &[NewFrozen], now: Time) -> Result<u64> {
        let items = estimates.iter().map(|one| {
            let (value, ends, refused) = match &one.verdict {
                Verdict::Value { value, interval80: [a, b], interval95: [c, d] } => {
                    (Some(*value), [Some(*a), Some(*b), Some(*c), Some(*d)], None)
                }
                Verdict::Refused(reason) => (None, [None; 4], Some(reason.as_str())),
            };
            let key = type_key(one.property_type.as_deref()).unwrap_or_default();
            let [low80, high80, low95, high95] = ends;
            params![
                tenant,
                one.listing,
                one.as_of,
                &one.market,
                key,
                &one.model,
                value,
                low80,
                high80,
                low95,
                high95,
                refused,
                now
            ]
        });
        self.execute_many(&FREEZE, items)
    }

    /// Writes the sale of a home beside its estimate, or, when there is none after all, that it waits again.
    pub fn estimates_score(&mut self, tenant: TenantId, scored: &[Frozen], now: Time) -> Result<()> {
        let items = scored.iter().map(|one| {
            let (on, price) = one.sale.unzip();
            params![tenant, one.listing, one.as_of, on, price, on.map(|_| now)]
        });
        self.execute_many(&SCORE, items).map(|_| ())
    }

    /// Removes the estimates of homes that are gone.
    pub fn estimates_forget(&mut self, tenant: TenantId, listings: impl Iterator<Item = ListingId>) -> Result<()> {
        self.execute_many(&FORGET, listings.map(|listing| params![tenant, listing])).map(|_| ())
    }
}
