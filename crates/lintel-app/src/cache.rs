//! Answers that this process keeps in memory, and which events make them wrong.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use lintel_cache::{Cache, Policy, Stats, Tag, Tags};
use lintel_domain::{
    clock::{Clock, Day, SECOND, Time},
    event::Event,
    id::{LeadId, ListingId, TenantId},
    market::MarketSlug,
    model::ModelKind,
    scope::Principal,
};
use lintel_store::{
    db::Emitted,
    log::{Cursor, Recorded},
};
use parking_lot::Mutex;
use serde_json::value::RawValue;

use crate::App;

/// A part of an answer as it is sent: JSON that is written once and given many times.
pub type Document = Arc<RawValue>;

/// For how long a process goes by what it knows, in microseconds: a key that was checked lets in without being looked up again,
/// and where others may write, kept answers are given since the log was last read to its end.
const LEASE: i64 = SECOND / 2;

const KEYS: Policy = Policy { name: "keys", fresh: LEASE, stale: 0, bytes: 1 << 20, entry_bytes: 256 };
/// Time moves scores too: what was done yesterday counts less today.
const SCORES: Policy = Policy { name: "scores", fresh: 30 * SECOND, stale: 0, bytes: 0, entry_bytes: 4_000 };
const LISTINGS: Policy = Policy { name: "listings", fresh: 3_600 * SECOND, stale: 0, bytes: 0, entry_bytes: 1_000 };
const ANSWERS: Policy = Policy { name: "answers", fresh: 600 * SECOND, stale: 0, bytes: 0, entry_bytes: 16_000 };

/// A score: whose, and whether with reasons.
pub(crate) type ScoreKey = (TenantId, LeadId, bool);
/// A listing as it is sent on a day: that is how its days on the market are counted.
pub(crate) type ListingKey = (TenantId, ListingId, Day);
/// What was asked, of whom, on a day.
type AnswerKey = (TenantId, &'static str, [u8; 32], Day);

/// A question about a market whose whole answer is kept.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What kind of question: the route.
    pub route: &'static str,
    /// The SHA-256 of everything that was asked.
    pub asked: [u8; 32],
    /// About which market.
    pub market: &'a MarketSlug,
    /// About which lead.
    pub lead: Option<LeadId>,
}

/// What answers are made from.
#[derive(Hash)]
enum Source<'a> {
    Keys,
    Lead(TenantId, LeadId),
    LeadModels(TenantId),
    Listing(TenantId, ListingId),
    /// The listings of a market, in the tables or in the index, and what its homes are worth.
    Market(TenantId, &'a MarketSlug),
}

/// What this process keeps.
pub(crate) struct Caches {
    tags: Tags,
    /// Whether other processes may serve the same database.
    shared: bool,
    /// How far the log has to be read, so that everything from before a moment is known.
    asked: Mutex<Option<(Time, Cursor)>>,
    /// Tags of keys: they go by their lease alone.
    key_tags: Tags,
    /// Who presents a key, by the hash of its secret.
    pub(crate) keys: Cache<[u8; 32], Principal>,
    /// Live scores.
    pub(crate) scores: Cache<ScoreKey, Document>,
    pub(crate) listings: Cache<ListingKey, Document>,
    answers: Cache<AnswerKey, Bytes>,
}

impl Caches {
    /// Empty caches that take `bytes` at most beside those of keys. `tags` are those that [`hear`] touches; when the database is
    /// `shared`, nothing is given before [`Caches::heard`].
    pub(crate) fn new(tags: Tags, shared: bool, clock: &Clock, bytes: u64) -> Self {
        if shared {
            tags.hears_until(Time(0));
        }
        let key_tags = Tags::default();
        let of = |policy: Policy, eighths: u64| Policy { bytes: bytes / 8 * eighths, ..policy };
        Self {
            keys: Cache::new(KEYS, key_tags.clone(), clock.clone(), |_, _| 0),
            scores: Cache::new(of(SCORES, 3), tags.clone(), clock.clone(), |_, score| score.get().len()),
            listings: Cache::new(of(LISTINGS, 1), tags.clone(), clock.clone(), |_, listing| listing.get().len()),
            answers: Cache::new(of(ANSWERS, 4), tags.clone(), clock.clone(), |_, answer| answer.len()),
            tags,
            shared,
            asked: Mutex::default(),
            key_tags,
        }
    }

