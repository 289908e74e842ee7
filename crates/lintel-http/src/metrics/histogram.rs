//! How long requests take: counts in buckets that widen with the time, so that every percentile is right to about 3 %.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Buckets in each doubling of the time: a bucket is at most 1/16 as wide as the times in it are long, and its middle at most
/// 1/32 off any of them.
const STEPS: u64 = 1 << STEP_BITS;
const STEP_BITS: u32 = 4;
/// Times of 2^26 µs (67 s) and more share the last bucket.
const LARGEST_BITS: u32 = 26;
const BUCKETS: usize = ((LARGEST_BITS - STEP_BITS + 1) as usize) << STEP_BITS;

/// Counts that only grow, from many threads at once. They wrap, which matters to nobody who looks at differences of less
/// than 2^32 requests.
pub(super) struct Histogram([AtomicU32; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU32::new(0)))
    }
}

impl Histogram {
    pub(super) fn observe(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts as they are now.
    pub(super) fn counts(&self) -> Counts {
        Counts(self.0.iter().map(|count| count.load(Ordering::Relaxed)).collect())
    }
}

/// Counts at a moment, or between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts(Box<[u32]>);

impl Default for Counts {
    fn default() -> Self {
        Self(vec![0; BUCKETS].into())
    }
}

impl Counts {
    /// What was counted since an earlier moment.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self(self.0.iter().zip(&earlier.0).map(|(now, then)| now.wrapping_sub(*then)).collect())
    }

    /// Adds what was counted elsewhere.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, count) in self.0.iter_mut().zip(&other.0) {
            *sum = sum.wrapping_add(*count);
        }
    }

    /// Adds what was counted elsewhere, from its short form.
    pub(super) fn add_short(&mut self, other: &Short) {
        for (bucket, count) in &other.0 {
            if let Some(sum) = self.0.get_mut(usize::from(*bucket)) {
                *sum = sum.wrapping_add(*count);
            }
        }
    }

    /// The same without the empty buckets, which are most of them.
    pub(super) fn short(&self) -> Short {
        let filled = self.0.iter().enumerate().filter(|(_, count)| **count > 0);
        Short(filled.map(|(bucket, count)| (bucket as u16, *count)).collect())
    }

    /// How many times were counted.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// The time in milliseconds that a share of the requests did not exceed: the middle of the bucket in which the request of
    /// rank ⌈share · n⌉ lies. None without requests.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let rank = ((share * total as f64).ceil() as u64).clamp(1, total);
        let mut seen = 0;
        let bucket = self.0.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        })?;
        Some(middle_micros(bucket) / 1_000.0)
    }
}

/// Counts in little space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Short(Box<[(u16, u32)]>);

/// Times below [`STEPS`] µs have a bucket each; behind them every doubling has as many.
fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let doubling = micros.ilog2();
    let step = (micros >> (doubling - STEP_BITS)) & (STEPS - 1);
    ((u64::from(doubling - STEP_BITS + 1) * STEPS + step) as usize).min(BUCKETS - 1)
}

fn middle_micros(bucket: usize) -> f64 {
    let (doubling, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    if doubling == 0 {
        return step as f64 + 0.5;
    }
    let width = (1u64 << (doubling - 1)) as f64;
    (STEPS + step) as f64 * width + width / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counted(micros: &[u64]) -> Counts {
        let histogram = Histogram::default();
        for micros in micros {
            histogram.observe(Duration::from_micros(*micros));
        }
        histogram.counts()
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let seen: Vec<_> = (0..100_000).map(bucket).collect();
        assert!(seen.windows(2).all(|pair| pair[1] == pair[0] || pair[1] == pair[0] + 1));
        assert_eq!(bucket((1 << LARGEST_BITS) - 1), BUCKETS - 1);
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn without_requests_there_is_no_percentile() {
        assert_eq!(Counts::default().quantile(0.5), None);
        assert_eq!(counted(&[40]).since(&counted(&[40])).quantile(0.99), None);
    }

    #[test]
    fn counts_that_wrapped_differ_by_what_was_counted() {
        let histogram = Histogram::default();
        histogram.0[7].store(u32::MAX, Ordering::Relaxed);
        let before = histogram.counts();
        histogram.observe(Duration::from_micros(7));
        histogram.observe(Duration::from_micros(7));
        assert_eq!(histogram.counts().since(&before).total(), 2);
    }

    proptest! {
        #[test]
        fn a_percentile_is_right_to_a_thirty_second(
            mut micros in prop::collection::vec(16u64..60_000_000, 1..200),
            share in 0.01f64..1.0,
        ) {
            let told = counted(&micros).quantile(share).unwrap() * 1_000.0;
            micros.sort_unstable();
            let rank = ((share * micros.len() as f64).ceil() as usize).clamp(1, micros.len());
            let exact = micros[rank - 1] as f64;
            prop_assert!((told - exact).abs() <= exact / 32.0 + 0.5, "{} for {}", told, exact);
        }

        #[test]
        fn the_short_form_holds_everything(micros in prop::collection::vec(0u64..100_000_000, 0..200)) {
            let counts = counted(&micros);
            let mut again = Counts::default();
            again.add_short(&counts.short());
            prop_assert_eq!(&again, &counts);
            again.add(&counts);
            prop_assert_eq!(again.since(&counts), counts);
        }
    }
}
