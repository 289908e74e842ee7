//! One namespace: what is there and good is given, what is not is made by one caller at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use lintel_domain::{
    clock::{Clock, Time},
    rng::Rng,
};
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter, sync::Cache as Kept};

use crate::{
    Place, Policy, Second, SecondStats, Stats, Tag, Tags,
    stats::{Counter, Counters},
    tags::Stamp,
};

/// Answers of one kind. Hits cost a hash, a short lock and a clone of the value: keep large values behind a pointer.
pub struct Cache<K, V> {
    policy: Policy,
    tags: Tags,
    clock: Clock,
    entries: Kept<K, Arc<Entry<V>>, ByBytes, DefaultHashBuilder, Leaving>,
    counters: Counters,
    leaving: Leaving,
    weigh: fn(&K, &V) -> usize,
    draws: AtomicU64,
    second: Option<Second<K, V>>,
}

/// Who may have an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This process alone.
    Here,
    /// Every process that shares the second tier, if the namespace has one.
    Everywhere,
}

/// A kept answer.
struct Entry<V> {
    value: V,
    /// When it was begun, and where its tags stood then.
    begun: Begun,
    /// From when on one caller makes a new one.
    renew_at: Time,
    /// Until when it is as good as new.
    fresh_until: Time,
    /// Until when it may be given at all.
    until: Time,
    /// Whether somebody is making a new one.
    renewing: AtomicBool,
    /// How often it was asked for, beside the first time.
    asked: AtomicU32,
    bytes: u64,
}

impl<V: Clone> Entry<V> {
    fn give(&self, counter: &Counter) -> V {
        counter.count();
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.value.clone()
    }
}

/// What may be done with a kept answer.
enum Use {
    /// It is good.
    Give,
    /// It is good, and this caller is the one to make a new one.
    Renew,
    /// It is old, and somebody is making a new one.
    GiveStale,
    /// It is not to be given any more.
    Drop,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// An empty namespace. `weigh` says how many bytes a key and its value take beside the bookkeeping.
    pub fn new(policy: Policy, tags: Tags, clock: Clock, weigh: fn(&K, &V) -> usize) -> Self {
        let leaving = Leaving::default();
        let about = usize::try_from(policy.bytes / policy.entry_bytes.max(1)).unwrap_or(usize::MAX);
        let entries = Kept::with(about, policy.bytes, ByBytes, DefaultHashBuilder::default(), leaving.clone());
        let (counters, draws) = (Counters::default(), AtomicU64::new(0));
        Self { policy, tags, clock, entries, counters, leaving, weigh, draws, second: None }
    }

    /// The same with a second tier, if there is one; its tags must be [in order](Tags::in_order).
    #[must_use]
    pub fn with_second(self, second: Option<Second<K, V>>) -> Self {
        Self { second, ..self }
    }

