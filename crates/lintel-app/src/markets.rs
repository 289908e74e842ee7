//! Markets and their series.

use std::collections::BTreeSet;

use lintel_domain::{
    clock::{Day, Time},
    id::TenantId,
    market::{Market, MarketSlug},
    money::Currency,
};

use crate::{App, Error, Principal, Result};

/// A market as a client sees it.
#[derive(Clone, Debug)]
pub struct MarketView {
    /// Its name in addresses.
    pub slug: MarketSlug,
    /// Its name for people.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Listings by status, from the index.
    pub listings: Vec<(&'static str, u64)>,
    /// The names of its series, sorted.
    pub metrics: Vec<String>,
}

/// A market to be set up.
#[derive(Clone, Debug)]
pub struct NewMarket {
    /// Its name in addresses.
    pub slug: MarketSlug,
    /// Its name for people; the slug when absent.
    pub name: Option<String>,
    /// ISO 4217; USD when absent.
    pub currency: Option<String>,
}

/// One value of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPoint {
    /// The period it is of, by its day.
    pub period: Day,
    /// The value.
    pub value: f64,
}

impl App {
    /// The tenant's markets by slug: those set up, and those that only a file of series names.
    pub async fn markets(&self, who: &Principal) -> Result<Vec<MarketView>> {
        let mut markets = self.0.store.markets(who.tenant).await?;
        let set_up: BTreeSet<MarketSlug> = markets.iter().map(|market| market.slug.clone()).collect();
        let named = self.0.store.markets_with_series(who.tenant).await?.into_iter();
        let now = self.clock().now();
        markets.extend(named.filter(|slug| !set_up.contains(slug)).map(|slug| new_market(who.tenant, slug, now)));
        markets.sort_by(|market, other| market.slug.cmp(&other.slug));
        let mut views = Vec::with_capacity(markets.len());
        for market in markets {
            views.push(self.view(who, market).await?);
        }
        Ok(views)
    }

    /// One market: set up, or only named by a file of series.
    pub async fn market(&self, who: &Principal, slug: &MarketSlug) -> Result<MarketView> {
        let set_up = self.market_set_up(who.tenant, slug).await?;
        let market = set_up.unwrap_or_else(|| new_market(who.tenant, slug.clone(), self.clock().now()));
        self.view(who, market).await
    }

    /// A market that is set up; `None` when only a file of series names it, and not found when nothing does.
    pub(crate) async fn market_set_up(&self, tenant: TenantId, slug: &MarketSlug) -> Result<Option<Market>> {
        let market = self.0.store.market_get(tenant, slug).await?;
        if market.is_none() && self.0.store.series_metrics(tenant, slug).await?.is_empty() {
            return Err(Error::NotFound("market"));
        }
        Ok(market)
    }

    /// Sets up a market; a taken slug is a conflict.
    pub async fn market_create(&self, who: &Principal, new: NewMarket) -> Result<MarketView> {
        let currency = match &new.currency {
            None => Currency::USD,
            Some(code) => Currency::parse(code)
                .ok_or_else(|| Error::invalid("/currency", "not_a_currency", "three capital letters, such as EUR"))?,
        };
        let now = self.clock().now();
        let market = Market {
            tenant: who.tenant,
            name: new.name.unwrap_or_else(|| new.slug.as_str().to_owned()),
            slug: new.slug,
            currency,
            created_at: now,
        };
        let audit = self.audit_entry(who, "market.create", market.slug.to_string(), serde_json::json!({}), now);
        let stored = market.clone();
        let write = self.0.store.write(move |tx| {
            if !tx.market_ensure(&stored)? {
                return Ok(false);
            }
            tx.audit(stored.tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if !write.await? {
            return Err(Error::Conflict { code: "market_taken", detail: "there is a market with this slug".into() });
        }
        self.view(who, market).await
    }

    /// A series of a market in order of time; an unknown metric is refused with the names of those there are.
    pub async fn market_series(&self, who: &Principal, slug: &MarketSlug, metric: &str) -> Result<Vec<SeriesPoint>> {
        let points = self.0.store.series(who.tenant, slug, metric).await?;
        if points.is_empty() {
            return Err(self.unknown_metric(who.tenant, slug, metric).await?);
        }
        Ok(points.into_iter().map(|(period, value)| SeriesPoint { period, value }).collect())
    }

    /// In what prices of a market are; `None` when there is no such market. It is read once: no market goes away or changes its
    /// currency.
    pub(crate) async fn currency(&self, tenant: TenantId, slug: &MarketSlug) -> Result<Option<Currency>> {
        if let Some(known) = self.0.currencies.read().get(&tenant).and_then(|of| of.get(slug)) {
            return Ok(Some(*known));
        }
        let Some(market) = self.0.store.market_get(tenant, slug).await? else { return Ok(None) };
        self.0.currencies.write().entry(tenant).or_default().insert(slug.clone(), market.currency);
        Ok(Some(market.currency))
    }

    /// The market of an import, set up with US dollars when it is new.
    pub(crate) async fn market_ensure(&self, tenant: TenantId, slug: &MarketSlug) -> Result<Market> {
        if let Some(market) = self.0.store.market_get(tenant, slug).await? {
            return Ok(market);
        }
        let market = new_market(tenant, slug.clone(), self.clock().now());
        self.0.store.write(move |tx| tx.market_ensure(&market)).await?;
        self.0.store.market_get(tenant, slug).await?.ok_or_else(Error::unknown_market)
    }

    async fn view(&self, who: &Principal, market: Market) -> Result<MarketView> {
        let listings = self.0.store.listing_counts(who.tenant, &market.slug).await?;
        let metrics = self.0.store.series_metrics(who.tenant, &market.slug).await?;
        Ok(MarketView {
            slug: market.slug,
            name: market.name,
            currency: market.currency.code().to_owned(),
            listings: listings.into_iter().map(|(status, count)| (status.as_str(), count)).collect(),
            metrics,
        })
    }
}

/// A market that a file names first.
pub(crate) fn new_market(tenant: TenantId, slug: MarketSlug, now: Time) -> Market {
    Market { tenant, name: slug.as_str().to_owned(), slug, currency: Currency::USD, created_at: now }
}
