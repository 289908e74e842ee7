//! Markets: set up once, named by their slug.

use lintel_domain::{
    id::TenantId,
    market::{Market, MarketSlug},
    money::Currency,
};

use crate::{Error, Result, Store, Tx, db::Row, params};

crate::sql! {
    /// A new market, unless the slug is taken.
    INSERT "market.insert" = "INSERT INTO markets (tenant_id, slug, name, currency, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, slug) DO NOTHING";
    /// Gives the market's listings a part of their own. SQLite has no parts.
    PART "market.part" = {
        sqlite: "SELECT $1 IS NULL",
        postgres: "SELECT listings_part($1)",
    };
    /// By slug.
    BY_SLUG "market.by_slug" = "SELECT tenant_id, slug, name, currency, created_at FROM markets
        WHERE tenant_id = $1 AND slug = $2";
    /// Every market of a tenant, by slug.
    OF_TENANT "market.of_tenant" = "SELECT tenant_id, slug, name, currency, created_at FROM markets
        WHERE tenant_id = $1 ORDER BY slug";
    /// Every market there is.
    ALL "market.all" across_tenants = "SELECT tenant_id, slug FROM markets ORDER BY tenant_id, slug";
}

fn market(row: &Row<'_>) -> Result<Market> {
    let code: String = row.get(3)?;
    let currency = Currency::parse(&code);
    Ok(Market {
        tenant: row.get(0)?,
        slug: row.get(1)?,
        name: row.get(2)?,
        currency: currency.ok_or_else(|| Error::Column { index: 3, message: format!("unknown currency {code:?}") })?,
        created_at: row.get(4)?,
    })
}

impl Store {
    /// One market.
    pub async fn market_get(&self, tenant: TenantId, slug: &MarketSlug) -> Result<Option<Market>> {
        self.point(&BY_SLUG, params![tenant, slug], market).await
    }

    /// Every market of a tenant, by slug.
    pub async fn markets(&self, tenant: TenantId) -> Result<Vec<Market>> {
        self.query(&OF_TENANT, params![tenant], market).await
    }

    /// Every market of every tenant: for what a node keeps of all of them.
    pub async fn markets_of_all_tenants(&self) -> Result<Vec<(TenantId, MarketSlug)>> {
        self.query(&ALL, Vec::new(), |row| Ok((row.get(0)?, row.get(1)?))).await
    }
}

impl Tx<'_> {
    /// Sets a market up; false when the tenant has one with this slug.
    pub fn market_ensure(&mut self, market: &Market) -> Result<bool> {
        let Market { tenant, slug, name, currency, created_at } = market;
        let new = self.execute(&INSERT, params![tenant, slug, name, currency.code(), *created_at])? == 1;
        if new {
            // Markets of two tenants may have one name, and share the part.
            self.lock("parts of listings")?;
            self.query(&PART, params![slug], |_| Ok(()))?;
        }
        Ok(new)
    }
}
