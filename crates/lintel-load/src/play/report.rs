//! What came of a scenario: the figures of each phase and the verdicts on them.

use std::collections::BTreeMap;

use lintel_domain::clock::Time;
use serde::{Deserialize, Serialize};

use super::facts::{Machine, MemoryUse, Server};
use crate::measure::{Figures, Latency};
use crate::open::{Stretch, Track};
use crate::operation::Operation;
use crate::preflight::Useful;
use crate::timeline::Second;

/// A generator that is later than this at the 99th percentile, in microseconds, did not put the load on the server that it
/// was to put on it; a scenario may bear more.
pub const LATE_US: u64 = 10_000;

/// The same of a ramp and an overload, which are judged by what is answered within a second, and not by milliseconds.
pub const LATE_BEYOND_CAPACITY_US: u64 = 100_000;

/// Everything about one playing of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Name of the scenario.
    pub scenario: String,
    /// What it is, in a sentence.
    pub about: String,
    /// When it began.
    pub began_at: Time,
    /// Whether its phases were shortened, so that its figures say little.
    pub is_shortened: bool,
    /// Where the load came from.
    pub machine: Machine,
    /// What was asked.
    pub server: Server,
    /// Connections at most.
    pub connections: usize,
    /// What decided requests and times.
    pub seed: u64,
    /// By operation, how many answers held what was asked for, of some asked one by one before.
    pub useful: BTreeMap<Operation, Useful>,
    /// The phases in order.
    pub phases: Vec<Played>,
    /// The ramp to the breaking point and what came after it.
    pub overload: Option<Overload>,
    /// The server's memory, where it can be known.
    pub memory: Option<MemoryUse>,
    /// One for each line it is held to.
    pub verdicts: Vec<Verdict>,
}

/// What came of one phase.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Played {
    /// Its name.
    pub name: String,
    /// Requests a second that were asked for.
    pub rate: f64,
    /// How long it was.
    pub seconds: f64,
    /// Whether requests might be turned away.
    pub may_shed: bool,
    /// Requests that were due.
    pub due: u64,
    /// Requests answered with 2xx, a second.
    pub answered_per_second: f64,
    /// Those answered with 2xx within a second, a second.
    pub goodput_per_second: f64,
    /// Requests that were turned away with the time to come back at.
    pub shed: u64,
    /// Requests that failed otherwise.
    pub failed: u64,
    /// Latency of all operations together, without what was turned away.
    pub latency_us: Latency,
    /// Latency of what was turned away.
    pub shed_us: Latency,
    /// The generator's own lateness in sending.
    pub lateness_us: Latency,
    /// Figures by operation.
    pub operations: Vec<Figures>,
    /// Second by second.
    pub timeline: Vec<Second>,
}

impl Played {
    pub(super) fn of(name: &str, may_shed: bool, stretch: Stretch, track: &Track) -> Self {
        let seconds = stretch.length.as_secs_f64();
        let operations = track.recorder.figures(seconds);
        let (latency_us, shed_us) = track.recorder.together();
        let sum = |count: fn(&Figures) -> u64| operations.iter().map(count).sum::<u64>();
        Self {
            name: name.to_owned(),
            rate: stretch.rate,
            seconds,
            may_shed,
            due: sum(|figures| figures.due),
            answered_per_second: sum(|figures| figures.answered) as f64 / seconds,
            goodput_per_second: sum(|figures| figures.good) as f64 / seconds,
            shed: sum(|figures| figures.shed),
            failed: sum(Figures::failed),
            latency_us,
            shed_us,
            lateness_us: track.recorder.lateness(),
            operations,
            timeline: track.timeline.seconds(),
        }
    }

    /// Whether the generator was later than this at the 99th percentile, in microseconds.
    pub fn is_later_than(&self, us: u64) -> bool {
        self.lateness_us.p99 > us
    }

    /// The share of requests that failed; those that were turned away too, where that is not allowed.
    pub fn error_share(&self) -> f64 {
        let errors = self.failed + if self.may_shed { 0 } else { self.shed };
        errors as f64 / self.due.max(1) as f64
    }

    /// The share of requests that were answered within a second.
    pub fn good_share(&self) -> f64 {
        self.goodput_per_second * self.seconds / self.due.max(1) as f64
    }
}

/// What came of the ramp and of the overload after it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Overload {
    /// Ever more, up to the step that broke.
    pub steps: Vec<Played>,
    /// Whether a step broke; if not, the server can do more than was sent.
    pub is_broken: bool,
    /// The most that was answered within a second, a second.
    pub capacity_per_second: f64,
    /// The 99th percentile of the step that reached it, in microseconds.
    pub capacity_p99_us: u64,
    /// Several times the capacity.
    pub over: Played,
    /// The capacity again, right after it.
    pub after: Played,
    /// Seconds after the overload from which at least 0.95 of the capacity was answered to the end; `None` if never.
    pub recovered_after_seconds: Option<f64>,
}

