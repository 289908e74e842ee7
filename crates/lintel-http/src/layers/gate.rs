//! How many requests are worked on at the same time: as many as the machine does without making anybody wait, found by trying.
//!
//! Whoever finds all places taken stands in line: screens before batches; within each, one tenant after the other. Events of
//! CRMs go before both and pass by the gate: nearly all they do is wait for the disk, and the more of them wait together, the
//! less each costs.
//!
//! While work gets done in time there are more places, up to a bound; when it does not, fewer (additive increase,
//! multiplicative decrease). Lines are short: whoever finds one full is told at once to come again, so that the others are
//! answered in time instead of all too late. No tenant fills a line alone: who comes when it is full takes the last place
//! of the tenant that has most of them.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use lintel_domain::id::TenantId;
use parking_lot::Mutex;
use tokio::{sync::oneshot, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};

/// How long somebody of each class stands in line at most: as long as a person waits for an answer. The line is too short for
/// that to be needed, unless each answer takes long. Batches come after everybody else, and might never be let in while others
/// keep coming: a program that sends them is told soon to come again.
const PATIENCE: [Duration; 2] = [Duration::from_secs(5), Duration::from_millis(40)];
/// The most requests in the line of a class.
const PLACES_IN_LINE: usize = 64;
/// How often the number of places is looked at.
const TICK: Duration = Duration::from_millis(20);
/// Work that is done so late is too much.
const LATE: Duration = Duration::from_millis(5);
/// Places at the beginning, before anything is known.
const PLACES_AT_FIRST: usize = 64;

/// Who goes before whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// What people and their programs wait for.
    Screen,
    /// Many things at once.
    Batch,
}

impl Class {
    /// The class of a guarded route.
    pub(crate) fn of(route: &str) -> Self {
        match route {
            "/api/v1/leads/scores:batch" | "/api/v1/pricing/estimates:batch" | "/api/v1/exports/{kind}" => Self::Batch,
            _ => Self::Screen,
        }
    }
}

/// Lets requests in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// Whether work was done late of late.
    busy: AtomicBool,
    patience: [Duration; 2],
}

/// A place; it is given back when it goes.
pub(crate) struct Place(Option<Gate>);

struct State {
    places: usize,
    least: usize,
    most: usize,
    taken: usize,
    lines: [Line; 2],
    /// Whether somebody had to stand in line since the last look.
    crowded: bool,
}

/// A line of one class: tenants by turns.
#[derive(Default)]
struct Line {
    turns: VecDeque<TenantId>,
    waiting: HashMap<TenantId, VecDeque<Waiting>>,
    length: usize,
}

/// How somebody in line is given a place; dropped, it tells them to come again.
type Waiting = oneshot::Sender<Place>;

impl Gate {
    /// A gate with `most` places at most, as many of them as [`Gate::adapt`] finds.
    pub(crate) fn new(most: usize) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self::with_places(PLACES_AT_FIRST.min(most), (8 * cores).min(most), most)
    }

    /// A gate with `most` places, which are not adapted.
    pub(crate) fn open(most: usize) -> Self {
        Self::with_places(most, most, most)
    }

    fn with_places(places: usize, least: usize, most: usize) -> Self {
        let state = State { places, least, most, taken: 0, lines: Default::default(), crowded: false };
        Self(Arc::new(Inner { state: Mutex::new(state), busy: AtomicBool::new(false), patience: PATIENCE }))
    }

    /// Waits for a place, for a short while at most.
    pub(crate) async fn enter(&self, class: Class, tenant: TenantId) -> Result<Place> {
        let place = match self.place_or_line(class, tenant)? {
            Ok(place) => place,
            Err(told) => match timeout(self.0.patience[class as usize], told).await {
                Ok(Ok(place)) => place,
                _ => return Err(Error::shed("requests")),
            },
        };
        if self.0.busy.load(Ordering::Relaxed) {
            // So that all who have come meanwhile are seen before this one's work begins: who has to be turned away is told at
            // once. Whoever is let in by another would even run before them.
            tokio::task::yield_now().await;
        }
        Ok(place)
    }

    fn place_or_line(&self, class: Class, tenant: TenantId) -> Result<Result<Place, oneshot::Receiver<Place>>> {
        let mut state = self.0.state.lock();
        if state.taken < state.places && state.lines.iter().all(|line| line.length == 0) {
            state.taken += 1;
            return Ok(Ok(Place(Some(self.clone()))));
        }
        state.crowded = true;
        let line = &mut state.lines[class as usize];
        if line.length >= PLACES_IN_LINE && !line.make_room(tenant) {
            return Err(Error::shed("requests"));
        }
        Ok(Err(line.join(tenant)))
    }

    /// Adapts the number of places until told to stop. `pressure` says how long at most work has waited for a core since it was
    /// asked last.
    pub(crate) async fn adapt(self, pressure: impl Fn() -> Duration, stop: CancellationToken) {
        let mut due = tokio::time::Instant::now() + TICK;
        while stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_some() {
            let late = due.elapsed().saturating_sub(Duration::from_millis(1));
            // A timer's task runs before what has come over sockets; one that yields runs after all of it.
            let woken = tokio::time::Instant::now();
            tokio::task::yield_now().await;
            let late = late.max(woken.elapsed()).max(pressure());
            self.0.busy.store(late > LATE / 2, Ordering::Relaxed);
            self.0.state.lock().adapt(late);
            self.let_in();
            due = tokio::time::Instant::now() + TICK;
        }
    }

    /// Places there are, and those that are taken.
    #[cfg(test)]
    pub(crate) fn places(&self) -> (usize, usize) {
        let state = self.0.state.lock();
        (state.places, state.taken)
    }

    /// Gives free places to those who wait.
    fn let_in(&self) {
        let mut state = self.0.state.lock();
        while state.taken < state.places {
            let Some(next) = state.next() else { break };
            state.taken += 1;
            if let Err(mut place) = next.send(Place(Some(self.clone()))) {
                // Whoever waited has gone.
                place.0 = None;
                state.taken -= 1;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.0.state.lock().taken -= 1;
            gate.let_in();
        }
    }
}

