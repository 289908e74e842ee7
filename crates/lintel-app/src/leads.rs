//! Leads: creating, reading, changing and erasing them.

use std::sync::Arc;

use lintel_domain::{
    clock::Time,
    contact::Consent,
    desk::{NextStep, Situation},
    event::Event,
    id::{LeadId, TenantId, UserId},
    lead::{Lead, LeadFacts, Outcome, Tier},
    market::MarketSlug,
    preference::Preferences,
};
use lintel_store::{
    Tx,
    lead::{LeadInserted, LeadUpdated},
};

use crate::{App, Error, Principal, Result, tier::Tiers};

/// A lead to be created.
#[derive(Clone, Debug)]
pub struct NewLead {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): a lead that is there already is then the answer.
    pub id: Option<LeadId>,
    /// What is known about it; a taken `external_id` is a conflict.
    pub facts: LeadFacts,
    /// What the person agreed to.
    pub consent: Vec<Consent>,
}

/// Changes to a lead. Outer `None` leaves a field, inner `None` clears it.
#[derive(Clone, Debug, Default)]
pub struct LeadPatch {
    /// The id in the system it came from.
    pub external_id: Option<Option<String>>,
    /// Name.
    pub name: Option<Option<String>>,
    /// E-mail address.
    pub email: Option<Option<String>>,
    /// Telephone number.
    pub phone: Option<Option<String>>,
    /// Where it came from.
    pub source: Option<Option<String>>,
    /// Where it stands.
    pub stage: Option<Option<String>>,
    /// Who works on it.
    pub assignee: Option<Option<UserId>>,
    /// Where it looks.
    pub market: Option<Option<MarketSlug>>,
    /// What it looks for; replaces.
    pub preferences: Option<Preferences>,
    /// Labels; replaces.
    pub tags: Option<Vec<String>>,
    /// Custom fields; each named one is set, or cleared when `None`.
    pub custom: Vec<(String, Option<lintel_domain::scalar::Scalar>)>,
    /// How it ended.
    pub outcome: Option<Option<Outcome>>,
    /// When it ended.
    pub outcome_at: Option<Option<Time>>,
    /// Until when it is put off.
    pub snoozed_until: Option<Option<Time>>,
    /// Consent records to append.
    pub consent: Vec<Consent>,
}

/// A lead as a client sees it.
#[derive(Clone, Debug)]
pub struct LeadView {
    /// The lead.
    pub lead: Lead,
    /// Its tier among the tenant's live scores; absent without a score.
    pub tier: Option<Tier>,
    /// What is to be done next; none when nothing is.
    pub next_step: Option<NextStep>,
    /// Where it has gone, if it was merged into another.
    pub merged_into: Option<LeadId>,
}

impl App {
    /// Creates a lead. A taken `external_id` is a conflict; an unknown market or assignee is refused.
    pub async fn lead_create(&self, who: &Principal, new: NewLead) -> Result<LeadView> {
        let now = self.clock().now();
        let id = new.id.unwrap_or_else(|| LeadId(self.0.ids.next(now)));
        let facts = LeadFacts {
            tags: tidy_tags(new.facts.tags),
            outcome_at: new.facts.outcome_at.or(new.facts.outcome.map(|_| now)),
            ..new.facts
        };
        self.check_lead(who.tenant, facts.market.as_ref(), facts.assignee).await?;
        let (tenant, consent, named) = (who.tenant, new.consent, new.id.is_some());
        let lead = Arc::new(Lead::new(id, facts, now));
        let new = Arc::clone(&lead);
        let write = self.0.store.write(move |tx| {
            let insert = if named { Tx::lead_insert_named } else { Tx::lead_insert };
            let created = insert(tx, tenant, id, &new.facts, now)?;
            if created == LeadInserted::Created {
                tx.consent_append(tenant, id, &consent, None, now)?;
                tx.emit(tenant, now, &Event::LeadCreated { leads: vec![id] })?;
                if new.facts.assignee.is_some() {
                    tx.emit(tenant, now, &Event::LeadAssigned { leads: vec![id] })?;
                }
            }
            Ok::<_, lintel_store::Error>(created)
        });
        match write.await? {
            LeadInserted::Created => Ok(view(Arc::unwrap_or_clone(lead), self.tiers(tenant).await?, now)),
            // The same call, again, after its answer was lost.
            LeadInserted::IdTaken if named => self.lead(who, id).await,
            LeadInserted::IdTaken => Err(Error::internal("a new id was taken")),
            LeadInserted::ExternalIdTaken => Err(external_id_taken()),
        }
    }

