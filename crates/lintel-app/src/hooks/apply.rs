//! Applying events that wait: leads, messages and notes, a dozen in one write.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use lintel_crm::highlevel::{Change, Message, Note};
use lintel_domain::{
    event::{Event, MAX_ITEMS, NoteChanged},
    id::{InteractionId, LeadId, TenantId},
    interaction::{InteractionFacts, InteractionKind},
    scalar::{Fields, Scalar},
};
use lintel_store::{Result as StoreResult, Tx, hook::WaitingHook, job::Claimed};

use crate::{
    App, Result,
    error::chain,
    ingest::{self, Arrival},
};

/// The most events in one write: few, since others wait to write meanwhile.
const BATCH: u32 = 16;
/// How long it is waited before it is looked again whether others wait, and in all.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl App {
    /// Applies all events of a tenant that wait. One that breaks its write is found by halving, and set aside.
    pub(crate) async fn job_apply_hooks(&self, job: &Claimed) -> Result<()> {
        let mut most = BATCH;
        loop {
            let begun = Instant::now();
            match self.apply_hooks(job.tenant, most).await {
                Ok(0) => break,
                Ok(_) => self.let_others_through(begun.elapsed()).await,
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(_) if most > 1 => most = most.div_ceil(2).min(most - 1),
                Err(error) => {
                    self.set_aside(job.tenant, &chain(&error)).await?;
                    most = BATCH;
                }
            }
        }
        let (job, now) = (job.clone(), self.clock().now());
        Ok(self.0.store.write(move |tx| tx.job_done(&job, None, now)).await?)
    }

    /// What comes in goes first, and what waits gets on: while events come in, a quarter of the time is for applying them,
    /// and while they wait long to be stored a moment of each second.
    async fn let_others_through(&self, took: Duration) {
        let begun = Instant::now();
        if self.0.inbox.is_busy() {
            tokio::time::sleep((took * 3).min(LONGEST_PAUSE)).await;
        }
        while self.0.inbox.is_pressed() && begun.elapsed() < LONGEST_PAUSE {
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn apply_hooks(&self, tenant: TenantId, most: u32) -> StoreResult<usize> {
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            // Whoever lost its lease and does not know it yet finds nothing that still waits.
            tx.hooks_lock(tenant)?;
            let waiting = tx.hooks_waiting(tenant, most)?;
            // Not before: what came while this write waited its turn is not applied before it was seen.
            let now = app.clock().now();
            let arrival = Arrival { tenant, market: None, import: None, now, ids: &app.0.ids };
            Applying { tx, arrival: &arrival, leads: HashMap::new(), told: Told::default() }.all(&waiting)?;
            Ok::<_, lintel_store::Error>(waiting.len())
        });
        write.await
    }

    /// Gives up the event that has waited longest.
    async fn set_aside(&self, tenant: TenantId, reason: &str) -> Result<()> {
        let reason = reason.to_owned();
        let write = self.0.store.write(move |tx| {
            let Some(first) = tx.hooks_waiting(tenant, 1)?.pop() else { return Ok(()) };
            tracing::warn!(event.id = first.event_id, reason, "an event of another system cannot be applied");
            tx.hook_dead(tenant, first.seq, &reason)
        });
        Ok(write.await?)
    }
}

/// A write that applies events.
pub(super) struct Applying<'a, 't, 'i> {
    pub(super) tx: &'a mut Tx<'t>,
    pub(super) arrival: &'a Arrival<'i>,
    /// Leads by the ids of their contacts; none of people who were erased.
    pub(super) leads: HashMap<String, Option<LeadId>>,
    pub(super) told: Told,
}

/// What there is to tell of the whole write.
#[derive(Default)]
pub(super) struct Told {
    pub(super) created: Vec<LeadId>,
    pub(super) updated: Vec<LeadId>,
    notes: Vec<NoteChanged>,
}

