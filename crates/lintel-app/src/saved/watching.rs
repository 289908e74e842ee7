//! The searches that watch a market, in memory: read from the store when its listings first change, and brought up to date
//! before each use, so that a change is not held against searches that do not find it.

use std::{collections::BTreeSet, sync::Arc};

use lintel_domain::{
    clock::Day,
    id::{SavedSearchId, TenantId},
    listing::Listing,
    market::MarketSlug,
};
use lintel_search::{Changed, Watchers};
use parking_lot::RwLock;

use crate::{App, Error, Result, resident::Resident};

/// Searches read from the store at once.
const PAGE: u32 = 5_000;
/// The searches of a market are read anew after as many changes as there were searches, and this many: what was removed is
/// only noticed when it is found.
const CHANGES: usize = 10_000;
/// The most searches that a process holds for all markets together; those of the market that did not change for the longest
/// go first. A search takes about 800 bytes.
const MOST_SEARCHES: usize = 1_000_000;

/// The searches that watch the markets whose listings changed of late.
pub(crate) type Watching = Resident<(TenantId, MarketSlug), Held>;

/// Those of one market.
#[derive(Default)]
pub(crate) struct Held {
    watchers: RwLock<Watchers>,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last change that was read; nothing before the searches were.
    read: Option<i64>,
    /// Changes that may yet be read before the searches are read anew.
    left: usize,
}

/// Changed listings, and the searches of their market that find some of them.
pub(crate) struct Finds {
    pub(crate) changed: Arc<Changed>,
    pub(crate) searches: Vec<SavedSearchId>,
}

impl App {
    /// The searches that find some of these changed listings of a market, by id; of those that changed at this very moment it
    /// may name too many.
    pub(crate) async fn searches_finding(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        listings: Arc<Vec<Listing>>,
        today: Day,
    ) -> Result<Finds> {
        let held = self.0.watching.of((tenant, market.clone()));
        self.watchers_read(tenant, market, &held).await?;
        // Only words need the market: whether one is widened depends on who else uses it.
        let needs_market = held.watchers.read().ask_for_words();
        let part = if needs_market { Some(self.part(tenant, market).await?) } else { None };
        let finding = move || {
            let changed = Arc::new(Changed::new(&listings, part.as_deref())?);
            let mut searches = BTreeSet::new();
            held.watchers.read().find(&changed, today, |search, _| {
                searches.insert(search);
            });
            Ok::<_, lintel_search::Error>(Finds { changed, searches: searches.into_iter().collect() })
        };
        self.compute(finding).await?.map_err(Error::internal)
    }

    /// Searches of a market that were found and do not watch it any more need not be found again.
    pub(crate) fn searches_gone(&self, tenant: TenantId, market: &MarketSlug, gone: &[SavedSearchId]) {
        if !gone.is_empty() {
            let held = self.0.watching.of((tenant, market.clone()));
            let mut watchers = held.watchers.write();
            for search in gone {
                watchers.remove(*search);
            }
        }
    }

    async fn watchers_read(&self, tenant: TenantId, market: &MarketSlug, held: &Held) -> Result<()> {
        let mut state = held.state.lock().await;
        while let Some(read) = state.read {
            let changes = self.0.store.saved_searches_changes(tenant, market, read, PAGE).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            let Some(left) = state.left.checked_sub(changes.len()) else { break };
            *state = State { read: Some(last.change), left };
            let mut watchers = held.watchers.write();
            for one in &changes {
                watchers.remove(one.id);
                if let Some(filter) = &one.filter {
                    watchers.put(one.id, filter);
                }
            }
        }
        let last = self.0.store.saved_searches_last_change(tenant, market).await?;
        let (mut fresh, mut after) = (Watchers::new(), None);
        loop {
            let page = self.0.store.saved_searches_watching(tenant, market, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let putting = move || {
                for one in &page {
                    fresh.put(one.id, &one.filter);
                }
                fresh
            };
            fresh = self.blocking(putting).await?;
        }
        *state = State { read: Some(last), left: fresh.len() + CHANGES };
        *held.watchers.write() = fresh;
        drop(state);
        self.0.watching.make_room(MOST_SEARCHES, |held| held.watchers.read().len());
        Ok(())
    }
}
