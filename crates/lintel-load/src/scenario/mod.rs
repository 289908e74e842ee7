//! A scenario: who asks for what, how often, for how long, and what they are owed; read from a small file.

mod phase;
mod slo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lintel_domain::rng::Rng;
use serde::Deserialize;

use crate::Error;
use crate::operation::{Operation, Prepared};
use crate::sample::Sample;

pub use phase::{Length, Overload, Phase};
pub use slo::{Line, Slo};

/// Operations and how often each is asked for; phases of load, when it tells them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name in reports.
    pub name: String,
    /// What it is, in a sentence.
    #[serde(default)]
    pub about: String,
    /// Makes the first homes and leads more popular than the last, by Zipf's law with this exponent; all alike when absent.
    pub popularity: Option<f64>,
    /// Connections at most.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Seconds of the first phase's load that come before it and are not measured.
    #[serde(default = "warm_up_seconds")]
    pub warm_up_seconds: f64,
    /// Stretches of load, one after the other without a pause.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// A ramp to the breaking point and beyond, after the phases.
    pub overload: Option<Overload>,
    /// How often each operation is asked for, relative to the others.
    pub weights: BTreeMap<Operation, u32>,
    /// What every phase is held to.
    #[serde(default)]
    pub slo: Slo,
}

fn connections() -> usize {
    64
}

fn warm_up_seconds() -> f64 {
    3.0
}

impl Scenario {
    /// The scenarios that ship, by name: the text of each.
    pub const SHIPPED: [(&str, &str); 7] = [
        ("normal", include_str!("../../scenarios/normal.toml")),
        ("campaign", include_str!("../../scenarios/campaign.toml")),
        ("stress", include_str!("../../scenarios/stress.toml")),
        ("burst", include_str!("../../scenarios/burst.toml")),
        ("soak", include_str!("../../scenarios/soak.toml")),
        ("webhooks", include_str!("../../scenarios/webhooks.toml")),
        ("smoke", include_str!("../../scenarios/smoke.toml")),
    ];

    /// A scenario that ships.
    pub fn shipped(name: &str) -> Option<Result<Self, Error>> {
        let (_, text) = Self::SHIPPED.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(text))
    }

    /// A scenario from the text of a TOML file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let scenario: Self = toml::from_str(text).map_err(|error| Error::Scenario(error.message().to_owned()))?;
        let wrong = |what: &str| Err(Error::Scenario(what.to_owned()));
        if scenario.weights.values().all(|weight| *weight == 0) {
            return wrong("no operation has a weight");
        }
        if scenario.popularity.is_some_and(|exponent| !(0.0..=5.0).contains(&exponent)) {
            return wrong("popularity is an exponent from 0 to 5");
        }
        if scenario.connections == 0 {
            return wrong("nothing can be sent over no connections");
        }
        if !(0.0..=3600.0).contains(&scenario.warm_up_seconds) {
            return wrong("warm_up_seconds is from 0 to 3600");
        }
        scenario.phases.iter().try_for_each(Phase::check)?;
        let names: BTreeSet<&str> = scenario.phases.iter().map(|phase| phase.name.as_str()).collect();
        if names.len() < scenario.phases.len() {
            return wrong("two phases have the same name");
        }
        scenario.overload.iter().try_for_each(Overload::check)?;
        scenario.slo.check(&scenario.weights)?;
        Ok(scenario)
    }

    /// One operation and nothing else.
    pub fn of(operation: Operation) -> Self {
        Self {
            name: operation.name().to_owned(),
            about: String::new(),
            popularity: None,
            connections: connections(),
            warm_up_seconds: warm_up_seconds(),
            phases: Vec::new(),
            overload: None,
            weights: BTreeMap::from([(operation, 1)]),
            slo: Slo::default(),
        }
    }

    /// Operations with a weight.
    pub fn operations(&self) -> impl Iterator<Item = Operation> {
        self.weights.iter().filter(|(_, weight)| **weight > 0).map(|(operation, _)| *operation)
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

    const MIXED: &str = include_str!("../../scenarios/mixed.toml");

    #[test]
    fn the_scenarios_beside_the_code_can_be_read() {
        let mixed = Scenario::parse(MIXED).expect("a scenario");
        assert_eq!((mixed.name.as_str(), mixed.phases.len()), ("mixed", 0));
        for (name, text) in Scenario::SHIPPED {
            let scenario = Scenario::parse(text).expect(name);
            assert_eq!(scenario.name, name);
            assert_eq!(scenario.weights.values().sum::<u32>(), 100, "{name}");
            assert!(scenario.about.ends_with('.') && !scenario.phases.is_empty(), "{name}");
        }
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
            "name = \"x\"\npopularity = -1.0\n[weights]\nsearch = 1\n",
            "name = \"x\"\n[[phases]]\nname = \"p\"\nusers = 1\nseconds = 1\n[[phases]]\nname = \"p\"\nusers = 1\nseconds = 1\n[weights]\nsearch = 1\n",
            "name = \"x\"\nconnections = 0\n[weights]\nsearch = 1\n",
            "name = \"x\"\n[weights]\nsearch = 1\n[slo.match]\np95_ms = 5\n",
        ] {
            assert!(Scenario::parse(wrong).is_err(), "{wrong}");
        }
    }
}
