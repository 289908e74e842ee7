//! Experiments: variants shown to leads by a hash of their ids, and what came of it.

use std::collections::HashMap;

use lintel_domain::{
    clock::{DAY, Time},
    id::{ExperimentId, LeadId, TenantId},
    interaction::InteractionKind,
    lead::{Lead, Outcome},
};
use lintel_predict::experiment::{Difference, Sequential, Tally, assign};
use lintel_store::experiment::{ExperimentRow, ExposureRow};

use crate::{App, Error, Listed, Paging, Principal, Result};

/// The most variants of an experiment, the control included.
pub const MOST_VARIANTS: usize = 10;
/// The most exposures that a report reads.
const MOST_EXPOSURES: usize = 50_000;
/// Exposures read from the store at once.
const PAGE: u32 = 1_000;

/// An experiment to be set up.
#[derive(Clone, Debug)]
pub struct NewExperiment {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): one that is there already is then the answer.
    pub id: Option<ExperimentId>,
    /// Its name.
    pub name: String,
    /// The variants with their weights; the first is the control.
    pub variants: Vec<(String, u32)>,
}

/// Which variant a lead is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The variant's name.
    pub variant: String,
    /// Whether this call recorded it: not when it was recorded before, nor after the end.
    pub recorded: bool,
}

/// What is measured of the exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExperimentMetric {
    /// The lead spoke to us within 14 days.
    Answered,
    /// It was won within 90 days.
    Won,
    /// Guard: it did nothing for 30 days.
    Silent,
    /// Guard: it was lost within 90 days.
    Lost,
}

impl ExperimentMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Answered, Self::Won, Self::Silent, Self::Lost];

    /// Its name at the edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered_14d",
            Self::Won => "won_90d",
            Self::Silent => "silent_30d",
            Self::Lost => "lost_90d",
        }
    }

    /// Whether more of it is worse, so that it guards the others.
    pub fn is_guard(self) -> bool {
        matches!(self, Self::Silent | Self::Lost)
    }

    /// Every exposure is judged after the same time, whatever happened sooner: else quick hits would come first.
    fn days(self) -> i64 {
        match self {
            Self::Answered => 14,
            Self::Silent => 30,
            Self::Won | Self::Lost => 90,
        }
    }

    fn hit(self, lead: &Lead, did: &[(InteractionKind, Time)], at: Time) -> bool {
        let until = at.plus(self.days() * DAY);
        let inside = |time: Time| time > at && time <= until;
        let ended = |outcome| lead.facts.outcome == Some(outcome) && lead.facts.outcome_at.is_some_and(inside);
        match self {
            Self::Answered => did.iter().any(|(kind, time)| speaks(*kind) && inside(*time)),
            Self::Silent => !did.iter().any(|(kind, time)| kind.is_act() && inside(*time)),
            Self::Won => ended(Outcome::Won),
            Self::Lost => ended(Outcome::Lost),
        }
    }
}

fn speaks(kind: InteractionKind) -> bool {
    use InteractionKind::{CallAnswered, FormSubmit, MessageIn, ShowingRequested};
    matches!(kind, MessageIn | FormSubmit | ShowingRequested | CallAnswered)
}

/// One metric of one variant beside the control.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The variant's name.
    pub variant: String,
    /// What is measured.
    pub metric: ExperimentMetric,
    /// The control.
    pub control: Tally,
    /// The variant.
    pub shown: Tally,
    /// What can be said; absent while either side has fewer than 30.
    pub difference: Option<Difference>,
}

/// What an experiment has found so far.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentReport {
    /// The experiment.
    pub experiment: ExperimentRow,
    /// Exposures of each variant, in their order.
    pub exposed: Vec<u64>,
    /// Every variant but the control, by every metric.
    pub comparisons: Vec<Comparison>,
}

