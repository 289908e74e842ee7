//! The rosters of tenants: read from the store when first asked for, and brought to the end of the log before each answer.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use lintel_domain::{
    event::Event,
    id::{LeadId, TenantId},
};
use lintel_search::Roster;
use lintel_store::log::{Cursor, Recorded};
use parking_lot::{Mutex, RwLock};

use crate::{App, Result};

/// Leads read from the store at once.
const PAGE: u32 = 5_000;
/// Events read from the log at once.
const EVENTS: u32 = 500;
/// With more changed leads than this a roster is read anew.
const MOST_CHANGED: usize = 50_000;
/// The most leads that the rosters of a process hold together; the one that was not asked for the longest goes first.
const MOST_LEADS: usize = 2_000_000;

/// The rosters of a process.
#[derive(Default)]
pub(crate) struct Rosters {
    held: Mutex<HashMap<TenantId, Arc<Held>>>,
    /// Counts the questions, to tell which roster was asked for the longest ago.
    asked: AtomicU64,
}

/// The roster of one tenant.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) roster: RwLock<Roster>,
    state: tokio::sync::Mutex<State>,
    asked: AtomicU64,
}

#[derive(Default)]
struct State {
    /// How far the log has been read; nothing before the tables were.
    read: Option<Cursor>,
    /// When it was last begun to be read.
    began: Option<Instant>,
    /// Whether everything that is committed has been read: PostgreSQL holds events back while older writes are under way.
    is_whole: bool,
}

impl Rosters {
    fn of(&self, tenant: TenantId) -> Arc<Held> {
        let held = Arc::clone(self.held.lock().entry(tenant).or_default());
        held.asked.store(self.asked.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        held
    }

    /// Those of some tenants that are held.
    fn held_of(&self, tenants: &BTreeSet<TenantId>) -> Vec<(TenantId, Arc<Held>)> {
        let held = self.held.lock();
        tenants.iter().filter_map(|tenant| Some((*tenant, Arc::clone(held.get(tenant)?)))).collect()
    }

    /// Forgets rosters that were not asked for the longest while there are too many leads in all.
    fn make_room(&self) {
        let mut held = self.held.lock();
        let mut total: usize = held.values().map(|one| one.roster.read().len()).sum();
        while total > MOST_LEADS && held.len() > 1 {
            let oldest =
                held.iter().min_by_key(|(_, one)| one.asked.load(Ordering::Relaxed)).map(|(tenant, _)| *tenant);
            let Some(gone) = oldest.and_then(|tenant| held.remove(&tenant)) else { return };
            total -= gone.roster.read().len();
        }
    }
}

impl App {
    /// The leads of a tenant as of everything that was committed before this call, and whether nothing of that is missing:
    /// on PostgreSQL what was committed while older writes are under way comes with them.
    pub(crate) async fn roster(&self, tenant: TenantId) -> Result<(Arc<Held>, bool)> {
        let held = self.0.rosters.of(tenant);
        let asked = Instant::now();
        let mut state = held.state.lock().await;
        // Somebody who waited before this call began has read for it, too.
        if state.began.is_none_or(|began| began < asked) {
            let begun = Instant::now();
            self.roster_read(tenant, &held.roster, &mut state).await?;
            state.began = Some(begun);
        }
        let is_whole = state.is_whole;
        drop(state);
        Ok((held, is_whole))
    }

    /// Has rosters that are held read on when events tell of their leads, so that the next question need not wait for it.
    pub(crate) fn rosters_notice(&self, events: &[Recorded]) {
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
        let head = self.0.store.log_head().await?;
        if let Some(from) = state.read {
            match self.roster_changes(tenant, from, head).await {
                Ok(Some(changed)) => {
                    self.roster_apply(tenant, roster, changed).await?;
                    state.read = Some(from.max(head));
                }
                // So many changes, or so long ago, that reading everybody is less.
                Ok(None) | Err(lintel_store::Error::CursorGone) => state.read = None,
                Err(error) => return Err(error.into()),
            }
        }
        if state.read.is_none() {
            self.roster_load(tenant, roster).await?;
            state.read = Some(head);
            self.0.rosters.make_room();
        }
        state.is_whole = self.0.store.log_newest().await? <= head;
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

    /// The leads that events between two places of the log name; none when they are so many that all are to be read.
    async fn roster_changes(
        &self,
        tenant: TenantId,
        mut from: Cursor,
        to: Cursor,
    ) -> lintel_store::Result<Option<Vec<LeadId>>> {
        let mut changed = BTreeSet::new();
        while from < to && changed.len() <= MOST_CHANGED {
            let events = self.0.store.events_up_to(tenant, from, to, EVENTS).await?;
            for logged in &events {
                changed.extend(logged.event.iter().flat_map(Event::leads));
            }
            match events.last() {
                Some(last) if events.len() == EVENTS as usize => from = last.cursor,
                _ => break,
            }
        }
        Ok((changed.len() <= MOST_CHANGED).then(|| changed.into_iter().collect()))
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
