//! Training the models of leads, and whether a new one is better than the one in place.

use lintel_domain::{clock::Time, id::TenantId, job::Phase, lead::Lead};
use lintel_predict::{
    fields::Warning,
    lead::{
        Behaviour, Evaluation, LeadExample, LeadInput, LeadOptions, Paired, Recipe, Reference, Watched,
        behaviour::MEMORY, evaluate, evaluate::input, example::HORIZON_DAYS, train_churn, train_lead_score,
    },
    learn::{metrics::ClassMetrics, progress::Progress},
};
use serde_json::json;

use super::{
    Trained, refuse,
    stories::{Stories, Which},
    told,
};
use crate::{App, Result, Work};

/// About how much of the time learning the model takes; the rest is judging it.
const LEARNING: f64 = 0.5;
/// The fewest outcomes that neither model has seen by which they can be told apart.
const UNSEEN: usize = 30;
/// The most leads that a reference for drift is made of.
const REFERENCE: usize = 5_000;
/// With fewer open leads the reference is made of what was learnt from.
const FEW: usize = 50;

impl App {
    pub(super) async fn train_lead_score(&self, tenant: TenantId, work: &Work) -> Result<Trained> {
        let now = self.clock().now();
        let live = self.lead_models(tenant).await?;
        let over = self.stories(tenant, Which::Over).await?;
        let open = self.stories_up_to(tenant, Which::All, REFERENCE).await?;
        let watched = work.clone();
        let training = move || {
            let (examples, leads) = over.won(now);
            let trained = train_lead_score(&examples, &learning(&watched))?;
            let judged = evaluate(Recipe::LeadScore, &examples, &judging(&watched))?;
            let own = trained.model.metrics().ok_or_else(nothing_held_out)?;
            let champion = Champion {
                since: live.trained_at,
                name: if live.model.is_prior() { "the prior" } else { "the live model" },
                log_odds: |example: &LeadExample<'_>| {
                    live.model.score(input(example), false).map(|score| score.log_odds)
                },
            };
            let compared = match &judged {
                Some(judged) => Some(champion.against(&judged.held_out, &examples, &leads)?),
                None => None,
            };
            let reference = reference(&Watched::LeadScore(&trained.model), &open, &examples, now)?;
            let card = Card {
                leads: trained.model.rows(),
                examples: &examples,
                own,
                evaluation: judged.as_ref().map(|judged| &judged.evaluation),
                compared,
                features: trained.model.features(),
                reference,
            };
            let metrics = card.metrics(json!({ "horizon_days": HORIZON_DAYS, "compared_with": live.version }));
            let verdict = card.verdict(champion.name, champion.since.is_none());
            Ok(Trained { artefact: trained.model.to_bytes()?, ..made(card.leads, metrics, &trained.warnings, verdict) })
        };
        self.training(work, training).await?.map_err(refuse)
    }

    pub(super) async fn train_churn(&self, tenant: TenantId, work: &Work) -> Result<Trained> {
        let now = self.clock().now();
        let live = self.lead_models(tenant).await?;
        let all = self.stories(tenant, Which::All).await?;
        let watched = work.clone();
        let training = move || {
            let (examples, leads) = all.silent(now);
            let trained = train_churn(&examples, &learning(&watched))?;
            let judged = evaluate(Recipe::Churn, &examples, &judging(&watched))?;
            let compared = match (&judged, &live.churn) {
                (Some(judged), Some(churn)) => {
                    let champion = Champion {
                        since: Some(churn.trained_at),
                        name: "the live model",
                        log_odds: |example: &LeadExample<'_>| {
                            churn.model.score(input(example), false).map(|score| score.log_odds)
                        },
                    };
                    Some(champion.against(&judged.held_out, &examples, &leads)?)
                }
                _ => None,
            };
            let reference = reference(&Watched::Churn(&trained.model), &all, &examples, now)?;
            let card = Card {
                leads: trained.model.rows(),
                examples: &examples,
                own: trained.model.metrics(),
                evaluation: judged.as_ref().map(|judged| &judged.evaluation),
                compared,
                features: trained.model.features(),
                reference,
            };
            let with = live.churn.as_ref().map(|churn| churn.version.clone());
            let metrics = card.metrics(json!({ "silent_days": trained.model.days(), "compared_with": with }));
            let verdict = card.verdict("the live model", live.churn.is_none());
            Ok(Trained { artefact: trained.model.to_bytes()?, ..made(card.leads, metrics, &trained.warnings, verdict) })
        };
        self.training(work, training).await?.map_err(refuse)
    }
}

/// Settings of the model that is to serve.
fn learning(work: &Work) -> LeadOptions {
    work.enter(Phase::Learning);
    watched(work.part(LEARNING))
}

/// The same settings, to repeat on the past.
fn judging(work: &Work) -> LeadOptions {
    work.enter(Phase::Judging);
    watched(work.part(1.0 - LEARNING))
}

fn watched(progress: Progress) -> LeadOptions {
    let mut options = LeadOptions::default();
    options.classify.boost.progress = progress;
    options
}

fn made(leads: usize, metrics: serde_json::Value, warnings: &[Warning], verdict: (bool, String)) -> Trained {
    let warnings = warnings.iter().map(told).collect();
    Trained { artefact: Vec::new(), n: leads as u64, metrics, warnings, verdict }
}

