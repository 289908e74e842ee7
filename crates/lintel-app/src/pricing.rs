//! Pricing homes: an estimate with an honest interval, its comparables and its contributions.

use std::{
    cmp::Reverse,
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lintel_domain::{
    clock::{Day, SECOND, Time},
    id::{ListingId, TenantId},
    listing::{Listing, Status},
    market::MarketSlug,
    model::ModelKind,
    money::Money,
};
use lintel_predict::price::{Answer, Home, PriceModel, SaleRecord, SalesIndex};

use crate::{App, Error, Principal, Result};

/// The most comparables in an answer.
const MOST_COMPARABLES: u32 = 50;

/// An estimate asked for.
#[derive(Clone, Debug)]
pub struct EstimateRequest {
    /// Where.
    pub market: MarketSlug,
    /// What.
    pub home: Home,
    /// As of which day; today when absent. Nothing later is used.
    pub as_of: Option<Day>,
    /// How many comparables, 0 to 50; 5 when absent.
    pub comparables: Option<u32>,
    /// Whether contributions are wanted.
    pub explain: bool,
}

/// A value with its intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRange {
    /// The estimate.
    pub value: Money,
    /// ISO 4217.
    pub currency: String,
    /// Where the price falls in 80 of 100 cases.
    pub interval80: [Money; 2],
    /// Where the price falls in 95 of 100 cases.
    pub interval95: [Money; 2],
}

/// A sale that speaks for the value.
#[derive(Clone, Debug)]
pub struct Comparable {
    /// The sale.
    pub listing: Listing,
    /// Metres away.
    pub distance_m: Option<f64>,
    /// 0 to 1.
    pub similarity: f64,
    /// What it sold for.
    pub close_price: Money,
    /// What it would have sold for as this home, now.
    pub adjusted_price: Money,
}

/// Which model estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceModelNote {
    /// Its version.
    pub version: String,
    /// When it was trained.
    pub trained_at: Time,
    /// From how many sales.
    pub n: u64,
    /// Median absolute error on held-out sales, as a fraction.
    pub median_ape: f64,
}

/// The answer; either `value` or `refused` is there.
#[derive(Clone, Debug)]
pub struct EstimateAnswer {
    /// The value.
    pub value: Option<ValueRange>,
    /// The sales it leans on.
    pub comparables: Vec<Comparable>,
    /// What contributions are added to.
    pub base: Option<Money>,
    /// Parts of the value; base and parts add up to the value to the cent.
    pub contributions: Vec<(String, Money)>,
    /// By which model.
    pub model: Option<PriceModelNote>,
    /// Why there is no value.
    pub refused: Option<String>,
    /// As of which day.
    pub as_of: Day,
}

/// A price model with the sales it compares with.
pub(crate) struct Pricer {
    /// `None` while the market has no model.
    pub(crate) live: Option<LivePrice>,
    loaded_at: Time,
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
    trained_at: Time,
}

/// How long the sales of a market may lag behind the store, in microseconds.
const FRESH: i64 = 60 * SECOND;
/// Sales read from the store at once.
const PAGE: u32 = 5_000;
/// The most sales that a price model learns from: they bound the time of a training. Comparables are taken from all.
const MOST_LEARNT: usize = 100_000;

impl Pricer {
    /// Sales of the market may have changed.
    pub(crate) fn notice(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }
}

impl LivePrice {
    fn note(&self) -> PriceModelNote {
        PriceModelNote {
            version: self.version.clone(),
            trained_at: self.trained_at,
            n: self.model.rows() as u64,
            median_ape: self.model.study().median_ape,
        }
    }
}

impl App {
    /// Prices a home.
    pub async fn estimate(&self, who: &Principal, request: EstimateRequest) -> Result<EstimateAnswer> {
        let market = self.0.store.market_get(who.tenant, &request.market).await?.ok_or_else(Error::unknown_market)?;
        let wanted = request.comparables.unwrap_or(5);
        if wanted > MOST_COMPARABLES {
            return Err(Error::invalid("/comparables", "out_of_range", format!("0 to {MOST_COMPARABLES}")));
        }
        let as_of = request.as_of.unwrap_or_else(|| self.clock().now().day());
        let pricer = self.pricer(who.tenant, &request.market).await?;
        self.refresh_pricer(who.tenant, &request.market, &pricer);
        let Some(live) = &pricer.live else {
            let reason = "there is no price model for this market yet: import sales and train one".to_owned();
            return Ok(EstimateAnswer::refused(reason, None, as_of));
        };
        let estimate =
            match live.model.estimate(&live.sales, &request.home, as_of, wanted as usize).map_err(Error::internal)? {
                Answer::Refused(reason) => return Ok(EstimateAnswer::refused(reason, Some(live.note()), as_of)),
                Answer::Estimate(estimate) => *estimate,
            };
        let comparables = self.comparables(who.tenant, live, estimate.comparables).await?;
        let pair = |(low, high): (Money, Money)| [low, high];
        let parts = estimate.contributions.into_iter().map(|part| (part.feature, Money(part.cents)));
        Ok(EstimateAnswer {
            value: Some(ValueRange {
                value: estimate.value,
                currency: market.currency.code().to_owned(),
                interval80: pair(estimate.interval80),
                interval95: pair(estimate.interval95),
            }),
            comparables,
            base: request.explain.then_some(estimate.base),
            contributions: if request.explain { parts.collect() } else { Vec::new() },
            model: Some(live.note()),
            refused: None,
            as_of,
        })
    }

