//! What is kept of every answer, and the figures made from it.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// Longest latency that is told apart: one minute; longer ones count as that.
const LONGEST_US: u64 = 60_000_000;

/// How one request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with a 2xx status and this many bytes of body.
    Answered(usize),
    /// An answer with another status.
    Status(u16),
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
    fn error(&self) -> Option<String> {
        Some(match self {
            Self::Answered(_) => return None,
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

/// Figures of one operation. Failed requests are in the latencies too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Operation that was asked for.
    pub operation: Operation,
    /// Requests that were due.
    pub due: u64,
    /// Requests answered with 2xx.
    pub answered: u64,
    /// Requests that ended otherwise, by status or by what broke.
    pub errors: BTreeMap<String, u64>,
    /// Bytes of body in 2xx answers.
    pub bytes: u64,
    /// From the intended time to the end of the body, in microseconds.
    pub latency_us: Latency,
}

/// Collects what happened to each operation.
pub struct Recorder {
    operations: BTreeMap<Operation, Record>,
    /// How late the generator itself was in sending, in microseconds.
    lateness: Histogram<u64>,
}

struct Record {
    histogram: Histogram<u64>,
    answered: u64,
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
            answered: 0,
            bytes: 0,
            errors: BTreeMap::new(),
        });
        record.histogram.saturating_record(microseconds(latency));
        match (outcome, outcome.error()) {
            (Outcome::Answered(bytes), _) => {
                record.answered += 1;
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

    /// Figures of every operation that was asked for.
    pub fn figures(&self) -> Vec<Figures> {
        let figures = |(operation, record): (&Operation, &Record)| Figures {
            operation: *operation,
            due: record.histogram.len(),
            answered: record.answered,
            errors: record.errors.clone(),
            bytes: record.bytes,
            latency_us: latency(&record.histogram),
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
        recorder.record(Operation::Search, &Outcome::TimedOut, Duration::from_secs(90));
        let figures = recorder.figures();
        assert_eq!(figures.len(), 1);
        let search = &figures[0];
        assert_eq!((search.due, search.answered, search.bytes), (100, 98, 980));
        assert_eq!(search.errors.get("503"), Some(&1));
        assert_eq!(search.errors.get("timed_out"), Some(&1));
        assert!((49_000..=51_000).contains(&search.latency_us.p50));
        assert!(search.latency_us.max >= 60_000_000);
    }

    #[test]
    fn nothing_recorded_has_no_figures() {
        assert!(Recorder::default().figures().is_empty());
        assert_eq!(Recorder::default().lateness().max, 0);
    }
}