fn nothing_held_out() -> lintel_predict::Error {
    lintel_predict::Error::InsufficientData { rows: 0, needed: 1, what: "held-out leads" }
}

/// What is in place, as the new model meets it.
struct Champion<F> {
    /// When it was trained: outcomes written later are new to it. The prior has seen none.
    since: Option<Time>,
    name: &'static str,
    log_odds: F,
}

impl<F: Fn(&LeadExample<'_>) -> Result<f64, lintel_predict::Error>> Champion<F> {
    /// Both on the rows that neither has seen: held out from the new one, and written after the old one was trained.
    fn against(
        &self,
        held_out: &[f64],
        examples: &[LeadExample<'_>],
        leads: &[&Lead],
    ) -> Result<Paired, lintel_predict::Error> {
        let (mut old, mut new, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for ((example, lead), z) in examples.iter().zip(leads).zip(held_out) {
            if z.is_finite() && self.since.is_none_or(|since| lead.updated_at > since) {
                old.push((self.log_odds)(example)?);
                new.push(*z);
                labels.push(example.label);
                groups.push(example.group);
            }
        }
        Ok(Paired::of_log_odds(&old, &new, &labels, &groups))
    }
}

/// Everything that is kept about a new model beside its artefact.
struct Card<'a> {
    leads: usize,
    examples: &'a [LeadExample<'a>],
    own: &'a ClassMetrics,
    evaluation: Option<&'a Evaluation>,
    compared: Option<Paired>,
    features: Vec<String>,
    reference: Reference,
}

impl Card<'_> {
    fn held_out(&self) -> &ClassMetrics {
        self.evaluation.map_or(self.own, |evaluation| &evaluation.metrics)
    }

    fn metrics(&self, more: serde_json::Value) -> serde_json::Value {
        let mut metrics = json!({
            "n": self.leads,
            "examples": self.examples.len(),
            "loss": self.held_out().log_loss,
            "held_out": self.held_out(),
            "evaluation": self.evaluation,
            "cross_fitted": self.own,
            "compared": self.compared,
            "features": self.features,
            "reference": self.reference,
        });
        if let (Some(fields), serde_json::Value::Object(more)) = (metrics.as_object_mut(), more) {
            fields.extend(more);
        }
        metrics
    }

    /// Whether the new model takes over, and why.
    fn verdict(&self, champion: &str, first: bool) -> (bool, String) {
        match self.compared {
            // A first model has to beat saying the rate to everybody too: the prior is judgement.
            Some(paired) if first && paired.n >= UNSEEN && !self.against_the_rate().0 => self.against_the_rate(),
            Some(paired) if paired.n >= UNSEEN => {
                let (gain, error) = (paired.first - paired.second, paired.standard_error);
                // To be better than the prior is enough; what was learnt has to be beaten clearly.
                let wins = if first { gain > 0.0 } else { paired.second_wins() };
                let word = if wins { "better than" } else { "not clearly better than" };
                let reason = format!(
                    "held-out log loss {:.5} is {word} {:.5} of {champion} on the same {} rows (difference {gain:.5}, standard error {error:.5})",
                    paired.second, paired.first, paired.n
                );
                (wins, reason)
            }
            Some(paired) if !first => {
                let reason =
                    format!("{} rows are new to {champion}, at least {UNSEEN} are needed to compare", paired.n);
                (false, reason)
            }
            _ => self.against_the_rate(),
        }
    }

    /// A first model has to beat saying the rate to everybody.
    fn against_the_rate(&self) -> (bool, String) {
        let metrics = self.held_out();
        let rate = metrics.positives as f64 / metrics.n as f64;
        let entropy = -(rate * rate.ln() + (1.0 - rate) * (1.0 - rate).ln());
        let constant = self.evaluation.map_or(entropy, |evaluation| evaluation.constant_log_loss);
        let better = metrics.log_loss < constant;
        let word = if better { "better than" } else { "not better than" };
        (
            better,
            format!(
                "held-out log loss {:.5} is {word} {constant:.5} of saying the rate to everybody",
                metrics.log_loss
            ),
        )
    }
}

/// The spreads of the open leads of today, or, when there are few, of what was learnt from.
fn reference(
    watched: &Watched<'_>,
    stories: &Stories,
    examples: &[LeadExample<'_>],
    now: Time,
) -> Result<Reference, lintel_predict::Error> {
    let open: Vec<(&Lead, Behaviour)> = open(stories, now).take(REFERENCE).collect();
    if open.len() < FEW {
        let inputs: Vec<LeadInput<'_>> = examples.iter().take(REFERENCE).map(input).collect();
        return watched.reference(&inputs);
    }
    watched.reference(&inputs(&open, now))
}

/// The leads whose story is not over, with what they did.
pub(crate) fn open(stories: &Stories, now: Time) -> impl Iterator<Item = (&Lead, Behaviour)> {
    stories.leads().iter().filter(|lead| lead.facts.outcome.is_none()).map(move |lead| {
        let did = stories.did(lead.id).iter().copied().filter(|(_, at)| now.since(*at) < MEMORY);
        (lead, Behaviour::as_of(did, now))
    })
}

/// Leads as they are asked about now.
pub(crate) fn inputs<'a>(leads: &'a [(&'a Lead, Behaviour)], now: Time) -> Vec<LeadInput<'a>> {
    leads.iter().map(|(lead, behaviour)| LeadInput { facts: &lead.facts, behaviour, as_of: now }).collect()
}
