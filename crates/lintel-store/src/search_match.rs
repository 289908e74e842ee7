//! What saved searches found, and who saved the homes that changed.

use std::collections::HashSet;

use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId, SavedSearchId, TenantId},
    saved_search::Why,
};
use uuid::Uuid;

use crate::{Result, Store, Tx, params};

/// A listing that a saved search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchMatch {
    /// The search.
    pub search: SavedSearchId,
    /// The listing.
    pub listing: ListingId,
    /// Why it was found.
    pub why: Why,
    /// Whether a daily or weekly alert has yet to tell of it.
    pub waiting: bool,
}

crate::sql! {
    /// A find of a search that is there.
    INSERT "search_match.insert" = "INSERT INTO search_matches (tenant_id, search_id, at, listing_id, why, waiting)
        SELECT tenant_id, id, CAST($3 AS bigint), $4, $5, $6 FROM saved_searches WHERE tenant_id = $1 AND id = $2
        ON CONFLICT DO NOTHING";
    /// Which searches have found some listings before.
    KNOWN "search_match.known" = {
        sqlite: "SELECT search_id, listing_id FROM search_matches
            WHERE tenant_id = $1 AND listing_id IN (SELECT unhex(value) FROM json_each($2))",
        postgres: "SELECT search_id, listing_id FROM search_matches WHERE tenant_id = $1 AND listing_id = ANY($2)",
    };
    /// How many listings some searches found since somebody looked.
    UNSEEN "search_match.unseen" = {
        sqlite: "SELECT s.id, (SELECT count(DISTINCT m.listing_id) FROM search_matches m
                WHERE m.tenant_id = s.tenant_id AND m.search_id = s.id AND m.at > s.seen_at)
            FROM saved_searches s WHERE s.tenant_id = $1 AND s.id IN (SELECT unhex(value) FROM json_each($2))",
        postgres: "SELECT s.id, (SELECT count(DISTINCT m.listing_id) FROM search_matches m
                WHERE m.tenant_id = s.tenant_id AND m.search_id = s.id AND m.at > s.seen_at)
            FROM saved_searches s WHERE s.tenant_id = $1 AND s.id = ANY($2)",
    };
    /// Takes what waits to be told of a search.
    TAKE "search_match.take" = "UPDATE search_matches SET waiting = FALSE
        WHERE tenant_id = $1 AND search_id = $2 AND waiting RETURNING listing_id, why";
    /// The finds of a search.
    DELETE "search_match.delete" = "DELETE FROM search_matches WHERE tenant_id = $1 AND search_id = $2";
    /// The finds of a listing that is gone.
    FORGET "search_match.forget" = "DELETE FROM search_matches WHERE tenant_id = $1 AND listing_id = $2";
    /// Who saved some homes and did not hide them later.
    SAVERS "search_match.savers" = {
        sqlite: "SELECT i.lead_id, i.listing_id FROM interactions i
            WHERE i.tenant_id = $1 AND i.listing_id IN (SELECT unhex(value) FROM json_each($2))
                AND i.kind IN ('listing_save', 'listing_hide')
            GROUP BY i.listing_id, i.lead_id
            HAVING MAX(CASE i.kind WHEN 'listing_save' THEN i.at END)
                > COALESCE(MAX(CASE i.kind WHEN 'listing_hide' THEN i.at END), -9223372036854775807)",
        postgres: "SELECT i.lead_id, i.listing_id FROM interactions i
            WHERE i.tenant_id = $1 AND i.listing_id = ANY($2) AND i.kind IN ('listing_save', 'listing_hide')
            GROUP BY i.listing_id, i.lead_id
            HAVING MAX(CASE i.kind WHEN 'listing_save' THEN i.at END)
                > COALESCE(MAX(CASE i.kind WHEN 'listing_hide' THEN i.at END), -9223372036854775807)",
    };
}

fn ids(listings: &[ListingId]) -> Vec<Uuid> {
    listings.iter().map(|listing| listing.0).collect()
}

impl Store {
    /// Which searches have found some of these listings before.
    pub async fn search_matches_known(
        &self,
        tenant: TenantId,
        listings: &[ListingId],
    ) -> Result<HashSet<(SavedSearchId, ListingId)>> {
        let known = self.query(&KNOWN, params![tenant, ids(listings)], |row| Ok((row.get(0)?, row.get(1)?))).await?;
        Ok(known.into_iter().collect())
    }

    /// How many listings some searches found since somebody looked; searches that are gone are left out.
    pub async fn search_matches_unseen(
        &self,
        tenant: TenantId,
        searches: &[SavedSearchId],
    ) -> Result<Vec<(SavedSearchId, u64)>> {
        let searches: Vec<Uuid> = searches.iter().map(|search| search.0).collect();
        self.query(&UNSEEN, params![tenant, searches], |row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs()))).await
    }

    /// The leads that saved some of these homes and did not hide them later, in no order.
    pub async fn savers_of(&self, tenant: TenantId, listings: &[ListingId]) -> Result<Vec<(LeadId, ListingId)>> {
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        self.query(&SAVERS, params![tenant, ids(listings)], |row| Ok((row.get(0)?, row.get(1)?))).await
    }
}

impl Tx<'_> {
    /// Keeps what searches found; finds of searches that are gone are passed over.
    pub fn search_matches_record(&mut self, tenant: TenantId, found: &[SearchMatch], now: Time) -> Result<()> {
        let items =
            found.iter().map(|one| params![tenant, one.search, now, one.listing, one.why.as_str(), one.waiting]);
        self.execute_many(&INSERT, items).map(|_| ())
    }

    /// Takes what waits to be told of a search: whoever takes it tells it in the same write.
    pub fn search_matches_take(&mut self, tenant: TenantId, search: SavedSearchId) -> Result<Vec<(ListingId, Why)>> {
        self.query(&TAKE, params![tenant, search], |row| Ok((row.get(0)?, row.word(1, Why::parse)?)))
    }

    /// Removes what a search found.
    pub(crate) fn search_matches_delete(&mut self, tenant: TenantId, search: SavedSearchId) -> Result<()> {
        self.execute(&DELETE, params![tenant, search]).map(|_| ())
    }

    /// Removes the finds of listings that are gone.
    pub fn search_matches_forget(
        &mut self,
        tenant: TenantId,
        listings: impl IntoIterator<Item = ListingId>,
    ) -> Result<()> {
        self.execute_many(&FORGET, listings.into_iter().map(|listing| params![tenant, listing])).map(|_| ())
    }
}
