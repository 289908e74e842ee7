//! Scoring leads.

use std::{borrow::Cow, collections::HashMap};

use lintel_domain::{
    clock::Time,
    id::{JobId, LeadId, TenantId},
    interaction::InteractionKind,
    job::Job,
    lead::{Lead, LeadFacts, Tier},
};
use lintel_predict::lead::{Behaviour, LeadInput, Ledger, behaviour::MEMORY};
use lintel_store::{
    job::{Claimed, NewJob, Priority},
    score::{NewScore, ScoreRow},
};

use crate::{App, Error, Principal, Result, followers::write_scores, model::LeadModels, tier::Tiers};

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
    /// How likely the lead goes silent; absent as long as there is no model of it.
    pub churn: Option<Churn>,
    /// As known when.
    pub as_of: Time,
    /// Where it comes from.
    pub origin: ScoreOrigin,
}

/// Where a score comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreOrigin {
    /// Made now.
    Live,
    /// Made then and kept; its reasons are made again from what it was made from.
    Stored,
    /// Made now as of then, since none was kept: from the fields of now and what the lead had done by then.
    Replayed,
}

/// How likely a lead goes silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Churn {
    /// Calibrated, 0 to 1.
    pub probability: f64,
    /// Nothing comes from the lead for so many days.
    pub days: i64,
    /// The model's version.
    pub version: String,
}

/// A score of a stored lead, to be written down.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) lead: LeadId,
    pub(crate) probability: f64,
    base: f64,
    model: String,
    inputs: Vec<u8>,
    churn: Option<f64>,
    pub(crate) at: Time,
    /// The live score before.
    before: Option<f64>,
}

/// A score that moved less than this, half a point of a hundred, only grew older.
const MOVED: f64 = 0.005;

impl Scored {
    fn has_moved(&self) -> bool {
        self.before.is_none_or(|before| (self.probability - before).abs() >= MOVED)
    }

    pub(crate) fn row(&self) -> NewScore {
        NewScore {
            lead: self.lead,
            probability: self.probability,
            base: self.base,
            model: self.model.clone(),
            inputs: Some(self.inputs.clone()),
            churn: self.churn,
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
        let model = self.lead_models(who.tenant).await?;
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
            scores.push(model.score(lead, input, request.explain, tiers, ScoreOrigin::Live)?);
        }
        Ok(scores)
    }

    /// The score a lead had at a time: the last that was kept by then, with its reasons made again from what it was made
    /// from; before the first one a replay, which sees nothing that happened later.
    pub async fn score_as_of(&self, who: &Principal, lead: LeadId, at: Time, explain: bool) -> Result<LeadScore> {
        let known = self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        let tiers = self.tiers(who.tenant).await?;
        if let Some(stored) = self.0.store.score_as_of(who.tenant, lead, at).await? {
            return Ok(LeadScore {
                lead: Some(lead),
                probability: stored.probability,
                tier: tiers.of(stored.probability),
                base: stored.base,
                reasons: if explain { self.stored_reasons(who.tenant, &stored).await? } else { Vec::new() },
                model: self.lead_model_note(who.tenant, &stored.model).await?,
                churn: None,
                as_of: stored.at,
                origin: ScoreOrigin::Stored,
            });
        }
        let at = at.min(self.clock().now());
        if known.created_at > at {
            return Err(Error::NotFound("score at that time"));
        }
        let did = self.0.store.interactions_of_leads(who.tenant, &[lead], at.plus(-MEMORY)).await?;
        let behaviour = Behaviour::as_of(did.iter().map(|one| (one.kind, one.at)), at);
        let input = LeadInput { facts: &known.facts, behaviour: &behaviour, as_of: at };
        self.lead_models(who.tenant).await?.score(Some(lead), input, explain, tiers, ScoreOrigin::Replayed)
    }

