//! Saved searches, and how they are told of.

use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId, TenantId},
    market::MarketSlug,
    saved_search::Cadence,
};

use crate::{
    Error, Result, Store, Tx,
    db::{Params, Row},
    params,
};

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
    /// How often it is told of.
    pub cadence: Cadence,
    /// Whether it does not watch the market for now.
    pub paused: bool,
    /// What happened before is no news to it.
    pub watched_since: Time,
    /// Up to when somebody has looked at what it found.
    pub seen_at: Time,
    /// When it was last told of.
    pub alerted_at: Option<Time>,
}

/// What a search that watches a market asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Watching {
    /// The search.
    pub id: SavedSearchId,
    /// Which listings.
    pub filter: ListingFilter,
}

/// What became of a search of a market since somebody read them.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchingChange {
    /// The search.
    pub id: SavedSearchId,
    /// The number of the change.
    pub change: i64,
    /// Which listings it asks for; nothing while it is paused.
    pub filter: Option<ListingFilter>,
}

/// What changes of a saved search; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedSearchChange {
    /// Its name.
    pub name: Option<String>,
    /// Which listings.
    pub filter: Option<ListingFilter>,
    /// How often it is told of.
    pub cadence: Option<Cadence>,
    /// Whether it does not watch the market for now.
    pub paused: Option<bool>,
    /// What happened before is no news to it.
    pub watched_since: Option<Time>,
    /// Up to when somebody has looked at what it found.
    pub seen_at: Option<Time>,
}

/// Begins a statement that reads whole searches.
macro_rules! select {
    () => {
        "SELECT id, name, lead_id, market, filters, created_at, cadence, paused, watched_since, seen_at, alerted_at
        FROM saved_searches "
    };
}

