//! Many sets of slots in one block of bytes: the frequent ones as bits, the others as differences.

use super::bits::{Bits, WORD};

/// Sets by number. A set with at least one slot in `density` is kept as bits, any other as ascending slots, each as its
/// difference to the one before in seven bits per byte.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sets {
    bytes: Vec<u8>,
    starts: Vec<u64>,
    counts: Vec<u32>,
    slots: usize,
    density: usize,
}

/// One set while it is gathered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    bytes: Vec<u8>,
    next: u32,
    count: u32,
}

impl Gathered {
    /// Adds a slot greater than all before.
    #[inline]
    pub(crate) fn push(&mut self, slot: u32) {
        let mut rest = slot - self.next;
        while rest >= 0x80 {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
        self.next = slot + 1;
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Sets {
    /// No sets yet, of slots below `slots`.
    pub(crate) fn new(slots: usize, density: usize) -> Self {
        Self { bytes: Vec::new(), starts: vec![0], counts: Vec::new(), slots, density }
    }

    /// Adds a set; its number is how many there were before.
    pub(crate) fn push(&mut self, set: &Gathered) {
        self.counts.push(set.count);
        if self.is_dense(set.count) {
            let mut bits = Bits::new(self.slots);
            each_difference(&set.bytes, |slot| bits.set(slot));
            for word in bits.words() {
                self.bytes.extend_from_slice(&word.to_le_bytes());
            }
        } else {
            self.bytes.extend_from_slice(&set.bytes);
        }
        self.starts.push(self.bytes.len() as u64);
    }

    /// Gives back the memory that growing took.
    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.counts.shrink_to_fit();
    }

    /// How many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.counts.len()
    }

    /// How many slots are in a set.
    pub(crate) fn count(&self, set: usize) -> usize {
        self.counts[set] as usize
    }

    /// Calls `f` with the slots of a set, ascending.
    pub(crate) fn each(&self, set: usize, mut f: impl FnMut(usize)) {
        if self.is_dense(self.counts[set]) {
            for (at, mut word) in self.words(set).enumerate() {
                while word != 0 {
                    f(at * WORD + word.trailing_zeros() as usize);
                    word &= word - 1;
                }
            }
        } else {
            each_difference(self.encoded(set), f);
        }
    }

    /// Adds a set to `bits`.
    pub(crate) fn or_into(&self, set: usize, bits: &mut Bits) {
        if self.is_dense(self.counts[set]) {
            for (word, other) in bits.words_mut().iter_mut().zip(self.words(set)) {
                *word |= other;
            }
        } else {
            each_difference(self.encoded(set), |slot| bits.set(slot));
        }
    }

    /// Whether a slot of a set is in `bits`.
    pub(crate) fn any_in(&self, set: usize, bits: &Bits) -> bool {
        if self.is_dense(self.counts[set]) {
            bits.words().iter().zip(self.words(set)).any(|(a, b)| a & b != 0)
        } else {
            any_difference(self.encoded(set), |slot| bits.get(slot))
        }
    }

    /// How many slots of a set are in `bits`.
    pub(crate) fn count_in(&self, set: usize, bits: &Bits) -> usize {
        if self.is_dense(self.counts[set]) {
            let words = bits.words().iter().zip(self.words(set));
            words.map(|(a, b)| (a & b).count_ones() as usize).sum()
        } else {
            let mut count = 0;
            each_difference(self.encoded(set), |slot| count += usize::from(bits.get(slot)));
            count
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.starts.capacity() * 8 + self.counts.capacity() * 4
    }

    /// Bytes, starts and counts, for the snapshot.
    pub(crate) fn raw(&self) -> (&[u8], &[u64], &[u32]) {
        (&self.bytes, &self.starts, &self.counts)
    }

    /// Sets from their parts, if every slot they name is below `slots`.
    pub(crate) fn from_raw(
        bytes: Vec<u8>,
        starts: Vec<u64>,
        counts: Vec<u32>,
        slots: usize,
        density: usize,
    ) -> Option<Self> {
        let sets = Self { bytes, starts, counts, slots, density };
        let ordered = sets.starts.first() == Some(&0)
            && sets.starts.last() == Some(&(sets.bytes.len() as u64))
            && sets.starts.len() == sets.counts.len() + 1
            && sets.starts.is_sorted();
        let sound = |set| {
            if sets.is_dense(sets.counts[set]) {
                return sets.encoded(set).len() == slots.div_ceil(WORD) * 8;
            }
            let (mut count, mut inside) = (0, true);
            each_difference(sets.encoded(set), |slot| {
                count += 1;
                inside &= slot < slots;
            });
            inside && count == sets.count(set)
        };
        (ordered && (0..sets.len()).all(sound)).then_some(sets)
    }

    fn is_dense(&self, count: u32) -> bool {
        count as usize * self.density > self.slots
    }

    fn encoded(&self, set: usize) -> &[u8] {
        &self.bytes[self.starts[set] as usize..self.starts[set + 1] as usize]
    }

    fn words(&self, set: usize) -> impl Iterator<Item = u64> + '_ {
        let (words, _) = self.encoded(set).as_chunks::<8>();
        words.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// Calls `f` with the slots behind their differences.
#[inline]
fn each_difference(bytes: &[u8], mut f: impl FnMut(usize)) {
    any_difference(bytes, |slot| {
        f(slot);
        false
    });
}

/// Whether `f` is true of one of the slots behind their differences; it is not called again afterwards.
#[inline]
fn any_difference(bytes: &[u8], mut f: impl FnMut(usize) -> bool) -> bool {
    let (mut next, mut value, mut shift) = (0usize, 0usize, 0u32);
    for &byte in bytes {
        value |= ((byte & 0x7f) as usize) << shift;
        if byte < 0x80 {
            // Only damaged bytes overflow, and those are found out when they are read.
            let slot = next.wrapping_add(value);
            if f(slot) {
                return true;
            }
            next = slot.wrapping_add(1);
            (value, shift) = (0, 0);
        } else {
            shift = (shift + 7).min(56);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn sets_come_back_as_they_were_gathered_and_counted() {
        let mut rng = Rng::new(5);
        for slots in [1usize, 63, 64, 65, 5_000] {
            let mut sets = Sets::new(slots, 8);
            let mut plain: Vec<Vec<usize>> = Vec::new();
            for chance in [0.0, 0.001, 0.05, 0.2, 1.0] {
                let members: Vec<usize> = (0..slots).filter(|_| rng.chance(chance)).collect();
                let mut set = Gathered::default();
                for slot in &members {
                    set.push(*slot as u32);
                }
                sets.push(&set);
                plain.push(members);
            }
            let mut mask = Bits::new(slots);
            (0..slots).filter(|_| rng.chance(0.5)).for_each(|slot| mask.set(slot));
            for (number, members) in plain.iter().enumerate() {
                let mut back = Vec::new();
                sets.each(number, |slot| back.push(slot));
                assert_eq!(&back, members);
                assert_eq!(sets.count(number), members.len());
                assert_eq!(sets.count_in(number, &mask), members.iter().filter(|s| mask.get(**s)).count());
                assert_eq!(sets.any_in(number, &mask), sets.count_in(number, &mask) > 0);
                let mut bits = Bits::new(slots);
                sets.or_into(number, &mut bits);
                assert!(bits.iter().eq(members.iter().copied()));
            }
            let (bytes, starts, counts) = sets.raw();
            assert!(Sets::from_raw(bytes.to_vec(), starts.to_vec(), counts.to_vec(), slots, 8).is_some());
        }
    }
}