    /// The reasons of a stored score, made again by the model that made it; none when it does not say what it was made from.
    async fn stored_reasons(&self, tenant: TenantId, stored: &ScoreRow) -> Result<Vec<ScoreReason>> {
        let Some(inputs) = &stored.inputs else { return Ok(Vec::new()) };
        let Some(model) = self.lead_model_of(tenant, &stored.model).await? else { return Ok(Vec::new()) };
        let again = model.replay(inputs).map_err(Error::internal)?;
        if again.probability != stored.probability {
            tracing::warn!(lead.id = %stored.lead, model.version = %stored.model, "a replayed score is not the stored one");
            return Ok(Vec::new());
        }
        Ok(again.reasons.into_iter().map(ScoreReason::from).collect())
    }

    /// Scores stored leads for keeping; ids that are gone are passed over.
    pub(crate) async fn score_stored(&self, tenant: TenantId, ids: &[LeadId]) -> Result<Vec<Scored>> {
        let now = self.clock().now();
        let known = self.known(tenant, ids, now).await?;
        self.score_known(tenant, known, now).await
    }

    /// The same from ledgers of what they did.
    pub(crate) async fn score_ledgers(
        &self,
        tenant: TenantId,
        ids: &[LeadId],
        ledgers: &HashMap<LeadId, Ledger>,
    ) -> Result<Vec<Scored>> {
        let now = self.clock().now();
        let known = |lead: Lead| {
            let behaviour = ledgers.get(&lead.id).map(|ledger| ledger.as_of(now)).unwrap_or_default();
            Known { lead, behaviour }
        };
        let leads = self.0.store.leads_by_ids(tenant, ids).await?;
        self.score_known(tenant, leads.into_iter().map(known).collect(), now).await
    }

    async fn score_known(&self, tenant: TenantId, known: Vec<Known>, now: Time) -> Result<Vec<Scored>> {
        let model = self.lead_models(tenant).await?;
        let scoring = move || {
            known
                .iter()
                .map(|one| {
                    let input = LeadInput { facts: &one.lead.facts, behaviour: &one.behaviour, as_of: now };
                    let (score, inputs) = model.model.score_and_keep(input)?;
                    let churn = model.churn.as_ref().map(|live| live.model.score(input, false)).transpose()?;
                    Ok(Scored {
                        lead: one.lead.id,
                        probability: score.probability,
                        base: score.base,
                        model: model.version.clone(),
                        inputs,
                        churn: churn.map(|score| score.probability),
                        at: now,
                        before: one.lead.score,
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
        for one in self.0.store.interactions_of_leads(tenant, ids, now.plus(-MEMORY)).await? {
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
    pub(crate) async fn job_rescore_all(&self, job: &Claimed, after: Option<LeadId>, moved_only: bool) -> Result<()> {
        let page = self.0.store.lead_ids_after(job.tenant, after, lintel_domain::event::MAX_ITEMS as u32).await?;
        let mut scores = self.score_stored(job.tenant, &page).await?;
        if moved_only {
            scores.retain(Scored::has_moved);
        }
        let now = self.clock().now();
        let next = page.last().map(|last| NewJob {
            priority: Priority::Low,
            ..NewJob::new(
                JobId(self.0.ids.next(now)),
                job.tenant,
                Job::RescoreAll { after: Some(*last), moved_only },
                now,
            )
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

impl LeadModels {
    /// The score of a lead.
    fn score(
        &self,
        lead: Option<LeadId>,
        input: LeadInput<'_>,
        explain: bool,
        tiers: Tiers,
        origin: ScoreOrigin,
    ) -> Result<LeadScore> {
        let score = self.model.score(input, explain).map_err(Error::internal)?;
        Ok(LeadScore {
            lead,
            probability: score.probability,
            tier: tiers.of(score.probability),
            base: score.base,
            reasons: score.reasons.into_iter().map(ScoreReason::from).collect(),
            model: self.note(),
            churn: self.churn(input)?,
            as_of: input.as_of,
            origin,
        })
    }

    /// How likely the lead goes silent.
    fn churn(&self, lead: LeadInput<'_>) -> Result<Option<Churn>> {
        let Some(live) = &self.churn else { return Ok(None) };
        let score = live.model.score(lead, false).map_err(Error::internal)?;
        let version = live.version.clone();
        Ok(Some(Churn { probability: score.probability, days: live.model.days(), version }))
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
