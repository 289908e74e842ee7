//! What leads and the team last did towards each other, kept in the commit of each interaction.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    clock::Time,
    desk::Dealings,
    id::{LeadId, TenantId},
    interaction::InteractionKind,
};

use super::columns;
use crate::{Result, Tx, params};

crate::sql! {
    /// The dealings of a lead, which is held until the write ends. SQLite has one writer.
    HOLD "lead.dealings_hold" = {
        sqlite: "SELECT id, last_interaction_at, acted_at, contacted_at, waiting_since, returned_at,
            first_contacted_at FROM leads
            WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id, last_interaction_at, acted_at, contacted_at, waiting_since, returned_at,
            first_contacted_at FROM leads
            WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
    };
    /// Everything that happened with a lead.
    DID "lead.dealings_did" = "SELECT kind, at FROM interactions WHERE tenant_id = $1 AND lead_id = $2";
    /// New ones. A lead that asks is not put off any longer.
    SET "lead.dealings_set" = "UPDATE leads SET last_interaction_at = $3, acted_at = $4, contacted_at = $5, waiting_since = $6,
            returned_at = $7, first_contacted_at = $8,
            snoozed_until = CASE WHEN $9 THEN NULL ELSE snoozed_until END
        WHERE tenant_id = $1 AND id = $2";
}

/// What is known of a lead's dealings, and when anything last happened with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    last: Option<Time>,
    first_contact: Option<Time>,
    dealings: Dealings,
}

impl Tx<'_> {
    /// The dealings of those leads that are there, held as [`Tx::leads_hold`] holds them.
    pub(crate) fn dealings_hold(
        &mut self,
        tenant: TenantId,
        ids: impl IntoIterator<Item = LeadId>,
    ) -> Result<BTreeMap<LeadId, Held>> {
        let ids: BTreeSet<LeadId> = ids.into_iter().collect();
        let found = self.query_many(&HOLD, ids.iter().map(|id| params![tenant, *id]), |row| {
            let (last, first_contact) = (row.get(1)?, row.get(6)?);
            Ok((row.get(0)?, Held { last, first_contact, dealings: columns::dealings(row, 2)? }))
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Adds interactions that were stored in this write. A lead of which one is earlier than what is known is counted anew.
    pub(crate) fn dealings_add(
        &mut self,
        tenant: TenantId,
        held: &BTreeMap<LeadId, Held>,
        mut stored: Vec<(LeadId, InteractionKind, Time)>,
    ) -> Result<()> {
        stored.sort_unstable_by_key(|(lead, _, at)| (*lead, *at));
        let asked = stored.iter().filter(|(_, kind, _)| kind.asks()).map(|(lead, _, _)| *lead).collect();
        let (mut grown, mut late) = (BTreeMap::new(), BTreeSet::new());
        for (lead, kind, at) in stored {
            let Some(known) = held.get(&lead) else { continue };
            let now: &mut Held = grown.entry(lead).or_insert(*known);
            if !now.dealings.can_follow(at) {
                late.insert(lead);
            }
            now.last = now.last.max(Some(at));
            if kind.is_contact() {
                now.first_contact = Some(now.first_contact.map_or(at, |first| first.min(at)));
            }
            now.dealings.record(kind, at);
        }
        self.recount(tenant, &late, &asked)?;
        let is_new = |lead: &LeadId, now: &Held| held.get(lead) != Some(now) || asked.contains(lead);
        let changed = grown.into_iter().filter(|(lead, now)| !late.contains(lead) && is_new(lead, now));
        self.dealings_set(tenant, changed, &asked)
    }

    /// Counts all interactions of leads anew. The leads are held.
    pub(crate) fn dealings_recount(&mut self, tenant: TenantId, leads: &BTreeSet<LeadId>) -> Result<()> {
        self.recount(tenant, leads, &BTreeSet::new())
    }

    fn recount(&mut self, tenant: TenantId, leads: &BTreeSet<LeadId>, asked: &BTreeSet<LeadId>) -> Result<()> {
        let mut counted = Vec::with_capacity(leads.len());
        for lead in leads {
            let did: Vec<(InteractionKind, Time)> = self
                .query(&DID, params![tenant, *lead], |row| Ok((row.word(0, InteractionKind::parse)?, row.get(1)?)))?;
            let last = did.iter().map(|(_, at)| *at).max();
            let first_contact = did.iter().filter(|(kind, _)| kind.is_contact()).map(|(_, at)| *at).min();
            counted.push((*lead, Held { last, first_contact, dealings: Dealings::of(did) }));
        }
        self.dealings_set(tenant, counted, asked)
    }

    fn dealings_set(
        &mut self,
        tenant: TenantId,
        leads: impl IntoIterator<Item = (LeadId, Held)>,
        asked: &BTreeSet<LeadId>,
    ) -> Result<()> {
        let rows = leads.into_iter().map(|(lead, Held { last, first_contact, dealings })| {
            let Dealings { acted_at, contacted_at, waiting_since, returned_at } = dealings;
            params![
                tenant,
                lead,
                last,
                acted_at,
                contacted_at,
                waiting_since,
                returned_at,
                first_contact,
                asked.contains(&lead)
            ]
        });
        self.execute_many(&SET, rows).map(|_| ())
    }
}
