//! The last hour in samples: what charts are drawn from without another program.

use std::collections::VecDeque;

use lintel_domain::clock::{SECOND, Time};

use super::{
    histogram::{Counts, Short},
    requests::Tally,
};

/// How far apart samples are, in seconds.
pub(crate) const SAMPLE_SECONDS: u32 = 10;
/// How many are kept: an hour, in some 100 kB.
const MOST: usize = 3_600 / SAMPLE_SECONDS as usize;

/// What is read rather than counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gauges {
    /// Requests in hand.
    pub(crate) in_flight: u64,
    /// Realtime clients.
    pub(crate) clients: u64,
    /// Memory of the process in bytes, where the system tells.
    pub(crate) memory: Option<u64>,
    /// Writes in line for their turn.
    pub(crate) writes_waiting: u64,
    /// Writes since the store was opened.
    pub(crate) writes: u64,
    /// Commits since then.
    pub(crate) commits: u64,
}

/// What happened between two moments.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Its end.
    pub(crate) at: Time,
    /// How long it is, in microseconds.
    pub(crate) lasted: i64,
    /// Requests.
    pub(crate) requests: u64,
    /// Those answered 4xx.
    pub(crate) refused: u64,
    /// Those answered 5xx.
    pub(crate) failed: u64,
    /// Half of them were answered within so many milliseconds.
    pub(crate) p50_ms: Option<f64>,
    /// 95 % of them.
    pub(crate) p95_ms: Option<f64>,
    /// 99 % of them.
    pub(crate) p99_ms: Option<f64>,
    /// Gauges at their highest; writes and commits are those of this time.
    pub(crate) gauges: Gauges,
}

/// A sample as it is kept.
struct Kept {
    at: Time,
    lasted: i64,
    took: Short,
    requests: u64,
    refused: u64,
    failed: u64,
    gauges: Gauges,
}

/// The samples, and where the counters were at the last one.
#[derive(Default)]
pub(super) struct History {
    samples: VecDeque<Kept>,
    last: Option<(Time, Tally, Gauges)>,
}

impl History {
    /// Takes a sample. The first call only begins one.
    pub(super) fn sample(&mut self, now: Time, total: Tally, gauges: Gauges) {
        if let Some((at, tally, before)) = &self.last {
            let lasted = now.since(*at);
            // A clock that was put back has no time to divide by; the next sample has.
            if lasted > 0 {
                let Tally { took, requests, refused, failed } = total.since(tally);
                let gauges = Gauges {
                    writes: gauges.writes.saturating_sub(before.writes),
                    commits: gauges.commits.saturating_sub(before.commits),
                    ..gauges
                };
                self.samples.push_back(Kept { at: now, lasted, took: took.short(), requests, refused, failed, gauges });
            }
        }
        if self.samples.len() > MOST {
            self.samples.pop_front();
        }
        self.last = Some((now, total, gauges));
    }

    /// Samples that end within a time, those of each `every` seconds (counted from 1970 on) as one.
    pub(super) fn between(&self, from: Time, to: Time, every: u32) -> Vec<Sample> {
        let period = |at: Time| (at.0 - 1).div_euclid(i64::from(every.max(1)) * SECOND);
        let within: Vec<_> = self.samples.iter().filter(|kept| kept.at >= from && kept.at <= to).collect();
        within.chunk_by(|a, b| period(a.at) == period(b.at)).filter_map(together).collect()
    }
}

/// Samples as one; none of none.
fn together(kept: &[&Kept]) -> Option<Sample> {
    let mut took = Counts::default();
    for one in kept {
        took.add_short(&one.took);
    }
    let sum = |of: fn(&Kept) -> u64| kept.iter().map(|one| of(one)).sum();
    let most = |of: fn(&Gauges) -> u64| kept.iter().map(|one| of(&one.gauges)).max().unwrap_or_default();
    Some(Sample {
        at: kept.last()?.at,
        lasted: kept.iter().map(|one| one.lasted).sum(),
        requests: sum(|one| one.requests),
        refused: sum(|one| one.refused),
        failed: sum(|one| one.failed),
        p50_ms: took.quantile(0.5),
        p95_ms: took.quantile(0.95),
        p99_ms: took.quantile(0.99),
        gauges: Gauges {
            in_flight: most(|gauges| gauges.in_flight),
            clients: most(|gauges| gauges.clients),
            memory: kept.iter().filter_map(|one| one.gauges.memory).max(),
            writes_waiting: most(|gauges| gauges.writes_waiting),
            writes: sum(|one| one.gauges.writes),
            commits: sum(|one| one.gauges.commits),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: i64 = SAMPLE_SECONDS as i64 * SECOND;

    /// A history of so many samples in which the `n`th has `n` requests and as many clients.
    fn history(samples: u64) -> History {
        let (mut history, mut total) = (History::default(), Tally::default());
        for n in 0..=samples {
            total.requests += n;
            history.sample(
                Time(n as i64 * STEP),
                total.clone(),
                Gauges { clients: n, writes: 2 * n, ..Gauges::default() },
            );
        }
        history
    }

    #[test]
    fn an_hour_is_kept() {
        let all = history(1_000).between(Time(0), Time(i64::MAX), SAMPLE_SECONDS);
        assert_eq!(all.len(), MOST);
        assert_eq!((all[0].at, all[MOST - 1].at), (Time(641 * STEP), Time(1_000 * STEP)));
        assert!(all.iter().all(|sample| sample.lasted == STEP && sample.gauges.writes == 2));
    }

    #[test]
    fn samples_of_a_longer_time_are_told_as_one() {
        let minutes = history(12).between(Time(0), Time(i64::MAX), 60);
        let told: Vec<_> = minutes.iter().map(|one| (one.at.0 / STEP, one.requests, one.gauges.clients)).collect();
        assert_eq!(told, [(6, 1 + 2 + 3 + 4 + 5 + 6, 6), (12, 7 + 8 + 9 + 10 + 11 + 12, 12)]);
        assert!(minutes.iter().all(|one| one.lasted == 6 * STEP && one.gauges.writes == 12));
    }

    #[test]
    fn only_what_ends_within_the_time_is_told() {
        let some = history(12).between(Time(3 * STEP), Time(5 * STEP), SAMPLE_SECONDS);
        assert_eq!(some.iter().map(|one| one.requests).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn a_clock_that_is_put_back_makes_no_sample() {
        let mut history = history(2);
        history.sample(Time(0), Tally::default(), Gauges::default());
        history.sample(Time(STEP), Tally::default(), Gauges::default());
        assert_eq!(history.samples.len(), 3);
    }
}
