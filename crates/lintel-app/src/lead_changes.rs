//! Which leads have changed since the log was last read: for what is made of leads and held in memory.

use std::collections::BTreeSet;

use lintel_domain::{
    event::Event,
    id::{LeadId, TenantId},
};
use lintel_store::log::Cursor;

use crate::{App, Result};

/// Events read from the log at once.
const EVENTS: u32 = 500;
/// With more changed leads than this everybody is read anew.
const MOST_CHANGED: usize = 50_000;

/// What is to be read again.
pub(crate) enum Since {
    /// These leads.
    Changed(Vec<LeadId>),
    /// All, because nobody was read before, or so many changed, or it is so long ago that the log does not tell.
    Everybody,
}

impl App {
    /// What is to be read again of a tenant's leads that were read as of a place in the log, so that nothing is missing that
    /// was committed before this call; and as of which place they then are. `names` says which leads an event changes.
    pub(crate) async fn leads_since(
        &self,
        tenant: TenantId,
        read: Option<Cursor>,
        names: impl Fn(&Event) -> Vec<LeadId>,
    ) -> Result<(Since, Cursor)> {
        let head = self.0.store.log_head().await?;
        let Some(read) = read else { return Ok((Since::Everybody, head)) };
        let (head, newest) = (head.max(read), self.0.store.log_newest().await?);
        let mut changed = BTreeSet::new();
        let told = match self.named_between(tenant, read, head, &names, &mut changed).await {
            // PostgreSQL holds events back while older writes are under way. Such events are read again next time.
            Ok(true) => self.named_between(tenant, head, newest, &names, &mut changed).await,
            other => other,
        };
        match told {
            Ok(true) => Ok((Since::Changed(changed.into_iter().collect()), head)),
            Ok(false) | Err(lintel_store::Error::CursorGone) => Ok((Since::Everybody, head)),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds the leads that events between two places of the log name; false when they are too many.
    async fn named_between(
        &self,
        tenant: TenantId,
        mut from: Cursor,
        to: Cursor,
        names: impl Fn(&Event) -> Vec<LeadId>,
        changed: &mut BTreeSet<LeadId>,
    ) -> lintel_store::Result<bool> {
        while from < to {
            let events = self.0.store.events_up_to(tenant, from, to, EVENTS).await?;
            changed.extend(events.iter().filter_map(|logged| logged.event.as_ref()).flat_map(&names));
            if changed.len() > MOST_CHANGED {
                return Ok(false);
            }
            match events.last() {
                Some(last) if events.len() == EVENTS as usize => from = last.cursor,
                _ => break,
            }
        }
        Ok(true)
    }
}
