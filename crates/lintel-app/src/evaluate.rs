//! What the live models are worth: what was measured when they were trained, the same again, and what came since.

use lintel_domain::{clock::Time, market::MarketSlug, model::ModelKind};
use lintel_predict::{
    lead::{LeadExample, LeadInput, LeadOptions, LeadScore, Recalibration, Recipe, evaluate, evaluate::input},
    learn::metrics::{ClassMetrics, classify},
    price::{PriceOptions, train_price},
};
use lintel_store::model::ModelRow;
use serde_json::Value;

use crate::{
    App, Error, Principal, Result,
    model::{LeadModels, PRIOR_VERSION},
    train::{Stories, Which, learnt_from, refuse, told_metrics},
};

/// Which live model is asked about.
#[derive(Clone, Debug)]
pub struct ModelQuery {
    /// What it predicts.
    pub kind: ModelKind,
    /// Of which market; needed for prices.
    pub market: Option<MarketSlug>,
}

/// A live model.
#[derive(Clone, Debug)]
pub struct LiveModel {
    /// What it predicts.
    pub kind: ModelKind,
    /// Of which market.
    pub market: Option<MarketSlug>,
    /// Its version; `prior-1` is the documented prior of the lead score.
    pub version: String,
    /// When it was trained; absent of the prior.
    pub trained_at: Option<Time>,
    /// From how many leads or sales.
    pub n: u64,
    /// What was measured when it was trained: `held_out`, `evaluation`, `compared`, `features` and more. Null of the prior.
    pub metrics: Value,
}

/// What a live model is worth.
#[derive(Clone, Debug)]
pub struct EvaluationReport {
    /// The model.
    pub model: LiveModel,
    /// The same evaluation, repeated on what the store holds now; absent unless asked for, and for want of data.
    pub repeated: Option<Value>,
    /// Whether the repetition found exactly what was found when the model was trained.
    pub same: Option<bool>,
    /// What the model itself said about outcomes that it had not seen; absent for prices and when there are too few.
    pub since: Option<Since>,
}

/// A live model measured on outcomes that were written after it was trained.
#[derive(Clone, Debug)]
pub struct Since {
    /// What was measured.
    pub metrics: ClassMetrics,
    /// Where these outcomes would move it.
    pub recalibration: Recalibration,
}

impl App {
    /// The live models of the tenant.
    pub async fn models(&self, who: &Principal) -> Result<Vec<LiveModel>> {
        let rows = self.0.store.models_live(who.tenant).await?;
        let mut models: Vec<LiveModel> = rows
            .into_iter()
            .map(|row| LiveModel {
                kind: row.kind,
                market: row.market,
                version: row.version,
                trained_at: Some(row.created_at),
                n: row.metrics["n"].as_u64().unwrap_or(0),
                metrics: told_metrics(row.metrics),
            })
            .collect();
        if !models.iter().any(|model| model.kind == ModelKind::LeadScore) {
            models.push(prior());
        }
        Ok(models)
    }

    /// What the live model is worth; with `repeat` its evaluation is done once more from what is stored, which trains
    /// several models and takes a while.
    pub async fn evaluation(&self, who: &Principal, query: ModelQuery, repeat: bool) -> Result<EvaluationReport> {
        let market = match (query.kind, &query.market) {
            (ModelKind::Price, None) => return Err(Error::market_missing()),
            (ModelKind::Price, market) => market.as_ref(),
            (ModelKind::LeadScore | ModelKind::Churn, _) => None,
        };
        let row = self.0.store.model_live(who.tenant, query.kind, market).await?;
        let model = match (row, query.kind) {
            (Some(row), kind) => live(row, kind, market),
            (None, ModelKind::LeadScore) => prior(),
            (None, _) => return Err(Error::NotFound("trained model")),
        };
        let (repeated, since) = match (query.kind, market) {
            (ModelKind::Price, Some(market)) if repeat => (self.repeat_price(who, market).await?, None),
            (ModelKind::Price, _) => (None, None),
            (ModelKind::LeadScore | ModelKind::Churn, _) => self.measure_leads(who, &model, repeat).await?,
        };
        let key = if query.kind == ModelKind::Price { "held_out" } else { "evaluation" };
        let same = repeated.as_ref().map(|again| *again == model.metrics[key]);
        Ok(EvaluationReport { model, repeated, same, since })
    }

