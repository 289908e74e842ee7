//! The score a lead had: as it was kept, with its reasons, or replayed.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
};
use lintel_predict::lead::{Behaviour, LeadInput, behaviour::MEMORY};
use lintel_store::score::ScoreRow;

use super::{LeadScore, ScoreOrigin, ScoreReason};
use crate::{App, Error, Principal, Result};

impl App {
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

    /// The scores a lead had at evenly spaced times of the last `span` microseconds, the oldest first; the last is now's. Times
    /// before the lead was there are left out.
    pub async fn score_course(
        &self,
        who: &Principal,
        lead: LeadId,
        span: i64,
        points: u32,
    ) -> Result<Vec<(Time, f64)>> {
        let known = self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        let (models, now) = (self.lead_models(who.tenant).await?, self.clock().now());
        let step = span / i64::from(points.max(2) - 1);
        let times = (0..i64::from(points)).rev().map(|back| now.plus(-back * step));
        let since = now.plus(-span - MEMORY);
        let did = self.0.store.interactions_of_leads(who.tenant, &[lead], since).await?;
        let mut course = Vec::with_capacity(points as usize);
        for at in times.filter(|at| *at >= known.created_at) {
            let stored = self.0.store.score_as_of(who.tenant, lead, at).await?;
            let probability = match stored {
                Some(stored) => stored.probability,
                None => {
                    let behaviour = Behaviour::as_of(did.iter().map(|one| (one.kind, one.at)), at);
                    let input = LeadInput { facts: &known.facts, behaviour: &behaviour, as_of: at };
                    models.model.score(input, false).map_err(Error::internal)?.probability
                }
            };
            course.push((at, probability));
        }
        Ok(course)
    }

    /// The reasons of a stored score, made again by the model that made it; none when it does not say what it was made from.
    async fn stored_reasons(&self, tenant: TenantId, stored: &ScoreRow) -> Result<Vec<ScoreReason>> {
        let Some(inputs) = &stored.inputs else { return Ok(Vec::new()) };
        let Some(model) = self.lead_model_of(tenant, &stored.model).await? else { return Ok(Vec::new()) };
        let again = model.replay(inputs).map_err(Error::internal)?;
        if (again.probability - stored.probability).abs() > 1e-9 {
            tracing::warn!(lead.id = %stored.lead, model.version = %stored.model, "a replayed score is not the stored one");
            return Ok(Vec::new());
        }
        Ok(again.reasons)
    }
}
