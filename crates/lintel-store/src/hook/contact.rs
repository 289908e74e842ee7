//! How far each contact has come: what was said earlier does not undo what was said later.

use lintel_domain::{clock::Time, id::TenantId};

use crate::{Result, Tx, params};

/// How far a contact has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookContact {
    /// When that was said which the lead shows.
    pub said_at: Time,
    /// Whether it was taken away there.
    pub is_gone: bool,
    /// Its tags there.
    pub tags: Vec<String>,
}

crate::sql! {
    /// How far a contact has come.
    GET "hook_contact.get" = "SELECT said_at, gone, tags FROM hook_contacts WHERE tenant_id = $1 AND source = $2 AND contact = $3";
    /// Notes how far it has come.
    PUT "hook_contact.put" = "INSERT INTO hook_contacts (tenant_id, source, contact, said_at, gone, tags)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, source, contact) DO UPDATE SET said_at = excluded.said_at, gone = excluded.gone,
            tags = excluded.tags";
}

impl Tx<'_> {
    /// How far a contact has come; none when nothing was heard of it.
    pub fn hook_contact(&mut self, tenant: TenantId, source: &str, contact: &str) -> Result<Option<HookContact>> {
        self.query_opt(&GET, params![tenant, source, contact], |row| {
            Ok(HookContact { said_at: row.get(0)?, is_gone: row.get(1)?, tags: row.json(2, "tags")? })
        })
    }

    /// Notes how far a contact has come.
    pub fn hook_contact_put(&mut self, tenant: TenantId, source: &str, contact: &str, now: &HookContact) -> Result<()> {
        let tags = serde_json::json!(now.tags);
        self.execute(&PUT, params![tenant, source, contact, now.said_at, now.is_gone, tags]).map(|_| ())
    }
}
