//! The second tier of one namespace: asking for what another process has made, waiting a moment for what it is making, and keeping
//! for the others what was made here.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use lintel_domain::clock::{Clock, Time};
use tokio::time::{Instant, sleep};

use crate::{
    Place, Tag, Tags,
    redis::{Entry, Kept, Redis, TURN},
    stats::{Counter, SecondStats},
};

/// For how long another process is waited for that makes the answer. Then everybody makes it.
const WAIT: Duration = Duration::from_millis(50);
/// The first pause between two looks; each further one is twice as long.
const LOOK: Duration = Duration::from_millis(5);

/// How a namespace is kept in the second tier.
pub struct Second<K, V> {
    redis: Redis,
    name: fn(&K) -> String,
    pack: fn(&V) -> Bytes,
    unpack: fn(Bytes) -> V,
    counters: Counters,
}

#[derive(Default)]
struct Counters {
    hits: Counter,
    misses: Counter,
    wrong: Counter,
    joined: Counter,
    vain: Counter,
    lost: Counter,
    kept: Arc<Kept>,
}

/// What another process has made: a good answer and when it was begun.
pub(crate) struct There<V> {
    pub(crate) value: V,
    pub(crate) begun: Time,
}

/// That this process is the one to make an answer; given back when dropped.
pub(crate) struct Turn {
    redis: Redis,
    key: String,
    until: Instant,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Later it may be somebody else's.
        if Instant::now() < self.until {
            self.redis.give_back(std::mem::take(&mut self.key));
        }
    }
}

impl<K, V> Second<K, V> {
    /// `name` names a key, whose it is included, the same in every process; `pack` and `unpack` turn a value into bytes and back.
    pub fn new(redis: Redis, name: fn(&K) -> String, pack: fn(&V) -> Bytes, unpack: fn(Bytes) -> V) -> Self {
        Self { redis, name, pack, unpack, counters: Counters::default() }
    }

    /// What another process has made, or is making right now; else whether this one is to make it for all. `fresh` is how long an
    /// answer is good.
    pub(crate) async fn find(
        &self,
        (namespace, fresh): (&str, i64),
        key: &K,
        (tags, of): (&Tags, &[Tag]),
        clock: &Clock,
    ) -> Result<There<V>, Option<Turn>> {
        let (Some(history), Some(key)) = (tags.history(), self.key(namespace, key)) else {
            return Err(None);
        };
        let Some(touched) = history.touched(of) else { return Err(None) };
        // Judged by what is known when the answer is here, which may be more than when it was asked for.
        let good = |entry: &Entry| {
            let now = clock.now();
            let age = now.since(entry.begun);
            age < fresh && tags.hears(now) && history.touched(of).is_some_and(|touched| touched <= entry.as_of)
        };
        let there = |entry: Entry| There { value: (self.unpack)(entry.value), begun: entry.begun };
        let Counters { hits, misses, wrong, joined, vain, .. } = &self.counters;
        match self.redis.get(&key).await {
            None => {
                vain.count();
                return Err(None);
            }
            Some(Some(entry)) if good(&entry) => {
                hits.count();
                return Ok(there(entry));
            }
            Some(Some(_)) => wrong.count(),
            Some(None) => misses.count(),
        }
        if history.as_of(of).is_none() {
            return Err(None);
        }
        // Those wait for each other who know of the same change: what they make is good for all of them.
        let turn = format!("{key}:turn:{:x}", touched.0);
        match self.redis.take_turn(&turn).await {
            None => Err(None),
            Some(true) => Err(Some(Turn { redis: self.redis.clone(), key: turn, until: Instant::now() + TURN })),
            Some(false) => match self.wait(&key, good).await {
                None => Err(None),
                Some(entry) => {
                    joined.count();
                    Ok(there(entry))
                }
            },
        }
    }

    async fn wait(&self, key: &str, good: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let (until, mut pause) = (Instant::now() + WAIT, LOOK);
        while Instant::now() + pause <= until {
            sleep(pause).await;
            pause *= 2;
            match self.redis.get(key).await? {
                Some(entry) if good(&entry) => return Some(entry),
                _ => {}
            }
        }
        None
    }

    /// Where an answer is kept; `None` while it cannot be.
    pub(crate) fn key(&self, namespace: &str, key: &K) -> Option<String> {
        self.redis.key(namespace, &(self.name)(key))
    }

    /// Keeps an answer for the others for `micros`, under the key it had when it was begun.
    pub(crate) fn keep(&self, key: String, (begun, as_of): (Time, Place), value: &V, micros: i64) {
        let entry = Entry { begun, as_of, value: (self.pack)(value) };
        let millis = u64::try_from(micros / 1000).unwrap_or(0);
        if millis > 0 && !self.redis.keep(key, entry, millis, Arc::clone(&self.counters.kept)) {
            self.counters.lost.count();
        }
    }

    /// What the tier did for the namespace.
    pub(crate) fn stats(&self) -> SecondStats {
        let Counters { hits, misses, wrong, joined, vain, lost, kept } = &self.counters;
        SecondStats {
            hits: hits.get(),
            misses: misses.get(),
            wrong: wrong.get(),
            joined: joined.get(),
            vain: vain.get(),
            kept: kept.answers.get(),
            lost: lost.get(),
            bytes: kept.bytes.get(),
            packed: kept.packed.get(),
        }
    }
}
