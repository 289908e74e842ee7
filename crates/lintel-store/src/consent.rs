//! The consent ledger: append-only, the latest entry per channel counts.

use lintel_domain::{
    clock::Time,
    contact::{Channel, Consent, ConsentStatus},
    id::{ImportId, LeadId, TenantId},
};

use crate::{Result, Store, Tx, db::Row, params};

crate::sql! {
    /// The number of the last entry.
    LAST "consent.last" = "SELECT coalesce(max(n), 0) FROM consents WHERE tenant_id = $1 AND lead_id = $2";
    /// One entry.
    INSERT "consent.insert" = "INSERT INTO consents
            (tenant_id, lead_id, n, channel, status, source, text, at, recorded_at, created_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// The whole ledger, the newest first.
    OF_LEAD "consent.of_lead" at_primary = "SELECT channel, status, source, text, at FROM consents
        WHERE tenant_id = $1 AND lead_id = $2 ORDER BY n DESC";
}

fn consent(row: &Row<'_>) -> Result<Consent> {
    Ok(Consent {
        channel: row.word(0, Channel::parse)?,
        status: row.word(1, ConsentStatus::parse)?,
        source: row.get(2)?,
        text: row.get(3)?,
        at: row.get(4)?,
    })
}

impl Store {
    /// The whole ledger of a lead, the newest entry first.
    pub async fn consents(&self, tenant: TenantId, lead: LeadId) -> Result<Vec<Consent>> {
        self.query(&OF_LEAD, params![tenant, lead], consent).await
    }
}

impl Tx<'_> {
    /// The ledger of a lead, newest first.
    pub fn consents(&mut self, tenant: TenantId, lead: LeadId) -> Result<Vec<Consent>> {
        self.query(&OF_LEAD, params![tenant, lead], consent)
    }

    /// The number of the last entry of a lead's ledger, which nobody else appends to until this write ends; 0 of an empty one.
    pub(crate) fn consents_end(&mut self, tenant: TenantId, lead: LeadId) -> Result<i64> {
        self.lock(&format!("consent {lead}"))?;
        self.query_one(&LAST, params![tenant, lead], |row| row.get(0))
    }

    /// Appends entries; one without a time is of now.
    pub fn consent_append(
        &mut self,
        tenant: TenantId,
        lead: LeadId,
        entries: &[Consent],
        import: Option<ImportId>,
        now: Time,
    ) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let last = self.consents_end(tenant, lead)?;
        let values = entries.iter().zip(last + 1..).map(|(entry, n)| {
            let (channel, status) = (entry.channel.as_str(), entry.status.as_str());
            let (source, text) = (entry.source.as_deref(), entry.text.as_deref());
            params![tenant, lead, n, channel, status, source, text, entry.at.unwrap_or(now), now, import]
        });
        self.execute_many(&INSERT, values).map(|_| ())
    }
}
