//! The stems of a segment in order.

use std::{cmp::Ordering, ops::Range};

/// Stems by number, ascending.
#[derive(Clone, Debug)]
pub(crate) struct Dictionary {
    letters: String,
    starts: Vec<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self { letters: String::new(), starts: vec![0] }
    }
}

impl Dictionary {
    /// Adds a stem greater than all before.
    pub(crate) fn push(&mut self, stem: &str) {
        self.letters.push_str(stem);
        self.starts.push(self.letters.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn get(&self, stem: usize) -> &str {
        &self.letters[self.starts[stem] as usize..self.starts[stem + 1] as usize]
    }

    /// The number of a stem.
    pub(crate) fn find(&self, stem: &str) -> Option<usize> {
        let at = self.first(|known| known.cmp(stem));
        (at < self.len() && self.get(at) == stem).then_some(at)
    }

    /// The stems that begin with `prefix`.
    pub(crate) fn beginning(&self, prefix: &str) -> Range<usize> {
        let from = self.first(|known| known.cmp(prefix));
        let to = self.first(|known| if known.starts_with(prefix) { Ordering::Less } else { known.cmp(prefix) });
        from..to.max(from)
    }

    pub(crate) fn shrink(&mut self) {
        self.letters.shrink_to_fit();
        self.starts.shrink_to_fit();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.letters.capacity() + self.starts.capacity() * 4
    }

    pub(crate) fn raw(&self) -> (&str, &[u32]) {
        (&self.letters, &self.starts)
    }

    /// A dictionary from its parts, if they are whole and in order.
    pub(crate) fn from_raw(letters: Vec<u8>, starts: Vec<u32>) -> Option<Self> {
        let letters = String::from_utf8(letters).ok()?;
        let whole = starts.first() == Some(&0)
            && starts.last() == Some(&(letters.len() as u32))
            && starts.is_sorted()
            && starts.iter().all(|at| letters.is_char_boundary(*at as usize));
        let dictionary = whole.then_some(Self { letters, starts })?;
        let ordered = (1..dictionary.len()).all(|at| dictionary.get(at - 1) < dictionary.get(at));
        ordered.then_some(dictionary)
    }

    /// The first stem that is not less.
    fn first(&self, compare: impl Fn(&str) -> Ordering) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            if compare(self.get(middle)) == Ordering::Less {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_found_whole_and_by_their_beginning() {
        let mut dictionary = Dictionary::default();
        for stem in ["garag", "garden", "pool", "poolsid", "view", "é"] {
            dictionary.push(stem);
        }
        assert_eq!(dictionary.find("pool"), Some(2));
        assert_eq!(dictionary.find("po"), None);
        assert_eq!(dictionary.beginning("gar"), 0..2);
        assert_eq!(dictionary.beginning("pool"), 2..4);
        assert_eq!(dictionary.beginning("zzz"), 5..5);
        assert_eq!(dictionary.beginning("é"), 5..6);
        let (letters, starts) = dictionary.raw();
        assert!(Dictionary::from_raw(letters.as_bytes().to_vec(), starts.to_vec()).is_some());
        assert!(Dictionary::from_raw(b"ba".to_vec(), vec![0, 1, 2]).is_none());
    }
}
