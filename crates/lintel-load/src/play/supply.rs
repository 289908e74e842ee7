//! Requests made ahead of the load that sends them, as many as it needs.

use std::sync::Arc;

use lintel_domain::rng::Rng;

use crate::Error;
use crate::open::Stretch;
use crate::operation::Prepared;
use crate::sample::Sample;
use crate::scenario::Scenario;

/// Requests that are made ahead at most, about a kilobyte each; further ones are the same again, but for those that may be
/// sent only once.
const MOST: usize = 200_000;

/// More than the mean, since a random number of requests is due.
const SPARE: f64 = 1.02;

/// Draws of what is made anew are others than those of what was made ahead: this parts their seeds.
const AGAIN: u64 = 0xA5A5_A5A5_A5A5_A5A5;

/// Requests of a scenario without end, none twice while there are any that were not sent.
pub(super) struct Supply<'a> {
    scenario: &'a Scenario,
    sample: &'a Sample,
    ahead: Vec<Arc<Prepared>>,
    next: usize,
    fills: u64,
    rng: Rng,
    seed: u64,
}

impl<'a> Supply<'a> {
    pub(super) fn new(scenario: &'a Scenario, sample: &'a Sample, seed: u64) -> Self {
        Self { scenario, sample, ahead: Vec::new(), next: 0, fills: 0, rng: Rng::new(seed ^ AGAIN), seed }
    }

    /// Makes requests for some stretches of load, others than before.
    pub(super) fn fill(&mut self, stretches: &[Stretch]) -> Result<(), Error> {
        let due: f64 = stretches.iter().map(|stretch| stretch.rate * stretch.length.as_secs_f64()).sum();
        let count = ((due * SPARE) as usize + 100).min(MOST);
        self.ahead = self.scenario.prepare(self.sample, count, self.seed.wrapping_add(self.fills << 32))?;
        self.fills += 1;
        self.next = 0;
        Ok(())
    }
}

impl Iterator for Supply<'_> {
    type Item = Arc<Prepared>;

    fn next(&mut self) -> Option<Arc<Prepared>> {
        let again = self.next >= self.ahead.len();
        let request = self.ahead.get(self.next % self.ahead.len().max(1))?;
        self.next += 1;
        if again && request.operation.is_once() {
            // It could be made before, so it can be made now.
            return request.operation.prepare(self.sample, &mut self.rng).ok().map(Arc::new);
        }
        Some(Arc::clone(request))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::Supply;
    use crate::arrivals::Arrivals;
    use crate::open::Stretch;
    use crate::operation::Operation;
    use crate::sample::tests::sample;
    use crate::scenario::Scenario;

    #[test]
    fn what_is_sent_once_is_made_anew_when_the_rest_comes_again() {
        let text = "name = \"x\"\n[weights]\ncapture = 1\nscore = 1";
        let (scenario, sample) = (Scenario::parse(text).expect("a scenario"), sample());
        let mut supply = Supply::new(&scenario, &sample, 1);
        assert!(supply.next().is_none());
        let stretch = Stretch { rate: 100.0, length: Duration::from_secs(1), arrivals: Arrivals::Fixed };
        supply.fill(&[stretch]).expect("requests");
        let taken: Vec<_> = supply.by_ref().take(1000).collect();
        let captures: Vec<_> = taken.iter().filter(|request| request.operation == Operation::Capture).collect();
        let different: BTreeSet<_> = captures.iter().map(|request| request.body.clone()).collect();
        assert!(captures.len() > 300);
        assert_eq!(different.len(), captures.len());
        // Another filling is another set of requests.
        supply.fill(&[stretch]).expect("requests");
        assert!(supply.take(100).all(|request| !different.contains(&request.body)));
    }
}
