//! What a namespace did since the process began, counted exactly.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a namespace did since the process began, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Answers that were there and good.
    pub hits: u64,
    /// Answers that were there and old, given while somebody made a new one.
    pub stale: u64,
    /// Answers that had to be made.
    pub misses: u64,
    /// Callers who waited for an answer that another was making.
    pub joined: u64,
    /// Answers that were made before anybody asked for them.
    pub filled: u64,
    /// Answers that went for want of room.
    pub evicted: u64,
    /// Answers that are held.
    pub entries: u64,
    /// Bytes of keys and values that are held.
    pub bytes: u64,
}

/// What the second tier did for a namespace since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondStats {
    /// Answers that another process had made.
    pub hits: u64,
    /// Answers that were not there.
    pub misses: u64,
    /// Answers that were there and too old, or from before what they are made from changed.
    pub wrong: u64,
    /// Answers that another process was making, and that were waited for.
    pub joined: u64,
    /// Questions that came to nothing since it did not answer.
    pub vain: u64,
    /// Answers that were kept for others.
    pub kept: u64,
    /// Answers that were not, since too many waited or it was away.
    pub lost: u64,
    /// Bytes of the answers that were kept.
    pub bytes: u64,
    /// Bytes that they took, packed.
    pub packed: u64,
}

/// The counters behind [`Stats`].
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) hits: Counter,
    pub(crate) stale: Counter,
    pub(crate) misses: Counter,
    pub(crate) joined: Counter,
    pub(crate) filled: Counter,
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
