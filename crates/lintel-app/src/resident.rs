//! What a process holds in memory by key, within a bound: what was not asked for the longest goes first.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;

/// Values by key. Each is made empty when it is first asked for.
pub(crate) struct Resident<K, T> {
    held: Mutex<HashMap<K, Held<T>>>,
    /// Counts the questions, to tell which value was asked for the longest ago.
    asked: AtomicU64,
}

struct Held<T> {
    value: Arc<T>,
    /// The question that asked for it last.
    asked: u64,
}

impl<K, T> Default for Resident<K, T> {
    fn default() -> Self {
        Self { held: Mutex::default(), asked: AtomicU64::default() }
    }
}

impl<K: Clone + Eq + Hash, T: Default> Resident<K, T> {
    /// The value of a key, asked for now.
    pub(crate) fn of(&self, key: K) -> Arc<T> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let mut held = self.held.lock();
        let one = held.entry(key).or_insert_with(|| Held { value: Arc::default(), asked });
        one.asked = asked;
        Arc::clone(&one.value)
    }

    /// The values of those of the keys that are held.
    pub(crate) fn held_of<'a>(&self, keys: impl IntoIterator<Item = &'a K>) -> Vec<(K, Arc<T>)>
    where
        K: 'a,
    {
        let held = self.held.lock();
        keys.into_iter().filter_map(|key| Some((key.clone(), Arc::clone(&held.get(key)?.value)))).collect()
    }

    /// Calls `f` with everything that is held.
    pub(crate) fn each(&self, mut f: impl FnMut(&K, &T)) {
        self.held.lock().iter().for_each(|(key, one)| f(key, &one.value));
    }

    /// Forgets all but those whose key is kept.
    pub(crate) fn retain(&self, mut keep: impl FnMut(&K) -> bool) {
        self.held.lock().retain(|key, _| keep(key));
    }

    /// Forgets what was not asked for the longest while all together are larger than `most`; the last one stays. Each counts
    /// as 1 beside its size.
    pub(crate) fn make_room(&self, most: usize, size: impl Fn(&T) -> usize) {
        let mut held = self.held.lock();
        let size = |one: &Held<T>| 1 + size(&one.value);
        let mut total: usize = held.values().map(size).sum();
        while total > most && held.len() > 1 {
            let oldest = held.iter().min_by_key(|(_, one)| one.asked).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| held.remove(&key)) else { return };
            total -= size(&gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_the_longest_makes_room() {
        let resident = Resident::<u32, Mutex<usize>>::default();
        for key in [1, 2, 3] {
            *resident.of(key).lock() = 10;
        }
        resident.of(1);
        let keys = || resident.held_of([&1, &2, &3]).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        resident.make_room(33, |size| *size.lock());
        assert_eq!(keys(), [1, 2, 3]);
        resident.make_room(32, |size| *size.lock());
        assert_eq!(keys(), [1, 3]);
        *resident.of(1).lock() = 100;
        resident.make_room(32, |size| *size.lock());
        assert_eq!(keys(), [1], "the last one stays, however large");
        resident.retain(|key| *key != 1);
        assert_eq!(*resident.of(1).lock(), 0, "made anew");
    }
}
