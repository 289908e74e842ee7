//! Contacts of others as leads here: the contact's id is the lead's `external_id`.

use lintel_crm::highlevel::Contact;
use lintel_domain::{
    contact::{Channel, Consent, ConsentStatus},
    id::LeadId,
    lead::LeadFacts,
    listing::Provenance,
};
use lintel_store::{
    Result as StoreResult,
    hook::{HookContact, WaitingHook},
    lead::LeadUpsert,
    listing::UpsertOutcome,
};

use super::apply::Applying;

/// The label of a lead whose contact was taken away there.
const GONE: &str = "deleted in the CRM";

impl Applying<'_, '_, '_> {
    /// Applies what an event says of a contact: how much it changed. What was said before something that the lead shows
    /// already, or of a contact that was taken away, changes nothing.
    pub(super) fn contact(&mut self, hook: &WaitingHook, contact: &Contact) -> StoreResult<u32> {
        let tenant = self.arrival.tenant;
        let is_creation = hook.kind == "ContactCreate";
        let said_at = hook.said_at.unwrap_or(hook.first_seen);
        let known = self.tx.hook_contact(tenant, &hook.source, &contact.id)?;
        if let Some(known) = &known
            && (said_at < known.said_at || (known.is_gone && !is_creation))
        {
            // It is there, be it by what came first.
            return Ok(u32::from(is_creation && self.known_lead(&contact.id)?.is_some()));
        }
        let before = known.map_or_else(Vec::new, |known| known.tags);
        let tags = contact.tags.clone().unwrap_or_else(|| before.clone());
        let has_effect = match self.known_lead(&contact.id)? {
            Some(lead) => self.change(lead, hook, contact, &before)?,
            None => self.create(contact, refused(hook, contact, &[]))?.is_some(),
        };
        let tags = if self.known_lead(&contact.id)?.is_some() { tags } else { Vec::new() };
        let now = HookContact { said_at, is_gone: false, tags };
        self.tx.hook_contact_put(tenant, &hook.source, &contact.id, &now)?;
        Ok(u32::from(has_effect || (is_creation && self.known_lead(&contact.id)?.is_some())))
    }

    /// Marks the lead of a contact that was taken away there. What is known of it here stays, until somebody erases it here.
    pub(super) fn contact_gone(&mut self, hook: &WaitingHook, contact: &str) -> StoreResult<u32> {
        let tenant = self.arrival.tenant;
        let said_at = hook.said_at.unwrap_or(hook.first_seen);
        let known = self.tx.hook_contact(tenant, &hook.source, contact)?;
        if known.as_ref().is_some_and(|known| known.is_gone || said_at < known.said_at) {
            return Ok(0);
        }
        let tags = vec![GONE.to_owned()];
        let before = known.map_or_else(Vec::new, |known| known.tags);
        let gone = Contact {
            id: contact.to_owned(),
            tags: Some([before.clone(), tags.clone()].concat()),
            ..Contact::default()
        };
        let has_effect = match self.known_lead(contact)? {
            Some(lead) if self.is_own(lead, contact)? => self.change(lead, hook, &gone, &before)?,
            // Its lead was merged into one that is still there.
            Some(_) | None => false,
        };
        let now = HookContact { said_at, is_gone: true, tags: gone.tags.unwrap_or_default() };
        self.tx.hook_contact_put(tenant, &hook.source, contact, &now)?;
        Ok(u32::from(has_effect))
    }

    /// The lead of a contact; made, with nothing but the contact's id, when there is none. None of a person who was erased.
    pub(super) fn lead_of(&mut self, contact: &str) -> StoreResult<Option<LeadId>> {
        match self.known_lead(contact)? {
            Some(lead) => Ok(Some(lead)),
            None => self.create(&Contact { id: contact.to_owned(), ..Contact::default() }, Vec::new()),
        }
    }

    pub(super) fn known_lead(&mut self, contact: &str) -> StoreResult<Option<LeadId>> {
        if let Some(lead) = self.leads.get(contact) {
            return Ok(*lead);
        }
        let found = self.tx.lead_ids_by_external_id(self.arrival.tenant, vec![contact.to_owned()])?;
        let lead = found.into_iter().next().map(|(_, lead)| lead);
        if lead.is_some() {
            self.leads.insert(contact.to_owned(), lead);
        }
        Ok(lead)
    }

    /// Whether a contact is the lead's own, and not that of one that was merged into it.
    fn is_own(&mut self, lead: LeadId, contact: &str) -> StoreResult<bool> {
        let known = self.tx.lead_lock(self.arrival.tenant, lead)?;
        Ok(known.is_some_and(|known| known.facts.external_id.as_deref() == Some(contact)))
    }

    fn create(&mut self, contact: &Contact, consent: Vec<Consent>) -> StoreResult<Option<LeadId>> {
        let mut facts = LeadFacts::new(Provenance::Crm);
        facts.external_id = Some(contact.id.clone());
        take(&mut facts, contact, &[]);
        facts.created_at = contact.created_at;
        let (arrival, record) = (self.arrival, LeadUpsert { facts, consent });
        let upserted = self.tx.leads_upsert(arrival.tenant, &[record], None, arrival.now, arrival.ids)?;
        let Some(one) = upserted.into_iter().next() else { return Ok(None) };
        if one.outcome == UpsertOutcome::Created {
            self.told.created.extend(one.id);
        }
        self.leads.insert(contact.id.clone(), one.id);
        Ok(one.id)
    }

    /// Changes a lead by what is said of its contact; whether anything changed.
    fn change(&mut self, lead: LeadId, hook: &WaitingHook, contact: &Contact, before: &[String]) -> StoreResult<bool> {
        let (tenant, now) = (self.arrival.tenant, self.arrival.now);
        let Some(old) = self.tx.lead_lock(tenant, lead)? else { return Ok(false) };
        let mut facts = old.facts.clone();
        take(&mut facts, contact, before);
        let is_changed = facts != old.facts;
        if is_changed {
            self.tx.lead_update(tenant, lead, &facts, now)?;
            self.told.updated.push(lead);
        }
        if contact.refuses.is_empty() {
            return Ok(is_changed);
        }
        let ledger = self.tx.consents(tenant, lead)?;
        let refused = refused(hook, contact, &ledger);
        self.tx.consent_append(tenant, lead, &refused, None, now)?;
        Ok(is_changed || !refused.is_empty())
    }
}

