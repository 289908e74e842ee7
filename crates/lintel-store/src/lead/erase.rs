//! Erasing a person: everything known goes, and a keyed hash stays by which a replay is recognised.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
};

use super::write::erased_hash;
use crate::{Result, Tx, params};

crate::sql! {
    /// The id elsewhere, and the tenant's secret.
    FIND "lead.erase_find" = "SELECT l.external_id, t.erasure_key FROM leads l JOIN tenants t ON t.id = l.tenant_id
        WHERE l.tenant_id = $1 AND l.id = $2";
    /// What stays.
    TOMBSTONE "lead.tombstone" = "INSERT INTO erased_leads (tenant_id, external_id_hash, erased_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, external_id_hash) DO UPDATE SET erased_at = excluded.erased_at";
    /// Events that were taken of the person.
    KEYS "lead.erase_keys" = "DELETE FROM interaction_keys WHERE tenant_id = $1 AND event_id IN
        (SELECT event_id FROM interactions WHERE tenant_id = $1 AND lead_id = $2)";
    /// What the person did.
    INTERACTIONS "lead.erase_interactions" = "DELETE FROM interactions WHERE tenant_id = $1 AND lead_id = $2";
    /// What the person agreed to.
    CONSENTS "lead.erase_consents" = "DELETE FROM consents WHERE tenant_id = $1 AND lead_id = $2";
    /// What was made of the person.
    SCORES "lead.erase_scores" = "DELETE FROM scores WHERE tenant_id = $1 AND lead_id = $2";
    /// What was saved for the person.
    SEARCHES "lead.erase_searches" = "DELETE FROM saved_searches WHERE tenant_id = $1 AND lead_id = $2";
    /// What imports remember of the person.
    CHANGES "lead.erase_changes" = "DELETE FROM import_changes WHERE tenant_id = $1 AND row_id = $2";
    /// The person.
    LEAD "lead.erase" = "DELETE FROM leads WHERE tenant_id = $1 AND id = $2";
}

impl Tx<'_> {
    /// Removes everything known about a person; false when there is no such lead.
    pub fn lead_erase(&mut self, tenant: TenantId, id: LeadId, now: Time) -> Result<bool> {
        let found = self
            .query_opt(&FIND, params![tenant, id], |row| Ok((row.get::<Option<String>>(0)?, row.get::<Vec<u8>>(1)?)))?;
        let Some((external, key)) = found else { return Ok(false) };
        if let Some(external) = external {
            self.execute(&TOMBSTONE, params![tenant, erased_hash(&key, &external), now])?;
        }
        self.lead_remove(tenant, id)?;
        Ok(true)
    }

    /// Removes a lead and all that hangs on it, without a trace: for what should never have come in.
    pub(crate) fn lead_remove(&mut self, tenant: TenantId, id: LeadId) -> Result<()> {
        for sql in [&KEYS, &INTERACTIONS, &CONSENTS, &SCORES, &SEARCHES, &CHANGES, &LEAD] {
            self.execute(sql, params![tenant, id])?;
        }
        Ok(())
    }
}
