//! Receiving: verified, written together with whatever else has arrived, and acknowledged once it is on disk.
//!
//! Events that arrive while a write is under way form the next one, so that a crowd costs few commits on either engine and
//! a single event waits for nobody. What is in hand is bounded in bytes; more is refused, and the sender tries again.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use lintel_crm::highlevel::{Change, Envelope, Freshness, envelope};
use lintel_domain::{
    clock::Time,
    id::{ConnectionId, JobId, TenantId},
    job::Job,
};
use lintel_store::{Tx, hook::NewHook, job::NewJob};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::HIGHLEVEL;
use crate::App;

/// Bytes of events in hand at once.
const ROOM: usize = 64 << 20;
/// What an event takes beside its body, in bytes.
const AROUND: usize = 1_000;
/// The most events in one write.
const MOST: usize = 512;
/// Events that may wait to be applied before more of them are refused.
const BACKLOG: i64 = 1_000_000;

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
    room: Arc<Semaphore>,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    arrived: Vec<Arrived>,
    /// Whether somebody writes, who will look here again.
    is_written: bool,
}

/// An event and who waits for it.
struct Arrived {
    hook: NewHook,
    sender: oneshot::Sender<Outcome>,
    room: OwnedSemaphorePermit,
}

type Outcome = Result<Received, &'static str>;

impl Default for Inbox {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(ROOM)), line: Mutex::default() }
    }
}

impl Inbox {
    /// Puts an event into line; whether somebody has to write it, because nobody does yet.
    fn join(&self, arrived: Arrived) -> bool {
        let mut line = self.line.lock();
        line.arrived.push(arrived);
        !std::mem::replace(&mut line.is_written, true)
    }

    /// The next events to be written, those in line longest. With none of them the writing is over.
    fn next(&self) -> Vec<Arrived> {
        let mut line = self.line.lock();
        let most = line.arrived.len().min(MOST);
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
        let found = self.0.store.connection_by_id(connection).await;
        let found = found.map_err(|error| HookRefusal::NotNow(not_now(&error)))?;
        let connection = found.filter(|connection| connection.provider == HIGHLEVEL);
        let connection = connection.ok_or(HookRefusal::NotTrusted("there is no such connection"))?;
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

    /// Puts an event into line and waits until it is on disk.
    async fn to_disk(&self, hook: NewHook, room: OwnedSemaphorePermit) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        if self.0.inbox.join(Arrived { hook, sender, room }) {
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
            let (hooks, senders): (Vec<NewHook>, Vec<_>) =
                arrived.into_iter().map(|one| (one.hook, (one.sender, one.room))).unzip();
            let outcomes = self.write_hooks(hooks).await;
            for (at, (sender, _room)) in senders.into_iter().enumerate() {
                // Nobody hears it when the sender has left; the event is on disk all the same.
                let _ = sender.send(outcomes.as_ref().map_or_else(|reason| Err(*reason), |outcomes| outcomes[at]));
            }
        }
    }

    async fn write_hooks(&self, hooks: Vec<NewHook>) -> Result<Vec<Outcome>, &'static str> {
        let (app, now) = (self.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| receive(tx, &app, &hooks, now));
        write.await.map_err(|error| not_now(&error))
    }
}

/// Stores events, and for each tenant the job that applies what waits.
fn receive(tx: &mut Tx<'_>, app: &App, hooks: &[NewHook], now: Time) -> lintel_store::Result<Vec<Outcome>> {
    let tenants: BTreeSet<TenantId> = hooks.iter().map(|hook| hook.tenant).collect();
    let mut full = BTreeSet::new();
    for tenant in tenants {
        if tx.hooks_behind(tenant)? >= BACKLOG {
            full.insert(tenant);
        }
    }
    let (taken, refused): (Vec<&NewHook>, Vec<&NewHook>) = hooks.iter().partition(|hook| !full.contains(&hook.tenant));
    if !refused.is_empty() {
        tracing::warn!(events = refused.len(), "too many events wait to be applied; more are refused");
    }
    let mut new = tx.hooks_receive(&taken, now)?.into_iter();
    let mut to_apply = BTreeSet::new();
    let outcomes = hooks.iter().map(|hook| {
        if full.contains(&hook.tenant) {
            return Err("too many events wait to be applied");
        }
        if !new.next().unwrap_or_default() {
            return Ok(Received::Duplicate);
        }
        if hook.waits {
            to_apply.insert(hook.tenant);
        }
        Ok(Received::Stored)
    });
    let outcomes = outcomes.collect();
    for tenant in to_apply {
        let id = JobId(app.0.ids.next(now));
        tx.enqueue(&NewJob { coalesce: true, ..NewJob::new(id, tenant, Job::ApplyHooks, now) })?;
    }
    Ok(outcomes)
}

fn not_now(error: &lintel_store::Error) -> &'static str {
    tracing::warn!(error = error as &dyn std::error::Error, "an event cannot be stored");
    "the event cannot be stored now"
}
