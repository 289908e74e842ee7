//! Randomness that is passed in: a small seeded generator, and the source of new ids.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use uuid::Uuid;

use crate::clock::Time;

/// SplitMix64 (Steele, Lea, Flood 2014): one multiplication-xor chain per draw, good enough for sampling, never for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// The same seed gives the same draws.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ GOLDEN))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal draw (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Whether an event of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len() as u64) as usize)
    }

    /// Puts the items into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// Where new ids come from: UUIDv7 of the given time and this source's own sequence of random bits.
#[derive(Debug)]
pub struct Ids(AtomicU64);

impl Ids {
    /// Ids that no other process makes: seeded by the operating system, by way of the hash keys of the standard library.
    /// Ids name things; they are no secrets.
    pub fn random() -> Self {
        Self(AtomicU64::new(RandomState::new().hash_one(std::process::id())))
    }

    /// The same ids in the same order for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(mix(seed)))
    }

    /// A new id, ordered by `now` to the millisecond.
    pub fn next(&self, now: Time) -> Uuid {
        let draw = self.0.fetch_add(GOLDEN, Ordering::Relaxed);
        let (high, low) = (mix(draw), mix(draw ^ GOLDEN));
        let mut random = [0u8; 10];
        random[..8].copy_from_slice(&high.to_be_bytes());
        random[8..].copy_from_slice(&low.to_be_bytes()[..2]);
        let millis = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_draws_and_ids() {
        assert_eq!(Rng::new(7).bits(), Rng::new(7).bits());
        assert_eq!(Ids::seeded(7).next(Time(1)), Ids::seeded(7).next(Time(1)));
    }

    #[test]
    fn ids_differ_and_order_by_time() {
        let ids = Ids::random();
        let made: HashSet<_> = (0..10_000).map(|_| ids.next(Time(1_000_000))).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|id| *id < ids.next(Time(2_000_000))));
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut rng = Rng::new(1);
        assert!((0..10_000).all(|_| rng.below(7) < 7));
        assert!((0..10_000).all(|_| (0.0..1.0).contains(&rng.unit())));
        let mean = (0..100_000).map(|_| rng.normal()).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02, "{mean}");
    }
}
