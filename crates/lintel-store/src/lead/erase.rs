//! Erasing a person: everything known goes, and a keyed hash stays by which a replay is recognised.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
};

use super::write::{Erased, erased_hash};
use crate::{Result, Tx, db::Sql, params};

crate::sql! {
    /// The id elsewhere, and the tenant's secret. Held, so that nobody adds anything meanwhile.
    FIND "lead.erase_find" = {
        sqlite: "SELECT l.external_id, t.erasure_key FROM leads l JOIN tenants t ON t.id = l.tenant_id
        WHERE l.tenant_id = $1 AND l.id = $2",
        postgres: "SELECT l.external_id, t.erasure_key FROM leads l JOIN tenants t ON t.id = l.tenant_id
        WHERE l.tenant_id = $1 AND l.id = $2 FOR UPDATE OF l",
    };
    /// Those that were merged into the person, whom they are.
    MERGED "lead.erase_merged" = "SELECT id, external_id FROM merged_leads WHERE tenant_id = $1 AND survivor_id = $2";
    /// What stays.
    TOMBSTONE "lead.tombstone" = "INSERT INTO erased_leads (tenant_id, hash, erased_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, hash) DO UPDATE SET erased_at = excluded.erased_at";
    /// Events that were taken of the person.
    KEYS "lead.erase_keys" = "DELETE FROM interaction_keys WHERE tenant_id = $1 AND event_id IN
        (SELECT event_id FROM interactions WHERE tenant_id = $1 AND lead_id = $2)";
    /// What the person did.
    INTERACTIONS "lead.erase_interactions" = "DELETE FROM interactions WHERE tenant_id = $1 AND lead_id = $2";
    /// The ledger of it.
    BEHAVIOUR "lead.erase_behaviour" = "DELETE FROM behaviours WHERE tenant_id = $1 AND lead_id = $2";
    /// What the person agreed to.
    CONSENTS "lead.erase_consents" = "DELETE FROM consents WHERE tenant_id = $1 AND lead_id = $2";
    /// What was made of the person.
    SCORES "lead.erase_scores" = "DELETE FROM scores WHERE tenant_id = $1 AND lead_id = $2";
    /// What was shown to the person.
    EXPOSURES "lead.erase_exposures" = "DELETE FROM exposures WHERE tenant_id = $1 AND lead_id = $2";
    /// What the person's acts fired.
    TRIGGERS "lead.erase_triggers" = "DELETE FROM triggers_fired WHERE tenant_id = $1 AND lead_id = $2";
    /// What was found for the person.
    MATCHES "lead.erase_matches" = "DELETE FROM search_matches WHERE tenant_id = $1
        AND search_id IN (SELECT id FROM saved_searches WHERE tenant_id = $1 AND lead_id = $2)";
    /// What was saved for the person.
    SEARCHES "lead.erase_searches" = "DELETE FROM saved_searches WHERE tenant_id = $1 AND lead_id = $2";
    /// What was to be done with the person.
    TASKS "lead.erase_tasks" = "DELETE FROM tasks WHERE tenant_id = $1 AND lead_id = $2";
    /// What users were told of the person.
    NOTIFICATIONS "lead.erase_notifications" = "DELETE FROM notifications WHERE tenant_id = $1 AND lead_id = $2";
    /// What imports remember of the person.
    CHANGES "lead.erase_changes" = "DELETE FROM import_changes WHERE tenant_id = $1 AND row_id = $2
        AND import_id IN (SELECT id FROM imports WHERE tenant_id = $1)";
    /// Answers that speak of the person and are kept to be repeated: that there was an answer stays, what it said goes.
    ANSWERS "lead.erase_answers" = {
        sqlite: "UPDATE idempotency_keys SET headers = '[]', body = x''
            WHERE tenant_id = $1 AND instr(body, $2) > 0",
        postgres: "UPDATE idempotency_keys SET headers = '[]', body = ''
            WHERE tenant_id = $1 AND position($2 IN body) > 0",
    };
    /// Analyses that speak of the person: that there was one stays, what it said goes.
    ANALYSES "lead.erase_analyses" = {
        sqlite: "UPDATE jobs SET result = NULL
            WHERE tenant_id = $1 AND state = 'done' AND kind = 'analyze_leads' AND instr(result, $2) > 0",
        postgres: "UPDATE jobs SET result = NULL
            WHERE tenant_id = $1 AND state = 'done' AND kind = 'analyze_leads' AND position($2 IN CAST(result AS text)) > 0",
    };
    /// What others sent of the person: that it came stays, so that it is not taken again.
    HOOKS "lead.erase_hooks" = "UPDATE hook_events SET body = NULL, contact = NULL
        WHERE tenant_id = $1 AND contact = $2 AND NOT waits";
    /// What was still to be applied of it: nothing.
    WAITING_HOOKS "lead.erase_waiting_hooks" = "UPDATE hook_events SET body = NULL, contact = NULL, waits = FALSE, state = 'applied'
        WHERE tenant_id = $1 AND waits AND contact = $2";
    /// How far the person's contact had come.
    HOOK_CONTACT "lead.erase_hook_contact" = "DELETE FROM hook_contacts WHERE tenant_id = $1 AND contact = $2";
    /// What was moved from the person.
    MERGED_ROWS "lead.erase_merged_rows" = "DELETE FROM merged_rows WHERE tenant_id = $1 AND lead_id = $2";
    /// What was kept of a merge.
    MERGED_LEAD "lead.erase_merged_lead" = "DELETE FROM merged_leads WHERE tenant_id = $1 AND id = $2";
    /// The person.
    LEAD "lead.erase" = "DELETE FROM leads WHERE tenant_id = $1 AND id = $2";
}

