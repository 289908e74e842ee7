//! What markets are measured by: of each listing the few columns that say what is for sale, what sold, when and for how much.

use std::ops::Range;

use lintel_domain::{
    clock::{Day, Time},
    id::{ListingId, TenantId},
    listing::Status,
    market::MarketSlug,
    money::Money,
    place::{Bounds, Point},
};

use crate::{Result, Store, db::Row, params};

/// The measured part of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Which.
    pub id: ListingId,
    /// Where it stands.
    pub status: Status,
    /// Free text such as "Single Family Residence".
    pub property_type: Option<String>,
    /// Asking price.
    pub list_price: Option<Money>,
    /// Price it sold for.
    pub close_price: Option<Money>,
    /// Day of the sale.
    pub close_date: Option<Day>,
    /// When it came on the market.
    pub listed_at: Option<Time>,
    /// Days on the market as stated by the source.
    pub days_on_market: Option<i32>,
    /// Living area in square feet.
    pub living_area_sqft: Option<f64>,
    /// Where it stands on the earth.
    pub place: Option<Point>,
}

crate::sql! {
    /// A page of those of a market in a status, without those that sold before a day, by id.
    PAGE "listing.measured" = "SELECT id, property_type, list_price, close_price, close_on, listed_at, days_on_market,
            living_area_sqft, latitude, longitude
        FROM listings WHERE tenant_id = $1 AND market = $2 AND status = $3 AND id > $4
            AND (close_on IS NULL OR close_on >= $5) ORDER BY id LIMIT $6";
    /// A page of the sales of a market with a price, from a day to before another, by id.
    SOLD "listing.sold" = "SELECT id, property_type, list_price, close_price, close_on, listed_at, days_on_market,
            living_area_sqft, latitude, longitude
        FROM listings WHERE tenant_id = $1 AND market = $2 AND status = 'closed' AND id > $3
            AND close_on >= $4 AND close_on < $5 AND close_price > 0 ORDER BY id LIMIT $6";
    /// The same in a box.
    SOLD_WITHIN "listing.sold_within" = "SELECT id, property_type, list_price, close_price, close_on, listed_at,
            days_on_market, living_area_sqft, latitude, longitude
        FROM listings WHERE tenant_id = $1 AND market = $2 AND status = 'closed' AND id > $3
            AND close_on >= $4 AND close_on < $5 AND close_price > 0
            AND latitude >= $6 AND latitude <= $7 AND longitude >= $8 AND longitude <= $9 ORDER BY id LIMIT $10";
}

fn measured(status: Status) -> impl Fn(&Row<'_>) -> Result<Measured> {
    move |row| {
        let (latitude, longitude): (Option<f64>, Option<f64>) = (row.get(8)?, row.get(9)?);
        Ok(Measured {
            id: row.get(0)?,
            status,
            property_type: row.get(1)?,
            list_price: row.get(2)?,
            close_price: row.get(3)?,
            close_date: row.get(4)?,
            listed_at: row.get(5)?,
            days_on_market: row.get(6)?,
            living_area_sqft: row.get(7)?,
            place: latitude.zip(longitude).map(|(latitude, longitude)| Point { latitude, longitude }),
        })
    }
}

impl Store {
    /// At most `limit` listings of a market in a status, by id, behind `after`; none that sold before `since`.
    pub async fn listings_measured(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        status: Status,
        since: Day,
        after: Option<ListingId>,
        limit: u32,
    ) -> Result<Vec<Measured>> {
        let after = after.unwrap_or(ListingId(uuid::Uuid::nil()));
        let params = params![tenant, market, status.as_str(), after, since, limit];
        self.survey(&PAGE, params, measured(status)).await
    }

    /// At most `limit` sales of a market with a price, by id, behind `after`: those that closed from `days.start` to before
    /// `days.end`, and lie in the box if there is one. A box has no sale without coordinates, and does not cross the
    /// antimeridian.
    pub async fn listings_sold(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        days: Range<Day>,
        within: Option<Bounds>,
        after: Option<ListingId>,
        limit: u32,
    ) -> Result<Vec<Measured>> {
        let after = after.unwrap_or(ListingId(uuid::Uuid::nil()));
        let Some(Bounds { west, south, east, north }) = within else {
            let params = params![tenant, market, after, days.start, days.end, limit];
            return self.survey(&SOLD, params, measured(Status::Closed)).await;
        };
        let params = params![tenant, market, after, days.start, days.end, south, north, west, east, limit];
        self.survey(&SOLD_WITHIN, params, measured(Status::Closed)).await
    }
}
