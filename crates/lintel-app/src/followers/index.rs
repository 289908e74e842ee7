//! The listing index: loaded from a snapshot or from the store, kept fresh by the log, written down now and then.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use lintel_domain::{
    event::Event,
    id::{ListingId, TenantId},
    market::MarketSlug,
};
use lintel_search::{ListingIndex, Part};
use lintel_store::log::{Cursor, Recorded};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::{IDLE, Pace, tail::BATCH};
use crate::{App, Error, Result};

/// Listings read from the store at once while a part is built.
const PAGE: u32 = 5_000;
/// How often parts that changed are written down.
const SNAPSHOT_EVERY: Duration = Duration::from_mins(5);

type Key = (TenantId, MarketSlug);

/// Loads parts, once each, and knows how far the log has been read for all of them.
pub(crate) struct Keeper {
    pub(crate) index: ListingIndex,
    /// How far all loaded parts have read the log; held while they are moved.
    position: Mutex<Option<Cursor>>,
    /// One lock per part that is being loaded.
    loading: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
    /// What each part had read when it was last written down.
    written: Mutex<HashMap<Key, Cursor>>,
    /// Whether everything that was there at the start is loaded.
    ready: watch::Sender<bool>,
    folder: PathBuf,
}

impl Keeper {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            index: ListingIndex::new(),
            position: Mutex::new(None),
            loading: Mutex::default(),
            written: Mutex::default(),
            ready: watch::Sender::new(false),
            folder: data_dir.join("index"),
        }
    }

    /// Whether everything that was there at the start is loaded.
    pub(crate) fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Returns when everything that was there at the start is loaded.
    pub(crate) async fn when_ready(&self) {
        // The sender lives as long as the keeper.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    fn file(&self, (tenant, market): &Key) -> PathBuf {
        self.folder.join(format!("{tenant}-{market}.idx"))
    }
}

impl App {
    /// The index of a market, loaded if it is not yet. An unknown market is refused.
    pub(crate) async fn part(&self, tenant: TenantId, market: &MarketSlug) -> Result<Arc<Part>> {
        let keeper = &self.0.keeper;
        if let Some(part) = keeper.index.get(tenant, market) {
            return Ok(part);
        }
        let key = (tenant, market.clone());
        let turn = Arc::clone(keeper.loading.lock().await.entry(key.clone()).or_default());
        let _turn = turn.lock().await;
        if let Some(part) = keeper.index.get(tenant, market) {
            return Ok(part);
        }
        self.0.store.market_get(tenant, market).await?.ok_or_else(Error::unknown_market)?;
        // Boxed: it is seldom needed, and would be a part of the future of every question.
        Box::pin(self.load(&key)).await?;
        keeper.loading.lock().await.remove(&key);
        keeper.index.get(tenant, market).ok_or(Error::Unavailable("the listing index is being rebuilt"))
    }

    /// Puts a part into the index: from its snapshot and the log since, or from the tables.
    async fn load(&self, key: &Key) -> Result<()> {
        let begun = Instant::now();
        let (part, from) = match self.read_snapshot(key).await {
            Some(part) => (part, "snapshot"),
            None => (self.build(key).await?, "store"),
        };
        let listings = part.len();
        let keeper = &self.0.keeper;
        // From here on the log stands still for the index, so that the part joins the others where they are.
        let mut position = keeper.position.lock().await;
        let target = match *position {
            Some(at) => at,
            None => {
                let head = self.0.store.log_head().await?;
                self.0.caches.follows_from(head);
                head
            }
        };
        // Meanwhile answers are made from a part that is behind, and nothing is heard of what came before this place.
        let settling = self.0.caches.settle();
        let own = Cursor { txid: part.cursor().0, id: part.cursor().1 };
        keeper.index.put(key.0, &key.1, part);
        if own < target
            && let Err(error) = self.catch_up(key, own, target).await
        {
            keeper.index.drop_part(key.0, &key.1);
            return Err(error);
        }
        *position = Some(target);
        drop(settling);
        tracing::info!(
            tenant.id = %key.0, market.slug = %key.1, listings, from, millis = begun.elapsed().as_millis() as u64, "index loaded"
        );
        Ok(())
    }

