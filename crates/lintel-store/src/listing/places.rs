//! Where the cities and postal areas of a market are: its listings counted by their names and by cell of the earth.

use lintel_domain::{id::TenantId, market::MarketSlug, place::Point};

use crate::{Result, Store, params};

/// The listings of one city and one postal code that lie in one cell of a hundredth of a degree.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedCell {
    /// The city, as its source writes it.
    pub city: Option<String>,
    /// The postal code, as its source writes it.
    pub postal_code: Option<String>,
    /// How many listings and records of sales.
    pub homes: u64,
    /// The mean of their places.
    pub middle: Point,
}

crate::sql! {
    /// The cells of a market's listings that have a place and a name, those of most listings first. Medians would have every
    /// listing sorted twice; cells are few, and the medians of cells are near enough for a name on a map.
    CELLS "listing.named_cells" = "SELECT city, postal_code, count(*), avg(latitude), avg(longitude) FROM listings
        WHERE tenant_id = $1 AND market = $2 AND latitude IS NOT NULL AND longitude IS NOT NULL
            AND (city IS NOT NULL OR postal_code IS NOT NULL)
        GROUP BY city, postal_code, CAST(round(latitude * 100) AS INTEGER), CAST(round(longitude * 100) AS INTEGER)
        ORDER BY count(*) DESC LIMIT $3";
}

impl Store {
    /// At most `limit` cells with the names of a market's listings in them, those of most listings first. It reads every listing
    /// of the market: keep the answer.
    pub async fn listings_named_cells(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        limit: u32,
    ) -> Result<Vec<NamedCell>> {
        self.survey(&CELLS, params![tenant, market, limit], |row| {
            let homes: i64 = row.get(2)?;
            Ok(NamedCell {
                city: row.get(0)?,
                postal_code: row.get(1)?,
                homes: homes.unsigned_abs(),
                middle: Point { latitude: row.get(3)?, longitude: row.get(4)? },
            })
        })
        .await
    }
}
