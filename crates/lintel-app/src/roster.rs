//! The rosters of tenants: read from the store when first asked for, and brought to the end of the log before each answer.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use lintel_domain::{
    event::Event,
    id::{LeadId, TenantId},
};
use lintel_search::Roster;
use lintel_store::log::{Cursor, Recorded};
use parking_lot::RwLock;

use crate::{App, Result, lead_changes::Since, resident::Resident};

/// Leads read from the store at once.
const PAGE: u32 = 5_000;
/// The most leads that the rosters of a process hold together; the one that was not asked for the longest goes first.
const MOST_LEADS: usize = 2_000_000;

/// The rosters of a process.
pub(crate) type Rosters = Resident<TenantId, Held>;

/// The roster of one tenant.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) roster: RwLock<Roster>,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How far the log has been read; nothing before the tables were.
    read: Option<Cursor>,
    /// When it was last begun to be read.
    began: Option<Instant>,
}

impl App {
    /// The leads of a tenant as of everything that was committed before this call.
    pub(crate) async fn roster(&self, tenant: TenantId) -> Result<Arc<Held>> {
        let held = self.0.rosters.of(tenant);
        let asked = Instant::now();
        let mut state = held.state.lock().await;
        // Somebody who waited before this call began has read for it, too.
        if state.began.is_none_or(|began| began < asked) {
            let begun = Instant::now();
            self.roster_read(tenant, &held.roster, &mut state).await?;
            state.began = Some(begun);
        }
        drop(state);
        Ok(held)
    }

    /// Has rosters that are held read on when events tell of their leads, so that the next question need not wait for it.
    pub(crate) fn rosters_notice(&self, events: &[Arc<Recorded>]) {
        let told = events.iter().filter(|logged| logged.event.as_ref().is_some_and(|event| !event.leads().is_empty()));
        let tenants: BTreeSet<TenantId> = told.map(|logged| logged.tenant).collect();
        for (tenant, held) in self.0.rosters.held_of(&tenants) {
            let app = self.clone();
            self.0.tasks.spawn(async move {
                // Whoever is reading it reads this, too, or the next question does.
                let Ok(mut state) = held.state.try_lock() else { return };
                if let Err(error) = app.roster_read(tenant, &held.roster, &mut state).await {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a roster cannot be read on");
                }
            });
        }
    }

    async fn roster_read(&self, tenant: TenantId, roster: &RwLock<Roster>, state: &mut State) -> Result<()> {
        let (since, head) = self.leads_since(tenant, state.read, Event::leads).await?;
        match since {
            Since::Changed(changed) => self.roster_apply(tenant, roster, changed).await?,
            Since::Everybody => {
                self.roster_load(tenant, roster).await?;
                self.0.rosters.make_room(MOST_LEADS, |held| held.roster.read().len());
            }
        }
        state.read = Some(head);
        Ok(())
    }

    /// Reads all leads of a tenant.
    async fn roster_load(&self, tenant: TenantId, roster: &RwLock<Roster>) -> Result<()> {
        let (mut fresh, mut after) = (Roster::new(), None);
        loop {
            let page = self.0.store.standings_after(tenant, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for standing in &page {
                fresh.put(standing);
            }
        }
        *roster.write() = fresh;
        Ok(())
    }

    /// Reads leads again, as they are now.
    async fn roster_apply(&self, tenant: TenantId, roster: &RwLock<Roster>, changed: Vec<LeadId>) -> Result<()> {
        for chunk in changed.chunks(PAGE as usize) {
            let found = self.0.store.standings_of(tenant, chunk).await?;
            let there: BTreeSet<LeadId> = found.iter().map(|standing| standing.id).collect();
            let mut roster = roster.write();
            for standing in &found {
                roster.put(standing);
            }
            for gone in chunk.iter().filter(|id| !there.contains(id)) {
                roster.remove(*gone);
            }
        }
        Ok(())
    }
}