/// How a line was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was.
    Met,
    /// It was not.
    NotMet,
    /// Nobody knows, so it does not count as kept.
    NotMeasured,
}

impl Outcome {
    /// As it is said.
    pub fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::NotMeasured => "not measured",
        }
    }
}

/// A line and how it was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Phase that it is about.
    pub phase: String,
    /// What is held to it, with its unit.
    pub what: String,
    /// What was measured.
    pub measured: Option<f64>,
    /// The line.
    pub limit: f64,
    /// Whether the line is the least allowed instead of the most.
    pub is_least: bool,
    /// How it was kept.
    pub outcome: Outcome,
    /// Why it was not measured.
    pub reason: Option<String>,
}

impl Report {
    /// Whether every line was kept.
    pub fn holds(&self) -> bool {
        !self.verdicts.is_empty() && self.verdicts.iter().all(|verdict| verdict.outcome == Outcome::Met)
    }

    /// All stretches that were measured, in order.
    pub fn stretches(&self) -> impl Iterator<Item = &Played> {
        let overload =
            self.overload.iter().flat_map(|overload| overload.steps.iter().chain([&overload.over, &overload.after]));
        self.phases.iter().chain(overload)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::{Outcome, Played, Report, Verdict};
    use crate::measure::{Figures, Latency};
    use crate::operation::Operation;
    use crate::timeline::Second;

    /// One phase of ten seconds in which a thousand scores were answered, the 99th percentile within 20 ms.
    pub(in crate::play) fn report() -> Report {
        let latency_us =
            Latency { mean: 6000.0, p50: 5000, p90: 9000, p95: 10_000, p99: 20_000, p999: 30_000, max: 40_000 };
        let figures = Figures {
            operation: Operation::Score,
            due: 1000,
            answered: 1000,
            good: 1000,
            per_second: 100.0,
            shed: 0,
            errors: BTreeMap::new(),
            bytes: 1000,
            latency_us,
            shed_us: Latency::default(),
        };
        let second = Second { due: 100, answered: 100, good: 100, shed: 0, failed: 0, p50_us: 5000, p99_us: 20_000 };
        Report {
            scenario: "one".into(),
            about: "One operation <and> nothing else.".into(),
            began_at: lintel_domain::clock::Time(1_700_000_000_000_000),
            is_shortened: false,
            machine: super::Machine::default(),
            server: super::Server::default(),
            connections: 64,
            seed: 1,
            useful: BTreeMap::new(),
            phases: vec![Played {
                name: "100 users".into(),
                rate: 100.0,
                seconds: 10.0,
                may_shed: false,
                due: 1000,
                answered_per_second: 100.0,
                goodput_per_second: 100.0,
                shed: 0,
                failed: 0,
                latency_us,
                shed_us: Latency::default(),
                lateness_us: Latency { p99: 100, ..Latency::default() },
                operations: vec![figures],
                timeline: vec![second; 10],
            }],
            overload: None,
            memory: None,
            verdicts: Vec::new(),
        }
    }

    #[test]
    fn a_report_holds_only_when_something_was_judged_and_all_of_it_was_met() {
        let verdict = |outcome| Verdict {
            phase: "p".into(),
            what: "x".into(),
            measured: Some(1.0),
            limit: 2.0,
            is_least: false,
            outcome,
            reason: None,
        };
        let mut report = report();
        assert!(!report.holds());
        report.verdicts = vec![verdict(Outcome::Met)];
        assert!(report.holds());
        for spoils in [Outcome::NotMet, Outcome::NotMeasured] {
            report.verdicts = vec![verdict(Outcome::Met), verdict(spoils)];
            assert!(!report.holds());
        }
    }

    #[test]
    fn what_was_turned_away_is_an_error_unless_it_is_allowed() {
        let mut phase = report().phases.remove(0);
        (phase.shed, phase.failed) = (100, 10);
        assert_eq!(phase.error_share(), 0.11);
        phase.may_shed = true;
        assert_eq!(phase.error_share(), 0.01);
    }

    #[test]
    fn a_report_reads_back_from_its_json() {
        let text = serde_json::to_string(&report()).expect("JSON");
        let read: Report = serde_json::from_str(&text).expect("a report");
        assert_eq!(read.phases[0].operations[0].latency_us, report().phases[0].operations[0].latency_us);
    }
}
