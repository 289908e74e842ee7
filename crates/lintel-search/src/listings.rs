//! All parts that a process holds, by tenant and market: readers never wait, writers wait for each other per market.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;
use lintel_domain::{
    id::{ListingId, TenantId},
    listing::Listing,
    market::MarketSlug,
    money::Money,
};

use crate::{Cursor, Error, Part};

type Parts = HashMap<TenantId, HashMap<MarketSlug, Arc<Slot>>>;

/// One market: the present part, and the right to replace it.
#[derive(Debug)]
struct Slot {
    part: ArcSwap<Part>,
    writing: Mutex<()>,
}

/// The parts of all tenants and markets that this process holds.
#[derive(Debug, Default)]
pub struct ListingIndex {
    parts: ArcSwap<Parts>,
    writing: Mutex<()>,
}

impl ListingIndex {
    /// Holds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The part as it is now, if it is loaded. It does not change under the reader.
    pub fn get(&self, tenant: TenantId, market: &MarketSlug) -> Option<Arc<Part>> {
        Some(self.slot(tenant, market)?.part.load_full())
    }

    /// Puts a part in place, instead of an older one if there is one.
    pub fn put(&self, tenant: TenantId, market: &MarketSlug, part: Part) {
        let _writing = lock(&self.writing);
        if let Some(slot) = self.slot(tenant, market) {
            let _writing = lock(&slot.writing);
            slot.part.store(Arc::new(part));
            return;
        }
        let mut parts = Parts::clone(&self.parts.load());
        let slot = Slot { part: ArcSwap::from_pointee(part), writing: Mutex::new(()) };
        parts.entry(tenant).or_default().insert(market.clone(), Arc::new(slot));
        self.parts.store(Arc::new(parts));
    }

    /// Forgets a part; readers that have it keep it until they are done. Whether there was one.
    pub fn drop_part(&self, tenant: TenantId, market: &MarketSlug) -> bool {
        let _writing = lock(&self.writing);
        let mut parts = Parts::clone(&self.parts.load());
        let dropped = parts.get_mut(&tenant).and_then(|markets| markets.remove(market)).is_some();
        parts.retain(|_, markets| !markets.is_empty());
        self.parts.store(Arc::new(parts));
        dropped
    }

    /// Stores and removes listings, visible to the next [`ListingIndex::get`]. Whether the part is loaded: if not, nothing
    /// happens, and a later load reads the change from the store.
    ///
    /// Work is proportional to the change, and now and then to the part, when small pieces are merged: call it where
    /// blocking is allowed.
    pub fn apply(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        upserts: &[Listing],
        removals: &[ListingId],
        cursor: Cursor,
    ) -> Result<bool, Error> {
        self.replace(tenant, market, |part| part.with(upserts, removals, cursor))
    }

    /// Sets the estimates of listings, visible to the next [`ListingIndex::get`]. Whether the part is loaded.
    pub fn set_estimates(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        estimates: &[(ListingId, Option<Money>)],
    ) -> Result<bool, Error> {
        self.replace(tenant, market, |part| Ok(part.with_estimates(estimates)))
    }

    /// The loaded parts.
    pub fn loaded(&self) -> Vec<(TenantId, MarketSlug, Arc<Part>)> {
        let parts = self.parts.load();
        let mut loaded = Vec::new();
        for (tenant, markets) in parts.iter() {
            for (market, slot) in markets {
                loaded.push((*tenant, market.clone(), slot.part.load_full()));
            }
        }
        loaded
    }

    /// Bytes of all loaded parts.
    pub fn memory_bytes(&self) -> usize {
        let loaded = self.loaded();
        loaded.iter().map(|(_, _, part)| part.memory_bytes()).sum()
    }

    fn slot(&self, tenant: TenantId, market: &MarketSlug) -> Option<Arc<Slot>> {
        self.parts.load().get(&tenant)?.get(market).cloned()
    }

    fn replace(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        change: impl FnOnce(&Part) -> Result<Part, Error>,
    ) -> Result<bool, Error> {
        let Some(slot) = self.slot(tenant, market) else {
            return Ok(false);
        };
        let _writing = lock(&slot.writing);
        let changed = Arc::new(change(&slot.part.load())?);
        slot.part.store(Arc::clone(&changed));
        // Readers see the change before the larger merges begin.
        if let Some(compacted) = changed.compacted() {
            slot.part.store(Arc::new(compacted));
        }
        Ok(true)
    }
}

/// A writer that panicked left the published part whole, so the lock is good after it.
fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
