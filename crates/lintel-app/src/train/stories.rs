//! Leads with everything they did, as training and evaluation read them.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    interaction::InteractionKind,
    lead::{Lead, Outcome},
};
use lintel_predict::lead::{LeadExample, Story};

use crate::{App, Result};

/// The most leads that are read: the newest ones. It bounds the memory of a training.
const MOST: usize = 50_000;
/// The most examples that are learnt from, since a lead gives one for each age it came to. It bounds the time of a training.
const MOST_EXAMPLES: usize = 40_000;
/// Leads read from the store at once.
const PAGE: u32 = 1_000;

/// Some leads with everything they did.
#[derive(Default)]
pub(crate) struct Stories {
    leads: Vec<Lead>,
    did: HashMap<LeadId, Vec<(InteractionKind, Time)>>,
}

/// Which leads are read.
#[derive(Clone, Copy)]
pub(crate) enum Which {
    /// Those whose story is over.
    Over,
    /// All.
    All,
}

impl Stories {
    /// The leads.
    pub(crate) fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// What a lead did.
    pub(crate) fn did(&self, lead: LeadId) -> &[(InteractionKind, Time)] {
        self.did.get(&lead).map(Vec::as_slice).unwrap_or_default()
    }

    fn story<'a>(&'a self, lead: &'a Lead) -> Story<'a> {
        let group = lead.id.0.as_u64_pair().1;
        Story { facts: &lead.facts, did: self.did(lead.id), stored_at: lead.created_at, group }
    }

    /// Examples of winning, with the lead of each.
    pub(crate) fn won(&self, now: Time) -> (Vec<LeadExample<'_>>, Vec<&Lead>) {
        let told = self.leads.iter().filter_map(|lead| Some((lead, lead.facts.outcome?)));
        let of = |(lead, outcome)| {
            self.story(lead).won(outcome == Outcome::Won, now).into_iter().map(move |example| (example, lead))
        };
        sample(told.flat_map(of).collect(), MOST_EXAMPLES)
    }

    /// Examples of falling silent, with the lead of each. Leads are watched until the last thing that any of them did:
    /// behind it nothing is known to have been recorded.
    pub(crate) fn silent(&self, now: Time) -> (Vec<LeadExample<'_>>, Vec<&Lead>) {
        let last = self.did.values().flatten().map(|(_, at)| *at).filter(|at| *at <= now).max();
        let Some(until) = last else { return Default::default() };
        let of = |lead| self.story(lead).silent(until).into_iter().map(move |example| (example, lead));
        sample(self.leads.iter().flat_map(of).collect(), MOST_EXAMPLES)
    }
}

/// At most `most` examples: those of the leads whose random part of the id is lowest. Leads stay whole, and those of every
/// time are as likely to stay.
fn sample<T>(mut examples: Vec<(LeadExample<'_>, T)>, most: usize) -> (Vec<LeadExample<'_>>, Vec<T>) {
    if examples.len() > most {
        let mut groups: Vec<u64> = examples.iter().map(|(example, _)| example.group).collect();
        let (_, first_out, _) = groups.select_nth_unstable(most);
        let first_out = *first_out;
        examples.retain(|(example, _)| example.group < first_out);
    }
    examples.into_iter().unzip()
}

impl App {
    /// The newest leads with everything they did.
    pub(crate) async fn stories(&self, tenant: TenantId, which: Which) -> Result<Stories> {
        self.stories_up_to(tenant, which, MOST).await
    }

    /// At most `most` of them.
    pub(crate) async fn stories_up_to(&self, tenant: TenantId, which: Which, most: usize) -> Result<Stories> {
        let mut stories = Stories::default();
        let mut before = None;
        while stories.leads.len() < most {
            let limit = PAGE.min((most - stories.leads.len()) as u32);
            let page = match which {
                Which::Over => self.0.store.leads_with_outcome(tenant, before, limit).await?,
                Which::All => self.0.store.leads_newest(tenant, before, limit).await?,
            };
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            let ids: Vec<LeadId> = page.iter().map(|lead| lead.id).collect();
            for one in self.0.store.interactions_of_leads(tenant, &ids, Time::default()).await? {
                stories.did.entry(one.lead_id).or_default().push((one.kind, one.at));
            }
            stories.leads.extend(page);
        }
        Ok(stories)
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::{lead::LeadFacts, listing::Provenance};
    use lintel_predict::lead::Behaviour;

    use super::*;

    #[test]
    fn a_sample_is_bounded_and_keeps_every_example_of_its_leads() {
        let facts = LeadFacts::new(Provenance::Api);
        let example = |group: u64, day: i64| LeadExample {
            facts: &facts,
            behaviour: Behaviour::default(),
            as_of: Time(day),
            label: false,
            known_at: None,
            group,
        };
        let all: Vec<_> = (0..60).map(|row| (example(97 * (row / 3) % 20, row as i64), row)).collect();
        for most in [0, 1, 2, 3, 29, 30, 59, 60] {
            let (examples, rows) = sample(all.clone(), most);
            assert!(examples.len() <= most && examples.len() + 3 > most, "{} of {most}", examples.len());
            assert_eq!(examples.len(), rows.len());
            for example in &examples {
                assert_eq!(examples.iter().filter(|other| other.group == example.group).count(), 3);
            }
        }
    }
}
