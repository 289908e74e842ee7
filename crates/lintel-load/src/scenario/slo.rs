//! Service levels: what each operation is held to, by the lines that Lintel ships with unless a file says otherwise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::operation::Operation;
use crate::play::report::LATE_US;

/// What a scenario is held to in every phase.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, toml::Value>")]
pub struct Slo {
    /// Share of requests that may fail; those that were turned away count unless a phase allows it.
    pub errors: f64,
    /// What is turned away must be told so within so many milliseconds, at the 99th percentile.
    pub shed_p99_ms: f64,
    /// The generator may be so many milliseconds late, at the 99th percentile; beyond that nothing was measured.
    pub generator_p99_ms: f64,
    /// Megabytes of 2^20 bytes by which the server's memory may grow from begin to end; not judged when absent.
    pub memory_growth_mib: Option<f64>,
    /// One line for all operations at the 95th percentile, instead of those shipped.
    p95_ms: Option<f64>,
    /// Lines that differ from those.
    operations: BTreeMap<Operation, Line>,
}

/// Latencies that an operation is held to, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// 95 % of the requests may take so long.
    pub p95_ms: Option<f64>,
    /// 99 % may take so long.
    pub p99_ms: Option<f64>,
}

impl Default for Slo {
    fn default() -> Self {
        let generator_p99_ms = LATE_US as f64 / 1000.0;
        Self {
            errors: 0.001,
            shed_p99_ms: 50.0,
            generator_p99_ms,
            memory_growth_mib: None,
            p95_ms: None,
            operations: BTreeMap::new(),
        }
    }
}

impl Slo {
    /// What an operation is held to.
    pub fn line(&self, operation: Operation) -> Line {
        let for_all = Line { p95_ms: self.p95_ms.or_else(|| Some(shipped(operation))), p99_ms: None };
        self.operations.get(&operation).copied().unwrap_or(for_all)
    }

    /// Refuses lines of operations that are not asked for, and numbers that mean nothing.
    pub(super) fn check(&self, weights: &BTreeMap<Operation, u32>) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&self.errors) {
            return Err(Error::Scenario("slo: errors is a share from 0 to 1".into()));
        }
        match self.operations.keys().find(|operation| !weights.contains_key(operation)) {
            Some(stranger) => Err(Error::Scenario(format!("slo: {stranger} has no weight"))),
            None => Ok(()),
        }
    }
}

/// The lines that Lintel ships with: milliseconds at the 95th percentile.
fn shipped(operation: Operation) -> f64 {
    match operation {
        Operation::Estimate | Operation::Comparables | Operation::Search | Operation::Leads => 50.0,
        Operation::Score | Operation::ScoreFacts | Operation::ScoreBatch => 35.0,
        Operation::Match | Operation::Clusters => 200.0,
        // A write that is on disk when it is acknowledged.
        Operation::Webhook | Operation::Capture => 22.0,
        // Data of a dashboard.
        Operation::Analytics | Operation::Accuracy | Operation::Series => 20.0,
        Operation::Forecast => 1000.0,
        Operation::Report | Operation::Analysis => 500.0,
    }
}

impl TryFrom<BTreeMap<String, toml::Value>> for Slo {
    type Error = String;

    /// Numbers by their names, lines by the names of their operations.
    fn try_from(table: BTreeMap<String, toml::Value>) -> Result<Self, String> {
        let mut slo = Self::default();
        for (name, value) in table {
            let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
            match (name.as_str(), number.filter(|number| *number >= 0.0)) {
                ("errors", Some(number)) => slo.errors = number,
                ("shed_p99_ms", Some(number)) => slo.shed_p99_ms = number,
                ("generator_p99_ms", Some(number)) => slo.generator_p99_ms = number,
                ("memory_growth_mib", Some(number)) => slo.memory_growth_mib = Some(number),
                ("p95_ms", Some(number)) => slo.p95_ms = Some(number),
                _ => {
                    let operation: Operation = name.parse()?;
                    let line = value.try_into().map_err(|error| format!("slo.{name}: {error}"))?;
                    slo.operations.insert(operation, line);
                }
            }
        }
        Ok(slo)
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Slo};
    use crate::operation::Operation;

    #[test]
    fn every_operation_is_held_to_the_line_it_ships_with() {
        for operation in Operation::ALL {
            assert!(Slo::default().line(operation).p95_ms.is_some_and(|line| line > 0.0));
        }
        assert_eq!(Slo::default().line(Operation::Estimate).p95_ms, Some(50.0));
        assert_eq!(Slo::default().line(Operation::Score).p95_ms, Some(35.0));
        assert_eq!(Slo::default().errors, 0.001);
    }

    #[test]
    fn a_file_may_hold_an_operation_to_another_line() {
        let slo: Slo =
            toml::from_str("errors = 0\nmemory_growth_mib = 50\n[score]\np95_ms = 5\np99_ms = 9.5").expect("lines");
        assert_eq!(slo.line(Operation::Score), Line { p95_ms: Some(5.0), p99_ms: Some(9.5) });
        assert_eq!(slo.line(Operation::Match).p95_ms, Some(200.0));
        assert_eq!((slo.errors, slo.memory_growth_mib), (0.0, Some(50.0)));
    }

    #[test]
    fn one_line_may_be_for_all_but_those_that_have_their_own() {
        let slo: Slo = toml::from_str("p95_ms = 2000\n[score]\np95_ms = 5").expect("lines");
        assert_eq!(slo.line(Operation::Match).p95_ms, Some(2000.0));
        assert_eq!(slo.line(Operation::Score).p95_ms, Some(5.0));
    }

    #[test]
    fn lines_of_nothing_known_are_mistakes() {
        for wrong in ["errors = \"none\"", "sleep = 1", "[sleep]\np95_ms = 1", "[score]\np42_ms = 1", "errors = -1"] {
            assert!(toml::from_str::<Slo>(wrong).is_err(), "{wrong}");
        }
    }
}
