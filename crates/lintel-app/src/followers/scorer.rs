//! The scorer: whoever is new, changed or did something gets a new live score; what leads did is added up as it happens.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use lintel_domain::{
    clock::Time,
    event::{Event, LeadScored},
    id::{InteractionId, LeadId, TenantId},
    interaction::InteractionKind,
};
use lintel_predict::lead::{Ledger, behaviour::MEMORY};
use lintel_store::log::Recorded;

use super::durable::Step;
use crate::{App, Error, Result, score::Scored};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "scorer";

/// What the events say of the leads of a tenant.
#[derive(Default)]
struct Told {
    /// Those whose ledger grows by what they did.
    acted: BTreeMap<LeadId, Vec<Act>>,
    /// Those whose ledger is made anew: new ones, those of which interactions may have been taken back or given to another
    /// lead, and those of which an event of an earlier version does not say when they acted.
    anew: BTreeSet<LeadId>,
}

type Act = (InteractionId, InteractionKind, Time);

/// Scores the leads that the events name and keeps what they did.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, _: bool) -> Result<Step> {
    let mut done = Vec::new();
    for (tenant, told) in of_tenants(&events) {
        let leads: BTreeSet<LeadId> = told.anew.iter().chain(told.acted.keys()).copied().collect();
        let leads: Vec<LeadId> = leads.into_iter().collect();
        for chunk in leads.chunks(lintel_domain::event::MAX_ITEMS) {
            let ledgers = app.ledgers(tenant, chunk, &told).await?;
            let scores = app.score_ledgers(tenant, chunk, &ledgers).await?;
            let kept = ledgers.into_iter().map(|(lead, ledger)| Ok((lead, ledger.to_bytes()?)));
            let kept: Vec<(LeadId, Vec<u8>)> =
                kept.collect::<Result<_, lintel_predict::Error>>().map_err(Error::internal)?;
            done.push((tenant, kept, scores));
        }
    }
    if done.is_empty() {
        return Ok(Step::nothing());
    }
    Ok(Step::write(move |tx| {
        done.iter().try_for_each(|(tenant, ledgers, scores)| {
            tx.behaviours_keep(*tenant, ledgers)?;
            write_scores(tx, *tenant, scores)
        })
    }))
}

fn of_tenants(events: &[Arc<Recorded>]) -> BTreeMap<TenantId, Told> {
    let mut tenants: BTreeMap<TenantId, Told> = BTreeMap::new();
    for logged in events {
        match logged.event.as_ref() {
            Some(Event::LeadCreated { leads } | Event::LeadUpdated { leads }) => {
                tenants.entry(logged.tenant).or_default().anew.extend(leads);
            }
            Some(Event::LeadMerged { lead, from } | Event::LeadUnmerged { lead, from }) => {
                tenants.entry(logged.tenant).or_default().anew.extend([lead, from]);
            }
            Some(Event::InteractionRecorded { interactions }) => {
                let told = tenants.entry(logged.tenant).or_default();
                for one in interactions {
                    match one.at {
                        Some(at) => told.acted.entry(one.lead).or_default().push((one.interaction, one.kind, at)),
                        None => drop(told.anew.insert(one.lead)),
                    }
                }
            }
            _ => {}
        }
    }
    tenants
}

impl App {
    /// The ledgers of leads as of these events: those that are kept with what the events add, others made anew.
    async fn ledgers(&self, tenant: TenantId, leads: &[LeadId], told: &Told) -> Result<HashMap<LeadId, Ledger>> {
        let now = self.clock().now();
        let grown: Vec<LeadId> = leads.iter().copied().filter(|lead| !told.anew.contains(lead)).collect();
        let mut ledgers = HashMap::with_capacity(leads.len());
        for (lead, bytes) in self.0.store.behaviours(tenant, &grown).await? {
            let mut ledger = Ledger::from_bytes(&bytes).map_err(Error::internal)?;
            for (id, kind, at) in told.acted.get(&lead).into_iter().flatten() {
                ledger.record(*id, *kind, *at);
            }
            ledger.forget(now);
            ledgers.insert(lead, ledger);
        }
        let anew: Vec<LeadId> = leads.iter().copied().filter(|lead| !ledgers.contains_key(lead)).collect();
        ledgers.extend(anew.iter().map(|lead| (*lead, Ledger::default())));
        for one in self.0.store.interactions_of_leads(tenant, &anew, now.plus(-MEMORY)).await? {
            if let Some(ledger) = ledgers.get_mut(&one.lead_id) {
                ledger.record(one.id, one.kind, one.at);
            }
        }
        Ok(ledgers)
    }
}

/// Keeps live scores and tells of them.
pub(crate) fn write_scores(
    tx: &mut lintel_store::Tx<'_>,
    tenant: TenantId,
    scores: &[Scored],
) -> lintel_store::Result<()> {
    if scores.is_empty() {
        return Ok(());
    }
    tx.leads_score(tenant, &scores.iter().map(Scored::row).collect::<Vec<_>>())?;
    let told = |one: &Scored| LeadScored { lead: one.lead, probability: one.probability, hot: Some(one.is_hot) };
    let told = scores.iter().map(told).collect();
    tx.emit(tenant, scores[0].at, &Event::LeadScored { scores: told })
}