impl State {
    /// More places while all is done in time and they are wanted, fewer when it is not.
    fn adapt(&mut self, late: Duration) {
        if late > LATE {
            self.places = (self.places * 3 / 4).max(self.least);
        } else if self.crowded {
            self.places = (self.places + 1 + self.places / 8).min(self.most);
        }
        self.crowded = self.lines.iter().any(|line| line.length > 0);
    }

    /// The next to be let in.
    fn next(&mut self) -> Option<Waiting> {
        self.lines.iter_mut().find_map(Line::leave)
    }
}

impl Line {
    fn join(&mut self, tenant: TenantId) -> oneshot::Receiver<Place> {
        let (told, hears) = oneshot::channel();
        let own = self.waiting.entry(tenant).or_default();
        if own.is_empty() {
            self.turns.push_back(tenant);
        }
        own.push_back(told);
        self.length += 1;
        hears
    }

    /// Tells the last of the tenant with most places to come again, when that leaves it as many as `tenant` has then.
    fn make_room(&mut self, tenant: TenantId) -> bool {
        let own = self.waiting.get(&tenant).map_or(0, VecDeque::len);
        let most = self.waiting.values_mut().max_by_key(|waiting| waiting.len());
        let Some(most) = most.filter(|most| most.len() > own + 1) else { return false };
        most.pop_back();
        self.length -= 1;
        true
    }

    /// The first of the tenant whose turn it is; the tenant's next turn comes after those of the others.
    fn leave(&mut self) -> Option<Waiting> {
        let tenant = self.turns.pop_front()?;
        let own = self.waiting.get_mut(&tenant)?;
        let first = own.pop_front();
        if own.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        self.length -= usize::from(first.is_some());
        first
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    const A: TenantId = TenantId(Uuid::from_u128(1));
    const B: TenantId = TenantId(Uuid::from_u128(2));

    fn gate(places: usize) -> Gate {
        let mut gate = Gate::new(1_000);
        let inner = Arc::get_mut(&mut gate.0).unwrap();
        inner.patience = [Duration::from_millis(50); 2];
        inner.state.get_mut().places = places;
        gate
    }

    #[tokio::test]
    async fn screens_go_before_batches_and_tenants_take_turns() {
        let gate = gate(1);
        let first = gate.enter(Class::Screen, A).await.unwrap();
        let order = Mutex::new(Vec::new());
        let come = async |name: &'static str, class, tenant| {
            let place = gate.enter(class, tenant).await.unwrap();
            order.lock().push(name);
            drop(place);
        };
        let all = futures_util::future::join_all([
            come("batch", Class::Batch, A).boxed_local(),
            come("a1", Class::Screen, A).boxed_local(),
            come("a2", Class::Screen, A).boxed_local(),
            come("a3", Class::Screen, A).boxed_local(),
            come("b1", Class::Screen, B).boxed_local(),
        ]);
        let leave = async {
            tokio::task::yield_now().await;
            drop(first);
        };
        tokio::join!(all, leave);
        assert_eq!(*order.lock(), ["a1", "b1", "a2", "a3", "batch"]);
        assert_eq!(gate.places().1, 0);
    }

    #[tokio::test]
    async fn nobody_waits_for_long_and_no_place_is_lost() {
        let gate = gate(1);
        let first = gate.enter(Class::Screen, A).await.unwrap();
        assert!(gate.enter(Class::Screen, A).await.is_err());
        // One who goes away while waiting, after the place was given to them.
        let mut gone = Box::pin(gate.enter(Class::Screen, A));
        assert!(gone.as_mut().now_or_never().is_none());
        drop(first);
        drop(gone);
        assert_eq!(gate.places().1, 0);
        assert!(gate.enter(Class::Screen, B).await.is_ok());
    }

    #[tokio::test]
    async fn a_line_is_bounded() {
        let gate = gate(1);
        let _first = gate.enter(Class::Screen, A).await.unwrap();
        let mut waiting: Vec<_> = (0..PLACES_IN_LINE).map(|_| Box::pin(gate.enter(Class::Screen, A))).collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        assert!(gate.enter(Class::Screen, A).now_or_never().is_some_and(|entered| entered.is_err()));
        // Another tenant gets in line all the same, in the place of the last.
        let mut other = Box::pin(gate.enter(Class::Screen, B));
        assert!(other.as_mut().now_or_never().is_none());
        assert!(waiting[PLACES_IN_LINE - 1].as_mut().now_or_never().is_some_and(|entered| entered.is_err()));
        assert!(waiting[PLACES_IN_LINE - 2].as_mut().now_or_never().is_none());
    }

    #[test]
    fn places_grow_while_they_are_wanted_and_work_is_done_in_time() {
        let gate = gate(100);
        let mut state = gate.0.state.lock();
        state.adapt(Duration::ZERO);
        assert_eq!(state.places, 100, "nobody waits");
        state.crowded = true;
        state.adapt(Duration::ZERO);
        assert_eq!(state.places, 113);
        for _ in 0..100 {
            state.adapt(LATE * 2);
        }
        assert_eq!(state.places, state.least);
    }
}
