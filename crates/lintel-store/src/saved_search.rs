//! Saved searches.

use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId, TenantId},
    market::MarketSlug,
};

use crate::{Error, Result, Store, Tx, db::Row, params};

/// A saved search as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedSearchRow {
    /// Its id.
    pub id: SavedSearchId,
    /// Its name.
    pub name: String,
    /// For whom.
    pub lead: Option<LeadId>,
    /// Where.
    pub market: MarketSlug,
    /// Which listings.
    pub filter: ListingFilter,
    /// When it was saved.
    pub created_at: Time,
}

crate::sql! {
    /// A new search, unless its id is there.
    INSERT "saved_search.insert" = "INSERT INTO saved_searches (tenant_id, id, name, lead_id, market, filters, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, id) DO NOTHING";
    /// By id.
    BY_ID "saved_search.by_id" = "SELECT id, name, lead_id, market, filters, created_at FROM saved_searches
        WHERE tenant_id = $1 AND id = $2";
    /// A page, the newest first.
    PAGE "saved_search.page" = "SELECT id, name, lead_id, market, filters, created_at FROM saved_searches
        WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// A page of one lead, the newest first.
    PAGE_OF_LEAD "saved_search.page_of_lead" = "SELECT id, name, lead_id, market, filters, created_at FROM saved_searches
        WHERE tenant_id = $1 AND lead_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// Removes one.
    DELETE "saved_search.delete" = "DELETE FROM saved_searches WHERE tenant_id = $1 AND id = $2";
}

fn saved_search(row: &Row<'_>) -> Result<SavedSearchRow> {
    let filter: serde_json::Value = row.get(4)?;
    Ok(SavedSearchRow {
        id: row.get(0)?,
        name: row.get(1)?,
        lead: row.get(2)?,
        market: row.get(3)?,
        filter: serde_json::from_value(filter).map_err(|source| Error::Decode { what: "filter", source })?,
        created_at: row.get(5)?,
    })
}

impl Store {
    /// One saved search.
    pub async fn saved_search_get(&self, tenant: TenantId, id: SavedSearchId) -> Result<Option<SavedSearchRow>> {
        self.point(&BY_ID, params![tenant, id], saved_search).await
    }

    /// At most `limit` saved searches, the newest first, behind `before`; of one lead when given.
    pub async fn saved_searches(
        &self,
        tenant: TenantId,
        lead: Option<LeadId>,
        before: Option<SavedSearchId>,
        limit: u32,
    ) -> Result<Vec<SavedSearchRow>> {
        let before = before.unwrap_or(SavedSearchId(uuid::Uuid::max()));
        match lead {
            None => self.query(&PAGE, params![tenant, before, limit], saved_search).await,
            Some(lead) => self.query(&PAGE_OF_LEAD, params![tenant, lead, before, limit], saved_search).await,
        }
    }
}

impl Tx<'_> {
    /// Stores a search; false when its id is there already.
    pub fn saved_search_create(&mut self, tenant: TenantId, new: &SavedSearchRow) -> Result<bool> {
        let filter = serde_json::to_value(&new.filter).map_err(|source| Error::Decode { what: "filter", source })?;
        let values = params![tenant, new.id, &new.name, new.lead, &new.market, filter, new.created_at];
        Ok(self.execute(&INSERT, values)? == 1)
    }

    /// Removes a search; false when there is none.
    pub fn saved_search_delete(&mut self, tenant: TenantId, id: SavedSearchId) -> Result<bool> {
        Ok(self.execute(&DELETE, params![tenant, id])? == 1)
    }
}
