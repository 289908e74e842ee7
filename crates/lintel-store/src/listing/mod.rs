//! Listings, and the records of sales: one table, told apart by the day of the sale in the key.

mod columns;
mod measured;
mod merge;
mod places;
mod upsert;

use lintel_domain::{
    clock::Time,
    id::{ListingId, TenantId},
    listing::{Listing, ListingChange, Status},
    market::MarketSlug,
};

pub use measured::Measured;
pub use places::NamedCell;
pub use upsert::{Upsert, UpsertOutcome, Upserted};

use crate::{
    Result, Store, Tx,
    by_ids::in_order,
    db::{Row, Sql},
    params,
};
use columns::{listing, select};

crate::sql! {
    /// One listing.
    BY_ID "listing.by_id" = (concat!(select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// Several listings, in no order.
    BY_IDS "listing.by_ids" = {
        sqlite: concat!(select!(), "WHERE tenant_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2))"),
        postgres: concat!(select!(), "WHERE tenant_id = $1 AND id = ANY($2)"),
    };
    /// A page of a market, by id: for building the index.
    PAGE "listing.page" = (concat!(select!(), "WHERE tenant_id = $1 AND market = $2 AND id > $3 ORDER BY id LIMIT $4"));
    /// A page of the closed ones of a market, by id: for learning prices.
    SALES "listing.sales" = (concat!(select!(), "WHERE tenant_id = $1 AND market = $2 AND status = 'closed' AND id > $3 ORDER BY id LIMIT $4"));
    /// A page of the ids of those of a market that are for sale.
    ACTIVE_IDS "listing.active_ids" = "SELECT id FROM listings
        WHERE tenant_id = $1 AND market = $2 AND status = 'active' AND id > $3 ORDER BY id LIMIT $4";
    /// How many listings of a market are in each state.
    COUNTS "listing.counts" = "SELECT status, count(*) FROM listings WHERE tenant_id = $1 AND market = $2
        GROUP BY status ORDER BY status";
    /// The ids of listings and of records of sales by their keys.
    IDS_BY_KEY "listing.ids_by_key" = {
        sqlite: "SELECT listing_key, sale_on, id FROM listings WHERE tenant_id = $1 AND market = $2
            AND listing_key IN (SELECT value FROM json_each($3))",
        postgres: "SELECT listing_key, sale_on, id FROM listings WHERE tenant_id = $1 AND market = $2
            AND listing_key = ANY($3)",
    };
    /// The ids of the listings and records of sales of a key.
    IDS_OF_KEY "listing.ids_of_key" = "SELECT id FROM listings WHERE tenant_id = $1 AND market = $2 AND listing_key = $3 LIMIT $4";
    /// The history of a listing, the newest change first.
    CHANGES "listing.changes" = "SELECT at, status_from, status_to, price_changed, price_from, price_to
        FROM listing_changes WHERE tenant_id = $1 AND listing_id = $2 ORDER BY version DESC LIMIT 1000";
    /// The changes of a market's listings since a time, the newest first.
    CHANGES_SINCE "listing.changes_since" = "SELECT c.at, c.status_from, c.status_to, c.price_changed, c.price_from,
            c.price_to, c.listing_id
        FROM listing_changes c JOIN listings l ON l.tenant_id = c.tenant_id AND l.id = c.listing_id AND l.market = $2
        WHERE c.tenant_id = $1 AND c.at >= $3 ORDER BY c.at DESC LIMIT $4";
    /// One change.
    CHANGE "listing.change" = "INSERT INTO listing_changes
            (tenant_id, listing_id, version, at, status_from, status_to, price_changed, price_from, price_to)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// Every statement about listings.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    [STATEMENTS, measured::STATEMENTS, places::STATEMENTS, upsert::STATEMENTS].into_iter().flatten().copied()
}

fn change(row: &Row<'_>) -> Result<ListingChange> {
    let words: (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
    let status = match words {
        (Some(_), Some(_)) => Some((row.word(1, Status::parse)?, row.word(2, Status::parse)?)),
        _ => None,
    };
    let price_changed: bool = row.get(3)?;
    let list_price = if price_changed { Some((row.get(4)?, row.get(5)?)) } else { None };
    Ok(ListingChange { at: row.get(0)?, status, list_price })
}

impl Store {
    /// One listing.
    pub async fn listing_get(&self, tenant: TenantId, id: ListingId) -> Result<Option<Listing>> {
        self.point(&BY_ID, params![tenant, id], listing).await
    }

    /// Listings in the order asked for; those that are not there are left out.
    pub async fn listings_by_ids(&self, tenant: TenantId, ids: &[ListingId]) -> Result<Vec<Listing>> {
        let wanted = ids.iter().map(|id| id.0).collect();
        let found = self.by_ids(&BY_IDS, tenant, wanted, listing).await?;
        Ok(in_order(ids, found, |listing| listing.id))
    }

    /// At most `limit` listings of a market, by id, behind `after`.
    pub async fn listings_page(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: Option<ListingId>,
        limit: u32,
    ) -> Result<Vec<Listing>> {
        let after = after.unwrap_or(ListingId(uuid::Uuid::nil()));
        self.survey(&PAGE, params![tenant, market, after, limit], listing).await
    }

    /// At most `limit` closed listings and records of sales of a market, by id, behind `after`.
    pub async fn sales_page(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: Option<ListingId>,
        limit: u32,
    ) -> Result<Vec<Listing>> {
        let after = after.unwrap_or(ListingId(uuid::Uuid::nil()));
        self.survey(&SALES, params![tenant, market, after, limit], listing).await
    }

    /// At most `limit` ids of listings of a market that are for sale, behind `after`.
    pub async fn listings_active_ids(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: Option<ListingId>,
        limit: u32,
    ) -> Result<Vec<ListingId>> {
        let after = after.unwrap_or(ListingId(uuid::Uuid::nil()));
        self.survey(&ACTIVE_IDS, params![tenant, market, after, limit], |row| row.get(0)).await
    }

    /// How many listings of a market are in each state.
    pub async fn listing_counts(&self, tenant: TenantId, market: &MarketSlug) -> Result<Vec<(Status, u64)>> {
        self.survey(&COUNTS, params![tenant, market], |row| {
            let count: i64 = row.get(1)?;
            Ok((row.word(0, Status::parse)?, count.unsigned_abs()))
        })
        .await
    }

    /// The changes of price and status of a listing, the newest first, at most 1000.
    pub async fn listing_changes(&self, tenant: TenantId, id: ListingId) -> Result<Vec<ListingChange>> {
        self.query(&CHANGES, params![tenant, id], change).await
    }

    /// At most `limit` changes of price and status of a market's listings since a time, the newest first.
    pub async fn listing_changes_since(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        since: Time,
        limit: u32,
    ) -> Result<Vec<(ListingId, ListingChange)>> {
        self.survey(&CHANGES_SINCE, params![tenant, market, since, limit], |row| Ok((row.get(6)?, change(row)?))).await
    }
}

impl Store {
    /// At most `limit` listings and records of sales of a key, in no order.
    pub async fn listings_of_key(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        key: &str,
        limit: u32,
    ) -> Result<Vec<ListingId>> {
        self.query(&IDS_OF_KEY, params![tenant, market, key, limit], |row| row.get(0)).await
    }
}

impl Tx<'_> {
    /// The ids of listings of a market by their keys, or of the last sale of a key without a listing; unknown keys are left
    /// out.
    pub fn listing_ids_by_key(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        keys: Vec<String>,
    ) -> Result<Vec<(String, ListingId)>> {
        let mut found = self.query(&IDS_BY_KEY, params![tenant, market, keys], |row| {
            let key: String = row.get(0)?;
            let sale_on: i32 = row.get(1)?;
            Ok((key, sale_on == merge::LISTING, sale_on, row.get::<ListingId>(2)?))
        })?;
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup_by(|next, kept| next.0 == kept.0);
        Ok(found.into_iter().map(|(key, _, _, id)| (key, id)).collect())
    }

    /// Keeps changes of price or status for ever, each under the version it made.
    fn listing_changes_insert(&mut self, tenant: TenantId, changes: &[(ListingId, i64, ListingChange)]) -> Result<()> {
        let items = changes.iter().map(|(id, version, change)| {
            let (from, to) = change.status.map_or((None, None), |(from, to)| (Some(from.as_str()), Some(to.as_str())));
            let (price_from, price_to) = change.list_price.unwrap_or((None, None));
            params![tenant, *id, *version, change.at, from, to, change.list_price.is_some(), price_from, price_to]
        });
        self.execute_many(&CHANGE, items).map(|_| ())
    }
}
