//! A set of slots as one bit each.

/// Slots in one word.
pub(crate) const WORD: usize = 64;

/// A set of slots `0..len`; bits at and above `len` are never set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// The empty set of `len` slots.
    pub(crate) fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(WORD)], len }
    }

    /// The set of all `len` slots.
    pub(crate) fn full(len: usize) -> Self {
        let mut bits = Self::new(len);
        bits.set_range(0, len);
        bits
    }

    /// The set whose words these are, if they are as many as `len` asks for and no bit lies above it.
    pub(crate) fn from_words(words: Vec<u64>, len: usize) -> Option<Self> {
        let tail = len % WORD;
        let clean = tail == 0 || words.last().is_none_or(|last| last >> tail == 0);
        (words.len() == len.div_ceil(WORD) && clean).then_some(Self { words, len })
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    #[inline]
    pub(crate) fn get(&self, slot: usize) -> bool {
        self.words[slot / WORD] >> (slot % WORD) & 1 == 1
    }

    #[inline]
    pub(crate) fn set(&mut self, slot: usize) {
        self.words[slot / WORD] |= 1 << (slot % WORD);
    }

    #[inline]
    pub(crate) fn clear(&mut self, slot: usize) {
        self.words[slot / WORD] &= !(1 << (slot % WORD));
    }

    /// Adds the slots `from..to`.
    pub(crate) fn set_range(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let (first, last) = (from / WORD, (to - 1) / WORD);
        let (head, tail) = edges(from, to);
        if first == last {
            self.words[first] |= head & tail;
            return;
        }
        self.words[first] |= head;
        self.words[first + 1..last].fill(u64::MAX);
        self.words[last] |= tail;
    }

    /// Takes out the slots `from..to`.
    pub(crate) fn clear_range(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        let (first, last) = (from / WORD, (to - 1) / WORD);
        let (head, tail) = edges(from, to);
        if first == last {
            self.words[first] &= !(head & tail);
            return;
        }
        self.words[first] &= !head;
        self.words[first + 1..last].fill(0);
        self.words[last] &= !tail;
    }

    /// Keeps the slots that pass.
    pub(crate) fn retain(&mut self, pass: impl Fn(usize) -> bool) {
        for (at, word) in self.words.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if !pass(at * WORD + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Keeps what is in `other` too.
    pub(crate) fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in `other`.
    pub(crate) fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes out what is in `other`.
    pub(crate) fn and_not(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// How many slots are in it.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// How many of `from..to` are in it.
    pub(crate) fn count_range(&self, from: usize, to: usize) -> usize {
        if from >= to {
            return 0;
        }
        let (first, last) = (from / WORD, (to - 1) / WORD);
        let (head, tail) = edges(from, to);
        if first == last {
            return (self.words[first] & head & tail).count_ones() as usize;
        }
        let inner: usize = self.words[first + 1..last].iter().map(|w| w.count_ones() as usize).sum();
        inner + (self.words[first] & head).count_ones() as usize + (self.words[last] & tail).count_ones() as usize
    }

    /// Calls `f` with the slots in it, ascending: as [`Bits::iter`], but in a loop the compiler sees through.
    #[inline]
    pub(crate) fn each(&self, mut f: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                f(at * WORD + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    /// The slots in it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter_range(0, self.len)
    }

    /// The slots of `from..to` in it, ascending.
    pub(crate) fn iter_range(&self, from: usize, to: usize) -> impl Iterator<Item = usize> + '_ {
        let to = to.min(self.len);
        let words = from / WORD..if from < to { to.div_ceil(WORD) } else { from / WORD };
        words.flat_map(move |at| {
            let mut word = self.words[at];
            if at == from / WORD {
                word &= u64::MAX << (from % WORD);
            }
            if at == to / WORD && !to.is_multiple_of(WORD) {
                word &= !(u64::MAX << (to % WORD));
            }
            Ones { word, base: at * WORD }
        })
    }

    /// The first slot at or behind `from` that is in it.
    pub(crate) fn next_from(&self, from: usize) -> Option<usize> {
        let head = self.words.get(from / WORD)? & u64::MAX << (from % WORD);
        if head != 0 {
            return Some(from / WORD * WORD + head.trailing_zeros() as usize);
        }
        let behind = from / WORD + 1;
        let at = behind + self.words[behind..].iter().position(|word| *word != 0)?;
        Some(at * WORD + self.words[at].trailing_zeros() as usize)
    }

    /// The last slot before `to` that is in it.
    pub(crate) fn last_before(&self, to: usize) -> Option<usize> {
        let to = to.min(self.len);
        let tail = match to % WORD {
            0 => 0,
            rest => self.words[to / WORD] & !(u64::MAX << rest),
        };
        if tail != 0 {
            return Some(to / WORD * WORD + WORD - 1 - tail.leading_zeros() as usize);
        }
        let at = self.words[..to / WORD].iter().rposition(|word| *word != 0)?;
        Some(at * WORD + WORD - 1 - self.words[at].leading_zeros() as usize)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}

/// The bits at and above `from` in its word, and those below `to` in its.
fn edges(from: usize, to: usize) -> (u64, u64) {
    let head = u64::MAX << (from % WORD);
    let tail = u64::MAX >> (WORD - 1 - (to - 1) % WORD);
    (head, tail)
}

struct Ones {
    word: u64,
    base: usize,
}

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let bit = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.base + bit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn ranges_and_counts_agree_with_a_plain_set() {
        let mut rng = Rng::new(3);
        for _ in 0..300 {
            let len = 1 + rng.below(300) as usize;
            let (mut bits, mut plain) = (Bits::new(len), BTreeSet::new());
            for _ in 0..6 {
                let a = rng.below(len as u64 + 1) as usize;
                let b = rng.below(len as u64 + 1) as usize;
                if rng.chance(0.7) {
                    bits.set_range(a, b);
                    plain.extend(a..b);
                } else {
                    bits.clear_range(a, b);
                    plain.retain(|slot| !(a..b).contains(slot));
                }
                assert_eq!(bits.count_range(a, b), plain.iter().filter(|s| (a..b).contains(*s)).count());
                assert!(bits.iter_range(a, b).eq(plain.iter().copied().filter(|s| (a..b).contains(s))));
                assert_eq!(bits.next_from(a), plain.range(a..).next().copied());
                assert_eq!(bits.last_before(b), plain.range(..b).next_back().copied());
            }
            assert!(bits.iter().eq(plain.iter().copied()));
            assert_eq!(bits.count(), plain.len());
            assert!(Bits::from_words(bits.words().to_vec(), len).is_some());
        }
    }
}
