//! Daily and weekly alerts: what a saved search found is told together.

use std::collections::BTreeMap;

use lintel_domain::{
    clock::{DAY, SECOND, Time},
    event::{Event, MAX_ITEMS, MatchFound},
    id::{ListingId, TenantId},
    saved_search::{Cadence, Why},
};
use lintel_store::{Tx, saved_search::SavedSearchRow};

use crate::{App, Result};

/// How much earlier than a whole day or week after the last alert the next may come: they are looked for once an hour, and
/// would otherwise wander through the day.
const EARLY: i64 = 30 * 60 * SECOND;
/// Searches looked up at once.
const BATCH: u32 = 100;

impl App {
    /// Tells of every search whose day or week is over and that found something.
    pub(crate) async fn digests_tell(&self) -> Result<()> {
        for (cadence, days) in [(Cadence::Daily, 1), (Cadence::Weekly, 7)] {
            loop {
                let now = self.clock().now();
                let due = self.0.store.saved_searches_due(cadence, now.plus(EARLY - days * DAY), BATCH).await?;
                if due.is_empty() {
                    break;
                }
                for (tenant, id) in due {
                    let Some(row) = self.0.store.saved_search_get(tenant, id).await? else { continue };
                    self.0.store.write(move |tx| tell(tx, tenant, &row, now)).await?;
                }
            }
        }
        Ok(())
    }
}

/// Tells what waits to be told of a search, if anything does.
pub(super) fn tell(tx: &mut Tx<'_>, tenant: TenantId, search: &SavedSearchRow, now: Time) -> lintel_store::Result<()> {
    let mut found: BTreeMap<Why, Vec<ListingId>> = BTreeMap::new();
    for (listing, why) in tx.search_matches_take(tenant, search.id)? {
        let listings = found.entry(why).or_default();
        if !listings.contains(&listing) {
            listings.push(listing);
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    tx.saved_searches_alerted(tenant, [search.id], now)?;
    for (why, listings) in found {
        for listings in listings.chunks(MAX_ITEMS) {
            let one =
                MatchFound { search: Some(search.id), lead: search.lead, why, listings: listings.to_vec(), more: 0 };
            tx.emit(tenant, now, &Event::MatchFound { market: search.market.clone(), matches: vec![one] })?;
        }
    }
    Ok(())
}
