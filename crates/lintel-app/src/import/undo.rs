//! Telling the log of an import that was taken back.

use std::collections::BTreeMap;

use lintel_domain::{
    clock::Time,
    event::{Event, MAX_ITEMS},
    id::{ListingId, TenantId},
    market::MarketSlug,
};
use lintel_store::{Result, Tx, undo::Undone};

/// Tells of listings and leads that are gone, and of those that are what they were.
pub(super) fn tell(tx: &mut Tx<'_>, tenant: TenantId, undone: &Undone, now: Time) -> Result<()> {
    for (market, listings) in by_market(&undone.listings_removed) {
        for chunk in listings.chunks(MAX_ITEMS) {
            tx.emit(tenant, now, &Event::ListingRemoved { market: market.clone(), listings: chunk.to_vec() })?;
        }
    }
    for (market, listings) in by_market(&undone.listings_restored) {
        for chunk in listings.chunks(MAX_ITEMS) {
            tx.emit(tenant, now, &Event::ListingUpdated { market: market.clone(), listings: chunk.to_vec() })?;
        }
    }
    for chunk in undone.leads_removed.chunks(MAX_ITEMS) {
        tx.emit(tenant, now, &Event::LeadErased { leads: chunk.to_vec() })?;
    }
    for chunk in undone.leads_restored.chunks(MAX_ITEMS) {
        tx.emit(tenant, now, &Event::LeadUpdated { leads: chunk.to_vec() })?;
    }
    Ok(())
}

fn by_market(listings: &[(MarketSlug, ListingId)]) -> BTreeMap<&MarketSlug, Vec<ListingId>> {
    let mut markets: BTreeMap<&MarketSlug, Vec<ListingId>> = BTreeMap::new();
    for (market, listing) in listings {
        markets.entry(market).or_default().push(*listing);
    }
    markets
}
