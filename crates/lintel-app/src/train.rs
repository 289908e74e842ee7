//! Training models from the store, judging them, and putting the better one in place.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    event::Event,
    id::{JobId, LeadId, ModelId, TenantId},
    interaction::InteractionKind,
    job::Job,
    lead::{Lead, Outcome},
    market::MarketSlug,
    model::ModelKind,
};
use lintel_predict::{
    fields::Warning,
    lead::{Behaviour, LeadExample, LeadOptions, train_lead_score},
    price::{PriceOptions, train_price},
};
use lintel_store::{
    job::{NewJob, Priority},
    model::NewModel,
};

use crate::{App, Error, Principal, Result};

/// What to train.
#[derive(Clone, Debug)]
pub struct TrainRequest {
    /// What it predicts.
    pub kind: ModelKind,
    /// For which market; needed for prices.
    pub market: Option<MarketSlug>,
}

/// How it went.
#[derive(Clone, Debug)]
pub struct TrainReport {
    /// What it predicts.
    pub kind: ModelKind,
    /// For which market.
    pub market: Option<MarketSlug>,
    /// The new model's version.
    pub version: String,
    /// From how many outcomes or sales.
    pub n: u64,
    /// Whether it is now the live one.
    pub promoted: bool,
    /// Why, or why not.
    pub reason: String,
    /// What it was judged by, on held-out rows.
    pub metrics: serde_json::Value,
    /// Columns left out and other things to know.
    pub warnings: Vec<String>,
}

/// A model that was trained and how it was judged, before it is put in place.
struct Trained {
    artefact: Vec<u8>,
    n: u64,
    /// What decides between models; less is better.
    loss: f64,
    metrics: serde_json::Value,
    warnings: Vec<String>,
}

