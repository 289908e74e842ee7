//! The detailed analysis of leads: every reason of now, and what the last week and month changed. A job makes it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use lintel_domain::{
    clock::{DAY, Time},
    id::{JobId, LeadId, TenantId},
    interaction::InteractionKind,
    job::Job,
    lead::{Lead, Tier},
};
use lintel_predict::lead::{Behaviour, LeadInput, LeadScore as Scored, behaviour::MEMORY};
use lintel_store::job::{Claimed, JobState, NewJob};
use serde::{Deserialize, Serialize};

use super::ScoreReason;
use crate::{App, Error, Principal, Result, model::LeadModels, tier::Tiers};

/// How many days back is looked.
const SPANS: [i64; 2] = [7, 30];

/// The detailed analysis of some leads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeadAnalysis {
    /// As known when.
    pub as_of: Time,
    /// The version of the model.
    pub model: String,
    /// The leads that were there, in the order asked.
    pub leads: Vec<LeadDetail>,
}

/// What is to be said about one lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeadDetail {
    /// Whose.
    pub lead: LeadId,
    /// Calibrated, 0 to 1.
    pub probability: f64,
    /// Among the tenant's live scores.
    pub tier: Tier,
    /// What reasons are added to, in log-odds.
    pub base: f64,
    /// Every reason, largest first.
    pub reasons: Vec<ScoreReason>,
    /// How likely the lead goes silent, and why; absent as long as there is no model of it.
    pub churn: Option<ChurnDetail>,
    /// What changed since some days ago; not since before the lead was there.
    pub since: Vec<ScoreChange>,
}

/// How likely a lead goes silent, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChurnDetail {
    /// Calibrated, 0 to 1.
    pub probability: f64,
    /// Nothing comes from the lead for so many days.
    pub days: i64,
    /// The model's version.
    pub version: String,
    /// What reasons are added to, in log-odds.
    pub base: f64,
    /// Every reason, largest first.
    pub reasons: Vec<ScoreReason>,
}

/// What changed since a day: the same model and fields, with what the lead had done by then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScoreChange {
    /// How many days ago.
    pub days: i64,
    /// What the probability would have been.
    pub probability: f64,
    /// What each feature adds to the log-odds now, less what it added then; largest first. Their sum is the change of the
    /// log-odds.
    pub moved: Vec<ScoreReason>,
}

/// How far a detailed analysis is.
#[derive(Clone, Debug)]
pub enum LeadAnalysisState {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// There is none.
    Failed(&'static str),
    /// It was made.
    Done(Box<LeadAnalysis>),
}

impl App {
    /// Has leads analysed in detail by a job; `None` when there is none among them that is stored.
    pub async fn leads_analyse(&self, who: &Principal, leads: Vec<LeadId>) -> Result<Option<JobId>> {
        let mut seen = BTreeSet::new();
        let leads: Vec<LeadId> = leads.into_iter().filter(|lead| seen.insert(*lead)).collect();
        if leads.is_empty() {
            return Ok(None);
        }
        let now = self.clock().now();
        let job = NewJob::new(JobId(self.0.ids.next(now)), who.tenant, Job::AnalyzeLeads { leads }, now);
        let id = job.id;
        self.0.store.write(move |tx| tx.enqueue(&job)).await?;
        Ok(Some(id))
    }

    /// The detailed analysis that a job makes. It is kept for a week.
    pub async fn lead_analysis(&self, who: &Principal, id: JobId) -> Result<LeadAnalysisState> {
        let unknown = || Error::NotFound("analysis of leads");
        let job = self.0.store.job(who.tenant, id).await?.ok_or_else(unknown)?;
        if !matches!(serde_json::from_value(job.body), Ok(Job::AnalyzeLeads { .. })) {
            return Err(unknown());
        }
        Ok(match job.state {
            JobState::Ready => LeadAnalysisState::Queued,
            JobState::Running => LeadAnalysisState::Running,
            JobState::Dead => LeadAnalysisState::Failed("the analysis failed; an administrator sees why"),
            JobState::Cancelled => LeadAnalysisState::Failed("the analysis was cancelled"),
            // Without a result one of its leads was erased since.
            JobState::Done => {
                let result = job.result.ok_or_else(unknown)?;
                LeadAnalysisState::Done(Box::new(serde_json::from_value(result).map_err(Error::internal)?))
            }
        })
    }

