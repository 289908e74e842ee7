//! The counter: keeps the daily figures of leads. What a lead adds is taken back and added anew when something about it changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lintel_domain::{
    event::Event,
    id::{LeadId, TenantId},
};
use lintel_store::log::Recorded;

use super::durable::Step;
use crate::{App, Result};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "counter";
/// Leads that are counted in one commit when everybody is.
const STEP: usize = 1_000;

/// Counts the leads that the events name.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, begins: bool) -> Result<Step> {
    if begins {
        return begin(app).await;
    }
    let mut changed: BTreeMap<TenantId, BTreeSet<LeadId>> = BTreeMap::new();
    for logged in &events {
        let leads = logged.event.as_ref().map(counted).unwrap_or_default();
        if !leads.is_empty() {
            changed.entry(logged.tenant).or_default().extend(leads);
        }
    }
    if changed.is_empty() {
        return Ok(Step::nothing());
    }
    Ok(Step::write(move |tx| changed.iter().try_for_each(|(tenant, leads)| tx.lead_days_count(*tenant, leads))))
}

/// The leads of which an event may change what they add.
fn counted(event: &Event) -> Vec<LeadId> {
    match event {
        // Of what they do only what answers them is counted.
        Event::InteractionRecorded { interactions } => {
            interactions.iter().filter(|one| one.kind.is_contact()).map(|one| one.lead).collect()
        }
        // Of scores only that one is hot for the first time.
        Event::LeadScored { scores } => {
            scores.iter().filter(|one| one.hot != Some(false)).map(|one| one.lead).collect()
        }
        Event::NoteCreated { .. }
        | Event::NoteDeleted { .. }
        | Event::TaskCreated { .. }
        | Event::TaskUpdated { .. }
        | Event::TaskDone { .. }
        | Event::TaskDeleted { .. } => Vec::new(),
        _ => event.leads(),
    }
}

/// Counts everybody there is, in commits of their own since counting twice is counting once, and begins at the end of the log as it
/// was before.
async fn begin(app: App) -> Result<Step> {
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
    Ok(Step::nothing().and_go_to(head))
}