impl Tx<'_> {
    /// Removes everything known about a person, also as the leads that were merged into this one: which leads are gone, none
    /// when there is no such lead. Two marks of each stay, keyed hashes of its ids, by which records that come again are
    /// recognised.
    pub fn lead_erase(&mut self, tenant: TenantId, id: LeadId, now: Time) -> Result<Vec<LeadId>> {
        let found = self
            .query_opt(&FIND, params![tenant, id], |row| Ok((row.get::<Option<String>>(0)?, row.get::<Vec<u8>>(1)?)))?;
        let Some((external, key)) = found else { return Ok(Vec::new()) };
        let mut persons = vec![(id, external)];
        persons.extend(self.query(&MERGED, params![tenant, id], |row| Ok((row.get(0)?, row.get(1)?)))?);
        for (id, external) in &persons {
            let ids = [Some(Erased::Id(*id)), external.as_deref().map(Erased::ExternalId)];
            let marks = ids.into_iter().flatten().map(|person| params![tenant, erased_hash(&key, person), now]);
            self.execute_many(&TOMBSTONE, marks)?;
            self.execute(&ANSWERS, params![tenant, id.to_string().into_bytes()])?;
            self.execute(&ANALYSES, params![tenant, id.to_string()])?;
            if let Some(external) = external {
                self.execute(&HOOKS, params![tenant, external])?;
                self.execute(&WAITING_HOOKS, params![tenant, external])?;
                self.execute(&HOOK_CONTACT, params![tenant, external])?;
            }
        }
        let gone: Vec<LeadId> = persons.into_iter().map(|(id, _)| id).collect();
        self.leads_remove(tenant, &gone)?;
        Ok(gone)
    }

    /// Removes leads and all that hangs on them, without a trace: for what should never have come in.
    pub(crate) fn leads_remove(&mut self, tenant: TenantId, ids: &[LeadId]) -> Result<()> {
        self.lead_days_forget(tenant, ids)?;
        let all: [&'static Sql; 15] = [
            &KEYS,
            &INTERACTIONS,
            &BEHAVIOUR,
            &CONSENTS,
            &SCORES,
            &EXPOSURES,
            &TRIGGERS,
            &MATCHES,
            &SEARCHES,
            &TASKS,
            &NOTIFICATIONS,
            &CHANGES,
            &MERGED_ROWS,
            &MERGED_LEAD,
            &LEAD,
        ];
        all.into_iter()
            .try_for_each(|sql| self.execute_many(sql, ids.iter().map(|id| params![tenant, *id])).map(|_| ()))
    }
}
