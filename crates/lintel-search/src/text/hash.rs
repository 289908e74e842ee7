//! A fast hash for the words of a build.

use std::hash::{BuildHasher, Hasher, RandomState};

/// An odd number without pattern: 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hashes short texts by multiplying and folding 64 bits at a time, from a random start so that nobody can choose words
/// that collide. Tables live only while a segment is built.
#[derive(Clone, Debug)]
pub(super) struct Folding(u64);

impl Default for Folding {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Folding {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

/// One hash on its way.
#[derive(Debug)]
pub(super) struct Folded(u64);

impl Folded {
    #[inline]
    fn fold(&mut self, bits: u64) {
        let wide = u128::from(self.0 ^ bits) * u128::from(FACTOR);
        self.0 = (wide >> 64) as u64 ^ wide as u64;
    }
}

impl Hasher for Folded {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.fold(u64::from_le_bytes(*eight));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length tells a short last word from the same one with zeros behind it.
        self.fold(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
