//! Behaviour triggers: what leads do that somebody should know of at once is told once.

use std::{collections::BTreeMap, sync::Arc};

use lintel_domain::{
    clock::Time,
    event::{BehaviourTriggered, Event, MAX_ITEMS},
    id::{LeadId, TenantId},
    trigger::{Act, Firing, MEMORY, REACH, firings},
};
use lintel_store::log::Recorded;

use super::durable::Step;
use crate::{App, Result};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "triggers";

/// Fires what the acts of leads fire.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, _: bool) -> Result<Step> {
    let now = app.clock().now();
    let mut done = Vec::new();
    for (tenant, acted) in of_tenants(&events) {
        let leads: Vec<LeadId> = acted.keys().copied().collect();
        for chunk in leads.chunks(MAX_ITEMS) {
            let mut histories: BTreeMap<LeadId, Vec<Act>> = BTreeMap::new();
            for did in app.0.store.interactions_of_leads(tenant, chunk, now.plus(-MEMORY - REACH)).await? {
                let act = Act { at: did.at, recorded_at: did.recorded_at, kind: did.kind, listing: did.listing_id };
                histories.entry(did.lead_id).or_default().push(act);
            }
            let of_lead = |(lead, history): (LeadId, Vec<Act>)| {
                firings(&history, acted[&lead]).into_iter().map(move |one| (lead, one))
            };
            let fired: Vec<(LeadId, Firing)> = histories.into_iter().flat_map(of_lead).collect();
            if !fired.is_empty() {
                done.push((tenant, fired));
            }
        }
    }
    if done.is_empty() {
        return Ok(Step::nothing());
    }
    Ok(Step::write(move |tx| done.iter().try_for_each(|(tenant, fired)| fire(tx, *tenant, fired, now))))
}

/// Keeps firings and tells of those that are new.
pub(super) fn fire(
    tx: &mut lintel_store::Tx<'_>,
    tenant: TenantId,
    fired: &[(LeadId, Firing)],
    now: Time,
) -> lintel_store::Result<()> {
    let new = tx.triggers_fire(tenant, fired)?;
    let told = fired.iter().zip(new).filter(|(_, new)| *new).map(|((lead, one), _)| BehaviourTriggered {
        lead: *lead,
        trigger: one.key.trigger,
        listing: one.key.listing,
        at: one.at,
        n: one.n,
    });
    let told: Vec<BehaviourTriggered> = told.collect();
    let mut events = told.chunks(MAX_ITEMS).map(|chunk| Event::BehaviourTriggered { triggers: chunk.to_vec() });
    events.try_for_each(|event| tx.emit(tenant, now, &event))
}

/// The earliest new act of each lead. What is recorded so late that it cannot support an act of today is left out: the
/// history that an import brings.
fn of_tenants(events: &[Arc<Recorded>]) -> BTreeMap<TenantId, BTreeMap<LeadId, Time>> {
    let mut tenants: BTreeMap<TenantId, BTreeMap<LeadId, Time>> = BTreeMap::new();
    for recorded in events {
        let Some(Event::InteractionRecorded { interactions }) = &recorded.event else { continue };
        for one in interactions {
            let Some(at) = one.at.filter(|at| recorded.at.since(*at) <= REACH) else { continue };
            let first = tenants.entry(recorded.tenant).or_default().entry(one.lead).or_insert(at);
            *first = at.min(*first);
        }
    }
    tenants
}
