//! The inbox of events of others: each is stored once under the sender's id, waits to be applied, and is remembered.

mod contact;
mod keep;
mod receive;

use lintel_domain::{clock::Time, hook::HookState, id::TenantId};

use crate::{
    Result, Store, Tx,
    db::{Row, Sql},
    params,
};

pub use contact::HookContact;
pub use keep::HooksForgotten;
pub use receive::NewHook;

/// An event that waits to be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingHook {
    /// Its place in the order of arrival.
    pub seq: i64,
    /// Whose event it is, such as `highlevel`.
    pub source: String,
    /// The sender's id of it.
    pub event_id: String,
    /// What kind of event.
    pub kind: String,
    /// When it was said.
    pub said_at: Option<Time>,
    /// When it came first.
    pub first_seen: Time,
    /// As it came.
    pub body: Vec<u8>,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookOutcome {
    /// How far it is.
    pub state: HookState,
    /// How much it changed.
    pub effects: u32,
    /// When it was applied.
    pub applied_at: Option<Time>,
    /// When it came first.
    pub first_seen: Time,
    /// Why it could not be applied.
    pub error: Option<String>,
}

crate::sql! {
    /// Events that wait, in the order of arrival.
    WAITING "hook.waiting" = "SELECT seq, source, event_id, kind, said_at, first_seen, body FROM hook_events
        WHERE tenant_id = $1 AND waits AND body IS NOT NULL ORDER BY seq LIMIT $2";
    /// An event that was applied.
    APPLIED "hook.applied" = "UPDATE hook_events SET state = 'applied', waits = FALSE, effects = $3, error = NULL, applied_at = $4
        WHERE tenant_id = $1 AND seq = $2";
    /// An event that cannot be applied.
    DEAD "hook.dead" = "UPDATE hook_events SET state = 'dead', waits = FALSE, error = $3 WHERE tenant_id = $1 AND seq = $2";
    /// What an event said.
    FORGET_BODY "hook.forget_body" = "UPDATE hook_events SET body = NULL WHERE tenant_id = $1 AND seq = $2";
    /// What became of an event.
    OUTCOME "hook.outcome" = "SELECT state, effects, applied_at, first_seen, error FROM hook_events
        WHERE tenant_id = $1 AND source = $2 AND event_id = $3";
}

fn waiting(row: &Row<'_>) -> Result<WaitingHook> {
    Ok(WaitingHook {
        seq: row.get(0)?,
        source: row.get(1)?,
        event_id: row.get(2)?,
        kind: row.get(3)?,
        said_at: row.get(4)?,
        first_seen: row.get(5)?,
        body: row.get(6)?,
    })
}

impl Store {
    /// What became of an event; none when it was never acknowledged.
    pub async fn hook_outcome(&self, tenant: TenantId, source: &str, event_id: &str) -> Result<Option<HookOutcome>> {
        self.point(&OUTCOME, params![tenant, source, event_id], |row| {
            Ok(HookOutcome {
                state: row.word(0, HookState::parse)?,
                effects: row.get::<i64>(1)? as u32,
                applied_at: row.get(2)?,
                first_seen: row.get(3)?,
                error: row.get(4)?,
            })
        })
        .await
    }
}

impl Tx<'_> {
    /// Holds a tenant's events against others that apply them, and its leads against merges, until this write ends.
    pub fn hooks_lock(&mut self, tenant: TenantId) -> Result<()> {
        self.lock(&format!("hooks {tenant}"))
    }

    /// At most `limit` events that wait to be applied, in the order of arrival.
    pub fn hooks_waiting(&mut self, tenant: TenantId, limit: u32) -> Result<Vec<WaitingHook>> {
        self.query(&WAITING, params![tenant, limit], waiting)
    }

    /// Notes events that were applied, by their places, with how much each changed.
    pub fn hooks_applied(&mut self, tenant: TenantId, applied: &[(i64, u32)], now: Time) -> Result<()> {
        let rows = applied.iter().map(|(seq, effects)| params![tenant, *seq, *effects, now]);
        self.execute_many(&APPLIED, rows).map(|_| ())
    }

    /// Forgets what events said, by their places; that they came stays known.
    pub fn hooks_forget_bodies(&mut self, tenant: TenantId, seqs: &[i64]) -> Result<()> {
        self.execute_many(&FORGET_BODY, seqs.iter().map(|seq| params![tenant, *seq])).map(|_| ())
    }

    /// Gives up an event that cannot be applied, with the reason.
    pub fn hook_dead(&mut self, tenant: TenantId, seq: i64, error: &str) -> Result<()> {
        self.execute(&DEAD, params![tenant, seq, error]).map(|_| ())
    }
}

/// Every statement of the inbox.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    [STATEMENTS, contact::STATEMENTS, keep::STATEMENTS, receive::STATEMENTS].into_iter().flatten().copied()
}
