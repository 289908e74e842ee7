//! Scoring leads: when asked, for keeping, and as it was in the past.

mod detail;
mod keep;
mod past;

use std::{borrow::Cow, collections::HashMap};

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    interaction::InteractionKind,
    lead::{Lead, LeadFacts, Tier},
};
use lintel_predict::lead::{Behaviour, LeadInput, behaviour::MEMORY};
use serde_json::value::RawValue;

pub use detail::{ChurnDetail, LeadAnalysis, LeadAnalysisState, LeadDetail, ScoreChange};
pub(crate) use keep::{Round, Scored};
/// A part of a score.
pub use lintel_predict::lead::Reason as ScoreReason;

use crate::{
    App, Document, Error, Principal, Result,
    cache::{self, ScoreKey},
    model::LeadModels,
    tier::Tiers,
};

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

    /// The live scores of stored leads, up to 1000, in the order asked, as `write` writes them: of those who were scored just now
    /// and of whom nothing has been heard since, as they were written then. An id of no lead of the tenant makes the whole call
    /// not found.
    pub async fn score_documents(
        &self,
        who: &Principal,
        leads: &[LeadId],
        explain: bool,
        write: fn(LeadScore) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<Vec<Document>> {
        let tenant = who.tenant;
        let scores = &self.0.caches.scores;
        if let &[lead] = leads {
            let one = async || {
                let scored = self.scored(who, vec![(tenant, lead, explain)], write).await?.pop();
                scored.map(|(_, score)| score).ok_or(Error::NotFound("lead"))
            };
            let score = scores.get_or_load(&(tenant, lead, explain), &cache::of_score(tenant, lead), one).await?;
            return Ok(vec![score]);
        }
        let keys: Vec<ScoreKey> = leads.iter().map(|lead| (tenant, *lead, explain)).collect();
        let rest = async |missing| self.scored(who, missing, write).await;
        let found = scores.get_many_or_load(&keys, |key| cache::of_score(key.0, key.1), rest).await?;
        found.into_iter().map(|score| score.ok_or(Error::NotFound("lead"))).collect()
    }

    /// [`App::score_documents`] for those who will ask.
    pub(crate) async fn score_documents_fill(
        &self,
        who: &Principal,
        leads: &[LeadId],
        explain: bool,
        write: fn(LeadScore) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<()> {
        let keys: Vec<ScoreKey> = leads.iter().map(|lead| (who.tenant, *lead, explain)).collect();
        let make = async |missing| self.scored(who, missing, write).await;
        self.0.caches.scores.fill(&keys, |key| cache::of_score(key.0, key.1), make).await
    }

    /// The scores of at least one, as `write` writes them; all with reasons, or none.
    async fn scored(
        &self,
        who: &Principal,
        keys: Vec<ScoreKey>,
        write: fn(LeadScore) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<Vec<(ScoreKey, Document)>> {
        let explain = keys.iter().any(|(.., explain)| *explain);
        let subjects = keys.iter().map(|(_, lead, _)| ScoreSubject::Lead(*lead)).collect();
        let scores = self.score(who, ScoreRequest { subjects, explain }).await?;
        let written = scores.into_iter().map(|score| write(score).map(Document::from).map_err(Error::internal));
        keys.into_iter().zip(written).map(|(key, score)| Ok((key, score?))).collect()
    }

    /// Stored leads with what they did, in the order asked; ids that are gone are passed over.
    async fn known(&self, tenant: TenantId, ids: &[LeadId], now: Time) -> Result<Vec<Known>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let store = &self.0.store;
        let reading = (store.leads_by_ids(tenant, ids), store.interactions_of_leads(tenant, ids, now.plus(-MEMORY)));
        let (leads, interactions) = tokio::try_join!(reading.0, reading.1)?;
        let mut did: HashMap<LeadId, Vec<(InteractionKind, Time)>> = HashMap::new();
        for one in interactions {
            did.entry(one.lead_id).or_default().push((one.kind, one.at));
        }
        let known = |lead: Lead| {
            let did = did.remove(&lead.id).unwrap_or_default();
            Known { behaviour: Behaviour::as_of(did, now), lead }
        };
        Ok(leads.into_iter().map(known).collect())
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
            reasons: score.reasons,
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