impl App {
    /// Sets up an experiment of 2 to [`MOST_VARIANTS`] variants with different names and a weight above 0 in all.
    pub async fn experiment_create(&self, who: &Principal, new: NewExperiment) -> Result<ExperimentRow> {
        let names: std::collections::BTreeSet<&str> = new.variants.iter().map(|(name, _)| name.as_str()).collect();
        if new.variants.len() < 2 || new.variants.len() > MOST_VARIANTS {
            return Err(Error::invalid("/variants", "out_of_range", format!("2 to {MOST_VARIANTS} variants")));
        }
        if names.len() < new.variants.len() || new.variants.iter().all(|(_, weight)| *weight == 0) {
            return Err(Error::invalid("/variants", "invalid", "different names, and a weight above 0"));
        }
        let (tenant, now) = (who.tenant, self.clock().now());
        let id = new.id.unwrap_or_else(|| ExperimentId(self.0.ids.next(now)));
        let row = ExperimentRow { id, name: new.name, variants: new.variants, created_at: now, ended_at: None };
        let audit = self.audit_entry(who, "experiment.create", id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            if tx.experiment_create(tenant, &row)? {
                tx.audit(tenant, &audit)?;
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        self.experiment(who.tenant, id).await
    }

    /// The tenant's experiments, the newest first.
    pub async fn experiments(&self, who: &Principal, paging: Paging) -> Result<Listed<ExperimentRow>> {
        let (limit, before) = (paging.limit()?, self.after(who, "experiments", &paging).await?);
        let rows = self.0.store.experiments(who.tenant, before.map(ExperimentId), limit + 1).await?;
        self.listed(who, "experiments", limit, rows, |row| row.id.0, |row| row).await
    }

    /// Says which variant a lead is shown, and records it the first time while the experiment goes on.
    pub async fn experiment_expose(&self, who: &Principal, id: ExperimentId, lead: LeadId) -> Result<Exposure> {
        let experiment = self.experiment(who.tenant, id).await?;
        self.lead_to_change(who.tenant, lead).await?;
        let weights: Vec<u32> = experiment.variants.iter().map(|(_, weight)| *weight).collect();
        let variant = assign(id, lead, &weights);
        let (tenant, now) = (who.tenant, self.clock().now());
        let recorded = experiment.ended_at.is_none() && {
            let exposure = ExposureRow { lead, variant: variant as u32, at: now };
            self.0.store.write(move |tx| tx.exposure_record(tenant, id, exposure)).await?
        };
        let (name, _) =
            experiment.variants.into_iter().nth(variant).ok_or_else(|| Error::internal("no such variant"))?;
        Ok(Exposure { variant: name, recorded })
    }

    /// Ends an experiment; to end it twice changes nothing.
    pub async fn experiment_end(&self, who: &Principal, id: ExperimentId) -> Result<ExperimentRow> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "experiment.end", id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            if tx.experiment_end(tenant, id, now)? {
                tx.audit(tenant, &audit)?;
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        self.experiment(tenant, id).await
    }

    /// What an experiment has found so far, valid at whatever moment it is asked for.
    pub async fn experiment_report(&self, who: &Principal, id: ExperimentId) -> Result<ExperimentReport> {
        let experiment = self.experiment(who.tenant, id).await?;
        let shown = self.shown(who.tenant, id).await?;
        let now = self.clock().now();
        let exposed = (0..experiment.variants.len() as u32)
            .map(|variant| shown.iter().filter(|one| one.exposure.variant == variant).count() as u64)
            .collect();
        let mut comparisons = Vec::new();
        for (place, (name, _)) in (0_u32..).zip(&experiment.variants).skip(1) {
            for metric in ExperimentMetric::ALL {
                let test = follow(&shown, place, metric, now);
                comparisons.push(Comparison {
                    variant: name.clone(),
                    metric,
                    control: test.control,
                    shown: test.variant,
                    difference: test.difference(),
                });
            }
        }
        Ok(ExperimentReport { experiment, exposed, comparisons })
    }

    async fn experiment(&self, tenant: TenantId, id: ExperimentId) -> Result<ExperimentRow> {
        self.0.store.experiment_get(tenant, id).await?.ok_or(Error::NotFound("experiment"))
    }

    /// The exposures of an experiment with what became of the leads, in the order in which they were shown.
    async fn shown(&self, tenant: TenantId, id: ExperimentId) -> Result<Vec<Shown>> {
        let (mut shown, mut after) = (Vec::new(), None);
        while shown.len() < MOST_EXPOSURES {
            let page = self.0.store.exposures(tenant, id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.lead);
            let ids: Vec<LeadId> = page.iter().map(|one| one.lead).collect();
            let since = page.iter().map(|one| one.at).min().unwrap_or_default();
            let mut did: HashMap<LeadId, Vec<(InteractionKind, Time)>> = HashMap::new();
            for one in self.0.store.interactions_of_leads(tenant, &ids, since).await? {
                did.entry(one.lead_id).or_default().push((one.kind, one.at));
            }
            let leads = self.0.store.leads_by_ids(tenant, &ids).await?;
            let mut leads: HashMap<LeadId, Lead> = leads.into_iter().map(|lead| (lead.id, lead)).collect();
            shown.extend(page.into_iter().filter_map(|exposure| {
                let did = did.remove(&exposure.lead).unwrap_or_default();
                Some(Shown { lead: leads.remove(&exposure.lead)?, did, exposure })
            }));
        }
        shown.sort_by_key(|one| (one.exposure.at, one.exposure.lead));
        Ok(shown)
    }
}

/// A lead to whom a variant was shown.
struct Shown {
    exposure: ExposureRow,
    lead: Lead,
    did: Vec<(InteractionKind, Time)>,
}

/// A variant beside the control, result by result, as far as they are known by now.
fn follow(shown: &[Shown], variant: u32, metric: ExperimentMetric, now: Time) -> Sequential {
    let mut test = Sequential::default();
    let known = shown.iter().filter(|one| one.exposure.at.plus(metric.days() * DAY) <= now);
    for one in known.filter(|one| one.exposure.variant == 0 || one.exposure.variant == variant) {
        test.count(one.exposure.variant == variant, metric.hit(&one.lead, &one.did, one.exposure.at));
    }
    test
}

#[cfg(test)]
mod tests {
    use lintel_domain::{lead::LeadFacts, listing::Provenance};

    use super::*;

    #[test]
    fn a_result_is_known_after_the_same_time_whatever_happened_sooner() {
        let at = Time(100 * DAY);
        let mut facts = LeadFacts::new(Provenance::Api);
        facts.outcome = Some(Outcome::Won);
        facts.outcome_at = Some(at.plus(10 * DAY));
        let id: LeadId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
        let lead = Lead::new(id, facts, at);
        let did = vec![(InteractionKind::MessageIn, at.plus(DAY)), (InteractionKind::MessageIn, at.plus(-DAY))];
        let shown = [Shown { exposure: ExposureRow { lead: id, variant: 1, at }, lead, did }];
        let tally = |metric, days: i64| follow(&shown, 1, metric, at.plus(days * DAY)).variant;
        assert_eq!(tally(ExperimentMetric::Answered, 13), Tally::default());
        assert_eq!(tally(ExperimentMetric::Answered, 14), Tally { n: 1, hits: 1 });
        assert_eq!(tally(ExperimentMetric::Silent, 30), Tally { n: 1, hits: 0 });
        assert_eq!(tally(ExperimentMetric::Won, 90), Tally { n: 1, hits: 1 });
        assert_eq!(tally(ExperimentMetric::Lost, 90), Tally { n: 1, hits: 0 });
    }
}