impl Applying<'_, '_, '_> {
    fn all(mut self, waiting: &[WaitingHook]) -> StoreResult<()> {
        let tenant = self.arrival.tenant;
        let (mut applied, mut of_nobody) = (Vec::with_capacity(waiting.len()), Vec::new());
        for hook in waiting {
            match Change::read(&hook.kind, &hook.body) {
                Ok(change) => {
                    let contact = change.contact().to_owned();
                    applied.push((hook.seq, self.one(hook, change)?));
                    // Of somebody who was erased, or never known: nothing of it is kept.
                    if self.known_lead(&contact)?.is_none() {
                        of_nobody.push(hook.seq);
                    }
                }
                Err(error) => {
                    tracing::warn!(event.id = hook.event_id, %error, "an event of another system cannot be read");
                    self.tx.hook_dead(tenant, hook.seq, &error.to_string())?;
                }
            }
        }
        self.tx.hooks_applied(tenant, &applied, self.arrival.now)?;
        self.tx.hooks_forget_bodies(tenant, &of_nobody)?;
        self.tell()
    }

    /// How much an event changed.
    fn one(&mut self, hook: &WaitingHook, change: Change) -> StoreResult<u32> {
        match change {
            Change::Contact(contact) => self.contact(hook, &contact),
            Change::ContactGone { contact } => self.contact_gone(hook, &contact),
            Change::Message(message) => self.message(hook, message),
            Change::Note(note) => self.note(hook, note),
        }
    }

    fn message(&mut self, hook: &WaitingHook, message: Message) -> StoreResult<u32> {
        let Message { id, contact, is_inbound, channel, subject, body, at } = message;
        let Some(lead) = self.lead_of(&contact)? else { return Ok(0) };
        let named = [("channel", channel), ("subject", subject), ("body", body)];
        let properties = named.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Scalar::Text(text?))));
        let facts = InteractionFacts {
            event_id: format!("{} {id}", hook.source),
            kind: if is_inbound { InteractionKind::MessageIn } else { InteractionKind::MessageOut },
            at: at.or(hook.said_at).unwrap_or(hook.first_seen),
            listing_id: None,
            properties: properties.collect(),
        };
        Ok(u32::from(self.record(lead, facts)?.is_some()))
    }

    fn note(&mut self, hook: &WaitingHook, note: Note) -> StoreResult<u32> {
        let Note { id, contact, body, at } = note;
        let Some(lead) = self.lead_of(&contact)? else { return Ok(0) };
        let properties = Fields::from([
            ("author".to_owned(), Scalar::Text(hook.source.clone())),
            ("body".to_owned(), Scalar::Text(body)),
        ]);
        let facts = InteractionFacts {
            event_id: format!("{} {id}", hook.source),
            kind: InteractionKind::Note,
            at: at.or(hook.said_at).unwrap_or(hook.first_seen),
            listing_id: None,
            properties,
        };
        let recorded = self.record(lead, facts)?;
        self.told.notes.extend(recorded.map(|note| NoteChanged { note, lead }));
        Ok(u32::from(recorded.is_some()))
    }

    /// Stores what happened with a lead, once; its id when it is new.
    fn record(&mut self, lead: LeadId, facts: InteractionFacts) -> StoreResult<Option<InteractionId>> {
        let id = InteractionId(self.arrival.ids.next(self.arrival.now));
        let is_new = ingest::record(self.tx, self.arrival, &[(id, lead, facts)])? == [true];
        Ok(is_new.then_some(id))
    }

    fn tell(&mut self) -> StoreResult<()> {
        let Arrival { tenant, now, .. } = *self.arrival;
        let Told { created, updated, notes } = std::mem::take(&mut self.told);
        for leads in created.chunks(MAX_ITEMS) {
            self.tx.emit(tenant, now, &Event::LeadCreated { leads: leads.to_vec() })?;
        }
        for leads in updated.chunks(MAX_ITEMS) {
            self.tx.emit(tenant, now, &Event::LeadUpdated { leads: leads.to_vec() })?;
        }
        for notes in notes.chunks(MAX_ITEMS) {
            self.tx.emit(tenant, now, &Event::NoteCreated { notes: notes.to_vec() })?;
        }
        Ok(())
    }
}
