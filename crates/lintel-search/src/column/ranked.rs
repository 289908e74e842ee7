//! Bits that never change, with counts, so that how many are set before any place is known at once.

use super::bits::WORD;

/// Words between two counts.
const STEP: usize = 2;

/// A sequence of bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranked {
    words: Vec<u64>,
    /// Set bits before every [`STEP`]th word.
    before: Vec<u32>,
}

impl Ranked {
    /// The bits in their order; at most 2³² of them.
    pub(crate) fn new(bits: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut words = vec![0u64; bits.len() / WORD + 1];
        for (at, bit) in bits.enumerate() {
            words[at / WORD] |= u64::from(bit) << (at % WORD);
        }
        let mut count = 0;
        let before = words.chunks(STEP).map(|words| {
            let before = count;
            count += words.iter().map(|word| word.count_ones()).sum::<u32>();
            before
        });
        Self { before: before.collect(), words }
    }

    /// How many of the bits before `at` are set.
    #[inline]
    pub(crate) fn rank(&self, at: usize) -> usize {
        let word = at / WORD;
        let begun = self.words[word] & !(u64::MAX << (at % WORD));
        let whole = if word.is_multiple_of(STEP) { 0 } else { self.words[word - 1].count_ones() };
        (self.before[word / STEP] + whole + begun.count_ones()) as usize
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.words.capacity() * 8 + self.before.capacity() * 4
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn a_rank_is_how_many_bits_are_set_before() {
        let mut rng = Rng::new(4);
        for len in [0, 1, 63, 64, 65, 127, 128, 129, 1000] {
            let plain: Vec<bool> = (0..len).map(|_| rng.chance(0.4)).collect();
            let ranked = Ranked::new(plain.iter().copied());
            for at in 0..=len {
                assert_eq!(ranked.rank(at), plain[..at].iter().filter(|bit| **bit).count(), "{len} {at}");
            }
        }
    }
}
