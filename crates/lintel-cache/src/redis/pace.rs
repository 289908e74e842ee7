//! When to try to connect again: soon at first, then ever later, and never more than a few times a second.

use std::time::Duration;

use lintel_domain::rng::Rng;

/// The first pause is at most this long, each further one at most twice the one before.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);
/// At most this many tries within a second, however soon connections are lost.
const A_SECOND: usize = 5;
/// A connection that has held for so long was a good one.
const HELD: Duration = Duration::from_secs(2);

/// The pauses between tries. Times are since a moment of the caller's.
pub(crate) struct Pace {
    rng: Rng,
    /// Tries in a row that came to nothing.
    vain: u32,
    /// When the last tries began, by turns.
    tries: [Option<Duration>; A_SECOND],
    next: usize,
}

impl Pace {
    /// `seed` is another one in each process, so that they do not all come back at once.
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), vain: 0, tries: [None; A_SECOND], next: 0 }
    }

    /// How long to wait now before the next try; it begins after that.
    pub(crate) fn pause(&mut self, now: Duration) -> Duration {
        let most = FIRST.saturating_mul(1 << self.vain.saturating_sub(1).min(16)).min(LONGEST);
        let drawn = if self.vain == 0 { Duration::ZERO } else { most.mul_f64(self.rng.unit()) };
        let allowed = self.tries[self.next].map_or(Duration::ZERO, |oldest| oldest + Duration::from_secs(1));
        let pause = drawn.max(allowed.saturating_sub(now));
        self.tries[self.next] = Some(now + pause);
        self.next = (self.next + 1) % A_SECOND;
        pause
    }

    /// The try came to nothing, or to a connection that held for this long.
    pub(crate) fn ended(&mut self, held: Duration) {
        // One that held is tried again after a short pause, too: what was lost by many comes back for many.
        self.vain = if held >= HELD { 1 } else { self.vain.saturating_add(1) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_are_never_more_than_five_tries_within_a_second(seed: u64, held in proptest::collection::vec(0..3000_u64, 1..200)) {
            let (mut pace, mut now) = (Pace::new(seed), Duration::ZERO);
            let mut tries = Vec::new();
            for held in held {
                now += pace.pause(now);
                tries.push(now);
                let held = Duration::from_millis(held);
                now += held;
                pace.ended(held);
            }
            for window in tries.windows(A_SECOND + 1) {
                prop_assert!(window[A_SECOND] >= window[0] + Duration::from_secs(1));
            }
        }

        #[test]
        fn pauses_grow_to_two_seconds_and_no_further(seed: u64) {
            let (mut pace, mut now, mut longest) = (Pace::new(seed), Duration::ZERO, Duration::ZERO);
            prop_assert_eq!(pace.pause(now), Duration::ZERO, "the first try is at once");
            for round in 0..200 {
                pace.ended(Duration::ZERO);
                let pause = pace.pause(now);
                prop_assert!(pause <= LONGEST, "{round}: {pause:?}");
                longest = longest.max(pause);
                now += pause;
            }
            prop_assert!(longest > LONGEST / 2);
        }
    }
}
