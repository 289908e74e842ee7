//! Scoring stored leads for keeping, by the follower and by jobs.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    job::{Job, Phase},
    lead::Lead,
};
use lintel_predict::lead::{LeadInput, Ledger, Reason};
use lintel_store::{job::Claimed, score::NewScore};

use super::Known;
use crate::{App, Error, Result, followers::write_scores, jobs::Step};

/// A score of a stored lead, to be written down.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) lead: LeadId,
    pub(crate) probability: f64,
    base: f64,
    model: String,
    inputs: Vec<u8>,
    churn: Option<f64>,
    top_reason: Option<String>,
    pub(crate) is_hot: bool,
    pub(crate) at: Time,
    /// The live score before.
    before: Option<f64>,
}

/// Where a round through all leads is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// The last lead of the page before.
    pub(crate) after: Option<LeadId>,
    /// How many leads the pages before had.
    pub(crate) done: u64,
    /// How many there were when it began.
    pub(crate) of: u64,
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
            top_reason: self.top_reason.clone(),
            is_hot: self.is_hot,
            at: self.at,
        }
    }
}

/// What speaks most for a lead, in words.
fn top_reason(reasons: Vec<Reason>) -> Option<String> {
    let for_it = reasons.into_iter().filter(|reason| reason.contribution > 0.0 && !reason.is_calibration());
    for_it.max_by(|a, b| a.contribution.total_cmp(&b.contribution)).map(|reason| reason.label.to_string())
}

impl App {
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
        let (model, hot) = (self.lead_models(tenant).await?, self.tiers(tenant).await?.hot);
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
                        top_reason: top_reason(score.reasons),
                        is_hot: score.probability >= hot,
                        at: now,
                        before: one.lead.score,
                    })
                })
                .collect::<Result<Vec<_>, lintel_predict::Error>>()
        };
        tokio::task::spawn_blocking(scoring).await.map_err(Error::internal)?.map_err(Error::internal)
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

    /// Scores one page of all leads again and goes on with the next, in one commit.
    pub(crate) async fn job_rescore_all(&self, job: &Claimed, round: Round, moved_only: bool) -> Result<Step> {
        let of = if round.after.is_some() { round.of } else { self.0.store.lead_count(job.tenant).await? };
        let page = self.0.store.lead_ids_after(job.tenant, round.after, lintel_domain::event::MAX_ITEMS as u32).await?;
        let mut scores = self.score_stored(job.tenant, &page).await?;
        if moved_only {
            scores.retain(Scored::has_moved);
        }
        let done = round.done + page.len() as u64;
        let next = page.last().map(|last| Job::RescoreAll { after: Some(*last), done, of, moved_only });
        // Leads that came meanwhile are scored, too.
        let share = done as f64 / of.max(done).max(1) as f64;
        let (job, now) = (job.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| {
            write_scores(tx, job.tenant, &scores)?;
            let Some(next) = &next else { return tx.job_done(&job, None, now).map(|()| Step::Done) };
            tx.job_progress(&job, Phase::Scoring, share, now)?;
            tx.job_goes_on(&job, next, now, now).map(|()| Step::GoesOn)
        });
        Ok(write.await?)
    }
}