    /// One lead; one that was merged into another as it was then, with where it has gone.
    pub async fn lead(&self, who: &Principal, id: LeadId) -> Result<LeadView> {
        if let Some(lead) = self.0.store.lead_get(who.tenant, id).await? {
            return Ok(view(lead, self.tiers(who.tenant).await?, self.clock().now()));
        }
        let merged = self.0.store.merged_lead(who.tenant, id).await?.ok_or(Error::NotFound("lead"))?;
        Ok(LeadView { lead: merged.lead, tier: None, next_step: None, merged_into: Some(merged.survivor) })
    }

    /// A lead that is about to be changed.
    pub(crate) async fn lead_to_change(&self, tenant: TenantId, id: LeadId) -> Result<Lead> {
        match self.0.store.lead_get(tenant, id).await? {
            Some(lead) => Ok(lead),
            None => Err(self.lead_missing(tenant, id).await),
        }
    }

    /// Why a lead is not there.
    pub(crate) async fn lead_missing(&self, tenant: TenantId, id: LeadId) -> Error {
        match self.0.store.lead_survivor(tenant, id).await {
            Ok(Some(into)) => Error::Merged { into },
            Ok(None) => Error::NotFound("lead"),
            Err(error) => error.into(),
        }
    }

    /// Leads in the order asked for; those that are not there are left out.
    pub(crate) async fn lead_views(&self, who: &Principal, ids: &[LeadId]) -> Result<Vec<LeadView>> {
        let leads = self.0.store.leads_by_ids(who.tenant, ids).await?;
        let (tiers, now) = (self.tiers(who.tenant).await?, self.clock().now());
        Ok(leads.into_iter().map(|lead| view(lead, tiers, now)).collect())
    }

    /// Changes a lead; with `if_version` only that version, another is a conflict. A patch that changes nothing leaves
    /// the version as it is, and consent that the ledger ends with already is not recorded again, so that a call that
    /// is repeated after its answer was lost has its effect once.
    pub async fn lead_patch(
        &self,
        who: &Principal,
        id: LeadId,
        mut patch: LeadPatch,
        if_version: Option<i64>,
    ) -> Result<LeadView> {
        self.lead_to_change(who.tenant, id).await?;
        let market = patch.market.as_ref().and_then(Option::as_ref);
        self.check_lead(who.tenant, market, patch.assignee.flatten()).await?;
        if !patch.consent.is_empty() && ends_with(&self.0.store.consents(who.tenant, id).await?, &patch.consent) {
            patch.consent.clear();
        }
        let (tenant, now) = (who.tenant, self.clock().now());
        let write = self.0.store.write(move |tx| patch_lead(tx, tenant, id, &patch, if_version, now));
        match write.await? {
            Patched::Done => self.lead(who, id).await,
            Patched::Gone => Err(self.lead_missing(tenant, id).await),
            Patched::ExternalIdTaken => Err(external_id_taken()),
            Patched::OtherVersion(version) => {
                Err(Error::Conflict { code: "version", detail: format!("the lead is at version {version} by now") })
            }
        }
    }

    /// Removes a lead with everything known about the person, also as the leads that were merged into it. When this returns
    /// no process tells of them any more.
    pub async fn lead_erase(&self, who: &Principal, id: LeadId) -> Result<()> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "lead.erase", id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            let leads = tx.lead_erase(tenant, id, now)?;
            if leads.is_empty() {
                return Ok(false);
            }
            tx.emit(tenant, now, &Event::LeadErased { leads })?;
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if !write.await? {
            return Err(self.lead_missing(tenant, id).await);
        }
        self.0.caches.deleted().await;
        Ok(())
    }

    /// The consent ledger of a lead, newest first.
    pub async fn lead_consent(&self, who: &Principal, id: LeadId) -> Result<Vec<Consent>> {
        self.0.store.lead_get(who.tenant, id).await?.ok_or(Error::NotFound("lead"))?;
        Ok(self.0.store.consents(who.tenant, id).await?)
    }

    /// Refuses a market or an agent that the tenant does not have.
    async fn check_lead(&self, tenant: TenantId, market: Option<&MarketSlug>, assignee: Option<UserId>) -> Result<()> {
        if let Some(market) = market {
            self.currency(tenant, market).await?.ok_or_else(Error::unknown_market)?;
        }
        if let Some(user) = assignee {
            let there = self.0.store.user_get(tenant, user).await?;
            there.ok_or_else(|| Error::invalid("/assignee", "unknown", "there is no such user"))?;
        }
        Ok(())
    }
}

enum Patched {
    Done,
    Gone,
    OtherVersion(i64),
    ExternalIdTaken,
}

