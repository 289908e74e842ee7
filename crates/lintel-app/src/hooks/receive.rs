//! Receiving: verified, written together with whatever else has arrived, and acknowledged once it is on disk.
//!
//! Events that arrive while a write is under way form the next one, so that a crowd costs few commits on either engine and
//! a single event waits for nobody. What is in hand is bounded in bytes; more is refused, and the sender tries again.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use lintel_crm::highlevel::{Change, Envelope, Freshness, envelope};
use lintel_domain::{
    clock::{SECOND, Time},
    id::{ConnectionId, JobId, TenantId},
    job::Job,
};
use lintel_store::{
    Tx,
    connection::ConnectionRow,
    hook::NewHook,
    job::{NewJob, Priority},
};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::HIGHLEVEL;
use crate::{App, cache};

/// Bytes of events in hand at once.
const ROOM: usize = 64 << 20;
/// What an event takes beside its body, in bytes.
const AROUND: usize = 1_000;
/// Events that may wait to be applied before more of them are refused.
const BACKLOG: i64 = 1_000_000;

/// An event that waits longer than this for the disk waits long.
const PRESSED: Duration = Duration::from_millis(5);
/// What was so this long ago may still be so.
const RECENT: Duration = Duration::from_millis(100);
/// How often it is looked how many wait.
const LOOK: i64 = SECOND;

/// What became of an event at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is on disk.
    Stored,
    /// It was there already.
    Duplicate,
}

/// Why an event is not taken.
#[derive(Debug, thiserror::Error)]
pub enum HookRefusal {
    /// It is not shown to be from the sender: no such connection, no good signature, another's location, or too old.
    #[error("{0}")]
    NotTrusted(&'static str),
    /// It is from the sender, and cannot be read.
    #[error(transparent)]
    Unreadable(lintel_crm::Error),
    /// It cannot be stored now; the same event is welcome later.
    #[error("{0}")]
    NotNow(&'static str),
}

/// Events on their way to the disk.
pub(crate) struct Inbox {
    /// The most events in one write.
    most: usize,
    room: Arc<Semaphore>,
    line: Mutex<Line>,
    /// For each tenant that had events, whether too many of them wait to be applied.
    looked: Mutex<HashMap<TenantId, Looked>>,
}

#[derive(Clone, Copy)]
struct Looked {
    at: Time,
    is_behind: bool,
}

#[derive(Default)]
struct Line {
    arrived: Vec<Arrived>,
    /// Whether somebody writes, who will look here again.
    is_written: bool,
    /// How long the first event of the last write waited for the disk, and when that was.
    last: Option<(Duration, Instant)>,
}

/// An event and who waits for it.
struct Arrived {
    hook: NewHook,
    sender: oneshot::Sender<Outcome>,
    room: OwnedSemaphorePermit,
    at: Instant,
}

type Outcome = Result<Received, &'static str>;

impl Inbox {
    /// An inbox that writes `most` events at once.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, room: Arc::new(Semaphore::new(ROOM)), line: Mutex::default(), looked: Mutex::default() }
    }

    /// What was seen of a tenant's backlog, unless it is time to look again: whoever hears that looks, and no one else.
    fn known_behind(&self, tenant: TenantId, now: Time) -> Option<bool> {
        let mut looked = self.looked.lock();
        let known = looked.get_mut(&tenant)?;
        if now.since(known.at) >= LOOK {
            known.at = now;
            return None;
        }
        Some(known.is_behind)
    }

    /// Puts an event into line; whether somebody has to write it, because nobody does yet.
    fn join(&self, arrived: Arrived) -> bool {
        let mut line = self.line.lock();
        line.arrived.push(arrived);
        !std::mem::replace(&mut line.is_written, true)
    }

    /// Whether events come in just now.
    pub(super) fn is_busy(&self) -> bool {
        self.line.lock().last.is_some_and(|(_, at)| at.elapsed() < RECENT)
    }

    /// Whether events wait long for the disk just now.
    pub(super) fn is_pressed(&self) -> bool {
        let line = self.line.lock();
        let waits = line.arrived.first().is_some_and(|first| first.at.elapsed() > PRESSED);
        waits || line.last.is_some_and(|(waited, at)| waited > PRESSED && at.elapsed() < RECENT)
    }

    /// The next events to be written, those in line longest. With none of them the writing is over.
    fn next(&self) -> Vec<Arrived> {
        let mut line = self.line.lock();
        let most = line.arrived.len().min(self.most);
        line.is_written = most > 0;
        line.arrived.drain(..most).collect()
    }
}

impl App {
    /// Takes an event of HighLevel: `signature` is the header's value, `body` the bytes as they came.
    pub async fn hook_receive(
        &self,
        connection: ConnectionId,
        signature: Option<&[u8]>,
        body: Bytes,
    ) -> Result<Received, HookRefusal> {
        let room = Arc::clone(&self.0.inbox.room).try_acquire_many_owned((body.len() + AROUND) as u32);
        let room = room.map_err(|_| HookRefusal::NotNow("too many events are in hand"))?;
        let connection = self.connection_of_events(connection).await?;
        let is_full = self.is_behind(connection.tenant).await;
        if is_full.map_err(|error| HookRefusal::NotNow(not_now(&error)))? {
            return Err(HookRefusal::NotNow("too many events wait to be applied"));
        }
        // The sender writes N/A where it has no signature.
        let signature = signature.filter(|text| !text.eq_ignore_ascii_case(b"N/A"));
        let signature = signature.ok_or(HookRefusal::NotTrusted("the event is not signed"))?;
        if !self.0.webhook_keys.verify(signature, &body) {
            return Err(HookRefusal::NotTrusted("the signature is not one of these bytes"));
        }
        let event = envelope(&body).map_err(HookRefusal::Unreadable)?;
        if event.location != connection.location {
            return Err(HookRefusal::NotTrusted("the event is of another location"));
        }
        if event.freshness(self.clock().now()) == Freshness::Stale {
            return Err(HookRefusal::NotTrusted("the event is too old, or the clocks differ"));
        }
        let Envelope { event_id, kind, contact, said_at, .. } = event;
        let (tenant, waits, body) = (connection.tenant, Change::is_known(&kind), Vec::from(body));
        let hook = NewHook { tenant, source: HIGHLEVEL, event_id, kind, contact, said_at, body, waits };
        self.to_disk(hook, room).await.map_err(HookRefusal::NotNow)
    }

