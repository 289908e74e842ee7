//! The homes of a market as calculations see them: read once a minute at most, however many questions come.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::{
    clock::{Day, SECOND, Time},
    id::TenantId,
    listing::{Listing, Status},
    market::MarketSlug,
    money::Money,
};
use lintel_predict::analysis::{Observed, Stage};
use lintel_store::listing::Measured;
use parking_lot::Mutex as Lock;
use tokio::sync::Mutex;

use super::earliest;
use crate::{App, Result};

/// How long what was read is good, in microseconds.
const FRESH: i64 = 60 * SECOND;
/// Homes read from the store at once.
const PAGE: u32 = 5_000;
/// Markets that are kept in memory; of more, those read longest ago go.
const MOST_KEPT: usize = 8;

/// What is kept of one market; its lock is held while it is read.
type Place = Arc<Mutex<Option<Arc<Measurements>>>>;

/// What is kept of markets.
#[derive(Default)]
pub(crate) struct Kept(Lock<HashMap<(TenantId, MarketSlug), (Place, Time)>>);

/// The homes of one market at one time.
pub(crate) struct Measurements {
    homes: Vec<Observed>,
    read_at: Time,
}

impl Measurements {
    pub(super) fn homes(&self) -> &[Observed] {
        &self.homes
    }
}

impl Kept {
    fn place(&self, tenant: TenantId, market: &MarketSlug, now: Time) -> Place {
        let mut kept = self.0.lock();
        let key = (tenant, market.clone());
        if kept.len() >= MOST_KEPT
            && !kept.contains_key(&key)
            && let Some(oldest) = kept.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone())
        {
            kept.remove(&oldest);
        }
        let (place, used) = kept.entry(key).or_insert_with(|| (Place::default(), now));
        *used = now;
        Arc::clone(place)
    }
}

impl App {
    /// The homes of a market, not older than a minute.
    pub(super) async fn measurements(&self, tenant: TenantId, market: &MarketSlug) -> Result<Arc<Measurements>> {
        let now = self.clock().now();
        let place = self.0.measured.place(tenant, market, now);
        let mut kept = place.lock().await;
        if let Some(measurements) = kept.as_ref().filter(|kept| now.since(kept.read_at) < FRESH) {
            return Ok(Arc::clone(measurements));
        }
        let read = Arc::new(Measurements { homes: self.read_homes(tenant, market, now.day()).await?, read_at: now });
        *kept = Some(Arc::clone(&read));
        Ok(read)
    }

    async fn read_homes(&self, tenant: TenantId, market: &MarketSlug, today: Day) -> Result<Vec<Observed>> {
        let since = earliest(today);
        let mut homes = Vec::new();
        for status in Status::ALL.iter().copied().filter(|status| Stage::of(*status).is_some()) {
            let mut after = None;
            loop {
                let page = self.0.store.listings_measured(tenant, market, status, since, after, PAGE).await?;
                after = page.last().map(|home| home.id);
                let is_last = page.len() < PAGE as usize;
                homes.extend(page.into_iter().filter_map(|home| observed(home, today)));
                if is_last {
                    break;
                }
            }
        }
        Ok(homes)
    }
}

/// A home as calculations see it.
fn observed(home: Measured, today: Day) -> Option<Observed> {
    let stage = Stage::of(home.status)?;
    let listed_on = home.listed_at.map(Time::day);
    let ended_on = match stage {
        Stage::Sold => home.close_date,
        Stage::ForSale | Stage::UnderContract => Some(today),
        // When it left the market is not known, only how long it was there if the source says so.
        Stage::Unsold => None,
    };
    let days = listed_on.zip(ended_on).map(|(from, to)| to.0.saturating_sub(from.0).max(0));
    Some(Observed {
        id: home.id,
        stage,
        property_type: home.property_type.as_deref().map(Arc::from),
        asked: home.list_price.map(Money::major).filter(|price| *price > 0.0),
        sold: home.close_price.map(Money::major).filter(|price| *price > 0.0),
        listed_on,
        sold_on: home.close_date.filter(|_| stage == Stage::Sold),
        days: days.or(home.days_on_market).map(f64::from),
        area_sqft: home.living_area_sqft.filter(|area| *area > 0.0),
        place: home.place,
    })
}

/// The measured part of a whole listing.
fn measured(listing: &Listing) -> Measured {
    let facts = &listing.facts;
    Measured {
        id: listing.id,
        status: facts.status,
        property_type: facts.property_type.clone(),
        list_price: facts.list_price,
        close_price: facts.close_price,
        close_date: facts.close_date,
        listed_at: facts.listed_at,
        days_on_market: facts.days_on_market,
        living_area_sqft: facts.living_area_sqft,
        place: facts.place,
    }
}

/// A listing as calculations see it; `None` of one that is not on the market and never was.
pub(super) fn observed_listing(listing: &Listing, today: Day) -> Option<Observed> {
    observed(measured(listing), today)
}
