//! Where in the one order of changes things were touched: by that an answer of another process is told good from wrong.
//!
//! All processes read the same log of changes in the same order. An answer says up to which [`Place`] everything is in it that
//! it was made from; whoever reads it later knows where its tags were touched last, and gives it only if that is not behind the
//! answer's place. Nothing but the answer itself is kept outside of the process, so nothing outside can make a wrong one good.

use parking_lot::Mutex;

use crate::{Tag, tags::COUNTERS};

/// A place in the order of changes that all processes share. A later change has a greater one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub u128);

/// What this process knows of the order of changes.
pub struct History(Mutex<Known>);

struct Known {
    /// Where each tag was touched last, as far as it was heard.
    last: Box<[Place]>,
    /// Where all of them were touched, or where this process began to hear.
    floor: Place,
    /// Counts the changes of this process.
    changes: u64,
    /// The number of the last change of this process to each tag, and to all.
    own: Box<[u64]>,
    own_all: u64,
    /// Up to which of them their places are known.
    placed: u64,
    /// Everything up to here is in whatever this process makes; `None` while it does not follow the order.
    reached: Option<Place>,
    /// How many parts are behind what was reached.
    unsettled: i64,
}

impl Default for History {
    fn default() -> Self {
        Self(Mutex::new(Known {
            last: vec![Place::default(); COUNTERS].into_boxed_slice(),
            floor: Place::default(),
            changes: 0,
            own: vec![0; COUNTERS].into_boxed_slice(),
            own_all: 0,
            placed: 0,
            reached: None,
            unsettled: 0,
        }))
    }
}

impl History {
    /// From this place on every change is heard; what came before is unknown.
    pub fn begins_at(&self, place: Place) {
        let mut known = self.0.lock();
        known.floor = known.floor.max(place);
        known.reached = Some(place);
    }

    /// Changes are not heard any more, until [`History::begins_at`].
    pub fn lost(&self) {
        self.0.lock().reached = None;
    }

    /// Everything up to here was heard, and is in whatever this process makes from now on.
    pub fn reached(&self, place: Place) {
        self.0.lock().reached = Some(place);
    }

    /// Up to where everything is in what this process makes.
    pub fn place(&self) -> Option<Place> {
        self.0.lock().reached
    }

    /// How many changes this process has made.
    pub fn changes(&self) -> u64 {
        self.0.lock().changes
    }

    /// The places of the first `changes` changes of this process were all heard.
    pub fn placed(&self, changes: u64) {
        let mut known = self.0.lock();
        known.placed = known.placed.max(changes);
    }

    /// Where these tags were touched last: an answer is good if everything up to there is in it. `None` while that is not known.
    pub fn touched(&self, tags: &[Tag]) -> Option<Place> {
        self.0.lock().touched(tags)
    }

    /// Up to which place everything is in an answer from these tags that is begun now; `None` when others could not use it.
    pub(crate) fn as_of(&self, tags: &[Tag]) -> Option<Place> {
        let known = self.0.lock();
        let touched = known.touched(tags)?;
        known.reached.filter(|reached| *reached >= touched && known.unsettled == 0)
    }

    pub(crate) fn touch(&self, tag: Tag) {
        let mut known = self.0.lock();
        known.changes += 1;
        known.own[tag.0] = known.changes;
    }

    pub(crate) fn touch_all(&self) {
        let mut known = self.0.lock();
        known.changes += 1;
        known.own_all = known.changes;
    }

    pub(crate) fn touch_at(&self, tag: Tag, place: Place) {
        let last = &mut self.0.lock().last[tag.0];
        *last = place.max(*last);
    }

    pub(crate) fn touch_all_at(&self, place: Place) {
        let mut known = self.0.lock();
        known.floor = known.floor.max(place);
    }

    pub(crate) fn unsettled(&self, by: i64) {
        self.0.lock().unsettled += by;
    }
}

impl Known {
    fn touched(&self, tags: &[Tag]) -> Option<Place> {
        let own = tags.iter().map(|tag| self.own[tag.0]).fold(self.own_all, u64::max);
        let follows = self.reached.is_some() && own <= self.placed;
        follows.then(|| tags.iter().map(|tag| self.last[tag.0]).fold(self.floor, Place::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tags;

    const ONE: Place = Place(10);
    const TWO: Place = Place(20);

    fn heard() -> (Tags, Tag) {
        let tags = Tags::in_order();
        tags.history().unwrap().begins_at(Place(1));
        (tags, Tag::of("a"))
    }

    #[test]
    fn what_is_made_here_is_as_of_what_was_reached_unless_more_was_heard_of_it() {
        let (tags, tag) = heard();
        let history = tags.history().unwrap();
        assert_eq!((history.touched(&[tag]), history.as_of(&[tag])), (Some(Place(1)), Some(Place(1))));
        tags.touch_at(tag, ONE);
        assert_eq!((history.touched(&[tag]), history.as_of(&[tag])), (Some(ONE), None), "heard of and not taken in");
        assert_eq!(history.as_of(&[Tag::of("b")]), Some(Place(1)), "about something else");
        history.reached(ONE);
        assert_eq!(history.as_of(&[tag]), Some(ONE));
        tags.touch_all_at(TWO);
        assert_eq!((history.touched(&[Tag::of("b")]), history.as_of(&[tag])), (Some(TWO), None));
    }

    #[test]
    fn a_change_of_this_process_leaves_others_out_until_its_place_is_known() {
        let (tags, tag) = heard();
        let history = tags.history().unwrap();
        tags.touch(tag);
        let first = history.changes();
        assert_eq!(history.touched(&[tag]), None);
        assert!(history.touched(&[Tag::of("b")]).is_some());
        tags.touch(tag);
        history.placed(first);
        assert_eq!(history.touched(&[tag]), None, "the second one is still unknown");
        history.placed(history.changes());
        assert!(history.touched(&[tag]).is_some());
        tags.touch_all();
        assert_eq!(history.touched(&[Tag::of("b")]), None);
    }

    #[test]
    fn nothing_is_shared_while_parts_are_behind_or_nothing_is_heard() {
        let (tags, tag) = heard();
        let history = tags.history().unwrap();
        let before = tags.stamp(&[tag]);
        let (one, two) = (tags.settle(), tags.settle());
        assert!(history.as_of(&[tag]).is_none() && history.touched(&[tag]).is_some());
        drop(one);
        assert!(history.as_of(&[tag]).is_none());
        drop(two);
        assert!(history.as_of(&[tag]).is_some());
        assert_ne!(tags.stamp(&[tag]), before);
        history.lost();
        assert!(history.as_of(&[tag]).is_none() && history.touched(&[tag]).is_none());
        history.begins_at(TWO);
        assert_eq!(history.touched(&[tag]), Some(TWO));
    }
}
