//! What happened second by second, each request in the second that it was meant to leave in.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::measure::{GOOD_WITHIN, LONGEST_US, Outcome};

/// What became of the requests of one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Requests that were due.
    pub due: u64,
    /// Those answered with 2xx.
    pub answered: u64,
    /// Those answered with 2xx within a second.
    pub good: u64,
    /// Those turned away with the time to come back at.
    pub shed: u64,
    /// Those that failed otherwise.
    pub failed: u64,
    /// Half of those that were not turned away took no longer, in microseconds.
    pub p50_us: u64,
    /// 99 % of them took no longer.
    pub p99_us: u64,
}

/// Seconds of one stretch of load.
#[derive(Default)]
pub(crate) struct Timeline(Vec<Slot>);

struct Slot {
    counts: Second,
    /// Two digits are enough for a curve, and keep a long run small.
    latency: Histogram<u32>,
}

impl Timeline {
    /// Keeps one request: when it was due since the beginning, how it ended, and how long after that time.
    pub(crate) fn record(&mut self, at: Duration, outcome: &Outcome, latency: Duration) {
        let second = at.as_secs() as usize;
        if self.0.len() <= second {
            self.0.resize_with(second + 1, Slot::empty);
        }
        let slot = &mut self.0[second];
        slot.counts.due += 1;
        match outcome {
            Outcome::Answered(_) => {
                slot.counts.answered += 1;
                slot.counts.good += u64::from(latency <= GOOD_WITHIN);
            }
            Outcome::Shed(_) => slot.counts.shed += 1,
            _ => slot.counts.failed += 1,
        }
        if !matches!(outcome, Outcome::Shed(_)) {
            slot.latency.saturating_record(outcome.microseconds(latency));
        }
    }

    /// The seconds in order; without those after the last that anything was due in.
    pub(crate) fn seconds(&self) -> Vec<Second> {
        let second = |slot: &Slot| Second {
            p50_us: slot.latency.value_at_quantile(0.50),
            p99_us: slot.latency.value_at_quantile(0.99),
            ..slot.counts
        };
        self.0.iter().map(second).collect()
    }
}

impl Slot {
    fn empty() -> Self {
        let latency = Histogram::new_with_bounds(1, LONGEST_US, 2);
        let latency = latency.expect("a microsecond to a minute in two digits is a valid histogram");
        Self { counts: Second::default(), latency }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Timeline;
    use crate::measure::Outcome;

    #[test]
    fn a_request_counts_in_the_second_it_was_due_in_however_late_it_ends() {
        let mut timeline = Timeline::default();
        let ms = Duration::from_millis;
        timeline.record(ms(100), &Outcome::Answered(1), ms(5));
        timeline.record(ms(900), &Outcome::Answered(1), ms(3000));
        timeline.record(ms(2100), &Outcome::Shed(503), ms(1));
        timeline.record(ms(2200), &Outcome::TimedOut, ms(9000));
        let seconds = timeline.seconds();
        assert_eq!(seconds.len(), 3);
        assert_eq!((seconds[0].due, seconds[0].answered, seconds[0].good), (2, 2, 1));
        assert!(seconds[0].p50_us < 6_000 && seconds[0].p99_us > 2_900_000, "{:?}", seconds[0]);
        assert_eq!(seconds[1].due, 0);
        assert_eq!((seconds[2].due, seconds[2].shed, seconds[2].failed), (2, 1, 1));
        assert!(seconds[2].p50_us > 8_000_000);
    }
}
