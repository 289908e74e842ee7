//! Storing leads: one by one for people, in batches by their outside ids for imports.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    contact::Consent,
    fingerprint::{Canon, Fingerprint},
    id::{ImportId, LeadId, TenantId},
    lead::{Lead, LeadFacts},
    rng::Ids,
};

use super::{
    BY_ID,
    columns::{lead, push_facts},
};
use crate::{Result, Tx, db::Row, listing::UpsertOutcome, params};

/// A lead to be stored under the id it has elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadUpsert {
    /// What is known; `external_id` is set.
    pub facts: LeadFacts,
    /// Entries for the consent ledger, appended when the lead is new or changed.
    pub consent: Vec<Consent>,
}

/// What became of a lead of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadUpserted {
    /// Its id; none of a person who was erased.
    pub id: Option<LeadId>,
    /// What became of the record.
    pub outcome: UpsertOutcome,
}

/// Who has an outside id.
#[derive(Clone, Copy)]
struct Known {
    /// The lead that is there.
    id: LeadId,
    /// The last record with this outside id.
    sent: Option<Fingerprint>,
    /// Whether the outside id is that of a lead that was merged into this one.
    by_merge: bool,
}

fn known(row: &Row<'_>) -> Result<Known> {
    let print: Vec<u8> = row.get(1)?;
    Ok(Known { id: row.get(0)?, sent: Fingerprint::try_from(print).ok(), by_merge: row.get::<i64>(2)? == 1 })
}

/// What became of a new lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadInserted {
    /// It is stored.
    Created,
    /// There is a lead with this id.
    IdTaken,
    /// There is a lead with this outside id.
    ExternalIdTaken,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadUpdated {
    /// It is stored.
    Updated,
    /// There is another lead with this outside id.
    ExternalIdTaken,
}

crate::sql! {
    /// A new lead, unless one of its ids is there, or its outside id that of a lead that was merged.
    INSERT "lead.insert" = "INSERT INTO leads (tenant_id, id, fingerprint, created_by, changed_by, version, created_at,
            updated_at, external_id, name, name_key, email, phone, source, stage, assignee, market, preferences, tags, custom,
            outcome, outcome_at, source_created_at, provenance, words)
        SELECT $1, $2, $3, $4, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23
        WHERE NOT EXISTS (SELECT 1 FROM merged_leads WHERE tenant_id = $1 AND external_id = $7)
        ON CONFLICT DO NOTHING";
    /// A changed lead. Without a new fingerprint the one of the last record stays: what was sent before is still known.
    UPDATE "lead.update" = "UPDATE leads SET fingerprint = coalesce($3, fingerprint), changed_by = $4, version = version + 1, updated_at = $5,
            external_id = $6, name = $7, name_key = $8, email = $9, phone = $10, source = $11, stage = $12, assignee = $13,
            market = $14, preferences = $15, tags = $16, custom = $17, outcome = $18, outcome_at = $19,
            source_created_at = $20, created_at = coalesce($20, created_at), provenance = $21, words = $22
        WHERE tenant_id = $1 AND id = $2";
    /// Until when a lead is put off.
    SNOOZE "lead.snooze" = "UPDATE leads SET snoozed_until = $3, version = version + $4, updated_at = $5
        WHERE tenant_id = $1 AND id = $2";
    /// Who has an outside id: a lead that is there, or the one that a lead with it was merged into.
    BY_EXTERNAL_ID "lead.by_external_id" = "SELECT id, fingerprint, 0 FROM leads WHERE tenant_id = $1 AND external_id = $2
        UNION ALL SELECT survivor_id, fingerprint, 1 FROM merged_leads WHERE tenant_id = $1 AND external_id = $2
        ORDER BY 3 LIMIT 1";
    /// The last record of a lead that was merged.
    MERGED_PRINT "lead.merged_print" = "UPDATE merged_leads SET fingerprint = $3 WHERE tenant_id = $1 AND external_id = $2";
    /// What an undo puts back beside the facts.
    STORED "lead.stored" = "SELECT fingerprint, changed_by FROM leads WHERE tenant_id = $1 AND id = $2";
    /// The secret that hashes of erased people are keyed with.
    ERASURE_KEY "lead.erasure_key" = "SELECT erasure_key FROM tenants WHERE id = $1";
    /// Whether an id is that of an erased person or of a lead that was merged.
    ID_GONE "lead.id_gone" = "SELECT 1 FROM erased_leads WHERE tenant_id = $1 AND hash = $2
        UNION ALL SELECT 1 FROM merged_leads WHERE tenant_id = $1 AND id = $3 LIMIT 1";
    /// Whether a person was erased.
    ERASED "lead.erased" = "SELECT erased_at FROM erased_leads WHERE tenant_id = $1 AND hash = $2";
}

