//! What leads did, as the follower that scores keeps it: bytes that grow with each interaction.

use lintel_domain::id::{LeadId, TenantId};
use uuid::Uuid;

use crate::{Result, Store, Tx, params};

crate::sql! {
    /// Those of several leads, in no order.
    OF_LEADS "behaviour.of_leads" = {
        sqlite: "SELECT lead_id, ledger FROM behaviours
        WHERE tenant_id = $1 AND lead_id IN (SELECT unhex(value) FROM json_each($2))",
        postgres: "SELECT lead_id, ledger FROM behaviours WHERE tenant_id = $1 AND lead_id = ANY($2)",
    };
    /// One, in place of the one before.
    KEEP "behaviour.keep" = "INSERT INTO behaviours (tenant_id, lead_id, ledger) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, lead_id) DO UPDATE SET ledger = excluded.ledger";
}

impl Store {
    /// The ledgers of several leads, in no order; leads without one are left out.
    pub async fn behaviours(&self, tenant: TenantId, leads: &[LeadId]) -> Result<Vec<(LeadId, Vec<u8>)>> {
        if leads.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        self.survey(&OF_LEADS, params![tenant, ids], |row| Ok((row.get(0)?, row.get(1)?))).await
    }
}

impl Tx<'_> {
    /// Keeps ledgers. Leads that are gone are passed over.
    pub fn behaviours_keep(&mut self, tenant: TenantId, ledgers: &[(LeadId, Vec<u8>)]) -> Result<()> {
        let there = self.leads_hold(tenant, ledgers.iter().map(|(lead, _)| *lead))?;
        let rows = ledgers.iter().filter(|(lead, _)| there.contains(lead));
        self.execute_many(&KEEP, rows.map(|(lead, ledger)| params![tenant, *lead, ledger])).map(|_| ())
    }
}
