//! Saved searches: kept, changed, and counted as they are listed.

pub(crate) mod digest;
mod recent;
pub(crate) mod watching;

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId, TenantId},
    market::MarketSlug,
    saved_search::Cadence,
};
use lintel_search::Query;
use lintel_store::saved_search::{SavedSearchChange, SavedSearchRow};

pub use recent::{RecentMatch, RecentMatches};

use crate::{App, Error, Listed, Paging, Principal, Result};

/// Searches that are counted in one turn on a core.
const COUNTED_AT_ONCE: usize = 10;

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
    /// How often it is told of.
    pub cadence: Cadence,
    /// Whether it does not watch the market for now.
    pub paused: bool,
}

/// What is to change of a saved search; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct SavedSearchPatch {
    /// Its name.
    pub name: Option<String>,
    /// Which listings.
    pub filters: Option<ListingFilter>,
    /// How often it is told of.
    pub cadence: Option<Cadence>,
    /// Whether it does not watch the market for now.
    pub paused: Option<bool>,
    /// Whether somebody has looked at what it found until now.
    pub seen: bool,
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
    /// Up to when somebody has looked at what it found.
    pub seen_at: Time,
    /// When it was last told of.
    pub alerted_at: Option<Time>,
    /// How many listings it finds now.
    pub match_count: u64,
    /// How many listings it found since somebody looked.
    pub new_since: u64,
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
            lead: new.lead,
            cadence: new.cadence,
            paused: new.paused,
            ..SavedSearchRow::new(id, new.name, new.market, new.filters, now)
        };
        self.0.store.write(move |tx| tx.saved_search_create(tenant, &row)).await?;
        self.saved_search(who, id).await
    }

    /// One saved search.
    pub async fn saved_search(&self, who: &Principal, id: SavedSearchId) -> Result<SavedSearchView> {
        let row = self.saved_search_row(who, id).await?;
        self.saved_views(who.tenant, vec![row]).await?.pop().ok_or(Error::NotFound("saved search"))
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
        let page = self.listed(who, &name, limit, rows, |row| row.id.0, |row| row).await?;
        Ok(Listed { items: self.saved_views(who.tenant, page.items).await?, next_cursor: page.next_cursor })
    }

    /// Changes a saved search. With other filters, or when it watches again, what happened until now is no news to it.
    pub async fn saved_search_patch(
        &self,
        who: &Principal,
        id: SavedSearchId,
        patch: SavedSearchPatch,
    ) -> Result<SavedSearchView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let row = self.saved_search_row(who, id).await?;
        let begins_anew = patch.filters.is_some() || patch.paused == Some(false) && row.paused;
        let change = SavedSearchChange {
            name: patch.name,
            filter: patch.filters,
            cadence: patch.cadence,
            paused: patch.paused,
            watched_since: begins_anew.then_some(now),
            seen_at: patch.seen.then_some(now),
        };
        let changed = self.0.store.write(move |tx| {
            match change.cadence {
                // What waited for a daily or weekly alert waits no longer.
                Some(Cadence::Instant) => digest::tell(tx, tenant, &row, now)?,
                Some(Cadence::Off) => drop(tx.search_matches_take(tenant, id)?),
                Some(Cadence::Daily | Cadence::Weekly) | None => {}
            }
            tx.saved_search_update(tenant, id, &change)
        });
        if !changed.await? {
            return Err(Error::NotFound("saved search"));
        }
        self.saved_search(who, id).await
    }

    /// Removes a saved search.
    pub async fn saved_search_delete(&self, who: &Principal, id: SavedSearchId) -> Result<()> {
        let tenant = who.tenant;
        let gone = self.0.store.write(move |tx| tx.saved_search_delete(tenant, id)).await?;
        if gone { Ok(()) } else { Err(Error::NotFound("saved search")) }
    }

    async fn saved_search_row(&self, who: &Principal, id: SavedSearchId) -> Result<SavedSearchRow> {
        self.0.store.saved_search_get(who.tenant, id).await?.ok_or(Error::NotFound("saved search"))
    }

    /// Searches with how many listings they find now, and found since somebody looked, in the order given.
    async fn saved_views(&self, tenant: TenantId, rows: Vec<SavedSearchRow>) -> Result<Vec<SavedSearchView>> {
        let ids: Vec<SavedSearchId> = rows.iter().map(|row| row.id).collect();
        let unseen: HashMap<_, _> = self.0.store.search_matches_unseen(tenant, &ids).await?.into_iter().collect();
        let mut parts = HashMap::new();
        for row in &rows {
            if !parts.contains_key(&row.market) {
                parts.insert(row.market.clone(), self.part(tenant, &row.market).await?);
            }
        }
        let (today, mut views) = (self.clock().now().day(), Vec::with_capacity(rows.len()));
        for chunk in rows.chunks(COUNTED_AT_ONCE) {
            let asked: Vec<_> = chunk.iter().map(|row| (parts[&row.market].clone(), row.filter.clone())).collect();
            let counting = move || {
                let count = |(part, filter): &(std::sync::Arc<lintel_search::Part>, ListingFilter)| {
                    part.search(&Query { limit: 0, ..Query::new(filter, today) }).map(|found| found.total)
                };
                asked.iter().map(count).collect::<Result<Vec<u64>, _>>()
            };
            let counts = self.compute(counting).await?.map_err(Error::internal)?;
            for (row, match_count) in chunk.iter().zip(counts) {
                let new_since = unseen.get(&row.id).copied().unwrap_or(0);
                views.push(SavedSearchView { match_count, new_since, ..SavedSearchView::from(row.clone()) });
            }
        }
        Ok(views)
    }
}

impl From<SavedSearchRow> for SavedSearchView {
    /// Without its counts.
    fn from(row: SavedSearchRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            seen_at: row.seen_at,
            alerted_at: row.alerted_at,
            match_count: 0,
            new_since: 0,
            search: NewSavedSearch {
                id: Some(row.id),
                name: row.name,
                lead: row.lead,
                market: row.market,
                filters: row.filter,
                cadence: row.cadence,
                paused: row.paused,
            },
        }
    }
}