    /// Each namespace with what it did.
    pub(crate) fn stats(&self) -> [(&'static str, Stats); 4] {
        let Self { keys, scores, listings, answers, .. } = self;
        [
            (keys.name(), keys.stats()),
            (scores.name(), scores.stats()),
            (listings.name(), listings.stats()),
            (answers.name(), answers.stats()),
        ]
    }

    /// Forgets what these events made wrong.
    pub(crate) fn notice(&self, events: &[Recorded]) {
        for one in events {
            if let Some(event) = &one.event {
                touch(&self.tags, one.tenant, event);
            }
        }
    }

    /// Whether to ask how far the log goes.
    pub(crate) fn asks(&self) -> bool {
        self.shared && self.asked.lock().is_none()
    }

    /// At this moment the newest event that was committed, whether it could be read or not, was at `newest`.
    pub(crate) fn told(&self, at: Time, newest: Cursor) {
        *self.asked.lock() = Some((at, newest));
    }

    /// What the log tells up to this place was noticed.
    pub(crate) fn heard(&self, position: Cursor) {
        if let Some((at, _)) = self.asked.lock().take_if(|(_, newest)| position >= *newest) {
            self.tags.hears_until(at.plus(LEASE));
        }
    }

    /// Returns when no process goes by what it knew before: twice the lease, to be safe from clocks that are set.
    pub(crate) async fn out_of_lease() {
        tokio::time::sleep(2 * Duration::from_micros(LEASE.unsigned_abs())).await;
    }

    /// Returns when what was deleted is given by no process any more.
    pub(crate) async fn deleted(&self) {
        if self.shared {
            Self::out_of_lease().await;
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.tags.touch_all();
    }

    /// A key was taken back.
    pub(crate) fn key_changed(&self) {
        self.key_tags.touch(Tag::of(Source::Keys));
    }

    /// A market's homes are worth something else now.
    pub(crate) fn market_changed(&self, tenant: TenantId, market: &MarketSlug) {
        self.tags.touch(Tag::of(Source::Market(tenant, market)));
    }
}

impl App {
    /// The answer to a question about a market: the one that was given to the same question today, as long as nothing that it
    /// is made from has changed, else what `make` makes.
    pub async fn kept_answer<E>(
        &self,
        who: &Principal,
        question: Question<'_>,
        make: impl AsyncFnOnce() -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        let Question { route, asked, market, lead } = question;
        let key = (who.tenant, route, asked, self.clock().now().day());
        let market = Tag::of(Source::Market(who.tenant, market));
        let lead = lead.map_or(market, |lead| Tag::of(Source::Lead(who.tenant, lead)));
        self.0.caches.answers.get_or_load(&key, &[market, lead], make).await
    }
}

/// What lets a key in.
pub(crate) fn of_keys() -> [Tag; 1] {
    [Tag::of(Source::Keys)]
}

/// What a lead's score is made from.
pub(crate) fn of_score(tenant: TenantId, lead: LeadId) -> [Tag; 2] {
    [Tag::of(Source::Lead(tenant, lead)), Tag::of(Source::LeadModels(tenant))]
}

/// What a listing is made from.
pub(crate) fn of_listing(tenant: TenantId, listing: ListingId) -> [Tag; 1] {
    [Tag::of(Source::Listing(tenant, listing))]
}

/// Hears of what this process writes, before whoever wrote is told that it is written. What others write comes by the log.
pub(crate) fn hear(tags: Tags) -> impl Fn(&[Emitted]) + Send + Sync + 'static {
    move |emitted| emitted.iter().for_each(|one| touch(&tags, one.tenant, &one.event))
}

fn touch(tags: &Tags, tenant: TenantId, event: &Event) {
    let lead = |lead: LeadId| tags.touch(Tag::of(Source::Lead(tenant, lead)));
    let listing = |listing: ListingId| tags.touch(Tag::of(Source::Listing(tenant, listing)));
    match event {
        Event::LeadCreated { leads }
        | Event::LeadUpdated { leads }
        | Event::LeadAssigned { leads }
        | Event::LeadErased { leads } => leads.iter().copied().for_each(lead),
        Event::InteractionRecorded { interactions } => interactions.iter().map(|one| one.lead).for_each(lead),
        Event::ListingCreated { listings, .. }
        | Event::ListingUpdated { listings, .. }
        | Event::ListingRemoved { listings, .. } => listings.iter().copied().for_each(listing),
        Event::ListingPriceChanged { changes, .. } => changes.iter().map(|one| one.listing).for_each(listing),
        Event::ListingStatusChanged { changes, .. } => changes.iter().map(|one| one.listing).for_each(listing),
        Event::ModelPromoted { kind: ModelKind::LeadScore | ModelKind::Churn, .. } => {
            tags.touch(Tag::of(Source::LeadModels(tenant)));
        }
        Event::ModelPromoted { kind: ModelKind::Price, market: None, .. } => tags.touch_all(),
        Event::ModelPromoted { kind: ModelKind::Price, .. } => {}
        _ => return,
    }
    if let Some(market) = event.market() {
        tags.touch(Tag::of(Source::Market(tenant, market)));
    }
}
