//! The price model of a market in use, with the sales it compares with.

use std::{
    cmp::Reverse,
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    iter,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lintel_cache::Place;
use lintel_domain::{
    clock::{Day, SECOND, Time},
    id::{ListingId, TenantId},
    listing::{Listing, Status},
    market::MarketSlug,
    model::ModelKind,
};
use lintel_predict::price::{PriceModel, SaleRecord, SalesIndex};
use lintel_store::{db::giving_way, model::ModelRow};
use tokio::sync::mpsc;

use crate::{App, Error, Result, model::Waits};

/// A price model with the sales it compares with.
pub(crate) struct Pricer {
    /// `None` while the market has no model.
    pub(crate) live: Option<LivePrice>,
    loaded_at: Time,
    /// Up to where the log was taken in when that began.
    pub(crate) place: Option<Place>,
    /// How long that took, in microseconds.
    took: i64,
    /// Whether sales may have come since it was loaded.
    stale: AtomicBool,
    /// Whether somebody is loading a fresher one.
    refreshing: AtomicBool,
}

/// The model of a market in use, with the sales it compares with.
pub(crate) struct LivePrice {
    pub(crate) model: PriceModel,
    pub(crate) sales: SalesIndex,
    /// The listing of each sale, by the hash of its key and its day.
    listings: HashMap<(u64, Day), ListingId>,
    pub(crate) version: String,
    pub(crate) trained_at: Time,
}

/// How long the sales of a market may lag behind the store, in microseconds, and how many times as long as loading them
/// took: it costs a tenth of a core at most.
const FRESH: i64 = 60 * SECOND;
const REST: i64 = 10;
/// Sales read from the store at once.
const PAGE: u32 = 1_000;

impl Pricer {
    /// Sales of the market may have changed.
    pub(crate) fn notice(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    /// Whether the market has a model.
    pub(crate) fn is_live(&self) -> bool {
        self.live.is_some()
    }
}

impl LivePrice {
    /// Whose sale it is.
    pub(crate) fn listing_of(&self, key: &str, day: Day) -> Option<ListingId> {
        self.listings.get(&(hash(key), day)).copied()
    }
}

impl App {
    /// Loads the live price model of a market and its sales; first of all requests have to be answered.
    pub(crate) async fn load_pricer(&self, tenant: TenantId, market: &MarketSlug, waits: Waits) -> Result<Pricer> {
        match waits {
            Waits::Somebody => self.load_pricer_now(tenant, market, waits).await,
            Waits::Nobody => {
                if self.answers() {
                    self.0.keeper.when_ready().await;
                }
                giving_way(self.load_pricer_now(tenant, market, waits)).await
            }
        }
    }

    async fn load_pricer_now(&self, tenant: TenantId, market: &MarketSlug, waits: Waits) -> Result<Pricer> {
        let (loaded_at, place) = (self.clock().now(), self.0.caches.place());
        let live = match self.0.store.model_live(tenant, ModelKind::Price, Some(market)).await? {
            None => None,
            Some(row) => Some(self.live_price(row, SalePages::new(self, tenant, market), waits).await?),
        };
        let took = self.clock().now().since(loaded_at);
        Ok(Pricer { live, loaded_at, place, took, stale: AtomicBool::new(false), refreshing: AtomicBool::new(false) })
    }

    /// A stored model with its sales, which are taken up page by page while the next is read.
    async fn live_price(&self, row: ModelRow, mut pages: SalePages<'_>, waits: Waits) -> Result<LivePrice> {
        let (send, mut receive) = mpsc::channel(1);
        let building = move || {
            let model = PriceModel::from_bytes(&row.artefact)?;
            let mut listings = HashMap::new();
            let records = iter::from_fn(|| receive.blocking_recv()).flatten().filter_map(|listing: Listing| {
                let sale = sale_of(&listing)?;
                listings.insert((hash(&sale.key), sale.close_date), listing.id);
                Some(sale)
            });
            let sales = SalesIndex::build(&model, records)?;
            listings.shrink_to_fit();
            Ok(LivePrice { model, sales, listings, version: row.version, trained_at: row.created_at })
        };
        let building = async {
            match waits {
                Waits::Somebody => self.blocking(building).await,
                Waits::Nobody => self.background(building).await,
            }
        };
        // Ends the channel with its last page.
        let reading = async move {
            while let Some(page) = pages.next().await? {
                if send.send(page).await.is_err() {
                    break;
                }
            }
            Ok::<_, Error>(())
        };
        let (built, read) = tokio::join!(building, reading);
        read?;
        built?.map_err(|error: lintel_predict::Error| Error::internal(error))
    }

    /// How many listings of a market are closed.
    pub(crate) async fn closed_listings(&self, tenant: TenantId, market: &MarketSlug) -> Result<u64> {
        let counts = self.0.store.listing_counts(tenant, market).await?;
        Ok(counts.iter().find(|(status, _)| *status == Status::Closed).map_or(0, |(_, count)| *count))
    }

    /// Every sale of a market, as the price model reads it, the newest first.
    pub(crate) async fn sale_records(&self, tenant: TenantId, market: &MarketSlug) -> Result<Vec<SaleRecord>> {
        let mut records = Vec::new();
        let mut pages = SalePages::new(self, tenant, market);
        while let Some(page) = pages.next().await? {
            records.extend(page.iter().filter_map(sale_of));
        }
        records.sort_by_key(|sale| Reverse(sale.close_date));
        Ok(records)
    }

    /// Loads the sales anew, in the background, when new ones may be there and the last load is a while ago.
    pub(crate) fn refresh_pricer(&self, tenant: TenantId, market: &MarketSlug, pricer: &Arc<Pricer>) {
        let rest = FRESH.max(REST * pricer.took);
        let due = pricer.stale.load(Ordering::Relaxed) && self.clock().now().since(pricer.loaded_at) >= rest;
        if !due || pricer.refreshing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (app, market, old) = (self.clone(), market.clone(), Arc::clone(pricer));
        self.0.tasks.spawn(async move {
            let seen = app.0.models.forgotten();
            match app.load_pricer(tenant, &market, Waits::Nobody).await {
                Ok(fresh) => {
                    app.0.models.put_price(tenant, market.clone(), Arc::new(fresh), seen);
                    app.0.caches.market_changed(tenant, &market);
                }
                Err(error) => {
                    old.refreshing.store(false, Ordering::Relaxed);
                    tracing::warn!(error = &error as &dyn std::error::Error, market.slug = %market, "sales cannot be read anew");
                }
            }
        });
    }
}

/// The sales of a market, a page at a time.
struct SalePages<'a> {
    app: &'a App,
    tenant: TenantId,
    market: &'a MarketSlug,
    after: Option<ListingId>,
    ended: bool,
}

impl<'a> SalePages<'a> {
    fn new(app: &'a App, tenant: TenantId, market: &'a MarketSlug) -> Self {
        Self { app, tenant, market, after: None, ended: false }
    }

    /// `None` behind the last one.
    async fn next(&mut self) -> Result<Option<Vec<Listing>>> {
        if self.ended {
            return Ok(None);
        }
        let page = self.app.0.store.sales_page(self.tenant, self.market, self.after, PAGE).await?;
        self.ended = page.len() < PAGE as usize;
        self.after = page.last().map(|last| last.id);
        Ok(Some(page))
    }
}

/// The sale that a closed listing is, when it has a price and a day.
fn sale_of(listing: &Listing) -> Option<SaleRecord> {
    SaleRecord::of(listing.facts.listing_key.as_str(), &listing.facts)
}

/// The hash of a sale's key: half the memory of the key itself.
fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