/// What a contact says, on top of what is known. Its tags take the place of those it had there before; the team's own stay.
fn take(facts: &mut LeadFacts, contact: &Contact, before: &[String]) {
    let named = [
        (&mut facts.name, &contact.name),
        (&mut facts.email, &contact.email),
        (&mut facts.phone, &contact.phone),
        (&mut facts.source, &contact.source),
    ];
    for (field, said) in named {
        if said.is_some() {
            field.clone_from(said);
        }
    }
    facts.custom.extend(contact.custom.clone());
    if let Some(tags) = &contact.tags {
        facts.tags.retain(|tag| !before.contains(tag));
        facts.tags.extend(tags.iter().cloned());
        facts.tags.sort_unstable();
        facts.tags.dedup();
    }
}

/// Entries for the ledger: a channel is refused once, until somebody grants it again.
fn refused(hook: &WaitingHook, contact: &Contact, ledger: &[Consent]) -> Vec<Consent> {
    let is_refused = |channel: Channel| {
        ledger.iter().find(|entry| entry.channel == channel).is_some_and(|last| last.status == ConsentStatus::Revoked)
    };
    let refused = contact.refuses.iter().filter(|channel| !is_refused(**channel));
    let entry = |channel: &Channel| Consent {
        channel: *channel,
        status: ConsentStatus::Revoked,
        source: Some(hook.source.clone()),
        text: Some("do not disturb".to_owned()),
        at: Some(hook.said_at.unwrap_or(hook.first_seen)),
    };
    refused.map(entry).collect()
}
