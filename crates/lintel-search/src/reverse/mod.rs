//! Search the other way round: from changed listings to the searches that find them, and from a listing to the people who
//! look for such a home, without a look at every one of them.
//!
//! Each search lies in one drawer: that of the district its area fits into and, if it asks for words, of one of them. A
//! listing opens the drawers of the districts around it and of its own words. In a large drawer every condition is a column
//! of bits by what passes it, so that 64 searches are passed over at a time; the few that are left are asked themselves, by
//! the conditions that a search of the market asks.

mod buckets;
mod district;
mod drawer;
mod news;
mod posts;
mod wishers;

use std::{collections::HashMap, hash::Hash, iter::once};

use lintel_domain::{
    clock::Day,
    filter::ListingFilter,
    id::{ListingId, SavedSearchId},
};
pub use wishers::Wishers;

use self::{
    buckets::{Answers, Asked},
    district::{District, Frame},
    drawer::{Doubt, Drawer},
    news::News,
    posts::{NO_WORD, Posts},
};
use crate::{Changed, part::Kinds, plan::Conditions, segment::Row, text::Word};

/// The searches that watch a market, by what they ask for. What is kept of searches may also be kept of others who ask, by
/// their own ids.
#[derive(Debug)]
pub struct Watchers<I = SavedSearchId> {
    /// The searches by slot, and their ids.
    searches: Vec<Option<Watcher>>,
    ids: Vec<I>,
    /// Slots without a search.
    free: Vec<u32>,
    slots: HashMap<I, u32>,
    drawers: HashMap<Key, Drawer>,
    posts: Posts,
    /// The types of property that searches name.
    kinds: Kinds,
}

/// A search.
#[derive(Debug)]
struct Watcher {
    conditions: Conditions,
    /// Its drawer, and its place there.
    key: Key,
    place: u32,
}

/// What a drawer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The number of a word that all its searches ask for, or [`NO_WORD`] if they ask for none.
    post: u32,
    district: District,
}

impl<I> Default for Watchers<I> {
    fn default() -> Self {
        Self {
            searches: Vec::new(),
            ids: Vec::new(),
            free: Vec::new(),
            slots: HashMap::new(),
            drawers: HashMap::new(),
            posts: Posts::default(),
            kinds: Kinds::default(),
        }
    }
}

impl Watchers {
    /// Nobody watches yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a search, in place of what it asked for before.
    pub fn put(&mut self, id: SavedSearchId, filter: &ListingFilter) {
        self.ask(id, &filter.property_types, |kind| Conditions::of_filter(filter, kind, Day(0)));
    }

    /// Calls `tell` with each changed listing and each search that finds it in its market, in no order.
    pub fn find(&self, changed: &Changed, today: Day, mut tell: impl FnMut(SavedSearchId, ListingId)) {
        if self.is_empty() {
            return;
        }
        let mut news = News::new(changed);
        for segment in changed.pieces() {
            let texts = news.texts(segment, &self.posts);
            for (slot, text) in texts.iter().enumerate() {
                let mut row = segment.row(slot);
                row.kind = self.kind(changed.kind(row.kind));
                let has = |word: &Word| news.has(segment, text, word);
                self.each_that_finds(&row, &text.posts, today, has, |search| tell(search, ListingId(row.id)));
            }
        }
    }
}

impl<I: Copy + Eq + Hash> Watchers<I> {
    /// How many searches watch.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nobody watches.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether some search asks for words, so that what it finds depends on the words of the whole market.
    pub fn ask_for_words(&self) -> bool {
        !self.posts.is_empty()
    }

