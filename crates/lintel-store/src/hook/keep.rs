//! How long events are kept. An id is kept for longer than anybody repeats its event, so that none is taken twice; that of
//! an event which does not say when it was said could be repeated for ever, and is kept for ever.

use lintel_domain::clock::Time;

use crate::{Result, Tx, params};

/// What was forgotten in one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HooksForgotten {
    /// Whole events.
    pub events: u64,
    /// What events said, while that they were taken stays known.
    pub bodies: u64,
}

crate::sql! {
    /// Events that nobody repeats any more.
    EVENTS "hook.forget" across_tenants = "DELETE FROM hook_events WHERE seq IN (SELECT seq FROM hook_events
        WHERE first_seen < $1 AND NOT waits AND said_at IS NOT NULL ORDER BY first_seen LIMIT $2)";
    /// What those said whose id is still needed.
    BODIES "hook.forget_bodies" across_tenants = "UPDATE hook_events SET body = NULL WHERE seq IN (SELECT seq FROM hook_events
        WHERE first_seen < $1 AND NOT waits AND said_at IS NULL AND body IS NOT NULL ORDER BY first_seen LIMIT $2)";
}

impl Tx<'_> {
    /// Removes events that came before a time and do not wait, at most `limit` of the oldest.
    pub fn hooks_forget(&mut self, before: Time, limit: u32) -> Result<HooksForgotten> {
        let events = self.execute(&EVENTS, params![before, limit])?;
        let bodies = self.execute(&BODIES, params![before, limit])?;
        Ok(HooksForgotten { events, bodies })
    }
}