impl Tx<'_> {
    /// Stores a new lead, whose id is new: see [`Tx::lead_insert_named`] for others. The outside id of a lead that was merged
    /// stays taken.
    pub fn lead_insert(&mut self, tenant: TenantId, id: LeadId, facts: &LeadFacts, now: Time) -> Result<LeadInserted> {
        self.new_external_id_lock(tenant, facts)?;
        self.insert_new(tenant, id, facts, now)
    }

    /// Stores a new lead under an id that somebody may have had before. That of a person who was erased stays taken, so that a
    /// call that is repeated later does not bring the person back; so does that of a lead that was merged.
    pub fn lead_insert_named(
        &mut self,
        tenant: TenantId,
        id: LeadId,
        facts: &LeadFacts,
        now: Time,
    ) -> Result<LeadInserted> {
        self.new_external_id_lock(tenant, facts)?;
        let hash = erased_hash(&self.erasure_key(tenant)?, Erased::Id(id));
        if self.query_opt(&ID_GONE, params![tenant, hash, id], |_| Ok(()))?.is_some() {
            return Ok(LeadInserted::IdTaken);
        }
        self.insert_new(tenant, id, facts, now)
    }

    /// A lead with this outside id is not merged meanwhile.
    fn new_external_id_lock(&mut self, tenant: TenantId, facts: &LeadFacts) -> Result<()> {
        facts.external_id.as_ref().map_or(Ok(()), |external| self.external_id_lock(tenant, external))
    }

    fn insert_new(&mut self, tenant: TenantId, id: LeadId, facts: &LeadFacts, now: Time) -> Result<LeadInserted> {
        if self.insert(tenant, id, facts, facts.fingerprint(), None, now)? {
            return Ok(LeadInserted::Created);
        }
        let same = self.query_opt(&BY_ID, params![tenant, id], |_| Ok(()))?;
        Ok(if same.is_some() { LeadInserted::IdTaken } else { LeadInserted::ExternalIdTaken })
    }

    /// Changes a lead that is there.
    pub fn lead_update(&mut self, tenant: TenantId, id: LeadId, facts: &LeadFacts, now: Time) -> Result<LeadUpdated> {
        if let Some(external) = &facts.external_id {
            let of = |tx: &mut Self| -> Result<Option<LeadId>> {
                Ok(tx.by_external_id(tenant, external)?.map(|known| known.id))
            };
            if of(self)? != Some(id) {
                // A new one: neither an import nor another call may take it meanwhile.
                self.leads_lock(tenant)?;
                self.external_id_lock(tenant, external)?;
                if of(self)?.is_some_and(|other| other != id) {
                    return Ok(LeadUpdated::ExternalIdTaken);
                }
            }
        }
        self.update(tenant, id, facts, None, None, now)?;
        Ok(LeadUpdated::Updated)
    }

    /// Puts a lead off until a time, or not any longer; one more version unless another change of this write made one.
    pub fn lead_snooze(
        &mut self,
        tenant: TenantId,
        id: LeadId,
        until: Option<Time>,
        counts: bool,
        now: Time,
    ) -> Result<()> {
        self.execute(&SNOOZE, params![tenant, id, until, i64::from(counts), now]).map(|_| ())
    }

    /// Holds the leads of a tenant against other imports and their undoing until this write ends.
    pub(crate) fn leads_lock(&mut self, tenant: TenantId) -> Result<()> {
        self.lock(&format!("leads {tenant}"))
    }

    /// Holds an outside id against whoever would take it until this write ends.
    pub(super) fn external_id_lock(&mut self, tenant: TenantId, external_id: &str) -> Result<()> {
        self.lock(&format!("lead {tenant} {external_id}"))
    }

    fn by_external_id(&mut self, tenant: TenantId, external_id: &str) -> Result<Option<Known>> {
        self.query_opt(&BY_EXTERNAL_ID, params![tenant, external_id], known)
    }

    fn erasure_key(&mut self, tenant: TenantId) -> Result<Vec<u8>> {
        self.query_one(&ERASURE_KEY, params![tenant], |row| row.get(0))
    }

    /// Stores leads by their outside ids; one answer per record, in their order. What a record does not say stays as it is;
    /// a record that was sent before changes nothing, and neither does one of a person who was erased.
    pub fn leads_upsert(
        &mut self,
        tenant: TenantId,
        records: &[LeadUpsert],
        import: Option<ImportId>,
        now: Time,
        ids: &Ids,
    ) -> Result<Vec<LeadUpserted>> {
        self.leads_lock(tenant)?;
        let key = self.erasure_key(tenant)?;
        let external = |record: &LeadUpsert| record.facts.external_id.clone().unwrap_or_default();
        let found =
            self.query_many(&BY_EXTERNAL_ID, records.iter().map(|record| params![tenant, external(record)]), known)?;
        let hash = |record| erased_hash(&key, Erased::ExternalId(&external(record)));
        let hashes = records.iter().map(|record| params![tenant, hash(record)]);
        let erased = self.query_many(&ERASED, hashes, |_| Ok(()))?;
        let mut seen: HashMap<String, Known> = HashMap::new();
        let mut upserted = Vec::with_capacity(records.len());
        for ((record, found), erased) in records.iter().zip(found).zip(erased) {
            let print = record.facts.fingerprint();
            let of = seen.get(&external(record)).copied().or(found);
            let (id, outcome) = match of {
                None if erased.is_some() => (None, UpsertOutcome::Unchanged),
                None => {
                    let id = LeadId(ids.next(now));
                    if self.insert(tenant, id, &record.facts, print, import, now)? {
                        (Some(id), UpsertOutcome::Created)
                    } else {
                        // Somebody else made one with this outside id since it was looked for.
                        let known = self.query_one(&BY_EXTERNAL_ID, params![tenant, external(record)], known)?;
                        self.merge(tenant, known, record, print, import, now)?;
                        (Some(known.id), UpsertOutcome::Updated)
                    }
                }
                Some(Known { id, sent, .. }) if sent == Some(print) => (Some(id), UpsertOutcome::Unchanged),
                Some(known) => {
                    self.merge(tenant, known, record, print, import, now)?;
                    (Some(known.id), UpsertOutcome::Updated)
                }
            };
            if let Some(id) = id {
                let by_merge = of.is_some_and(|known| known.by_merge);
                seen.insert(external(record), Known { id, sent: Some(print), by_merge });
                if outcome != UpsertOutcome::Unchanged {
                    self.consent_append(tenant, id, &record.consent, import, now)?;
                }
            }
            upserted.push(LeadUpserted { id, outcome });
        }
        Ok(upserted)
    }

    fn merge(
        &mut self,
        tenant: TenantId,
        known: Known,
        record: &LeadUpsert,
        print: Fingerprint,
        import: Option<ImportId>,
        now: Time,
    ) -> Result<()> {
        let Known { id, by_merge, .. } = known;
        let old: Lead = self.query_one(&super::LOCK, params![tenant, id], lead)?;
        if let Some(import) = import {
            let (sent, changed_by) = self.query_one(&STORED, params![tenant, id], |row| {
                Ok((row.get::<Vec<u8>>(0)?, row.get::<Option<ImportId>>(1)?))
            })?;
            if changed_by != Some(import) {
                let mut kept = params![sent, changed_by];
                push_facts(&mut kept, &old.facts)?;
                self.import_changed(tenant, import, vec![(id.0, kept)])?;
            }
        }
        if by_merge {
            // The two outside ids have records of their own: neither makes the other's new.
            let external = record.facts.external_id.as_deref();
            self.execute(&MERGED_PRINT, params![tenant, external, print.to_vec()])?;
        }
        self.update(tenant, id, &merged(old.facts, &record.facts), (!by_merge).then_some(print), import, now)
    }

    fn insert(
        &mut self,
        tenant: TenantId,
        id: LeadId,
        facts: &LeadFacts,
        print: Fingerprint,
        import: Option<ImportId>,
        now: Time,
    ) -> Result<bool> {
        let appeared = facts.created_at.unwrap_or(now);
        let mut params = params![tenant, id, print.to_vec(), import, appeared, now];
        push_facts(&mut params, facts)?;
        Ok(self.execute(&INSERT, params)? == 1)
    }

    pub(super) fn update(
        &mut self,
        tenant: TenantId,
        id: LeadId,
        facts: &LeadFacts,
        print: Option<Fingerprint>,
        import: Option<ImportId>,
        now: Time,
    ) -> Result<()> {
        let mut params = params![tenant, id, print.map(Vec::from), import, now];
        push_facts(&mut params, facts)?;
        self.execute(&UPDATE, params).map(|_| ())
    }
}

