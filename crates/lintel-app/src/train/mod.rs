//! Training models from the store, judging them, and putting the better one in place.

mod leads;
mod price;
mod stories;

use lintel_domain::{
    clock::Time,
    event::Event,
    id::{JobId, ModelId},
    job::{Job, Phase},
    market::MarketSlug,
    model::ModelKind,
};
use lintel_predict::fields::Warning;
use lintel_store::{
    job::{NewJob, Priority},
    model::NewModel,
};

pub(crate) use leads::{inputs, open};
pub(crate) use price::learnt_from;
pub(crate) use stories::{Stories, Which};

use crate::{App, Error, Principal, Result, Work};

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

/// A model to be kept, and whether it takes over.
pub(crate) struct Candidate {
    pub(crate) kind: ModelKind,
    pub(crate) market: Option<MarketSlug>,
    pub(crate) artefact: Vec<u8>,
    pub(crate) metrics: serde_json::Value,
    pub(crate) promoted: bool,
}

/// A model that was trained and how it was judged, before it is put in place.
struct Trained {
    artefact: Vec<u8>,
    n: u64,
    metrics: serde_json::Value,
    warnings: Vec<String>,
    /// Whether it is better than what is in place, and why.
    verdict: (bool, String),
}

impl App {
    /// Trains from the store, evaluates, and promotes if better. `work` says how far it is. It stops when that is asked to, or
    /// when the future is dropped; nothing is kept then.
    pub async fn train(&self, who: &Principal, request: TrainRequest, work: &Work) -> Result<TrainReport> {
        let (kind, market) = (request.kind, request.market);
        work.enter(Phase::Reading);
        let trained = match (kind, &market) {
            (ModelKind::LeadScore, _) => self.train_lead_score(who.tenant, work).await?,
            (ModelKind::Churn, _) => self.train_churn(who.tenant, work).await?,
            (ModelKind::Price, Some(market)) => self.train_price(who.tenant, market, work).await?,
            (ModelKind::Price, None) => return Err(Error::market_missing()),
        };
        let market = market.filter(|_| kind == ModelKind::Price);
        let Trained { artefact, n, metrics, warnings, verdict: (promoted, reason) } = trained;
        let version = self
            .model_keep(who, Candidate { kind, market: market.clone(), artefact, metrics: metrics.clone(), promoted })
            .await?;
        Ok(TrainReport { kind, market, version, n, promoted, reason, metrics: told_metrics(metrics), warnings })
    }

    /// Runs a training in the background. When nobody waits for it any more, because its job was cancelled or the process
    /// stops, it ends with the tree it is at.
    async fn training<T: Send + 'static>(&self, work: &Work, train: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _waits = work.stop_when_dropped();
        self.background(train).await
    }

    /// Stores a model and, when it is to take over, puts it in place, tells of it and has leads scored again: one commit.
    pub(crate) async fn model_keep(&self, who: &Principal, candidate: Candidate) -> Result<String> {
        let now = self.clock().now();
        let id = ModelId(self.0.ids.next(now));
        let Candidate { kind, market, artefact, metrics, promoted } = candidate;
        let version = version_of(now, id);
        let row = NewModel { id, kind, market: market.clone(), version: version.clone(), artefact, metrics };
        let rescore = NewJob {
            priority: Priority::Low,
            coalesce: true,
            ..NewJob::new(JobId(self.0.ids.next(now)), who.tenant, Job::rescore_all(false), now)
        };
        let (tenant, place) = (who.tenant, market.clone());
        let write = self.0.store.write(move |tx| {
            tx.model_insert(tenant, &row, now)?;
            if promoted {
                tx.model_promote(tenant, id, now)?;
                tx.emit(tenant, now, &Event::ModelPromoted { model: id, kind, market: place.clone() })?;
                if matches!(kind, ModelKind::LeadScore | ModelKind::Churn) {
                    tx.enqueue(&rescore)?;
                }
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        if promoted {
            self.0.models.forget(who.tenant, kind, market.as_ref());
        }
        Ok(version)
    }

    /// Trains what has no live model yet and enough history for one: for the demonstration.
    pub async fn train_if_untrained(&self, who: &Principal) -> Result<()> {
        let mut wanted = vec![(ModelKind::LeadScore, None), (ModelKind::Churn, None)];
        for market in self.0.store.markets(who.tenant).await? {
            wanted.push((ModelKind::Price, Some(market.slug)));
        }
        for (kind, market) in wanted {
            if self.0.store.model_live(who.tenant, kind, market.as_ref()).await?.is_some() {
                continue;
            }
            match self.train(who, TrainRequest { kind, market }, &Work::default()).await {
                Ok(report) => {
                    tracing::info!(model.kind = %kind, model.version = %report.version, n = report.n, "trained");
                }
                Err(Error::Invalid(why)) => tracing::info!(model.kind = %kind, reason = ?why, "not trained"),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Metrics without what only machines need: the reference that drift is measured against.
pub(crate) fn told_metrics(mut metrics: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = metrics.as_object_mut() {
        fields.remove("reference");
    }
    metrics
}

/// A name that orders by time and tells two models apart.
fn version_of(now: Time, id: ModelId) -> String {
    let text = id.0.simple().to_string();
    format!("{}-{}", now.day(), &text[text.len() - 6..])
}

/// Too little or senseless history is the caller's to mend, everything else is ours.
pub(crate) fn refuse(error: lintel_predict::Error) -> Error {
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
