//! Answers that this process keeps in memory, and some of them in Redis for others too, and which events make them wrong.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use lintel_cache::{Cache, History, Place, Policy, Reach, Redis, Second, SecondStats, Settling, Stats, Tag, Tags};
use lintel_domain::{
    clock::{Clock, Day, SECOND, Time},
    event::Event,
    id::{ConnectionId, LeadId, ListingId, TenantId},
    lead_days::FiguresBy,
    market::MarketSlug,
    model::ModelKind,
    month::Month,
    scope::Principal,
};
use lintel_store::{
    connection::ConnectionRow,
    db::Emitted,
    lead_days::{Figure, FiguresFilter},
    log::{Cursor, Recorded},
};
use parking_lot::Mutex;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::{
    App, Result,
    hot_set::{HotQuestion, HotSet},
    places::{self, NamedPlace, PlacesKey},
};

/// A part of an answer as it is sent: JSON that is written once and given many times.
pub type Document = Arc<RawValue>;

/// For how long a process goes by what it knows, in microseconds: a key that was checked lets in without being looked up again,
/// and where others may write, kept answers are given since the log was last read to its end.
const LEASE: i64 = SECOND / 2;

const KEYS: Policy = Policy { name: "keys", fresh: LEASE, stale: 0, bytes: 1 << 20, entry_bytes: 256 };
const CONNECTIONS: Policy = Policy { name: "connections", fresh: LEASE, stale: 0, bytes: 1 << 20, entry_bytes: 512 };
/// Time moves scores too: what was done yesterday counts less today.
const SCORES: Policy = Policy { name: "scores", fresh: 30 * SECOND, stale: 0, bytes: 0, entry_bytes: 4_000 };
const LISTINGS: Policy = Policy { name: "listings", fresh: 3_600 * SECOND, stale: 0, bytes: 0, entry_bytes: 1_000 };
/// Where others may write: how often the daily figures of some months have changed.
const FIGURE_CHANGES: Policy =
    Policy { name: "figure_changes", fresh: LEASE, stale: 0, bytes: 1 << 20, entry_bytes: 1_000 };
const FIGURES: Policy = Policy { name: "figures", fresh: 600 * SECOND, stale: 0, bytes: 0, entry_bytes: 8_000 };
/// Names on maps stay where they are, and making them reads every listing of a market: no change of a single listing makes them
/// old, only time and a market that grows, and nobody waits for new ones of the same market.
const PLACES: Policy =
    Policy { name: "places", fresh: 3_600 * SECOND, stale: 86_400 * SECOND, bytes: 4 << 20, entry_bytes: 40_000 };
const ANSWERS: Policy = Policy { name: "answers", fresh: 600 * SECOND, stale: 0, bytes: 0, entry_bytes: 16_000 };

/// How often it is asked whether the database is still the same one, in microseconds.
const LINEAGE_EVERY: i64 = 10 * SECOND;

/// A score: whose, and whether with reasons.
pub(crate) type ScoreKey = (TenantId, LeadId, bool);
/// A listing as it is sent on a day: that is how its days on the market are counted.
pub(crate) type ListingKey = (TenantId, ListingId, Day);
/// Daily figures of leads of a month or a part of it, and how often those of the month had changed: others have another key.
pub(crate) type FiguresKey = (TenantId, FiguresFilter, FiguresBy, i64);
/// Of which tenant and months it is asked how often their figures have changed.
type FigureChangesKey = (TenantId, Day, Day);
/// How often the figures of months have changed, by their first days.
type FigureChanges = Arc<BTreeMap<Day, i64>>;
/// What was asked, of whom, on a day.
type AnswerKey = (TenantId, &'static str, Wording, Day);

/// The longest question that is kept beside its hash.
const WORDS: usize = 4_096;

/// The words of a question: two are the same whose SHA-256 is.
#[derive(Clone, Debug)]
pub struct Wording {
    hash: [u8; 32],
    /// The question itself, to ask it again after a start; absent where it is long, or more is asked than its words.
    words: Option<Bytes>,
    /// Whether nobody waits for the answer.
    ahead: bool,
}

impl Wording {
    /// What somebody asks.
    pub fn of(words: &[u8]) -> Self {
        // A copy: they may lie in a buffer that is much larger.
        let kept = (words.len() <= WORDS).then(|| Bytes::copy_from_slice(words));
        Self { hash: Sha256::digest(words).into(), words: kept, ahead: false }
    }

    /// The same, asked by nobody: the answer is made for those who will.
    pub fn ahead(words: &[u8]) -> Self {
        Self { ahead: true, ..Self::of(words) }
    }

    /// The same words about something that they do not name.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        let hash = Sha256::new().chain_update(what).chain_update([0]).chain_update(self.hash).finalize().into();
        Self { hash, words: None, ..self }
    }
}