    /// Applies the events between two places of the log to one part.
    async fn catch_up(&self, key: &Key, mut from: Cursor, to: Cursor) -> Result<()> {
        while from < to {
            let events = self.0.store.market_events_up_to((key.0, &key.1), from, to, BATCH as u32).await?;
            let Some(last) = events.last() else { break };
            from = last.cursor;
            let events: Vec<Arc<Recorded>> =
                events.into_iter().filter(|logged| logged.cursor <= to).map(Arc::new).collect();
            self.apply(&events, from.min(to)).await?;
        }
        Ok(())
    }

    async fn read_snapshot(&self, key: &Key) -> Option<Part> {
        let path = self.0.keeper.file(key);
        let read = tokio::task::spawn_blocking(move || {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "index snapshot cannot be opened");
                    return None;
                }
            };
            match Part::read_snapshot(&mut BufReader::with_capacity(1 << 20, file)) {
                Ok(part) => Some(part),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "index snapshot is not used");
                    None
                }
            }
        });
        let part = read.await.ok().flatten()?;
        // A snapshot from before what the log keeps, or from behind its end (another database), says nothing.
        let own = Cursor { txid: part.cursor().0, id: part.cursor().1 };
        let readable = self.0.store.events_for_tenant(key.0, own, 1).await.is_ok();
        (readable && own <= self.0.store.log_head().await.ok()?).then_some(part)
    }

    /// Builds a part from the tables. The log is read from before the first row, so that nothing written meanwhile is missed.
    async fn build(&self, key: &Key) -> Result<Part> {
        let start = self.0.store.log_head().await?;
        let mut builder = Part::builder();
        let mut page = self.0.store.listings_page(key.0, &key.1, None, PAGE).await?;
        while let Some(last) = page.last() {
            // The next page is read while this one is taken in.
            let next = self.0.store.listings_page(key.0, &key.1, Some(last.id), PAGE);
            let taken = tokio::task::spawn_blocking(move || {
                for listing in &page {
                    builder.push(listing)?;
                }
                Ok::<_, lintel_search::Error>(builder)
            });
            let (next, taken) = tokio::join!(next, taken);
            builder = taken.map_err(Error::internal)?.map_err(Error::internal)?;
            page = next?;
        }
        let cursor = lintel_search::Cursor(start.txid, start.id);
        tokio::task::spawn_blocking(move || builder.finish(cursor)).await.map_err(Error::internal)
    }

    /// Applies events to the parts that are loaded: what the events name is read from the store as it is now.
    async fn apply(&self, events: &[Arc<Recorded>], cursor: Cursor) -> Result<()> {
        let mut changed: HashMap<Key, Vec<ListingId>> = HashMap::new();
        for logged in events {
            let Some(event) = &logged.event else { continue };
            let Some(market) = event.market() else { continue };
            if self.0.keeper.index.get(logged.tenant, market).is_none() {
                continue;
            }
            let ids = changed.entry((logged.tenant, market.clone())).or_default();
            match event {
                Event::ListingCreated { listings, .. }
                | Event::ListingUpdated { listings, .. }
                | Event::ListingRemoved { listings, .. } => ids.extend(listings),
                Event::ListingPriceChanged { changes, .. } => ids.extend(changes.iter().map(|change| change.listing)),
                Event::ListingStatusChanged { changes, .. } => ids.extend(changes.iter().map(|change| change.listing)),
                _ => {}
            }
        }
        for ((tenant, market), mut ids) in changed {
            ids.sort_unstable();
            ids.dedup();
            let mut found = Vec::with_capacity(ids.len());
            for chunk in ids.chunks(PAGE as usize) {
                found.extend(self.0.store.listings_by_ids(tenant, chunk).await?);
            }
            let there: std::collections::HashSet<ListingId> = found.iter().map(|listing| listing.id).collect();
            let gone: Vec<ListingId> = ids.into_iter().filter(|id| !there.contains(id)).collect();
            let app = self.clone();
            let cursor = lintel_search::Cursor(cursor.txid, cursor.id);
            tokio::task::spawn_blocking(move || app.0.keeper.index.apply(tenant, &market, &found, &gone, cursor))
                .await
                .map_err(Error::internal)?
                .map_err(Error::internal)?;
        }
        Ok(())
    }

    /// Writes the parts that changed since they were last written. A reader never sees half a file.
    pub(crate) async fn write_snapshots(&self) -> Result<()> {
        let keeper = &self.0.keeper;
        for (tenant, market, part) in keeper.index.loaded() {
            let key = (tenant, market);
            let cursor = Cursor { txid: part.cursor().0, id: part.cursor().1 };
            if keeper.written.lock().await.get(&key) == Some(&cursor) {
                continue;
            }
            let path = keeper.file(&key);
            let folder = keeper.folder.clone();
            tokio::task::spawn_blocking(move || {
                std::fs::create_dir_all(&folder)?;
                let new = path.with_extension(format!("new-{}", std::process::id()));
                let mut file = BufWriter::with_capacity(1 << 20, File::create(&new)?);
                part.write_snapshot(&mut file).map_err(std::io::Error::other)?;
                file.flush()?;
                file.get_ref().sync_all()?;
                std::fs::rename(&new, &path)
            })
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)?;
            keeper.written.lock().await.insert(key, cursor);
        }
        Ok(())
    }
}

