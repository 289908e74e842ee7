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

/// The most leads that are learnt from: the newest ones. It bounds memory and time of a training.
const MOST: usize = 50_000;
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
        told.flat_map(|(lead, outcome)| {
            self.story(lead).won(outcome == Outcome::Won, now).into_iter().map(move |example| (example, lead))
        })
        .unzip()
    }

    /// Examples of falling silent, with the lead of each. Leads are watched until the last thing that any of them did:
    /// behind it nothing is known to have been recorded.
    pub(crate) fn silent(&self, now: Time) -> (Vec<LeadExample<'_>>, Vec<&Lead>) {
        let last = self.did.values().flatten().map(|(_, at)| *at).filter(|at| *at <= now).max();
        let Some(until) = last else { return Default::default() };
        let of = |lead| self.story(lead).silent(until).into_iter().map(move |example| (example, lead));
        self.leads.iter().flat_map(of).unzip()
    }
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
