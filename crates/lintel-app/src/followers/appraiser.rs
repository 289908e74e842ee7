//! The appraiser: what comes on the market gets an estimate that is never changed, and what is sold is held against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lintel_domain::{
    event::Event,
    id::{ListingId, TenantId},
    listing::Status,
    market::MarketSlug,
    model::ModelKind,
};
use lintel_store::{
    frozen::{Frozen, NewFrozen},
    job::NewJob,
    log::Recorded,
};

use super::durable::Step;
use crate::{App, Result, model::Waits};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "appraiser";

/// When more homes are new to a market in one step, they are left to a job that takes its time.
const AT_ONCE: usize = 100;

/// What the events say of one market.
#[derive(Default)]
struct Told {
    /// Listings that are new.
    new: BTreeSet<ListingId>,
    /// Listings that came back on the market.
    back: BTreeSet<ListingId>,
    /// Listings of which something changed: perhaps they were sold.
    changed: BTreeSet<ListingId>,
    /// Listings that are gone.
    removed: BTreeSet<ListingId>,
    /// Whether a price model took over.
    promoted: bool,
}

/// What is to be written for one tenant.
#[derive(Default)]
struct Writing {
    freeze: Vec<NewFrozen>,
    score: Vec<Frozen>,
    forget: Vec<ListingId>,
    job: Option<NewJob>,
}

impl Writing {
    fn is_empty(&self) -> bool {
        let Self { freeze, score, forget, job } = self;
        freeze.is_empty() && score.is_empty() && forget.is_empty() && job.is_none()
    }
}

/// Freezes and scores what the events name.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, begins: bool) -> Result<Step> {
    if begins {
        return begin(app).await;
    }
    // A process that only follows learns here that a model took over.
    app.0.models.notice(&events);
    let mut written = Vec::new();
    for ((tenant, market), told) in of_markets(&events) {
        let writing = app.appraise(tenant, &market, told).await?;
        if !writing.is_empty() {
            written.push((tenant, writing));
        }
    }
    if written.is_empty() {
        return Ok(Step::nothing());
    }
    let now = app.clock().now();
    Ok(Step::write(move |tx| {
        for (tenant, writing) in &written {
            tx.estimates_score(*tenant, &writing.score, now)?;
            tx.estimates_freeze(*tenant, &writing.freeze, now)?;
            tx.estimates_forget(*tenant, writing.forget.iter().copied())?;
            if let Some(job) = &writing.job {
                tx.enqueue(job)?;
            }
        }
        Ok(())
    }))
}

/// Begins at the end of the log: nothing is frozen yet, so no sale of the past is missed, and what is for sale is left to
/// jobs.
async fn begin(app: App) -> Result<Step> {
    let head = app.0.store.log_head().await?;
    let now = app.clock().now();
    let markets = app.0.store.markets_of_all_tenants().await?;
    let jobs: Vec<NewJob> = markets.iter().map(|(tenant, market)| app.freezing(*tenant, market, now)).collect();
    let begin = Step::write(move |tx| jobs.iter().try_for_each(|job| tx.enqueue(job).map(|_| ())));
    Ok(begin.and_go_to(head))
}

/// How many listings an event names.
fn listings(event: &Event) -> usize {
    match event {
        Event::ListingCreated { listings, .. }
        | Event::ListingUpdated { listings, .. }
        | Event::ListingRemoved { listings, .. } => listings.len(),
        Event::ListingStatusChanged { changes, .. } => changes.len(),
        _ => 0,
    }
}

fn of_markets(events: &[Arc<Recorded>]) -> BTreeMap<(TenantId, MarketSlug), Told> {
    let mut markets: BTreeMap<(TenantId, MarketSlug), Told> = BTreeMap::new();
    for recorded in events {
        let Some(event) = &recorded.event else { continue };
        let concerns = listings(event) > 0 || matches!(event, Event::ModelPromoted { kind: ModelKind::Price, .. });
        let Some(market) = event.market().filter(|_| concerns) else { continue };
        let told = markets.entry((recorded.tenant, market.clone())).or_default();
        match event {
            Event::ListingCreated { listings, .. } => told.new.extend(listings),
            Event::ListingUpdated { listings, .. } => told.changed.extend(listings),
            Event::ListingRemoved { listings, .. } => told.removed.extend(listings),
            Event::ListingStatusChanged { changes, .. } => {
                told.changed.extend(changes.iter().map(|change| change.listing));
                told.back.extend(changes.iter().filter(|one| one.to == Status::Active).map(|change| change.listing));
            }
            Event::ModelPromoted { .. } => told.promoted = true,
            _ => {}
        }
    }
    markets
}

impl App {
    /// What is to be frozen and scored by what was told of a market.
    async fn appraise(&self, tenant: TenantId, market: &MarketSlug, told: Told) -> Result<Writing> {
        let mut writing = Writing { forget: told.removed.into_iter().collect(), ..Writing::default() };
        let changed: Vec<ListingId> = told.changed.into_iter().collect();
        writing.score = self.estimates_to_score(tenant, &changed).await?;
        if told.new.is_empty() && told.back.is_empty() && !told.promoted {
            return Ok(writing);
        }
        let pricer = match self.pricer(tenant, market, Waits::Nobody).await {
            // A model that cannot be read holds up no other tenant.
            Err(error) if !error.may_pass() => {
                tracing::warn!(error = &error as &dyn std::error::Error, tenant.id = %tenant, market.slug = %market, "a price model cannot be loaded");
                return Ok(writing);
            }
            pricer => pricer?,
        };
        if !pricer.is_live() {
            return Ok(writing);
        }
        self.refresh_pricer(tenant, market, &pricer);
        let mut listed = told.back;
        let left = told.promoted || told.new.len() > AT_ONCE;
        if left {
            writing.job = Some(self.freezing(tenant, market, self.clock().now()));
        } else {
            listed.extend(told.new);
        }
        let listed: Vec<ListingId> = listed.into_iter().collect();
        writing.freeze = self.estimates_of(tenant, &pricer, &listed).await?;
        Ok(writing)
    }
}
