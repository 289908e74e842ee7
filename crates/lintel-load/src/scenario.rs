//! A scenario: operations and how often each is asked for, read from a small file.

use std::collections::BTreeMap;
use std::sync::Arc;

use lintel_domain::rng::Rng;
use serde::Deserialize;

use crate::Error;
use crate::operation::{Operation, Prepared};
use crate::sample::Sample;

/// A weighted list of operations.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name in reports.
    pub name: String,
    /// How often each operation is asked for, relative to the others.
    pub weights: BTreeMap<Operation, u32>,
}

impl Scenario {
    /// A scenario from the text of a TOML file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let scenario: Self = toml::from_str(text).map_err(|error| Error::Scenario(error.message().to_owned()))?;
        if scenario.weights.values().all(|weight| *weight == 0) {
            return Err(Error::Scenario("no operation has a weight".into()));
        }
        Ok(scenario)
    }

    /// One operation and nothing else.
    pub fn of(operation: Operation) -> Self {
        Self { name: operation.name().to_owned(), weights: BTreeMap::from([(operation, 1)]) }
    }

    /// This many requests in a random order by weight; made ahead, so that making them costs nothing later.
    pub fn prepare(&self, sample: &Sample, count: usize, seed: u64) -> Result<Vec<Arc<Prepared>>, Error> {
        let mut rng = Rng::new(seed);
        let total: u64 = self.weights.values().map(|weight| u64::from(*weight)).sum();
        let mut prepared = Vec::with_capacity(count);
        for _ in 0..count {
            let mut ticket = rng.below(total);
            for (operation, weight) in &self.weights {
                if ticket < u64::from(*weight) {
                    prepared.push(Arc::new(operation.prepare(sample, &mut rng)?));
                    break;
                }
                ticket -= u64::from(*weight);
            }
        }
        Ok(prepared)
    }
}

#[cfg(test)]
mod tests {
    use super::Scenario;
    use crate::operation::Operation;
    use crate::sample::tests::sample;

    const MIXED: &str = include_str!("../scenarios/mixed.toml");

    #[test]
    fn the_scenarios_beside_the_code_can_be_read() {
        let mixed = Scenario::parse(MIXED).expect("a scenario");
        assert_eq!(mixed.name, "mixed");
        assert_eq!(mixed.weights.values().sum::<u32>(), 100);
    }

    #[test]
    fn operations_come_as_often_as_their_weights_say() {
        let mixed = Scenario::parse(MIXED).expect("a scenario");
        let requests = mixed.prepare(&sample(), 10_000, 1).expect("requests");
        let searches = requests.iter().filter(|request| request.operation == Operation::Search).count();
        assert!((3_800..=4_200).contains(&searches), "{searches}");
    }

    #[test]
    fn mistakes_in_a_file_are_errors() {
        for wrong in [
            "name = \"x\"\n[weights]\n",
            "name = \"x\"\n[weights]\nsearch = 0\n",
            "name = \"x\"\n[weights]\nsleep = 1\n",
            "name = \"x\"\nrate = 5\n[weights]\nsearch = 1\n",
        ] {
            assert!(Scenario::parse(wrong).is_err(), "{wrong}");
        }
    }
}