impl PartialEq for Wording {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Wording {}

impl Hash for Wording {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// A question about a market whose whole answer is kept.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What kind of question: the route.
    pub route: &'static str,
    /// Everything that was asked.
    pub asked: Wording,
    /// About which market.
    pub market: &'a MarketSlug,
    /// About which lead. What is told of a lead stays in this process.
    pub lead: Option<LeadId>,
    /// Whether it is made from what homes are worth.
    pub priced: bool,
}

/// How far the log goes is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    at: Time,
    /// How many changes this process had made.
    changes: u64,
}

/// What answers are made from.
#[derive(Hash)]
enum Source<'a> {
    Keys,
    Connection(ConnectionId),
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
    asked: Mutex<Option<(Asking, Cursor)>>,
    redis: Option<Redis>,
    /// When it was asked last which database this is.
    lineage_at: Mutex<Option<Time>>,
    /// Tags of keys and connections: they go by their lease alone.
    key_tags: Tags,
    /// Who presents a key, by the hash of its secret.
    pub(crate) keys: Cache<[u8; 32], Principal>,
    /// By which connection an event comes.
    pub(crate) connections: Cache<ConnectionId, Arc<ConnectionRow>>,
    /// Live scores.
    pub(crate) scores: Cache<ScoreKey, Document>,
    pub(crate) listings: Cache<ListingKey, Document>,
    pub(crate) figures: Cache<FiguresKey, Arc<[Figure]>>,
    figure_changes: Cache<FigureChangesKey, FigureChanges>,
    /// The names on maps of a market; nothing that happens makes them wrong.
    pub(crate) places: Cache<PlacesKey, Arc<[NamedPlace]>>,
    answers: Cache<AnswerKey, Bytes>,
}

impl Caches {
    /// Empty caches that take `bytes` at most beside those of keys, of connections and of names on maps. `tags` are those that [`hear`] touches;
    /// when the database is `shared`, nothing is given before [`Caches::heard`]. Whole answers are shared by way of `redis`, if there is one.
    pub(crate) fn new(tags: Tags, shared: bool, clock: &Clock, bytes: u64, redis: Option<Redis>) -> Self {
        if shared {
            tags.hears_until(Time(0));
        }
        let key_tags = Tags::default();
        let of = |policy: Policy, sixteenths: u64| Policy { bytes: bytes / 16 * sixteenths, ..policy };
        let second = redis.clone().map(|redis| Second::new(redis, name_of, Bytes::clone, |bytes| bytes));
        let answers =
            Cache::new(of(ANSWERS, 5), tags.clone(), clock.clone(), |(.., asked, _): &AnswerKey, answer: &Bytes| {
                asked.words.as_ref().map_or(0, Bytes::len) + answer.len()
            });
        Self {
            keys: Cache::new(KEYS, key_tags.clone(), clock.clone(), |_, _| 0),
            connections: Cache::new(CONNECTIONS, key_tags.clone(), clock.clone(), |_, _| 0),
            scores: Cache::new(of(SCORES, 5), tags.clone(), clock.clone(), |_, score| score.get().len()),
            listings: Cache::new(of(LISTINGS, 5), tags.clone(), clock.clone(), |_, listing| listing.get().len()),
            figures: Cache::new(of(FIGURES, 1), Tags::default(), clock.clone(), |_, figures| {
                figures.iter().map(|(key, ..)| size_of::<Figure>() + key.capacity()).sum()
            }),
            figure_changes: Cache::new(FIGURE_CHANGES, Tags::default(), clock.clone(), |_, changes| {
                changes.len() * 2 * size_of::<(Day, i64)>()
            }),
            places: Cache::new(PLACES, Tags::default(), clock.clone(), |_, places| places::memory_bytes(places)),
            answers: answers.with_second(second),
            tags,
            shared,
            asked: Mutex::default(),
            redis,
            lineage_at: Mutex::default(),
            key_tags,
        }
    }

    /// Which scores, listings and answers are asked for most: at most so many of each, the most asked for first.
    pub(crate) fn hottest(&self, most: usize) -> HotSet {
        let listings = self.listings.hottest(most).into_iter().map(|(tenant, listing, _)| (tenant, listing));
        let answers = self.answers.hottest(most).into_iter().filter_map(|(tenant, route, asked, _)| {
            let words = String::from_utf8(asked.words?.into()).ok()?;
            Some(HotQuestion { tenant, route: route.to_owned(), words })
        });
        HotSet { scores: self.scores.hottest(most), listings: listings.collect(), answers: answers.collect() }
    }

    /// Whether answers are kept: what others change has been heard of.
    pub(crate) fn hears(&self, now: Time) -> bool {
        self.tags.hears(now)
    }

