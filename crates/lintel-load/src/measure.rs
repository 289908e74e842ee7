//! What is kept of every answer, and the figures made from it.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// Longest latency that is told apart: one minute; longer ones count as that.
pub(crate) const LONGEST_US: u64 = 60_000_000;

/// How one request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with a 2xx status and this many bytes of body.
    Answered(usize),
    /// An answer with another status.
    Status(u16),
    /// Turned away at once, with the time to come back at: 429 or 503 with `Retry-After`.
    Shed(u16),
    /// No connection could be made.
    Unconnected,
    /// The connection broke before the whole answer came.
    Broken,
    /// No whole answer within the bound.
    TimedOut,
    /// Never sent: too many requests were waiting already.
    Unsent,
}

impl Outcome {
    /// How long a request took, in microseconds: one that was never sent took as long as can be told.
    pub(crate) fn microseconds(&self, latency: Duration) -> u64 {
        if *self == Self::Unsent { LONGEST_US } else { microseconds(latency) }
    }

    fn error(&self) -> Option<String> {
        Some(match self {
            Self::Answered(_) | Self::Shed(_) => return None,
            Self::Status(status) => status.to_string(),
            Self::Unconnected => "unconnected".into(),
            Self::Broken => "broken".into(),
            Self::TimedOut => "timed_out".into(),
            Self::Unsent => "unsent".into(),
        })
    }
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Arithmetic mean.
    pub mean: f64,
    /// Half of the requests took no longer.
    pub p50: u64,
    /// 90 % took no longer.
    pub p90: u64,
    /// 95 % took no longer.
    pub p95: u64,
    /// 99 % took no longer.
    pub p99: u64,
    /// 99.9 % took no longer.
    pub p999: u64,
    /// The longest.
    pub max: u64,
}

/// An answer that comes later than this is worth nothing to who asked.
pub const GOOD_WITHIN: Duration = Duration::from_secs(1);

/// Figures of one operation. Failed requests are in the latencies too, those turned away are apart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Operation that was asked for.
    pub operation: Operation,
    /// Requests that were due.
    pub due: u64,
    /// Requests answered with 2xx.
    pub answered: u64,
    /// Those of them that were answered within [`GOOD_WITHIN`].
    pub good: u64,
    /// Requests answered with 2xx, a second.
    pub per_second: f64,
    /// Requests that were turned away with the time to come back at.
    pub shed: u64,
    /// Requests that ended otherwise, by status or by what broke.
    pub errors: BTreeMap<String, u64>,
    /// Bytes of body in 2xx answers.
    pub bytes: u64,
    /// From the intended time to the end of the body, in microseconds.
    pub latency_us: Latency,
    /// The same of requests that were turned away.
    pub shed_us: Latency,
}

impl Figures {
    /// Requests that failed, other than by being turned away.
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// Collects what happened to each operation.
pub struct Recorder {
    operations: BTreeMap<Operation, Record>,
    /// How late the generator itself was in sending, in microseconds.
    lateness: Histogram<u64>,
}

struct Record {
    histogram: Histogram<u64>,
    shed: Histogram<u64>,
    answered: u64,
    good: u64,
    bytes: u64,
    errors: BTreeMap<String, u64>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { operations: BTreeMap::new(), lateness: histogram() }
    }
}

impl Recorder {
    /// Keeps one request: how it ended and how long after its intended time.
    pub fn record(&mut self, operation: Operation, outcome: &Outcome, latency: Duration) {
        let record = self.operations.entry(operation).or_insert_with(|| Record {
            histogram: histogram(),
            shed: histogram(),
            answered: 0,
            good: 0,
            bytes: 0,
            errors: BTreeMap::new(),
        });
        let kept = if matches!(outcome, Outcome::Shed(_)) { &mut record.shed } else { &mut record.histogram };
        kept.saturating_record(outcome.microseconds(latency));
        match (outcome, outcome.error()) {
            (Outcome::Answered(bytes), _) => {
                record.answered += 1;
                record.good += u64::from(latency <= GOOD_WITHIN);
                record.bytes += *bytes as u64;
            }
            (_, Some(error)) => *record.errors.entry(error).or_default() += 1,
            (_, None) => {}
        }
    }

