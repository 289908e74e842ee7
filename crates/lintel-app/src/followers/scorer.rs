//! The scorer: whoever is new, changed or did something gets a new live score.

use std::collections::BTreeSet;

use lintel_domain::{
    event::{Event, LeadScored},
    id::{LeadId, TenantId},
};
use lintel_store::log::{Cursor, Recorded};

use crate::{App, Error, Result, score::Scored};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "scorer";

/// Scores the leads that the events name, and moves the cursor in the same commit.
pub(super) async fn react(app: App, events: Vec<Recorded>, from: Option<Cursor>, to: Cursor) -> Result<()> {
    let mut leads: BTreeSet<(TenantId, LeadId)> = BTreeSet::new();
    for logged in &events {
        match logged.event.as_ref() {
            Some(Event::LeadCreated { leads: ids } | Event::LeadUpdated { leads: ids }) => {
                leads.extend(ids.iter().map(|id| (logged.tenant, *id)));
            }
            Some(Event::InteractionRecorded { interactions }) => {
                leads.extend(interactions.iter().map(|one| (logged.tenant, one.lead)));
            }
            _ => {}
        }
    }
    let mut scored: Vec<(TenantId, Vec<Scored>)> = Vec::new();
    let mut rest: &[(TenantId, LeadId)] = &leads.into_iter().collect::<Vec<_>>();
    while let Some((tenant, _)) = rest.first() {
        let same = rest.iter().take_while(|(other, _)| other == tenant).count();
        let (own, others) = rest.split_at(same);
        let ids: Vec<LeadId> = own.iter().map(|(_, id)| *id).collect();
        for chunk in ids.chunks(lintel_domain::event::MAX_ITEMS) {
            scored.push((*tenant, app.score_stored(*tenant, chunk).await?));
        }
        rest = others;
    }
    let now = app.clock().now();
    let moved = app
        .0
        .store
        .write(move |tx| {
            tx.follower_advance(NAME, from, to, now)?;
            for (tenant, scores) in &scored {
                write_scores(tx, *tenant, scores)?;
            }
            Ok::<_, lintel_store::Error>(())
        })
        .await;
    match moved {
        Err(lintel_store::Error::FollowerMoved { .. }) => Err(Error::Moved),
        other => other.map_err(Error::from),
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
    let told = scores.iter().map(|one| LeadScored { lead: one.lead, probability: one.probability }).collect();
    tx.emit(tenant, scores[0].at, &Event::LeadScored { scores: told })
}