    async fn repeat_price(&self, who: &Principal, market: &MarketSlug) -> Result<Option<Value>> {
        let sales = self.sale_records(who.tenant, market).await?;
        let training = move || train_price(learnt_from(&sales), &PriceOptions::default());
        let trained = self.background(training).await?.map_err(refuse)?;
        Ok(Some(serde_json::to_value(trained.model.study()).map_err(Error::internal)?))
    }

    async fn measure_leads(
        &self,
        who: &Principal,
        model: &LiveModel,
        repeat: bool,
    ) -> Result<(Option<Value>, Option<Since>)> {
        let now = self.clock().now();
        let (kind, since) = (model.kind, model.trained_at);
        let which = if kind == ModelKind::LeadScore { Which::Over } else { Which::All };
        let stories = self.stories(who.tenant, which).await?;
        let live = self.lead_models(who.tenant).await?;
        let measuring = move || {
            let again = if repeat { repeated(kind, &stories, now)? } else { None };
            Ok::<_, Error>((again, new_outcomes(kind, &live, &stories, since, now)?))
        };
        self.background(measuring).await?
    }
}

/// The evaluation of the recipe on what is stored now.
fn repeated(kind: ModelKind, stories: &Stories, now: Time) -> Result<Option<Value>> {
    let (recipe, examples) = match kind {
        ModelKind::LeadScore => (Recipe::LeadScore, stories.won(now).0),
        _ => (Recipe::Churn, stories.silent(now).0),
    };
    let judged = evaluate(recipe, &examples, &LeadOptions::default()).map_err(Error::internal)?;
    judged.map(|judged| serde_json::to_value(judged.evaluation).map_err(Error::internal)).transpose()
}

/// The live model on the examples of leads that were written to after it was trained; of the prior, on all.
pub(crate) fn new_outcomes(
    kind: ModelKind,
    live: &LeadModels,
    stories: &Stories,
    since: Option<Time>,
    now: Time,
) -> Result<Option<Since>> {
    let (examples, leads) = if kind == ModelKind::LeadScore { stories.won(now) } else { stories.silent(now) };
    let score = |lead: LeadInput<'_>| match (kind, &live.churn) {
        (ModelKind::Churn, Some(churn)) => churn.model.score(lead, false),
        _ => live.model.score(lead, false),
    };
    let is_new = |example: &LeadExample<'_>, updated_at: Time| match kind {
        // A silence is new when it came to its end after the training.
        ModelKind::Churn => since.is_none_or(|since| example.known_at.is_some_and(|at| at > since)),
        _ => since.is_none_or(|since| updated_at > since),
    };
    let (mut scores, mut labels, mut groups): (Vec<LeadScore>, Vec<bool>, Vec<u64>) = Default::default();
    for (example, lead) in examples.iter().zip(&leads).filter(|(example, lead)| is_new(example, lead.updated_at)) {
        scores.push(score(input(example)).map_err(Error::internal)?);
        labels.push(example.label);
        groups.push(lead.id.0.as_u64_pair().1);
    }
    let probabilities: Vec<f64> = scores.iter().map(|score| score.probability).collect();
    let log_odds: Vec<f64> = scores.iter().map(|score| score.log_odds).collect();
    let metrics = classify(&probabilities, &labels);
    Ok(metrics.map(|metrics| Since { metrics, recalibration: Recalibration::of(&log_odds, &labels, &groups, 1) }))
}

fn live(row: ModelRow, kind: ModelKind, market: Option<&MarketSlug>) -> LiveModel {
    LiveModel {
        kind,
        market: market.cloned(),
        version: row.version,
        trained_at: Some(row.created_at),
        n: row.metrics["n"].as_u64().unwrap_or(0),
        metrics: told_metrics(row.metrics),
    }
}

fn prior() -> LiveModel {
    LiveModel {
        kind: ModelKind::LeadScore,
        market: None,
        version: PRIOR_VERSION.to_owned(),
        trained_at: None,
        n: 0,
        metrics: Value::Null,
    }
}