    /// Keeps how late a request was handed over, which is the generator's own fault.
    pub fn late(&mut self, by: Duration) {
        self.lateness.saturating_record(microseconds(by));
    }

    /// The generator's own lateness: figures of a run are trustworthy only while this is small.
    pub fn lateness(&self) -> Latency {
        latency(&self.lateness)
    }

    /// Latencies of all operations together, and of what was turned away.
    pub fn together(&self) -> (Latency, Latency) {
        let (mut all, mut shed) = (histogram(), histogram());
        for record in self.operations.values() {
            // Histograms of the same bounds always fit into each other.
            let _ = all.add(&record.histogram).and_then(|()| shed.add(&record.shed));
        }
        (latency(&all), latency(&shed))
    }

    /// Figures of every operation that was asked for, in so many seconds.
    pub fn figures(&self, seconds: f64) -> Vec<Figures> {
        let figures = |(operation, record): (&Operation, &Record)| Figures {
            operation: *operation,
            due: record.histogram.len() + record.shed.len(),
            answered: record.answered,
            good: record.good,
            per_second: record.answered as f64 / seconds,
            shed: record.shed.len(),
            errors: record.errors.clone(),
            bytes: record.bytes,
            latency_us: latency(&record.histogram),
            shed_us: latency(&record.shed),
        };
        self.operations.iter().map(figures).collect()
    }
}

pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3)
        .expect("a microsecond to a minute in three digits is a valid histogram")
}

pub(crate) fn microseconds(duration: Duration) -> u64 {
    duration.as_micros().min(u128::from(LONGEST_US)) as u64
}

pub(crate) fn latency(histogram: &Histogram<u64>) -> Latency {
    if histogram.is_empty() {
        return Latency::default();
    }
    Latency {
        mean: histogram.mean(),
        p50: histogram.value_at_quantile(0.50),
        p90: histogram.value_at_quantile(0.90),
        p95: histogram.value_at_quantile(0.95),
        p99: histogram.value_at_quantile(0.99),
        p999: histogram.value_at_quantile(0.999),
        max: histogram.max(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Recorder};
    use crate::operation::Operation;

    #[test]
    fn failures_are_counted_by_kind_and_stay_in_the_latencies() {
        let mut recorder = Recorder::default();
        for millisecond in 1..=98 {
            recorder.record(Operation::Search, &Outcome::Answered(10), Duration::from_millis(millisecond));
        }
        recorder.record(Operation::Search, &Outcome::Status(503), Duration::from_millis(99));
        recorder.record(Operation::Search, &Outcome::Unsent, Duration::ZERO);
        let figures = recorder.figures(10.0);
        assert_eq!(figures.len(), 1);
        let search = &figures[0];
        assert_eq!((search.due, search.answered, search.bytes), (100, 98, 980));
        assert_eq!(search.errors.get("503"), Some(&1));
        assert_eq!(search.errors.get("unsent"), Some(&1));
        assert!((49_000..=51_000).contains(&search.latency_us.p50));
        assert!(search.latency_us.max >= 60_000_000);
    }

    #[test]
    fn what_is_turned_away_is_counted_and_timed_apart_and_a_late_answer_is_no_good() {
        let mut recorder = Recorder::default();
        recorder.record(Operation::Match, &Outcome::Answered(1), Duration::from_millis(200));
        recorder.record(Operation::Match, &Outcome::Answered(1), Duration::from_secs(3));
        recorder.record(Operation::Match, &Outcome::Shed(503), Duration::from_millis(2));
        let figures = &recorder.figures(2.0)[0];
        assert_eq!((figures.due, figures.answered, figures.good, figures.shed, figures.failed()), (3, 2, 1, 1, 0));
        assert!(figures.latency_us.p50 >= 199_000 && figures.shed_us.max < 3_000, "{figures:?}");
        assert!((figures.per_second - 1.0).abs() < 1e-9);
        let (all, shed) = recorder.together();
        assert!(all.max >= 2_900_000 && (1_900..2_100).contains(&shed.p99), "{all:?} {shed:?}");
    }

    #[test]
    fn nothing_recorded_has_no_figures() {
        assert!(Recorder::default().figures(1.0).is_empty());
        assert_eq!(Recorder::default().lateness().max, 0);
    }
}