    /// Each namespace with what it did.
    pub(crate) fn stats(&self) -> [(&'static str, Stats); 8] {
        let Self { keys, connections, scores, listings, figures, figure_changes, places, answers, .. } = self;
        [
            (keys.name(), keys.stats()),
            (connections.name(), connections.stats()),
            (scores.name(), scores.stats()),
            (listings.name(), listings.stats()),
            (figures.name(), figures.stats()),
            (figure_changes.name(), figure_changes.stats()),
            (places.name(), places.stats()),
            (answers.name(), answers.stats()),
        ]
    }

    /// What Redis did for each namespace that is shared.
    pub(crate) fn second_stats(&self) -> Option<(&'static str, SecondStats)> {
        Some((self.answers.name(), self.answers.second_stats()?))
    }

    /// Where answers are shared, if anywhere.
    pub(crate) fn redis(&self) -> Option<&Redis> {
        self.redis.as_ref()
    }

    /// Whether to ask which database this is.
    pub(crate) fn lineage_is_due(&self, now: Time) -> bool {
        let asked = *self.lineage_at.lock();
        self.redis.is_some() && asked.is_none_or(|asked| now.since(asked).abs() >= LINEAGE_EVERY)
    }

    /// The log is that of this database: with who has another one nothing is shared.
    pub(crate) fn lineage(&self, now: Time, lineage: &str) {
        *self.lineage_at.lock() = Some(now);
        if let Some(redis) = &self.redis {
            redis.scope(Some(lineage));
        }
    }

    /// Forgets what these events made wrong.
    pub(crate) fn notice(&self, events: &[Arc<Recorded>]) {
        for one in events {
            if let Some(event) = &one.event {
                touch(&self.tags, one.tenant, event, Some(place_of(one.cursor)));
            }
        }
    }

    /// How far the log goes is to be asked now, if it is not known already.
    pub(crate) fn asks(&self, now: Time) -> Option<Asking> {
        let history = self.tags.history();
        let wanted = (self.shared || history.is_some()) && self.asked.lock().is_none();
        wanted.then(|| Asking { at: now, changes: history.map_or(0, History::changes) })
    }

    /// When that was asked, the newest event that was committed, whether it could be read or not, was at `newest`.
    pub(crate) fn told(&self, asking: Asking, newest: Cursor) {
        *self.asked.lock() = Some((asking, newest));
    }

    /// What the log tells up to this place was noticed and taken in.
    pub(crate) fn heard(&self, position: Cursor) {
        if let Some(history) = self.tags.history() {
            history.reached(place_of(position));
        }
        if let Some((asking, _)) = self.asked.lock().take_if(|(_, newest)| position >= *newest) {
            if self.shared {
                self.tags.hears_until(asking.at.plus(LEASE));
            }
            if let Some(history) = self.tags.history() {
                history.placed(asking.changes);
            }
        }
    }

    /// The log is followed from this place on, and what it told before was not noticed.
    pub(crate) fn follows_from(&self, position: Cursor) {
        if let Some(history) = self.tags.history() {
            history.begins_at(place_of(position));
        }
        self.tags.forget_all();
    }

    /// The log is not followed any more.
    pub(crate) fn lost(&self) {
        if let Some(history) = self.tags.history() {
            history.lost();
        }
        self.tags.forget_all();
    }

    /// While this lives a part may be behind the log; then everything that was made is forgotten.
    pub(crate) fn settle(&self) -> Settling<'_> {
        self.tags.settle()
    }

    /// Up to where the log is in what is read from the store and the index from now on; `None` when that is not known.
    pub(crate) fn place(&self) -> Option<Place> {
        self.tags.history()?.place()
    }

    /// Whether nothing has changed in a market since this place.
    fn is_current(&self, tenant: TenantId, market: &MarketSlug, place: Option<Place>) -> bool {
        let touched =
            self.tags.history().and_then(|history| history.touched(&[Tag::of(Source::Market(tenant, market))]));
        place.is_some_and(|place| touched.is_some_and(|touched| touched <= place))
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

    /// A key was taken back.
    pub(crate) fn key_changed(&self) {
        self.key_tags.touch(Tag::of(Source::Keys));
    }

    /// A connection was ended.
    pub(crate) fn connection_ended(&self, id: ConnectionId) {
        self.key_tags.touch(Tag::of(Source::Connection(id)));
    }

    /// A market's homes are worth something else now, in this process.
    pub(crate) fn market_changed(&self, tenant: TenantId, market: &MarketSlug) {
        self.tags.forget(Tag::of(Source::Market(tenant, market)));
    }
}

impl App {
    /// The answer to a question about a market: the one that was given to the same question today, as long as nothing that it
    /// is made from has changed, else what `make` makes. Ahead of those who ask nothing is given: it is made and kept.
    pub async fn kept_answer<E>(
        &self,
        who: &Principal,
        question: Question<'_>,
        make: impl AsyncFnOnce() -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        let Question { route, asked, market, lead, priced } = question;
        let ahead = asked.ahead;
        // What a person looks for is not written down to be asked again.
        let asked = if lead.is_some() { Wording { words: None, ..asked } } else { asked };
        let key = (who.tenant, route, asked, self.clock().now().day());
        let reach = || {
            let is_known = lead.is_none() && (!priced || self.prices_are_current(who.tenant, market));
            if is_known { Reach::Everywhere } else { Reach::Here }
        };
        let market_tag = Tag::of(Source::Market(who.tenant, market));
        let tags = [market_tag, lead.map_or(market_tag, |lead| Tag::of(Source::Lead(who.tenant, lead)))];
        if ahead {
            self.0.caches.answers.fill_one(&key, &tags, make).await?;
            return Ok(Bytes::new());
        }
        self.0.caches.answers.get_or_load_within(reach, &key, &tags, make).await
    }

