//! Scoring leads.

use std::{borrow::Cow, collections::HashMap};

use lintel_domain::{
    clock::{DAY, Time},
    id::{JobId, LeadId, TenantId},
    interaction::InteractionKind,
    job::Job,
    lead::{Lead, LeadFacts, Tier},
};
use lintel_predict::lead::{Behaviour, LeadInput};
use lintel_store::{
    job::{Claimed, NewJob, Priority},
    score::NewScore,
};

use crate::{App, Error, Principal, Result, followers::write_scores};

/// Who is to be scored.
#[derive(Clone, Debug)]
pub enum ScoreSubject {
    /// A stored lead.
    Lead(LeadId),
    /// Facts of somebody who is not stored.
    Facts(Box<LeadFacts>),
}

/// Scores asked for.
#[derive(Clone, Debug)]
pub struct ScoreRequest {
    /// Who, 1 to 1000. An id of no lead of the tenant makes the whole call not found.
    pub subjects: Vec<ScoreSubject>,
    /// Whether reasons are wanted.
    pub explain: bool,
}

/// A part of a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreReason {
    /// The feature.
    pub feature: String,
    /// In words.
    pub label: String,
    /// Its part, in log-odds.
    pub contribution: f64,
}

/// Which model scored.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreModelNote {
    /// Its version.
    pub version: String,
    /// When it was trained; absent of the prior.
    pub trained_at: Option<Time>,
    /// On how many outcomes.
    pub n: u64,
    /// Whether it is the documented prior, for want of history.
    pub prior: bool,
}

/// A score.
#[derive(Clone, Debug)]
pub struct LeadScore {
    /// Whose, if stored.
    pub lead: Option<LeadId>,
    /// Calibrated, 0 to 1.
    pub probability: f64,
    /// Among the tenant's live scores.
    pub tier: Tier,
    /// What reasons are added to, in log-odds.
    pub base: f64,
    /// Largest first; empty unless asked for.
    pub reasons: Vec<ScoreReason>,
    /// By which model.
    pub model: ScoreModelNote,
    /// As known when.
    pub as_of: Time,
}

/// A score of a stored lead, to be written down.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) lead: LeadId,
    pub(crate) probability: f64,
    base: f64,
    model: String,
    pub(crate) at: Time,
}

impl Scored {
    pub(crate) fn row(&self) -> NewScore {
        NewScore {
            lead: self.lead,
            probability: self.probability,
            base: self.base,
            model: self.model.clone(),
            at: self.at,
        }
    }
}

impl App {
    /// Scores leads or facts, in the order asked.
    pub async fn score(&self, who: &Principal, request: ScoreRequest) -> Result<Vec<LeadScore>> {
        let most = lintel_domain::event::MAX_ITEMS;
        if request.subjects.is_empty() || request.subjects.len() > most {
            return Err(Error::invalid("/leads", "out_of_range", format!("1 to {most} leads")));
        }
        let ids: Vec<LeadId> = request
            .subjects
            .iter()
            .filter_map(|subject| match subject {
                ScoreSubject::Lead(id) => Some(*id),
                ScoreSubject::Facts(_) => None,
            })
            .collect();
        let model = self.lead_model(who.tenant).await?;
        let tiers = self.tiers(who.tenant).await?;
        let now = self.clock().now();
        let mut stored = self.known(who.tenant, &ids, now).await?.into_iter();
        let mut scores = Vec::with_capacity(request.subjects.len());
        for subject in &request.subjects {
            let (lead, facts, behaviour) = match subject {
                ScoreSubject::Lead(id) => {
                    let known = stored.next().filter(|known| known.lead.id == *id).ok_or(Error::NotFound("lead"))?;
                    (Some(*id), Cow::Owned(known.lead.facts), known.behaviour)
                }
                ScoreSubject::Facts(facts) => (None, Cow::Borrowed(&**facts), Behaviour::default()),
            };
            let input = LeadInput { facts: &facts, behaviour: &behaviour, as_of: now };
            let score = model.model.score(input, request.explain).map_err(Error::internal)?;
            scores.push(LeadScore {
                lead,
                probability: score.probability,
                tier: tiers.of(score.probability),
                base: score.base,
                reasons: score.reasons.into_iter().map(ScoreReason::from).collect(),
                model: model.note(),
                as_of: now,
            });
        }
        Ok(scores)
    }

