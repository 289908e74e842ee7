//! Storing events as they come, many in one write.

use lintel_domain::{clock::Time, hook::HookState, id::TenantId};

use crate::{Result, Store, Tx, params};

/// An event as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHook {
    /// For whom.
    pub tenant: TenantId,
    /// Whose event it is, such as `highlevel`.
    pub source: &'static str,
    /// The sender's id of it.
    pub event_id: String,
    /// What kind of event.
    pub kind: String,
    /// The sender's id of the person that it is about.
    pub contact: Option<String>,
    /// When it was said.
    pub said_at: Option<Time>,
    /// As it came.
    pub body: Vec<u8>,
    /// Whether it is to be applied; others are kept only.
    pub waits: bool,
}

crate::sql! {
    /// A new event, unless it is there.
    INSERT "hook.insert" = "INSERT INTO hook_events
            (tenant_id, source, event_id, kind, contact, said_at, body, state, waits, first_seen)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (tenant_id, source, event_id) DO NOTHING";
    /// How far the event that has waited longest is behind the newest.
    BEHIND "hook.behind" = "SELECT (SELECT max(seq) FROM hook_events) - seq FROM hook_events
        WHERE tenant_id = $1 AND waits ORDER BY seq LIMIT 1";
}

impl Store {
    /// At most how many events have arrived since the one of a tenant that has waited longest to be applied; 0 when none
    /// waits.
    pub async fn hooks_behind(&self, tenant: TenantId) -> Result<i64> {
        Ok(self.point(&BEHIND, params![tenant], |row| row.get(0)).await?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Stores events; for each, in order, whether it is new.
    pub fn hooks_receive(&mut self, new: &[NewHook], now: Time) -> Result<Vec<bool>> {
        let rows = new.iter().map(|hook| {
            params![
                hook.tenant,
                hook.source,
                &hook.event_id,
                &hook.kind,
                hook.contact.clone(),
                hook.said_at,
                &hook.body,
                HookState::Stored.as_str(),
                hook.waits,
                now,
            ]
        });
        Ok(self.execute_each(&INSERT, rows)?.into_iter().map(|changed| changed == 1).collect())
    }
}