    /// Takes in who asks for what, in place of what they asked for before. `types` are those that `conditions` asks for by
    /// their numbers.
    fn ask(&mut self, id: I, types: &[String], conditions: impl FnOnce(&dyn Fn(&str) -> Option<u32>) -> Conditions) {
        self.remove(id);
        for name in types {
            self.kinds.number_or_new(name);
        }
        let mut conditions = conditions(&|name| self.kinds.number(name));
        conditions.areas.shrink_to_fit();
        conditions.words.shrink_to_fit();
        let district = District::of(Frame::around(&conditions.areas));
        let key = Key { post: self.posts.take(&conditions.words), district };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.searches.push(None);
            self.ids.push(id);
            self.searches.len() as u32 - 1
        });
        let searches = &self.searches;
        let asked = |other: u32| match &searches[other as usize] {
            Some(search) => Asked::new(&search.conditions, district),
            None => Asked::new(&conditions, district),
        };
        let place = self.drawers.entry(key).or_default().put(slot, asked);
        self.searches[slot as usize] = Some(Watcher { conditions, key, place });
        self.ids[slot as usize] = id;
        self.slots.insert(id, slot);
    }

    /// Forgets a search; false when it did not watch.
    pub fn remove(&mut self, id: I) -> bool {
        let Some(slot) = self.slots.remove(&id) else { return false };
        let Some(search) = self.searches[slot as usize].take() else { return false };
        let Watcher { conditions, key, place, .. } = search;
        if let Some(drawer) = self.drawers.get_mut(&key) {
            drawer.remove(place, &Asked::new(&conditions, key.district));
            if drawer.is_empty() {
                self.drawers.remove(&key);
            }
        }
        self.posts.give_back(&conditions.words, key.post);
        self.free.push(slot);
        true
    }

    /// The number of a type of property. A type that no search names is as good as an unknown one.
    fn kind(&self, name: Option<&str>) -> u32 {
        name.and_then(|name| self.kinds.number(name)).unwrap_or(0)
    }

    /// Calls `tell` with each search that finds a listing, which has the words of these `posts`, in no order.
    fn each_that_finds(
        &self,
        row: &Row,
        posts: &[u32],
        today: Day,
        mut has: impl FnMut(&Word) -> bool,
        mut tell: impl FnMut(I),
    ) {
        let mut answers = Answers::new(row, today);
        District::about(row.point(), |district| {
            answers.stand_in(district);
            for post in once(NO_WORD).chain(posts.iter().copied()) {
                let Some(drawer) = self.drawers.get(&Key { post, district }) else { continue };
                drawer.each(&answers, |search, doubt| {
                    if self.finds(search, doubt, row, today, &mut has) {
                        tell(self.ids[search as usize]);
                    }
                });
            }
        });
    }

    /// Whether a search finds a listing. Most searches are settled by what their drawer says, and are not looked at.
    fn finds(&self, slot: u32, doubt: Doubt, row: &Row, today: Day, has: impl FnMut(&Word) -> bool) -> bool {
        if !doubt.values && !doubt.rest {
            return true;
        }
        self.searches[slot as usize].as_ref().is_some_and(|Watcher { conditions, .. }| {
            (!doubt.values || conditions.values_pass(row, today)) && (!doubt.rest || conditions.rest_passes(row, has))
        })
    }

    /// About how many bytes it takes.
    pub fn memory_bytes(&self) -> usize {
        let of_search = |search: &Watcher| search.conditions.memory_bytes();
        let drawers = self.drawers.values().map(Drawer::memory_bytes).sum::<usize>();
        // A table of hashes is at most 7/8 full, and has a byte beside each entry.
        self.searches.capacity() * size_of::<Option<Watcher>>()
            + self.searches.iter().flatten().map(of_search).sum::<usize>()
            + self.ids.capacity() * size_of::<I>()
            + self.free.capacity() * 4
            + self.slots.capacity() * 8 / 7 * (size_of::<(I, u32)>() + 1)
            + self.drawers.capacity() * 8 / 7 * (size_of::<(Key, Drawer)>() + 1)
            + drawers
            + self.posts.memory_bytes()
            + self.kinds.memory_bytes()
    }
}