    /// How often the daily figures of leads of some months have changed; where others may write, as of half a second ago at most.
    pub(crate) async fn figures_changed(&self, tenant: TenantId, (from, to): (Day, Day)) -> Result<FigureChanges> {
        let read = async || Ok(self.0.store.lead_months_changed(tenant, (from, to)).await?.into());
        let caches = &self.0.caches;
        if !caches.shared {
            return read().await;
        }
        let key = (tenant, Month::first_of(from), Month::first_of(to));
        caches.figure_changes.get_or_load(&key, &[], read).await
    }

    /// Whether the price model of a market was loaded after its last change: it is loaded anew now and then only.
    fn prices_are_current(&self, tenant: TenantId, market: &MarketSlug) -> bool {
        let loaded = self.0.models.price(tenant, market);
        loaded.is_some_and(|pricer| self.0.caches.is_current(tenant, market, pricer.place))
    }
}

/// What lets a key in.
pub(crate) fn of_keys() -> [Tag; 1] {
    [Tag::of(Source::Keys)]
}

/// What lets an event in by a connection.
pub(crate) fn of_connection(id: ConnectionId) -> [Tag; 1] {
    [Tag::of(Source::Connection(id))]
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
    move |emitted| emitted.iter().for_each(|one| touch(&tags, one.tenant, &one.event, None))
}

/// The same order as that of cursors, which are not negative.
fn place_of(Cursor { txid, id }: Cursor) -> Place {
    Place(u128::from(txid.max(0) as u64) << 64 | u128::from(id.max(0) as u64))
}

/// The name of an answer in Redis.
fn name_of((tenant, route, asked, day): &AnswerKey) -> String {
    let mut name = format!("{tenant}:{route}:{}:", day.0);
    for byte in asked.hash {
        // Writing into a text does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// `place` is the event's in the log; `None` of an event of this process, until the log has brought it.
fn touch(tags: &Tags, tenant: TenantId, event: &Event, place: Option<Place>) {
    let one = |source: Source<'_>| match place {
        Some(place) => tags.touch_at(Tag::of(source), place),
        None => tags.touch(Tag::of(source)),
    };
    let lead = |lead: LeadId| one(Source::Lead(tenant, lead));
    let listing = |listing: ListingId| one(Source::Listing(tenant, listing));
    match event {
        Event::LeadCreated { leads }
        | Event::LeadUpdated { leads }
        | Event::LeadAssigned { leads }
        | Event::LeadErased { leads } => leads.iter().copied().for_each(lead),
        Event::LeadMerged { lead: stays, from } | Event::LeadUnmerged { lead: stays, from } => {
            [*stays, *from].into_iter().for_each(lead);
        }
        Event::InteractionRecorded { interactions } => interactions.iter().map(|one| one.lead).for_each(lead),
        Event::ListingCreated { listings, .. }
        | Event::ListingUpdated { listings, .. }
        | Event::ListingRemoved { listings, .. } => listings.iter().copied().for_each(listing),
        Event::ListingPriceChanged { changes, .. } => changes.iter().map(|one| one.listing).for_each(listing),
        Event::ListingStatusChanged { changes, .. } => changes.iter().map(|one| one.listing).for_each(listing),
        Event::ModelPromoted { kind: ModelKind::LeadScore | ModelKind::Churn, .. } => {
            one(Source::LeadModels(tenant));
        }
        Event::ModelPromoted { kind: ModelKind::Price, market: None, .. } => match place {
            Some(place) => tags.touch_all_at(place),
            None => tags.touch_all(),
        },
        Event::ModelPromoted { kind: ModelKind::Price, .. } => {}
        _ => return,
    }
    if let Some(market) = event.market() {
        one(Source::Market(tenant, market));
    }
}