    /// Prices a stored listing, blind to its asking price.
    pub async fn estimate_listing(
        &self,
        who: &Principal,
        id: ListingId,
        comparables: Option<u32>,
        explain: bool,
    ) -> Result<EstimateAnswer> {
        let listing = self.listing(who, id).await?;
        let home = Home::from(&listing.facts);
        let request = EstimateRequest { market: listing.market, home, as_of: None, comparables, explain };
        self.estimate(who, request).await
    }

    /// The sales behind an estimate with their listings; one that was removed meanwhile is left out.
    async fn comparables(
        &self,
        tenant: TenantId,
        live: &LivePrice,
        found: Vec<lintel_predict::price::Comparable>,
    ) -> Result<Vec<Comparable>> {
        let id_of =
            |one: &lintel_predict::price::Comparable| live.listings.get(&(hash(&one.key), one.close_date)).copied();
        let ids: Vec<ListingId> = found.iter().filter_map(id_of).collect();
        let stored = self.0.store.listings_by_ids(tenant, &ids).await?;
        let mut stored: HashMap<ListingId, Listing> = stored.into_iter().map(|listing| (listing.id, listing)).collect();
        let told = |one: lintel_predict::price::Comparable| {
            Some(Comparable {
                listing: stored.remove(&id_of(&one)?)?,
                distance_m: one.distance_m.is_finite().then_some(one.distance_m),
                similarity: one.similarity,
                close_price: one.close_price,
                adjusted_price: one.adjusted_price,
            })
        };
        Ok(found.into_iter().filter_map(told).collect())
    }

    /// Loads the live price model of a market and its sales.
    pub(crate) async fn load_pricer(&self, tenant: TenantId, market: &MarketSlug) -> Result<Pricer> {
        let loaded_at = self.clock().now();
        let live = match self.0.store.model_live(tenant, ModelKind::Price, Some(market)).await? {
            None => None,
            Some(row) => {
                let model = PriceModel::from_bytes(&row.artefact).map_err(Error::internal)?;
                let (records, ids) = self.sale_records(tenant, market).await?;
                let building = move || {
                    let listings =
                        records.iter().zip(ids).map(|(sale, id)| ((hash(&sale.key), sale.close_date), id)).collect();
                    let sales = SalesIndex::build(&model, records)?;
                    Ok::<_, lintel_predict::Error>((model, sales, listings))
                };
                let built = tokio::task::spawn_blocking(building).await.map_err(Error::internal)?;
                let (model, sales, listings) = built.map_err(Error::internal)?;
                Some(LivePrice { model, sales, listings, version: row.version, trained_at: row.created_at })
            }
        };
        Ok(Pricer { live, loaded_at, stale: AtomicBool::new(false), refreshing: AtomicBool::new(false) })
    }

    /// The newest sales of a market, [`MOST_LEARNT`] at most: what a price model learns from.
    pub(crate) async fn sales_to_learn_from(&self, tenant: TenantId, market: &MarketSlug) -> Result<Vec<SaleRecord>> {
        let (mut records, _) = self.sale_records(tenant, market).await?;
        if records.len() > MOST_LEARNT {
            records.sort_by_key(|sale| Reverse(sale.close_date));
            records.truncate(MOST_LEARNT);
        }
        Ok(records)
    }

    /// How many listings of a market are closed.
    pub(crate) async fn closed_listings(&self, tenant: TenantId, market: &MarketSlug) -> Result<u64> {
        let counts = self.0.store.listing_counts(tenant, market).await?;
        Ok(counts.iter().find(|(status, _)| *status == Status::Closed).map_or(0, |(_, count)| *count))
    }

    /// Every sale of a market, as the price model reads it, and whose listing it is.
    pub(crate) async fn sale_records(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
    ) -> Result<(Vec<SaleRecord>, Vec<ListingId>)> {
        let (mut records, mut ids) = (Vec::new(), Vec::new());
        let mut after = None;
        loop {
            let page = self.0.store.sales_page(tenant, market, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for listing in &page {
                if let Some(record) = SaleRecord::of(listing.facts.listing_key.as_str(), &listing.facts) {
                    records.push(record);
                    ids.push(listing.id);
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        Ok((records, ids))
    }

    /// Loads the sales anew, in the background, when new ones may be there and the last load is a while ago.
    pub(crate) fn refresh_pricer(&self, tenant: TenantId, market: &MarketSlug, pricer: &Arc<Pricer>) {
        let due = pricer.stale.load(Ordering::Relaxed) && self.clock().now().since(pricer.loaded_at) >= FRESH;
        if !due || pricer.refreshing.swap(true, Ordering::Relaxed) {
            return;
        }
        let (app, market, old) = (self.clone(), market.clone(), Arc::clone(pricer));
        self.0.tasks.spawn(async move {
            match app.load_pricer(tenant, &market).await {
                Ok(fresh) => app.0.models.put_price(tenant, market, Arc::new(fresh)),
                Err(error) => {
                    old.refreshing.store(false, Ordering::Relaxed);
                    tracing::warn!(error = &error as &dyn std::error::Error, market.slug = %market, "sales cannot be read anew");
                }
            }
        });
    }
}

impl EstimateAnswer {
    fn refused(reason: String, model: Option<PriceModelNote>, as_of: Day) -> Self {
        Self {
            value: None,
            comparables: Vec::new(),
            base: None,
            contributions: Vec::new(),
            model,
            refused: Some(reason),
            as_of,
        }
    }
}

/// The hash of a sale's key: half the memory of the key itself.
fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
