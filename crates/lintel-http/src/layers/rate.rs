//! How many requests a second a key or a user may make.

use std::{num::NonZeroU32, ops::Add, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use lintel_domain::{clock::Clock, scope::Actor};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    problem::Code,
};

/// Keys remembered before those with a full bucket, which count like new ones, are forgotten.
const REMEMBERED: usize = 10_000;

/// A token bucket per actor. Its memory is bounded by the actors of the last second or so.
pub(crate) struct RateLimit {
    limiter: RateLimiter<Uuid, HashMapStateStore<Uuid>, Present, NoOpMiddleware<Instant>>,
    clock: Present,
}

impl RateLimit {
    /// `per_second` requests, all of which may come at once.
    pub(crate) fn new(per_second: u32, clock: Clock) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let clock = Present(clock);
        Self { limiter: RateLimiter::hashmap_with_clock(Quota::per_second(per_second), clock.clone()), clock }
    }

    /// Takes one token of the actor.
    pub(crate) fn check(&self, actor: &Actor) -> Result<()> {
        let key = match actor {
            Actor::User(id) => id.0,
            Actor::Key(id) => id.0,
            Actor::System => return Ok(()),
        };
        let Err(not_yet) = self.limiter.check_key(&key) else {
            return Ok(());
        };
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        let wait = not_yet.wait_time_from(self.clock.now());
        Err(Error::plain(Code::RateLimited).retry_after(wait.as_secs_f64().ceil() as u32))
    }
}

/// The domain's clock, as the limiter wants it.
#[derive(Clone, Debug)]
struct Present(Clock);

/// Nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Instant(u64);

impl governor::clock::Clock for Present {
    type Instant = Instant;

    fn now(&self) -> Instant {
        Instant(u64::try_from(self.0.now().0).unwrap_or(0).saturating_mul(1000))
    }
}

impl Add<Nanos> for Instant {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Instant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Duration::from_nanos(self.0.saturating_sub(earlier.0)).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.as_u64()).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::{
        clock::{SECOND, Time},
        id::ApiKeyId,
    };

    use super::*;

    #[test]
    fn each_key_has_its_own_bucket_and_it_fills_up_again() {
        let clock = Clock::manual(Time(1_700_000_000 * SECOND));
        let limit = RateLimit::new(3, clock.clone());
        let [a, b] = [1, 2].map(|n| Actor::Key(ApiKeyId(Uuid::from_u128(n))));
        for _ in 0..3 {
            limit.check(&a).unwrap();
        }
        assert_eq!(limit.check(&a).unwrap_err().code(), Code::RateLimited);
        limit.check(&b).unwrap();
        clock.advance(SECOND);
        limit.check(&a).unwrap();
    }
}