    /// The score a lead had at a time, as it was stored then. Reasons are not stored.
    pub async fn score_as_of(&self, who: &Principal, lead: LeadId, at: Time) -> Result<LeadScore> {
        self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        let stored =
            self.0.store.score_as_of(who.tenant, lead, at).await?.ok_or(Error::NotFound("score at that time"))?;
        Ok(LeadScore {
            lead: Some(lead),
            probability: stored.probability,
            tier: self.tiers(who.tenant).await?.of(stored.probability),
            base: stored.base,
            reasons: Vec::new(),
            model: self.lead_model_note(who.tenant, &stored.model).await?,
            as_of: stored.at,
        })
    }

    /// Scores stored leads for keeping; ids that are gone are passed over.
    pub(crate) async fn score_stored(&self, tenant: TenantId, ids: &[LeadId]) -> Result<Vec<Scored>> {
        let model = self.lead_model(tenant).await?;
        let now = self.clock().now();
        let known = self.known(tenant, ids, now).await?;
        let scoring = move || {
            known
                .iter()
                .map(|one| {
                    let input = LeadInput { facts: &one.lead.facts, behaviour: &one.behaviour, as_of: now };
                    let score = model.model.score(input, false)?;
                    Ok(Scored {
                        lead: one.lead.id,
                        probability: score.probability,
                        base: score.base,
                        model: model.version.clone(),
                        at: now,
                    })
                })
                .collect::<Result<Vec<_>, lintel_predict::Error>>()
        };
        tokio::task::spawn_blocking(scoring).await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// Stored leads with what they did, in the order asked; ids that are gone are passed over.
    async fn known(&self, tenant: TenantId, ids: &[LeadId], now: Time) -> Result<Vec<Known>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let leads = self.0.store.leads_by_ids(tenant, ids).await?;
        let mut did: HashMap<LeadId, Vec<(InteractionKind, Time)>> = HashMap::new();
        for one in self.0.store.interactions_of_leads(tenant, ids, now.plus(-BEHAVIOUR)).await? {
            did.entry(one.lead_id).or_default().push((one.kind, one.at));
        }
        let known = |lead: Lead| {
            let did = did.remove(&lead.id).unwrap_or_default();
            Known { behaviour: Behaviour::as_of(did, now), lead }
        };
        Ok(leads.into_iter().map(known).collect())
    }

    /// Scores some leads again: their score, its event and the end of the job are one commit.
    pub(crate) async fn job_score_leads(&self, job: &Claimed, leads: &[LeadId]) -> Result<()> {
        let scores = self.score_stored(job.tenant, leads).await?;
        let (job, now) = (job.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| {
            write_scores(tx, job.tenant, &scores)?;
            tx.job_done(&job, None, now)
        });
        Ok(write.await?)
    }

    /// Scores one page of all leads again and queues the next, in one commit.
    pub(crate) async fn job_rescore_all(&self, job: &Claimed, after: Option<LeadId>) -> Result<()> {
        let page = self.0.store.lead_ids_after(job.tenant, after, lintel_domain::event::MAX_ITEMS as u32).await?;
        let scores = self.score_stored(job.tenant, &page).await?;
        let now = self.clock().now();
        let next = page.last().map(|last| NewJob {
            priority: Priority::Low,
            ..NewJob::new(JobId(self.0.ids.next(now)), job.tenant, Job::RescoreAll { after: Some(*last) }, now)
        });
        let job = job.clone();
        let write = self.0.store.write(move |tx| {
            write_scores(tx, job.tenant, &scores)?;
            if let Some(next) = &next {
                tx.enqueue(next)?;
            }
            tx.job_done(&job, None, now)
        });
        Ok(write.await?)
    }
}

/// A stored lead with what it did.
struct Known {
    lead: Lead,
    behaviour: Behaviour,
}

impl From<lintel_predict::lead::Reason> for ScoreReason {
    fn from(reason: lintel_predict::lead::Reason) -> Self {
        Self { feature: reason.feature, label: reason.label, contribution: reason.contribution }
    }
}

/// How far back behaviour is read.
pub(crate) const BEHAVIOUR: i64 = 365 * DAY;
