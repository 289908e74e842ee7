//! What answers are made from, as counters: an answer is good as long as none of its counters has moved.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use lintel_domain::clock::Time;

use crate::history::{History, Place};

/// How many counters there are. Tags share them by chance: a shared one makes an answer anew that need not be, and never
/// keeps one that should go.
pub(crate) const COUNTERS: usize = 1 << 16;

/// Something that answers are made from: a lead, the models of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub(crate) usize);

impl Tag {
    /// The tag of whatever names it.
    pub fn of(what: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        Self(hasher.finish() as usize % COUNTERS)
    }
}

/// Where the counters of some tags stood at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

/// The counters of all tags. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Tags(Arc<Inner>);

struct Inner {
    counters: Box<[AtomicU64]>,
    /// A part of every stamp: it moves them all.
    all: AtomicU64,
    /// Until when nothing can have changed that was not touched, in microseconds.
    hears_until: AtomicI64,
    /// Where in the order of changes the tags were touched, for answers that several processes share.
    history: Option<History>,
}

impl Default for Tags {
    fn default() -> Self {
        Self::with(None)
    }
}

impl Tags {
    /// Tags that also remember where in the order of changes they were touched, so that answers of other processes can be told
    /// good from wrong.
    pub fn in_order() -> Self {
        Self::with(Some(History::default()))
    }

    fn with(history: Option<History>) -> Self {
        let counters = (0..COUNTERS).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Inner { counters, all: AtomicU64::new(0), hears_until: AtomicI64::new(i64::MAX), history }))
    }

    /// Makes every answer wrong that was made from `tag`, or is being made from it now. To be called after the change can be
    /// read and before anybody is told of it: then whoever was told never gets an answer from before.
    ///
    /// The place of the change comes later, by [`Tags::touch_at`]; until [`Tags::placed`] no answer of another process about it
    /// is given.
    pub fn touch(&self, tag: Tag) {
        self.forget(tag);
        if let Some(history) = &self.0.history {
            history.touch(tag);
        }
    }

    /// [`Tags::touch`] for all that there is.
    pub fn touch_all(&self) {
        self.forget_all();
        if let Some(history) = &self.0.history {
            history.touch_all();
        }
    }

    /// [`Tags::touch`] for a change of whatever process, by its place.
    pub fn touch_at(&self, tag: Tag, place: Place) {
        self.forget(tag);
        if let Some(history) = &self.0.history {
            history.touch_at(tag, place);
        }
    }

    /// [`Tags::touch_at`] for all that there is.
    pub fn touch_all_at(&self, place: Place) {
        self.forget_all();
        if let Some(history) = &self.0.history {
            history.touch_all_at(place);
        }
    }

    /// Makes what this process has made from `tag` wrong, for a reason of its own.
    pub fn forget(&self, tag: Tag) {
        self.0.counters[tag.0].fetch_add(1, Ordering::SeqCst);
    }

    /// [`Tags::forget`] for all that there is: for whoever cannot know what has changed.
    pub fn forget_all(&self) {
        self.0.all.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets kept answers be given before this moment only: for whoever hears now and then of what others change. For ever when
    /// it was never called.
    pub fn hears_until(&self, until: Time) {
        self.0.hears_until.store(until.0, Ordering::SeqCst);
    }

    /// Whether kept answers may be given.
    pub fn hears(&self, now: Time) -> bool {
        now.0 < self.0.hears_until.load(Ordering::SeqCst)
    }

    /// Where the tags stand. Counters only grow, so two sums are equal only if every counter is.
    pub(crate) fn stamp(&self, tags: &[Tag]) -> Stamp {
        let all = self.0.all.load(Ordering::SeqCst);
        Stamp(tags.iter().map(|tag| self.0.counters[tag.0].load(Ordering::SeqCst)).fold(all, u64::wrapping_add))
    }

    /// What is known by places; `None` unless these tags are [`Tags::in_order`].
    pub fn history(&self) -> Option<&History> {
        self.0.history.as_ref()
    }

    /// While this lives, what is made here may be from before what this process has reached, and is not shared.
    pub fn settle(&self) -> Settling<'_> {
        if let Some(history) = &self.0.history {
            history.unsettled(1);
        }
        Settling(self)
    }
}

/// See [`Tags::settle`]. When it ends, everything made here is wrong.
pub struct Settling<'a>(&'a Tags);

impl Drop for Settling<'_> {
    fn drop(&mut self) {
        // In this order: whoever begins between the two does not share, and whoever began before sees its stamp moved.
        self.0.forget_all();
        if let Some(history) = &self.0.0.history {
            history.unsettled(-1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_moves_with_each_of_its_tags_and_with_no_other() {
        let tags = Tags::default();
        let [a, b, c] = ["a", "b", "c"].map(Tag::of);
        let before = tags.stamp(&[a, b]);
        tags.touch(c);
        assert_eq!(tags.stamp(&[a, b]), before);
        tags.touch(a);
        let between = tags.stamp(&[a, b]);
        assert_ne!(between, before);
        tags.touch(b);
        assert_ne!(tags.stamp(&[a, b]), between);
        let last = tags.stamp(&[c]);
        tags.touch_all();
        assert_ne!(tags.stamp(&[c]), last);
    }
}