crate::sql! {
    /// A new search, unless its id is there.
    INSERT "saved_search.insert" = "INSERT INTO saved_searches (tenant_id, id, name, lead_id, market, filters, created_at,
            cadence, paused, watched_since, seen_at, alerted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (tenant_id, id) DO NOTHING";
    /// What may change of a search.
    UPDATE "saved_search.update" = "UPDATE saved_searches
        SET name = COALESCE($3, name), filters = COALESCE($4, filters), cadence = COALESCE($5, cadence),
            paused = COALESCE($6, paused), watched_since = COALESCE($7, watched_since), seen_at = COALESCE($8, seen_at)
        WHERE tenant_id = $1 AND id = $2";
    /// That a search was told of.
    ALERTED "saved_search.alerted" = "UPDATE saved_searches SET alerted_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// By id.
    BY_ID "saved_search.by_id" = (concat!(select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// A page, the newest first.
    PAGE "saved_search.page" = (concat!(select!(), "WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
    /// A page of one lead, the newest first.
    PAGE_OF_LEAD "saved_search.page_of_lead" = (concat!(select!(),
        "WHERE tenant_id = $1 AND lead_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"));
    /// Counts a change of what a search of a market watches for. Whoever counts holds the market's number until the write is
    /// kept, so that changes are seen in the order of their numbers.
    COUNT "saved_search.count" = "UPDATE markets SET searches_changed = searches_changed + 1
        WHERE tenant_id = $1 AND slug = (SELECT market FROM saved_searches WHERE tenant_id = $1 AND id = $2)";
    /// Gives a search the number of the change.
    NUMBER "saved_search.number" = "UPDATE saved_searches SET changed = COALESCE((SELECT m.searches_changed FROM markets m
            WHERE m.tenant_id = saved_searches.tenant_id AND m.slug = saved_searches.market), 0)
        WHERE tenant_id = $1 AND id = $2";
    /// The number of the last change of a market's searches.
    LAST_CHANGE "saved_search.last_change" = "SELECT changed FROM saved_searches
        WHERE tenant_id = $1 AND market = $2 ORDER BY changed DESC LIMIT 1";
    /// Changes behind one, in their order.
    CHANGES "saved_search.changes" = "SELECT id, changed, paused, filters FROM saved_searches
        WHERE tenant_id = $1 AND market = $2 AND changed > $3 ORDER BY changed LIMIT $4";
    /// A page of those that watch a market, by id.
    WATCHING "saved_search.watching" = "SELECT id, filters FROM saved_searches
        WHERE tenant_id = $1 AND market = $2 AND NOT paused AND id > $3 ORDER BY id LIMIT $4";
    /// Those of some that watch, in no order.
    WATCHING_OF "saved_search.watching_of" = {
        sqlite: concat!(select!(), "WHERE tenant_id = $1 AND NOT paused AND id IN (SELECT unhex(value) FROM json_each($2))"),
        postgres: concat!(select!(), "WHERE tenant_id = $1 AND NOT paused AND id = ANY($2)"),
    };
    /// Those told of together that were last told of before a time and have something to tell.
    DUE "saved_search.due" across_tenants = "SELECT s.tenant_id, s.id FROM saved_searches s
        WHERE NOT s.paused AND s.cadence IN ('daily', 'weekly') AND s.cadence = $1
            AND COALESCE(s.alerted_at, s.created_at) <= $2
            AND EXISTS (SELECT 1 FROM search_matches m
                WHERE m.tenant_id = s.tenant_id AND m.search_id = s.id AND m.waiting)
        LIMIT $3";
    /// Removes one.
    DELETE "saved_search.delete" = "DELETE FROM saved_searches WHERE tenant_id = $1 AND id = $2";
}

fn filter(row: &Row<'_>, column: usize) -> Result<ListingFilter> {
    serde_json::from_value(row.get(column)?).map_err(|source| Error::Decode { what: "filter", source })
}

fn saved_search(row: &Row<'_>) -> Result<SavedSearchRow> {
    Ok(SavedSearchRow {
        id: row.get(0)?,
        name: row.get(1)?,
        lead: row.get(2)?,
        market: row.get(3)?,
        filter: filter(row, 4)?,
        created_at: row.get(5)?,
        cadence: row.word(6, Cadence::parse)?,
        paused: row.get(7)?,
        watched_since: row.get(8)?,
        seen_at: row.get(9)?,
        alerted_at: row.get(10)?,
    })
}

impl SavedSearchRow {
    /// A search that is saved now, and told of as it finds something.
    pub fn new(id: SavedSearchId, name: String, market: MarketSlug, filter: ListingFilter, now: Time) -> Self {
        Self {
            id,
            name,
            lead: None,
            market,
            filter,
            created_at: now,
            cadence: Cadence::default(),
            paused: false,
            watched_since: now,
            seen_at: now,
            alerted_at: None,
        }
    }
}

fn filter_value(filter: &ListingFilter) -> Result<serde_json::Value> {
    serde_json::to_value(filter).map_err(|source| Error::Decode { what: "filter", source })
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

    /// The number of the last change of the searches of a market that are there. Take it before reading the searches: what
    /// changes meanwhile is then read twice, but never missed.
    pub async fn saved_searches_last_change(&self, tenant: TenantId, market: &MarketSlug) -> Result<i64> {
        Ok(self.point(&LAST_CHANGE, params![tenant, market], |row| row.get(0)).await?.unwrap_or(0))
    }

    /// At most `limit` changes of the searches of a market behind one, in the order of their numbers; of several changes of a
    /// search the last. Of what was removed nothing is told.
    pub async fn saved_searches_changes(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: i64,
        limit: u32,
    ) -> Result<Vec<WatchingChange>> {
        let change = |row: &Row<'_>| {
            let is_paused: bool = row.get(2)?;
            let filter = if is_paused { None } else { Some(filter(row, 3)?) };
            Ok(WatchingChange { id: row.get(0)?, change: row.get(1)?, filter })
        };
        self.query(&CHANGES, params![tenant, market, after, limit], change).await
    }

    /// At most `limit` of the searches that watch a market, those that are not paused, by id, behind `after`.
    pub async fn saved_searches_watching(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: Option<SavedSearchId>,
        limit: u32,
    ) -> Result<Vec<Watching>> {
        let after = after.unwrap_or(SavedSearchId(uuid::Uuid::nil()));
        let watching = |row: &Row<'_>| Ok(Watching { id: row.get(0)?, filter: filter(row, 1)? });
        self.query(&WATCHING, params![tenant, market, after, limit], watching).await
    }

    /// Those of some searches that are there and not paused, in no order.
    pub async fn saved_searches_watching_of(
        &self,
        tenant: TenantId,
        ids: &[SavedSearchId],
    ) -> Result<Vec<SavedSearchRow>> {
        let ids = ids.iter().map(|id| id.0).collect();
        self.by_ids(&WATCHING_OF, tenant, ids, saved_search).await
    }

    /// At most `limit` searches of any tenant of this cadence that have something to tell and were last told of at `before`
    /// or earlier.
    pub async fn saved_searches_due(
        &self,
        cadence: Cadence,
        before: Time,
        limit: u32,
    ) -> Result<Vec<(TenantId, SavedSearchId)>> {
        self.query(&DUE, params![cadence.as_str(), before, limit], |row| Ok((row.get(0)?, row.get(1)?))).await
    }
}

impl Tx<'_> {
    /// Stores a search; false when its id is there already.
    pub fn saved_search_create(&mut self, tenant: TenantId, new: &SavedSearchRow) -> Result<bool> {
        let values = params![
            tenant,
            new.id,
            &new.name,
            new.lead,
            &new.market,
            filter_value(&new.filter)?,
            new.created_at,
            new.cadence.as_str(),
            new.paused,
            new.watched_since,
            new.seen_at,
            new.alerted_at,
        ];
        let is_new = self.execute(&INSERT, values)? == 1;
        if is_new {
            self.saved_search_count(tenant, new.id)?;
        }
        Ok(is_new)
    }

    /// Changes a search; false when there is none.
    pub fn saved_search_update(
        &mut self,
        tenant: TenantId,
        id: SavedSearchId,
        change: &SavedSearchChange,
    ) -> Result<bool> {
        let values = params![
            tenant,
            id,
            change.name.as_deref(),
            change.filter.as_ref().map(filter_value).transpose()?,
            change.cadence.map(Cadence::as_str),
            change.paused,
            change.watched_since,
            change.seen_at,
        ];
        let is_there = self.execute(&UPDATE, values)? == 1;
        if is_there && (change.filter.is_some() || change.paused.is_some()) {
            self.saved_search_count(tenant, id)?;
        }
        Ok(is_there)
    }

    /// Counts that what a search watches for changed.
    fn saved_search_count(&mut self, tenant: TenantId, id: SavedSearchId) -> Result<()> {
        self.execute(&COUNT, params![tenant, id])?;
        self.execute(&NUMBER, params![tenant, id]).map(|_| ())
    }

    /// Writes that searches were told of. Those that are gone are passed over.
    pub fn saved_searches_alerted(
        &mut self,
        tenant: TenantId,
        ids: impl IntoIterator<Item = SavedSearchId>,
        now: Time,
    ) -> Result<()> {
        let items = ids.into_iter().map(|id| -> Params { params![tenant, id, now] });
        self.execute_many(&ALERTED, items).map(|_| ())
    }

    /// Removes a search with what it found; false when there is none.
    pub fn saved_search_delete(&mut self, tenant: TenantId, id: SavedSearchId) -> Result<bool> {
        self.search_matches_delete(tenant, id)?;
        Ok(self.execute(&DELETE, params![tenant, id])? == 1)
    }
}