    /// The connection by which events of HighLevel come.
    async fn connection_of_events(&self, id: ConnectionId) -> Result<Arc<ConnectionRow>, HookRefusal> {
        let look_up = async || {
            let found = self.0.store.connection_by_id(id).await;
            let found = found.map_err(|error| HookRefusal::NotNow(not_now(&error)))?;
            let found = found.filter(|connection| connection.provider == HIGHLEVEL).map(Arc::new);
            found.ok_or(HookRefusal::NotTrusted("there is no such connection"))
        };
        self.0.caches.connections.get_or_load(&id, &cache::of_connection(id), look_up).await
    }

    /// Whether as many events of a tenant wait to be applied as may; looked at once in a while.
    async fn is_behind(&self, tenant: TenantId) -> lintel_store::Result<bool> {
        let now = self.clock().now();
        if let Some(known) = self.0.inbox.known_behind(tenant, now) {
            return Ok(known);
        }
        let is_behind = self.0.store.hooks_behind(tenant).await? >= BACKLOG;
        self.0.inbox.looked.lock().insert(tenant, Looked { at: now, is_behind });
        Ok(is_behind)
    }

    /// Puts an event into line and waits until it is on disk.
    async fn to_disk(&self, hook: NewHook, room: OwnedSemaphorePermit) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        if self.0.inbox.join(Arrived { hook, sender, room, at: Instant::now() }) {
            let app = self.clone();
            self.0.tasks.spawn(async move { app.empty_the_line().await });
        }
        outcome.await.unwrap_or(Err("the event could not be stored"))
    }

    /// Writes what is in line until there is nothing left.
    async fn empty_the_line(&self) {
        loop {
            let arrived = self.0.inbox.next();
            if arrived.is_empty() {
                return;
            }
            let first = arrived[0].at;
            let (hooks, senders): (Vec<NewHook>, Vec<_>) =
                arrived.into_iter().map(|one| (one.hook, (one.sender, one.room))).unzip();
            let outcomes = self.write_hooks(hooks).await;
            self.0.inbox.line.lock().last = Some((first.elapsed(), Instant::now()));
            for (at, (sender, _room)) in senders.into_iter().enumerate() {
                // Nobody hears it when the sender has left; the event is on disk all the same.
                let _ = sender.send(outcomes.as_ref().map_or_else(|reason| Err(*reason), |outcomes| Ok(outcomes[at])));
            }
        }
    }

    async fn write_hooks(&self, hooks: Vec<NewHook>) -> Result<Vec<Received>, &'static str> {
        let (app, now) = (self.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| receive(tx, &app, &hooks, now));
        write.await.map_err(|error| not_now(&error))
    }
}

/// Stores events, and for each tenant the job that applies what waits.
fn receive(tx: &mut Tx<'_>, app: &App, hooks: &[NewHook], now: Time) -> lintel_store::Result<Vec<Received>> {
    let new = tx.hooks_receive(hooks, now)?;
    let to_apply = hooks.iter().zip(&new).filter(|(hook, new)| hook.waits && **new).map(|(hook, _)| hook.tenant);
    for tenant in to_apply.collect::<BTreeSet<TenantId>>() {
        let job = NewJob::new(JobId(app.0.ids.next(now)), tenant, Job::ApplyHooks, now);
        tx.enqueue(&NewJob { coalesce: true, priority: Priority::Urgent, ..job })?;
    }
    Ok(new.into_iter().map(|new| if new { Received::Stored } else { Received::Duplicate }).collect())
}

fn not_now(error: &lintel_store::Error) -> &'static str {
    tracing::warn!(error = error as &dyn std::error::Error, "an event cannot be stored");
    "the event cannot be stored now"
}