/// Keeps the index fresh until told to stop. With `eager` everything there is gets loaded first.
pub(crate) async fn follow(app: App, eager: bool, stop: CancellationToken) {
    if eager {
        Box::pin(stop.run_until_cancelled(load_all(&app))).await;
    }
    app.0.keeper.ready.send_replace(true);
    let mut written = Instant::now();
    let mut pace = Pace::new(&app, &stop, "index");
    while let Some(ended) = Box::pin(stop.run_until_cancelled(advance(&app))).await {
        if !matches!(ended, Ok(true)) && written.elapsed() >= SNAPSHOT_EVERY {
            written = Instant::now();
            snapshot(&app).await;
        }
        pace.wait(ended, IDLE).await;
    }
    snapshot(&app).await;
}

async fn snapshot(app: &App) {
    if let Err(error) = app.write_snapshots().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "index snapshots cannot be written");
    }
}

async fn load_all(app: &App) {
    let keys = match app.0.store.markets_of_all_tenants().await {
        Ok(keys) => keys,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "markets cannot be listed; they are loaded when asked for"
            );
            return;
        }
    };
    for (tenant, market) in keys {
        if let Err(error) = app.part(tenant, &market).await {
            tracing::warn!(error = &error as &dyn std::error::Error, tenant.id = %tenant, market.slug = %market, "index cannot be loaded");
        }
    }
}

/// Applies the next events to all loaded parts; false when there were none.
async fn advance(app: &App) -> Result<bool> {
    let keeper = &app.0.keeper;
    let mut position = keeper.position.lock().await;
    let Some(from) = *position else {
        let head = app.0.store.log_head().await?;
        *position = Some(head);
        app.0.caches.follows_from(head);
        return Ok(false);
    };
    let now = app.clock().now();
    if app.0.caches.lineage_is_due(now) {
        app.0.caches.lineage(now, &app.lineage().await?);
    }
    if let Some(asking) = app.0.caches.asks(now) {
        app.0.caches.told(asking, app.0.store.log_newest().await?);
    }
    let events = match app.log_after(from).await {
        Ok(events) => events,
        // So far behind that the log has been cut: forget everything, it is loaded anew when asked for.
        Err(lintel_store::Error::CursorGone) => {
            for (tenant, market, _) in keeper.index.loaded() {
                keeper.index.drop_part(tenant, &market);
            }
            *position = None;
            app.0.caches.lost();
            return Ok(true);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(last) = events.last() else {
        app.0.caches.heard(from);
        return Ok(false);
    };
    let to = last.cursor;
    // Other processes may have written it.
    app.0.caches.notice(&events);
    app.apply(&events, to).await?;
    app.0.models.notice(&events);
    app.rosters_notice(&events);
    app.wishes_notice(&events);
    // Meanwhile answers were made from the index and the models as they were.
    app.0.caches.notice(&events);
    *position = Some(to);
    app.0.caches.heard(to);
    Ok(true)
}
