//! Saved searches.

use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId},
    market::MarketSlug,
};
use lintel_store::saved_search::SavedSearchRow;

use crate::{App, Error, Listed, Paging, Principal, Result};

/// A search to be saved.
#[derive(Clone, Debug)]
pub struct NewSavedSearch {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): a search that is there already is then the answer.
    pub id: Option<SavedSearchId>,
    /// Its name.
    pub name: String,
    /// For whom.
    pub lead: Option<LeadId>,
    /// Where.
    pub market: MarketSlug,
    /// Which listings.
    pub filters: ListingFilter,
}

/// A saved search.
#[derive(Clone, Debug)]
pub struct SavedSearchView {
    /// Its id.
    pub id: SavedSearchId,
    /// What was saved.
    pub search: NewSavedSearch,
    /// When.
    pub created_at: Time,
}

impl App {
    /// Saves a search.
    pub async fn saved_search_create(&self, who: &Principal, new: NewSavedSearch) -> Result<SavedSearchView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        self.0.store.market_get(tenant, &new.market).await?.ok_or_else(Error::unknown_market)?;
        if let Some(lead) = new.lead {
            let there = self.0.store.lead_get(tenant, lead).await?;
            there.ok_or_else(|| Error::invalid("/lead_id", "unknown", "there is no such lead"))?;
        }
        let id = new.id.unwrap_or_else(|| SavedSearchId(self.0.ids.next(now)));
        let row = SavedSearchRow {
            id,
            name: new.name,
            lead: new.lead,
            market: new.market,
            filter: new.filters,
            created_at: now,
        };
        self.0.store.write(move |tx| tx.saved_search_create(tenant, &row)).await?;
        self.saved_search(who, id).await
    }

    /// One saved search.
    pub async fn saved_search(&self, who: &Principal, id: SavedSearchId) -> Result<SavedSearchView> {
        let row = self.0.store.saved_search_get(who.tenant, id).await?.ok_or(Error::NotFound("saved search"))?;
        Ok(row.into())
    }

    /// The tenant's saved searches, newest first; of one lead when given.
    pub async fn saved_searches(
        &self,
        who: &Principal,
        lead: Option<LeadId>,
        paging: Paging,
    ) -> Result<Listed<SavedSearchView>> {
        let name = format!("saved searches {}", lead.map(|id| id.to_string()).unwrap_or_default());
        let (limit, before) = (paging.limit()?, self.after(who, &name, &paging).await?);
        let rows = self.0.store.saved_searches(who.tenant, lead, before.map(SavedSearchId), limit + 1).await?;
        self.listed(who, &name, limit, rows, |row| row.id.0, SavedSearchView::from).await
    }

    /// Removes a saved search.
    pub async fn saved_search_delete(&self, who: &Principal, id: SavedSearchId) -> Result<()> {
        let tenant = who.tenant;
        let gone = self.0.store.write(move |tx| tx.saved_search_delete(tenant, id)).await?;
        if gone { Ok(()) } else { Err(Error::NotFound("saved search")) }
    }
}

impl From<SavedSearchRow> for SavedSearchView {
    fn from(row: SavedSearchRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            search: NewSavedSearch {
                id: Some(row.id),
                name: row.name,
                lead: row.lead,
                market: row.market,
                filters: row.filter,
            },
        }
    }
}
