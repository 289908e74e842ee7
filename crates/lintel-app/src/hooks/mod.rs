//! Events that systems of others send: received once, on disk before they are acknowledged, and applied in their order.

mod apply;
mod contacts;
mod receive;

use lintel_domain::{clock::Time, hook::HookState};
use lintel_store::hook::HookOutcome;

use crate::{App, Error, Principal, Result};

pub(crate) use receive::Inbox;
pub use receive::{HookRefusal, Received};

/// The source of events from HighLevel.
pub const HIGHLEVEL: &str = "highlevel";

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookView {
    /// How far it is.
    pub state: HookState,
    /// How much it changed.
    pub effects: u32,
    /// When it came first.
    pub first_seen: Time,
    /// When it was applied.
    pub applied_at: Option<Time>,
    /// Why it could not be applied.
    pub error: Option<String>,
}

impl App {
    /// What became of an event, by its sender's id.
    pub async fn hook_event(&self, who: &Principal, source: &str, event_id: &str) -> Result<HookView> {
        let found = self.0.store.hook_outcome(who.tenant, source, event_id).await?.ok_or(Error::NotFound("event"))?;
        let HookOutcome { state, effects, applied_at, first_seen, error } = found;
        Ok(HookView { state, effects, first_seen, applied_at, error })
    }
}