    /// The namespace's name.
    pub fn name(&self) -> &'static str {
        self.policy.name
    }

    /// The answer to `key`: the kept one as long as none of `tags` was touched since it was begun and it is not too old, else
    /// what `load` makes.
    ///
    /// While its tags do not [hear](Tags::hears_until) of changes, every caller runs `load` and nothing is kept.
    ///
    /// One caller at a time runs `load`; when it fails or its caller goes away, the next who waits tries. A little before an
    /// answer gets old one caller makes a new one, sooner the longer it takes, while the others have the old one; should that
    /// fail, the old one is given as long as it may be. `tags` must follow from the key alone.
    pub async fn get_or_load<E>(
        &self,
        key: &K,
        tags: &[Tag],
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        self.get_or_load_within(|| Reach::Here, key, tags, load).await
    }

    /// [`Cache::get_or_load`] of what this process or all may have: then an answer that another one has made is as good as one's own, and one
    /// that another is making is waited for, for a moment. `reach` is asked when an answer is looked for, and when it is begun.
    pub async fn get_or_load_within<E>(
        &self,
        reach: impl Fn() -> Reach,
        key: &K,
        tags: &[Tag],
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        if !self.tags.hears(self.clock.now()) {
            self.counters.misses.count();
            return load().await;
        }
        if let Some(entry) = self.entries.get(key) {
            match self.judge(&entry, tags) {
                Use::Give => return Ok(entry.give(&self.counters.hits)),
                Use::GiveStale => return Ok(entry.give(&self.counters.stale)),
                Use::Renew => return self.renew(reach, key, tags, &entry, load).await,
                Use::Drop => self.forget(key, &entry),
            }
        }
        loop {
            match self.entries.get_value_or_guard_async(key).await {
                Ok(entry) => match self.judge(&entry, tags) {
                    Use::Drop => self.forget(key, &entry),
                    // Whoever waited takes it, and leaves a renewal to those who come later.
                    Use::Renew => {
                        entry.renewing.store(false, Ordering::Release);
                        return Ok(entry.give(&self.counters.joined));
                    }
                    Use::Give | Use::GiveStale => return Ok(entry.give(&self.counters.joined)),
                },
                Err(place) => {
                    // Should there be no room for it, it is given all the same.
                    let (begun, value) = self.find_or_make(reach, key, tags, load).await?;
                    let _ = place.insert(Arc::new(self.entry(key, begun, value.clone())));
                    return Ok(value);
                }
            }
        }
    }

    /// What another process has made, or else what `load` makes.
    async fn find_or_make<E>(
        &self,
        reach: impl Fn() -> Reach,
        key: &K,
        tags: &[Tag],
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<(Begun, V), E> {
        let mut _turn = None;
        if let Some(second) = &self.second
            && reach() == Reach::Everywhere
        {
            // From before it is judged: what is touched behind that makes it wrong here, too.
            let stamp = self.tags.stamp(tags);
            match second.find((self.policy.name, self.policy.fresh), key, (&self.tags, tags), &self.clock).await {
                // Clocks differ a little: what was begun in the future was begun now.
                Ok(there) => return Ok((Begun { at: there.begun.min(self.clock.now()), stamp }, there.value)),
                Err(turn) => _turn = turn,
            }
        }
        self.make(reach, key, tags, load).await
    }

    /// What `load` makes; kept for other processes if they may have it and nothing was touched meanwhile.
    async fn make<E>(
        &self,
        reach: impl Fn() -> Reach,
        key: &K,
        tags: &[Tag],
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<(Begun, V), E> {
        self.counters.misses.count();
        let begun = Begun { at: self.clock.now(), stamp: self.tags.stamp(tags) };
        // In this order: what makes the next two untrue moves the stamp.
        let second = self.second.as_ref().filter(|_| reach() == Reach::Everywhere);
        let sharing = second.and_then(|second| Some((second, second.key(self.policy.name, key)?, self.as_of(tags)?)));
        let value = load().await?;
        if let Some((second, key, as_of)) = sharing
            && self.tags.stamp(tags) == begun.stamp
            && self.as_of(tags).is_some()
        {
            let left = begun.at.plus(self.policy.fresh).since(self.clock.now());
            second.keep(key, (begun.at, as_of), &value, left.min(self.policy.fresh));
        }
        Ok((begun, value))
    }

    fn as_of(&self, tags: &[Tag]) -> Option<Place> {
        self.tags.history()?.as_of(tags)
    }

    /// The answers to `keys`, in their order; those that are not kept are made by one call of `load`, which leaves out what
    /// there is no answer to. Callers who need the same answer at the same time make it each.
    pub async fn get_many_or_load<E, const N: usize>(
        &self,
        keys: &[K],
        tags: impl Fn(&K) -> [Tag; N],
        load: impl AsyncFnOnce(Vec<K>) -> Result<Vec<(K, V)>, E>,
    ) -> Result<Vec<Option<V>>, E> {
        let hears = self.tags.hears(self.clock.now());
        let mut found: Vec<Option<V>> =
            keys.iter().map(|key| if hears { self.kept(key, &tags(key)) } else { None }).collect();
        let missing: Vec<K> =
            keys.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(k, _)| k.clone()).collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let made = self.make_many(missing, &tags, load).await?;
        if hears {
            self.counters.misses.add(made.len() as u64);
        }
        for (key, found) in keys.iter().zip(&mut found) {
            if found.is_none() {
                *found = made.get(key).cloned();
            }
        }
        Ok(found)
    }

    /// Makes answers before anybody asks for them; those that are there already stay. They count neither as hits nor as misses.
    ///
    /// Nothing is made while changes are not [heard](Tags::hears_until) of.
    pub async fn fill<E, const N: usize>(
        &self,
        keys: &[K],
        tags: impl Fn(&K) -> [Tag; N],
        load: impl AsyncFnOnce(Vec<K>) -> Result<Vec<(K, V)>, E>,
    ) -> Result<(), E> {
        if !self.tags.hears(self.clock.now()) {
            return Ok(());
        }
        let is_there = |key: &K| self.entries.peek(key).is_some_and(|entry| self.is_good(&entry, &tags(key)));
        let missing: Vec<K> = keys.iter().filter(|key| !is_there(key)).cloned().collect();
        if !missing.is_empty() {
            let made = self.make_many(missing, &tags, load).await?;
            self.counters.filled.add(made.len() as u64);
        }
        Ok(())
    }

    /// [`Cache::fill`] of one.
    pub async fn fill_one<E>(&self, key: &K, tags: &[Tag], load: impl AsyncFnOnce() -> Result<V, E>) -> Result<(), E> {
        let at = self.clock.now();
        let is_there = || self.entries.peek(key).is_some_and(|entry| self.is_good(&entry, tags));
        if self.tags.hears(at) && !is_there() {
            let begun = Begun { at, stamp: self.tags.stamp(tags) };
            let value = load().await?;
            self.entries.insert(key.clone(), Arc::new(self.entry(key, begun, value)));
            self.counters.filled.count();
        }
        Ok(())
    }

    /// Makes answers, and keeps them while changes are heard of.
    async fn make_many<E, const N: usize>(
        &self,
        missing: Vec<K>,
        tags: &impl Fn(&K) -> [Tag; N],
        load: impl AsyncFnOnce(Vec<K>) -> Result<Vec<(K, V)>, E>,
    ) -> Result<HashMap<K, V>, E> {
        let at = self.clock.now();
        let hears = self.tags.hears(at);
        let stamps: HashMap<K, Stamp> = missing.iter().map(|key| (key.clone(), self.tags.stamp(&tags(key)))).collect();
        let made: HashMap<K, V> = load(missing).await?.into_iter().collect();
        for (key, value) in &made {
            if let Some(&stamp) = stamps.get(key).filter(|_| hears) {
                self.entries.insert(key.clone(), Arc::new(self.entry(key, Begun { at, stamp }, value.clone())));
            }
        }
        Ok(made)
    }

    /// Those of which answers are held that may still be given, as far as time tells: the most asked for first, `most` of them.
    pub fn hottest(&self, most: usize) -> Vec<K> {
        let now = self.clock.now();
        let held = self.entries.iter().filter(|(_, entry)| now < entry.until);
        let mut all: Vec<(u32, K)> = held.map(|(key, entry)| (entry.asked.load(Ordering::Relaxed), key)).collect();
        all.sort_by_key(|(asked, _)| std::cmp::Reverse(*asked));
        all.truncate(most);
        all.into_iter().map(|(_, key)| key).collect()
    }

    /// The kept answer, if it may be given and nobody has to make a new one.
    fn kept(&self, key: &K, tags: &[Tag]) -> Option<V> {
        let entry = self.entries.get(key)?;
        match self.judge(&entry, tags) {
            Use::Give => Some(entry.give(&self.counters.hits)),
            Use::GiveStale => Some(entry.give(&self.counters.stale)),
            Use::Renew => {
                entry.renewing.store(false, Ordering::Release);
                None
            }
            Use::Drop => {
                self.forget(key, &entry);
                None
            }
        }
    }

    /// What the namespace did so far, and what it holds.
    pub fn stats(&self) -> Stats {
        let Counters { hits, stale, misses, joined, filled } = &self.counters;
        Stats {
            hits: hits.get(),
            stale: stale.get(),
            misses: misses.get(),
            joined: joined.get(),
            filled: filled.get(),
            evicted: self.leaving.0.load(Ordering::Relaxed),
            entries: self.entries.len() as u64,
            bytes: self.entries.weight(),
        }
    }

    /// What its second tier did; `None` when it has none.
    pub fn second_stats(&self) -> Option<SecondStats> {
        self.second.as_ref().map(Second::stats)
    }

    /// Whether nothing has made it wrong, and it may be given.
    fn is_good(&self, entry: &Entry<V>, tags: &[Tag]) -> bool {
        let now = self.clock.now();
        // Before it was begun: somebody has set the clock back, and its age is unknown.
        entry.begun.stamp == self.tags.stamp(tags) && now < entry.until && now >= entry.begun.at
    }

    fn judge(&self, entry: &Entry<V>, tags: &[Tag]) -> Use {
        let now = self.clock.now();
        if !self.is_good(entry, tags) {
            Use::Drop
        } else if now < entry.renew_at {
            Use::Give
        } else if !entry.renewing.swap(true, Ordering::Acquire) {
            Use::Renew
        } else if now < entry.fresh_until {
            Use::Give
        } else {
            Use::GiveStale
        }
    }

    fn forget(&self, key: &K, entry: &Arc<Entry<V>>) {
        self.entries.remove_if(key, |kept| Arc::ptr_eq(kept, entry));
    }

    async fn renew<E>(
        &self,
        reach: impl Fn() -> Reach,
        key: &K,
        tags: &[Tag],
        old: &Arc<Entry<V>>,
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let _renewing = Renewing(&old.renewing);
        match self.make(reach, key, tags, load).await {
            Ok((begun, value)) => {
                let entry = self.entry(key, begun, value.clone());
                // What was asked for often is, after a while without questions less so.
                entry.asked.store(old.asked.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
                let entry = Arc::new(entry);
                // Only in the place of the old one: what somebody else made meanwhile may be newer.
                if self.entries.remove_if(key, |kept| Arc::ptr_eq(kept, old)).is_some() {
                    self.entries.insert(key.clone(), entry);
                }
                Ok(value)
            }
            Err(error) => match self.judge(old, tags) {
                Use::Drop => Err(error),
                Use::Give | Use::GiveStale | Use::Renew => Ok(old.value.clone()),
            },
        }
    }

    fn entry(&self, key: &K, begun: Begun, value: V) -> Entry<V> {
        let fresh_until = begun.at.plus(self.policy.fresh);
        let took = self.clock.now().since(begun.at).max(0);
        Entry {
            renew_at: fresh_until.plus(-self.lead_time(took)),
            fresh_until,
            until: fresh_until.plus(self.policy.stale),
            begun,
            renewing: AtomicBool::new(false),
            asked: AtomicU32::new(0),
            bytes: (size_of::<Entry<V>>() + size_of::<K>() + (self.weigh)(key, &value)) as u64,
            value,
        }
    }

    /// How long before it gets old an answer is made anew, when making it takes `took`: an exponential draw, so that answers of
    /// one moment are not all renewed at one moment (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
    /// Prevention, 2015), at most a quarter of its time.
    fn lead_time(&self, took: i64) -> i64 {
        let draw = Rng::new(self.draws.fetch_add(1, Ordering::Relaxed)).unit().max(f64::MIN_POSITIVE);
        let scale = took.max(self.policy.fresh / 64) as f64;
        ((-draw.ln() * scale) as i64).min(self.policy.fresh / 4)
    }
}

/// When an answer was begun, and where its tags stood.
#[derive(Clone, Copy)]
struct Begun {
    at: Time,
    stamp: Stamp,
}

/// Lets another caller renew, however this one ends.
struct Renewing<'a>(&'a AtomicBool);

impl Drop for Renewing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Entries say themselves what they weigh.
#[derive(Clone)]
struct ByBytes;

impl<K, V> Weighter<K, Arc<Entry<V>>> for ByBytes {
    fn weight(&self, _: &K, entry: &Arc<Entry<V>>) -> u64 {
        entry.bytes
    }
}

/// Counts what leaves for want of room.
#[derive(Clone, Default)]
struct Leaving(Arc<AtomicU64>);

impl<K, V> Lifecycle<K, V> for Leaving {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: K, _: V) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