    /// Analyses leads; those that are gone are passed over, and none that goes meanwhile is told of.
    pub(crate) async fn job_analyze_leads(&self, job: &Claimed, leads: &[LeadId]) -> Result<()> {
        let now = self.clock().now();
        let made = self.leads_detailed(job.tenant, leads, now).await?;
        let (job, now) = (job.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| {
            let there = tx.leads_hold(job.tenant, made.leads.iter().map(|one| one.lead))?;
            let mut made = Cow::Borrowed(&made);
            if made.leads.len() > there.len() {
                made.to_mut().leads.retain(|one| there.contains(&one.lead));
            }
            let result = serde_json::to_value(&*made)
                .map_err(|source| lintel_store::Error::Decode { what: "analysis of leads", source })?;
            tx.job_done(&job, Some(result), now)
        });
        Ok(write.await?)
    }

    async fn leads_detailed(&self, tenant: TenantId, ids: &[LeadId], now: Time) -> Result<LeadAnalysis> {
        let (models, tiers) = (self.lead_models(tenant).await?, self.tiers(tenant).await?);
        let leads = self.0.store.leads_by_ids(tenant, ids).await?;
        let longest = SPANS.into_iter().max().unwrap_or(0);
        let since = now.plus(-MEMORY - longest * DAY);
        let mut did: HashMap<LeadId, Vec<(InteractionKind, Time)>> = HashMap::new();
        for one in self.0.store.interactions_of_leads(tenant, ids, since).await? {
            did.entry(one.lead_id).or_default().push((one.kind, one.at));
        }
        let detailing = move || {
            let of_lead = |lead: &Lead| {
                let did = did.get(&lead.id).map_or(&[][..], Vec::as_slice);
                detail(&models, tiers, lead, did, now)
            };
            let leads = leads.iter().map(of_lead).collect::<Result<_, _>>()?;
            Ok::<_, lintel_predict::Error>(LeadAnalysis { as_of: now, model: models.version.clone(), leads })
        };
        self.blocking(detailing).await?.map_err(Error::internal)
    }
}

fn detail(
    models: &LeadModels,
    tiers: Tiers,
    lead: &Lead,
    did: &[(InteractionKind, Time)],
    now: Time,
) -> Result<LeadDetail, lintel_predict::Error> {
    let behaviour = Behaviour::as_of(did.iter().copied(), now);
    let input = LeadInput { facts: &lead.facts, behaviour: &behaviour, as_of: now };
    let score = models.model.score(input, true)?;
    let churn = match &models.churn {
        None => None,
        Some(live) => {
            let Scored { probability, base, reasons, .. } = live.model.score(input, true)?;
            let (days, version) = (live.model.days(), live.version.clone());
            Some(ChurnDetail { probability, days, version, base, reasons })
        }
    };
    let mut since = Vec::new();
    for days in SPANS {
        let then = now.plus(-days * DAY);
        if lead.created_at > then {
            continue;
        }
        let behaviour = Behaviour::as_of(did.iter().copied(), then);
        let before = models.model.score(LeadInput { facts: &lead.facts, behaviour: &behaviour, as_of: then }, true)?;
        since.push(ScoreChange { days, probability: before.probability, moved: moved(&score, before) });
    }
    Ok(LeadDetail {
        lead: lead.id,
        probability: score.probability,
        tier: tiers.of(score.probability),
        base: score.base,
        reasons: score.reasons,
        churn,
        since,
    })
}

/// What each feature adds now, less what it added before. The base of one model is always the same.
fn moved(now: &Scored, before: Scored) -> Vec<ScoreReason> {
    let mut moved: BTreeMap<Arc<str>, ScoreReason> = BTreeMap::new();
    for reason in &now.reasons {
        moved.insert(Arc::clone(&reason.feature), reason.clone());
    }
    for reason in before.reasons {
        match moved.get_mut(&reason.feature) {
            Some(one) => one.contribution -= reason.contribution,
            None => {
                let gone = ScoreReason { contribution: -reason.contribution, ..reason };
                moved.insert(Arc::clone(&gone.feature), gone);
            }
        }
    }
    let mut moved: Vec<ScoreReason> = moved.into_values().filter(|one| one.contribution != 0.0).collect();
    moved.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    moved
}
