//! Whether live scores favour one group of leads, from groups that the team supplies for testing only.

use std::collections::HashMap;

use lintel_domain::{
    id::LeadId,
    lead::{Outcome, Tier},
};
use lintel_predict::lead::disparity::{GroupShare, Member, disparity};

use crate::{App, Error, Principal, Result};

/// The most leads in one report.
pub const MOST_MEMBERS: usize = 10_000;
/// Leads read from the store at once.
const PAGE: usize = 1_000;

/// A report, of which nothing is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct DisparityReport {
    /// The groups, by name.
    pub groups: Vec<GroupShare>,
    /// Leads that have no live score, and are in no group of the report.
    pub unscored: usize,
}

impl App {
    /// Compares the share of hot leads, the scores and the outcomes of groups. An id of no lead of the tenant makes the
    /// whole call not found.
    pub async fn disparity(&self, who: &Principal, groups: Vec<(LeadId, String)>) -> Result<DisparityReport> {
        if groups.is_empty() || groups.len() > MOST_MEMBERS {
            return Err(Error::invalid("/leads", "out_of_range", format!("1 to {MOST_MEMBERS} leads")));
        }
        let tiers = self.tiers(who.tenant).await?;
        let (mut members, mut unscored) = (Vec::with_capacity(groups.len()), 0);
        for page in groups.chunks(PAGE) {
            let ids: Vec<LeadId> = page.iter().map(|(id, _)| *id).collect();
            let leads = self.0.store.leads_by_ids(who.tenant, &ids).await?;
            let leads: HashMap<LeadId, _> = leads.into_iter().map(|lead| (lead.id, lead)).collect();
            for (id, group) in page {
                let lead = leads.get(id).ok_or(Error::NotFound("lead"))?;
                let Some(probability) = lead.score else {
                    unscored += 1;
                    continue;
                };
                members.push(Member {
                    group: group.clone(),
                    probability,
                    favoured: tiers.of(probability) == Tier::Hot,
                    outcome: lead.facts.outcome.map(|outcome| outcome == Outcome::Won),
                });
            }
        }
        Ok(DisparityReport { groups: disparity(&members), unscored })
    }
}