/// What was known with what a record says on top.
fn merged(mut facts: LeadFacts, record: &LeadFacts) -> LeadFacts {
    macro_rules! take {
        ($($field:ident),+) => {$( if record.$field.is_some() { facts.$field.clone_from(&record.$field); } )+};
    }
    take!(name, email, phone, source, stage, assignee, market, outcome, outcome_at, created_at);
    if !record.preferences.is_empty() {
        facts.preferences.clone_from(&record.preferences);
    }
    facts.tags.extend(record.tags.iter().cloned());
    facts.tags.sort_unstable();
    facts.tags.dedup();
    facts.custom.extend(record.custom.clone());
    facts
}

/// By what an erased person is recognised.
pub(super) enum Erased<'a> {
    /// The id here.
    Id(LeadId),
    /// The id elsewhere.
    ExternalId(&'a str),
}

/// The mark of an erased person: nothing can be learnt from it without the tenant's secret.
pub(super) fn erased_hash(key: &[u8], person: Erased<'_>) -> Vec<u8> {
    let key = crate::kept::hex(key);
    let mut canon = Canon::default();
    canon.text(Some(&key));
    match person {
        Erased::Id(id) => canon.text(None).text(Some(&id.to_string())),
        Erased::ExternalId(id) => canon.text(Some(id)),
    };
    canon.finish().to_vec()
}
