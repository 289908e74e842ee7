//! What the people of a market look for, in memory: read from the store when they are first asked about, and brought to the
//! end of the log before each answer.

use std::{collections::HashSet, sync::Arc, time::Instant};

use lintel_domain::{
    clock::Day,
    event::Event,
    id::{LeadId, TenantId},
    market::MarketSlug,
};
use lintel_search::{ListingView, Wishers};
use lintel_store::{
    lead::Wishing as Stored,
    log::{Cursor, Recorded},
};
use parking_lot::RwLock;

use crate::{App, Result, lead_changes::Since, resident::Resident};

/// Leads read from the store at once.
const PAGE: u32 = 4_000;
/// The most leads whose wishes a process holds together; those of the market that was not asked about for the longest go
/// first.
const MOST_LEADS: usize = 500_000;

/// The wishes of the markets that were asked about of late.
pub(crate) type Wishing = Resident<(TenantId, MarketSlug), Held>;

/// Those of one market.
#[derive(Default)]
pub(crate) struct Held {
    people: RwLock<People>,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How far the log has been read; nothing before the tables were.
    read: Option<Cursor>,
    /// When it was last begun to be read.
    began: Option<Instant>,
}

#[derive(Default)]
struct People {
    wishers: Wishers,
    /// Who ever did something, so that there may be a taste beside the wishes.
    acted: HashSet<LeadId>,
}

/// Somebody whom a home may please.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) lead: LeadId,
    /// The most that the home can fit them, whatever their taste.
    pub(crate) at_most: f64,
    /// Whether they may have shown a taste; if not, `at_most` is how well it fits.
    pub(crate) has_acted: bool,
}

impl Held {
    /// Everybody whose hard wishes a home meets, in no order.
    pub(crate) fn pleased_by(&self, home: &ListingView, today: Day) -> Vec<Candidate> {
        let People { wishers, acted } = &*self.people.read();
        let mut candidates = Vec::new();
        wishers.find(home, today, |lead, fit, fit_at_most| {
            let has_acted = acted.contains(&lead);
            candidates.push(Candidate { lead, at_most: if has_acted { fit_at_most } else { fit }, has_acted });
        });
        candidates
    }

    fn len(&self) -> usize {
        self.people.read().wishers.len()
    }
}

impl People {
    fn put(&mut self, Stored { lead, preferences, has_acted }: &Stored) {
        self.wishers.put(*lead, preferences);
        if *has_acted {
            self.acted.insert(*lead);
        }
    }

    fn remove(&mut self, lead: LeadId) {
        self.wishers.remove(lead);
        self.acted.remove(&lead);
    }

    /// Whom an event changes, as far as wishes go: of what somebody does only the first counts.
    fn changed_by(&self, event: &Event) -> Vec<LeadId> {
        match event {
            Event::LeadScored { .. } => Vec::new(),
            Event::InteractionRecorded { .. } => {
                event.leads().into_iter().filter(|lead| !self.acted.contains(lead)).collect()
            }
            _ => event.leads(),
        }
    }
}

impl App {
    /// What the leads of a market look for, as of everything that was committed before this call.
    pub(crate) async fn wishing(&self, tenant: TenantId, market: &MarketSlug) -> Result<Arc<Held>> {
        let held = self.0.wishing.of((tenant, market.clone()));
        let asked = Instant::now();
        let mut state = held.state.lock().await;
        // Somebody who waited before this call began has read for it, too.
        if state.began.is_none_or(|began| began < asked) {
            let begun = Instant::now();
            let names = |event: &Event| held.people.read().changed_by(event);
            let (since, head) = self.leads_since(tenant, state.read, names).await?;
            match since {
                Since::Changed(changed) => self.wishes_apply(tenant, market, &held, &changed).await?,
                Since::Everybody => {
                    let people = self.wishes_load(tenant, market).await?;
                    *held.people.write() = people;
                    self.0.wishing.make_room(MOST_LEADS, Held::len);
                }
            }
            *state = State { read: Some(head), began: Some(begun) };
        }
        drop(state);
        Ok(held)
    }

    /// Forgets at once what those looked for who were erased.
    pub(crate) fn wishes_notice(&self, events: &[Arc<Recorded>]) {
        for logged in events {
            let Some(Event::LeadErased { leads }) = &logged.event else { continue };
            self.0.wishing.each(|(tenant, _), held| {
                if *tenant == logged.tenant {
                    let mut people = held.people.write();
                    for lead in leads {
                        people.remove(*lead);
                    }
                }
            });
        }
    }

    /// Reads what everybody in a market looks for.
    async fn wishes_load(&self, tenant: TenantId, market: &MarketSlug) -> Result<People> {
        let (mut people, mut after) = (People::default(), None);
        loop {
            let page = self.0.store.leads_wishing(tenant, market, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(people) };
            after = Some(last.lead);
            let putting = move || {
                for one in &page {
                    people.put(one);
                }
                people
            };
            people = self.blocking(putting).await?;
        }
    }

    /// Reads again what these look for.
    async fn wishes_apply(&self, tenant: TenantId, market: &MarketSlug, held: &Held, changed: &[LeadId]) -> Result<()> {
        for chunk in changed.chunks(PAGE as usize) {
            let found = self.0.store.leads_wishing_of(tenant, market, chunk).await?;
            let mut people = held.people.write();
            for lead in chunk {
                people.remove(*lead);
            }
            for one in &found {
                people.put(one);
            }
        }
        Ok(())
    }
}
