//! The counter: keeps the daily figures of leads. What a lead adds is taken back and added anew when something about it changes.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    event::Event,
    id::{LeadId, TenantId},
};
use lintel_store::log::{Cursor, Recorded};

use crate::{App, Error, Result};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "counter";
/// Leads that the events of one step name, about: what one commit may hold.
const STEP: usize = 1_000;

/// Counts the leads that the first of the events name, and moves the cursor behind them in the same commit.
pub(super) async fn react(app: App, mut events: Vec<Recorded>, from: Option<Cursor>, _: Cursor) -> Result<()> {
    if from.is_none() {
        return begin(app).await;
    }
    events.truncate(step_of(&events));
    let Some(to) = events.last().map(|event| event.cursor) else { return Ok(()) };
    let mut changed: BTreeMap<TenantId, BTreeSet<LeadId>> = BTreeMap::new();
    for logged in &events {
        let leads = logged.event.as_ref().map(Event::leads).unwrap_or_default();
        changed.entry(logged.tenant).or_default().extend(leads);
    }
    let now = app.clock().now();
    let moved = app
        .0
        .store
        .write(move |tx| {
            tx.follower_advance(NAME, from, to, now)?;
            changed.iter().try_for_each(|(tenant, leads)| tx.lead_days_count(*tenant, leads))
        })
        .await;
    match moved {
        Err(lintel_store::Error::FollowerMoved { .. }) => Err(Error::Moved),
        other => other.map_err(Error::from),
    }
}

/// Counts everybody there is, in commits of their own since counting twice is counting once, and begins at the end of the log as it
/// was before.
async fn begin(app: App) -> Result<()> {
    let head = app.0.store.log_head().await?;
    for tenant in app.0.store.tenant_ids().await? {
        let mut after = None;
        loop {
            let page = app.0.store.lead_ids_after(tenant, after, STEP as u32).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            let leads: BTreeSet<LeadId> = page.into_iter().collect();
            app.0.store.write(move |tx| tx.lead_days_count(tenant, &leads)).await?;
        }
    }
    let now = app.clock().now();
    match app.0.store.write(move |tx| tx.follower_advance(NAME, None, head, now)).await {
        Err(lintel_store::Error::FollowerMoved { .. }) => Err(Error::Moved),
        other => other.map_err(Error::from),
    }
}

/// How many of the events make one step: at least one.
fn step_of(events: &[Recorded]) -> usize {
    let mut named = 0;
    let fits = |logged: &&Recorded| {
        named += logged.event.as_ref().map_or(0, |event| event.leads().len());
        named <= STEP
    };
    events.iter().take_while(fits).count().max(1)
}