/// Reads, changes and writes a lead in one transaction, with the events of what changed.
fn patch_lead(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    id: LeadId,
    patch: &LeadPatch,
    if_version: Option<i64>,
    now: Time,
) -> lintel_store::Result<Patched> {
    let Some(lead) = tx.lead_lock(tenant, id)? else { return Ok(Patched::Gone) };
    if if_version.is_some_and(|version| version != lead.version) {
        return Ok(Patched::OtherVersion(lead.version));
    }
    let facts = patched(&lead.facts, patch, now);
    if facts != lead.facts {
        match tx.lead_update(tenant, id, &facts, now)? {
            LeadUpdated::Updated => {}
            LeadUpdated::ExternalIdTaken => return Ok(Patched::ExternalIdTaken),
        }
        tx.emit(tenant, now, &Event::LeadUpdated { leads: vec![id] })?;
        if facts.assignee.is_some() && facts.assignee != lead.facts.assignee {
            tx.emit(tenant, now, &Event::LeadAssigned { leads: vec![id] })?;
        }
    }
    if let Some(until) = patch.snoozed_until.filter(|until| *until != lead.snoozed_until) {
        let alone = facts == lead.facts;
        tx.lead_snooze(tenant, id, until, alone, now)?;
        if alone {
            tx.emit(tenant, now, &Event::LeadUpdated { leads: vec![id] })?;
        }
    }
    tx.consent_append(tenant, id, &patch.consent, None, now)?;
    Ok(Patched::Done)
}

/// The facts with the patch applied.
fn patched(old: &LeadFacts, patch: &LeadPatch, now: Time) -> LeadFacts {
    let mut facts = old.clone();
    let set = |field: &mut Option<String>, new: &Option<Option<String>>| {
        if let Some(new) = new {
            field.clone_from(new);
        }
    };
    set(&mut facts.external_id, &patch.external_id);
    set(&mut facts.name, &patch.name);
    set(&mut facts.email, &patch.email);
    set(&mut facts.phone, &patch.phone);
    set(&mut facts.source, &patch.source);
    set(&mut facts.stage, &patch.stage);
    facts.assignee = patch.assignee.unwrap_or(facts.assignee);
    if let Some(market) = &patch.market {
        facts.market.clone_from(market);
    }
    if let Some(preferences) = &patch.preferences {
        facts.preferences.clone_from(preferences);
    }
    if let Some(tags) = &patch.tags {
        facts.tags = tidy_tags(tags.clone());
    }
    for (name, value) in &patch.custom {
        match value {
            Some(value) => facts.custom.insert(name.clone(), value.clone()),
            None => facts.custom.remove(name),
        };
    }
    if let Some(outcome) = patch.outcome {
        let changed = outcome != facts.outcome;
        facts.outcome = outcome;
        if changed {
            facts.outcome_at = outcome.map(|_| now);
        }
    }
    facts.outcome_at = patch.outcome_at.unwrap_or(facts.outcome_at);
    facts
}

/// Whether the newest entries of a ledger, newest first, say the same as these, newest last.
fn ends_with(ledger: &[Consent], entries: &[Consent]) -> bool {
    let same = |(known, entry): (&Consent, &Consent)| {
        let at = entry.at.or(known.at);
        *known == Consent { at, ..entry.clone() }
    };
    ledger.len() >= entries.len() && ledger.iter().zip(entries.iter().rev()).all(same)
}

/// Labels in order, each once.
fn tidy_tags(mut tags: Vec<String>) -> Vec<String> {
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// A lead with what follows from it.
pub(crate) fn view(lead: Lead, tiers: Tiers, now: Time) -> LeadView {
    let tier = lead.score.map(|score| tiers.of(score));
    LeadView { tier, next_step: Situation::from(&lead).next_step(tier, now), lead, merged_into: None }
}

fn external_id_taken() -> Error {
    Error::Conflict { code: "external_id_taken", detail: "there is a lead with this external_id".into() }
}

#[cfg(test)]
mod tests {
    use lintel_domain::contact::{Channel, ConsentStatus};

    use super::*;

    fn consent(status: ConsentStatus, at: Option<i64>) -> Consent {
        Consent { channel: Channel::Email, status, source: None, text: None, at: at.map(Time) }
    }

    #[test]
    fn only_consent_that_the_ledger_ends_with_is_a_repetition() {
        use ConsentStatus::{Granted, Revoked};
        let ledger = [consent(Granted, Some(3)), consent(Revoked, Some(2)), consent(Granted, Some(1))];
        assert!(ends_with(&ledger, &[consent(Granted, None)]));
        assert!(ends_with(&ledger, &[consent(Revoked, None), consent(Granted, Some(3))]));
        assert!(!ends_with(&ledger, &[consent(Granted, Some(4))]));
        assert!(!ends_with(&ledger, &[consent(Revoked, None)]));
        assert!(!ends_with(&ledger[..1], &[consent(Revoked, None), consent(Granted, None)]));
    }
}