impl App {
    /// Trains from the store, evaluates, and promotes if better.
    pub async fn train(&self, who: &Principal, request: TrainRequest) -> Result<TrainReport> {
        let (kind, market) = (request.kind, request.market);
        let trained = match (kind, &market) {
            (ModelKind::LeadScore, _) => self.train_lead_score(who.tenant).await?,
            (ModelKind::Price, Some(market)) => self.train_price(who.tenant, market).await?,
            (ModelKind::Price, None) => {
                return Err(Error::invalid("/market", "missing", "a price model is of one market"));
            }
        };
        let market = market.filter(|_| kind == ModelKind::Price);
        let live = self.0.store.model_live(who.tenant, kind, market.as_ref()).await?;
        let (promoted, reason) = verdict(&trained, live.as_ref().map(|row| &row.metrics));
        let now = self.clock().now();
        let id = ModelId(self.0.ids.next(now));
        let version = version_of(now, id);
        let row = NewModel {
            id,
            kind,
            market: market.clone(),
            version: version.clone(),
            artefact: trained.artefact,
            metrics: trained.metrics.clone(),
        };
        let rescore = NewJob {
            priority: Priority::Low,
            coalesce: true,
            ..NewJob::new(JobId(self.0.ids.next(now)), who.tenant, Job::RescoreAll { after: None }, now)
        };
        let (tenant, place) = (who.tenant, market.clone());
        let write = self.0.store.write(move |tx| {
            tx.model_insert(tenant, &row, now)?;
            if promoted {
                tx.model_promote(tenant, id, now)?;
                tx.emit(tenant, now, &Event::ModelPromoted { model: id, kind, market: place.clone() })?;
                if kind == ModelKind::LeadScore {
                    tx.enqueue(&rescore)?;
                }
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        if promoted {
            self.0.models.forget(who.tenant, kind, market.as_ref());
        }
        Ok(TrainReport {
            kind,
            market,
            version,
            n: trained.n,
            promoted,
            reason,
            metrics: trained.metrics,
            warnings: trained.warnings,
        })
    }

    /// Trains what has no live model yet and enough history for one: for the demonstration.
    pub async fn train_if_untrained(&self, who: &Principal) -> Result<()> {
        let mut wanted = vec![(ModelKind::LeadScore, None)];
        for market in self.0.store.markets(who.tenant).await? {
            wanted.push((ModelKind::Price, Some(market.slug)));
        }
        for (kind, market) in wanted {
            if self.0.store.model_live(who.tenant, kind, market.as_ref()).await?.is_some() {
                continue;
            }
            match self.train(who, TrainRequest { kind, market }).await {
                Ok(report) => {
                    tracing::info!(model.kind = %kind, model.version = %report.version, n = report.n, "trained");
                }
                Err(Error::Invalid(why)) => tracing::info!(model.kind = %kind, reason = ?why, "not trained"),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn train_lead_score(&self, tenant: TenantId) -> Result<Trained> {
        let now = self.clock().now();
        let (mut leads, mut did) = (Vec::new(), HashMap::<LeadId, Vec<(InteractionKind, Time)>>::new());
        let mut after = None;
        loop {
            let page = self.0.store.leads_with_outcome(tenant, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let ids: Vec<LeadId> = page.iter().map(|lead| lead.id).collect();
            for one in self.0.store.interactions_of_leads(tenant, &ids, Time::default()).await? {
                did.entry(one.lead_id).or_default().push((one.kind, one.at));
            }
            leads.extend(page);
        }
        let training = move || {
            let examples: Vec<LeadExample<'_>> =
                leads.iter().map(|lead| example(lead, did.get(&lead.id), now)).collect();
            let trained = train_lead_score(&examples, &LeadOptions::default())?;
            let metrics = trained.model.metrics().ok_or(lintel_predict::Error::InsufficientData {
                rows: examples.len(),
                needed: 1,
                what: "held-out leads",
            })?;
            Ok(Trained {
                n: examples.len() as u64,
                loss: metrics.log_loss,
                metrics: judged(metrics, examples.len(), metrics.log_loss),
                warnings: trained.warnings.iter().map(told).collect(),
                artefact: trained.model.to_bytes()?,
            })
        };
        tokio::task::spawn_blocking(training).await.map_err(Error::internal)?.map_err(refuse)
    }

    async fn train_price(&self, tenant: TenantId, market: &MarketSlug) -> Result<Trained> {
        self.0.store.market_get(tenant, market).await?.ok_or_else(Error::unknown_market)?;
        let (records, _) = self.sale_records(tenant, market).await?;
        let training = move || {
            let trained = train_price(&records, &PriceOptions::default())?;
            let study = trained.model.study();
            let mut warnings: Vec<String> = trained.warnings.iter().map(told).collect();
            let left_out = trained.validation.faults.iter().flatten().count();
            if left_out > 0 {
                warnings.push(format!("{left_out} of {} sales are not market sales and were left out", records.len()));
            }
            Ok(Trained {
                n: trained.model.rows() as u64,
                loss: study.median_ape,
                metrics: judged(study, trained.model.rows(), study.median_ape),
                warnings,
                artefact: trained.model.to_bytes()?,
            })
        };
        tokio::task::spawn_blocking(training).await.map_err(Error::internal)?.map_err(refuse)
    }
}

/// A lead as it stood before its outcome: the moment just before it when that is known, else the last thing it did, so
/// that what came after cannot tell.
fn example<'a>(lead: &'a Lead, did: Option<&Vec<(InteractionKind, Time)>>, now: Time) -> LeadExample<'a> {
    let did = did.map(Vec::as_slice).unwrap_or_default();
    let last = did.iter().map(|(_, at)| *at).max();
    let as_of = lead.facts.outcome_at.map(|at| at.plus(-1)).or(last).unwrap_or(lead.created_at).min(now);
    LeadExample {
        facts: &lead.facts,
        behaviour: Behaviour::as_of(did.iter().copied(), as_of),
        as_of,
        won: lead.facts.outcome == Some(Outcome::Won),
        group: lead.id.0.as_u64_pair().1,
    }
}

/// Metrics as they are kept: everything that was measured, from how many rows, and what decides.
fn judged(metrics: &impl serde::Serialize, n: usize, loss: f64) -> serde_json::Value {
    serde_json::json!({ "n": n, "loss": loss, "held_out": metrics })
}

/// Whether the new model takes over, and why. Both were judged on rows they had not seen; a new one that is not worse by
/// more than a hundredth takes over, since it has seen more.
fn verdict(new: &Trained, live: Option<&serde_json::Value>) -> (bool, String) {
    let Some(old) = live.and_then(|metrics| metrics["loss"].as_f64()) else {
        return (true, "the first model".to_owned());
    };
    let better = new.loss <= old * 1.01;
    let word = if better { "not worse than" } else { "worse than" };
    (better, format!("held-out loss {:.5} is {word} {old:.5} of the live model", new.loss))
}

/// A name that orders by time and tells two models apart.
fn version_of(now: Time, id: ModelId) -> String {
    let text = id.0.simple().to_string();
    format!("{}-{}", now.day(), &text[text.len() - 6..])
}

/// Too little or senseless history is the caller's to mend, everything else is ours.
fn refuse(error: lintel_predict::Error) -> Error {
    match error {
        lintel_predict::Error::InsufficientData { .. }
        | lintel_predict::Error::ConstantLabel { .. }
        | lintel_predict::Error::NoFeatures { .. } => Error::invalid("", "insufficient_data", error.to_string()),
        error => Error::internal(error),
    }
}

/// A warning for people.
fn told(warning: &Warning) -> String {
    format!("{} {}: {}", warning.code.as_str(), warning.column, warning.detail)
}

/// Leads read from the store at once.
const PAGE: u32 = 1_000;
