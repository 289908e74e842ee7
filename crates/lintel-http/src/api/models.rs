//! `/models`: which models are live, what they are worth, and whether their world has moved.

use axum::{extract::State, http::StatusCode};
use lintel_app::{DriftReport, EvaluationReport, LiveModel, ModelQuery};
use lintel_domain::{clock::Time, id::JobId, market::MarketSlug, model::ModelKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Id, Json, Query, ReadLeads},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(evaluation))
        .routes(routes!(drift))
        .routes(routes!(review))
}

/// A live model.
#[derive(Debug, Serialize, ToSchema)]
struct LiveModelOut {
    #[schema(value_type = shapes::ModelKind)]
    kind: ModelKind,
    #[schema(value_type = Option<shapes::Slug>, required)]
    market: Option<MarketSlug>,
    /// `prior-1` is the documented prior of the lead score.
    version: String,
    #[schema(value_type = Option<shapes::Time>, required)]
    trained_at: Option<Time>,
    /// From how many leads or sales.
    n: u64,
    /// What was measured when it was trained: `held_out` (for leads AUC, log loss, Brier, ECE, lift by decile and the
    /// reliability curve), `evaluation` (how rows were held out, and each part), `compared` (with the model before, on the
    /// same rows), `features` (all that it reads) and more. Null of the prior.
    #[schema(value_type = Option<Object>, required)]
    metrics: serde_json::Value,
}

impl From<LiveModel> for LiveModelOut {
    fn from(LiveModel { kind, market, version, trained_at, n, metrics }: LiveModel) -> Self {
        Self { kind, market, version, trained_at, n, metrics }
    }
}

/// The live models.
#[derive(Debug, Serialize, ToSchema)]
struct LiveModelsOut {
    items: Vec<LiveModelOut>,
}

/// List live models
#[utoipa::path(get, path = "/models", tag = "models", responses((status = 200, description = "The models in use", body = LiveModelsOut)))]
async fn list(State(edge): State<Edge>, allow: Allow<ReadLeads>) -> Result<Json<LiveModelsOut>> {
    let models = edge.app().models(&allow.who).await?;
    Ok(Json(LiveModelsOut { items: models.into_iter().map(LiveModelOut::from).collect() }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EvaluationQuery {
    /// Needed for `price`.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
}

/// What a live model is worth.
#[derive(Debug, Serialize, ToSchema)]
struct EvaluationOut {
    model: LiveModelOut,
    /// The live model on outcomes written after it was trained (of the prior: on all); null for prices, and as long as
    /// they are not of both kinds.
    #[schema(required)]
    since: Option<SinceOut>,
}

/// A live model on new outcomes.
#[derive(Debug, Serialize, ToSchema)]
struct SinceOut {
    /// The same measures as `held_out`.
    #[schema(value_type = Object)]
    metrics: serde_json::Value,
    /// Where these outcomes would move the log-odds: `line` with slope and intercept, held near 1 and 0 while there are
    /// few; and the log loss before and after.
    #[schema(value_type = Object)]
    recalibration: serde_json::Value,
}

impl TryFrom<EvaluationReport> for EvaluationOut {
    type Error = crate::error::Error;

    fn try_from(report: EvaluationReport) -> Result<Self> {
        let json = |value: serde_json::Result<serde_json::Value>| value.map_err(crate::error::Error::internal);
        let since = match report.since {
            None => None,
            Some(since) => Some(SinceOut {
                metrics: json(serde_json::to_value(since.metrics))?,
                recalibration: json(serde_json::to_value(since.recalibration))?,
            }),
        };
        Ok(Self { model: report.model.into(), since })
    }
}

/// Read the evaluation of a live model
///
/// What was measured on held-out rows when it was trained, out of time where the history has dates, and what it was worth since.
#[utoipa::path(get, path = "/models/{kind}/evaluation", tag = "models", params(("kind" = shapes::ModelKind, Path), EvaluationQuery), responses((status = 200, description = "The evaluation", body = EvaluationOut)))]
async fn evaluation(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(kind): Id<ModelKind>,
    Query(query): Query<EvaluationQuery>,
) -> Result<Json<EvaluationOut>> {
    let query = ModelQuery { kind, market: query.market };
    Ok(Json(edge.app().evaluation(&allow.who, query, false).await?.try_into()?))
}

/// How far the leads of today differ from those the model was trained for.
#[derive(Debug, Serialize, ToSchema)]
struct DriftOut {
    version: String,
    #[schema(value_type = shapes::Time)]
    trained_at: Time,
    /// Leads in the reference.
    reference: u64,
    /// Open leads that were looked at.
    n: u64,
    /// The most moved first.
    spreads: Vec<SpreadOut>,
}

/// How far one feature, or the score, moved.
#[derive(Debug, Serialize, ToSchema)]
struct SpreadOut {
    /// The feature; `score` for the probabilities.
    feature: String,
    /// Population stability index.
    psi: f64,
    /// What the index would be on average if nothing had moved.
    noise: f64,
    /// `steady`, `watch` (above 0.1) or `drifted` (above 0.25), and clearly above noise.
    #[schema(value_type = String)]
    state: lintel_app::DriftState,
}

impl From<DriftReport> for DriftOut {
    fn from(DriftReport { version, trained_at, reference, n, spreads }: DriftReport) -> Self {
        let spreads = spreads
            .into_iter()
            .map(|one| SpreadOut { feature: one.feature, psi: one.psi, noise: one.noise, state: one.state })
            .collect();
        Self { version, trained_at, reference, n, spreads }
    }
}

/// Read the drift of a live model
///
/// Compares the newest open leads with the reference kept with the model, feature by feature. 404 without a trained model, and for prices.
#[utoipa::path(get, path = "/models/{kind}/drift", tag = "models", params(("kind" = shapes::ModelKind, Path)), responses((status = 200, description = "The drift", body = DriftOut)))]
async fn drift(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(kind): Id<ModelKind>) -> Result<Json<DriftOut>> {
    Ok(Json(edge.app().drift(&allow.who, kind).await?.into()))
}

/// A queued review.
#[derive(Debug, Serialize, ToSchema)]
struct ReviewOut {
    #[schema(value_type = uuid::Uuid)]
    job_id: JobId,
}

/// Review a live model
///
/// Queues what also happens by itself every `models.review_hours`: with enough new outcomes a new model is trained, and takes over when
/// it is better on the same held-out rows; with fewer the live lead score is moved by them when that clearly helps; drift is looked at.
/// The result of the job says what was done.
#[utoipa::path(post, path = "/models/{kind}/review", tag = "models", params(("kind" = shapes::ModelKind, Path), EvaluationQuery), responses((status = 202, description = "Queued", body = ReviewOut)))]
async fn review(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Id(kind): Id<ModelKind>,
    Query(query): Query<EvaluationQuery>,
) -> Result<(StatusCode, Json<ReviewOut>)> {
    let query = ModelQuery { kind, market: query.market };
    let job_id = edge.app().model_review(&allow.who, query).await?;
    Ok((StatusCode::ACCEPTED, Json(ReviewOut { job_id })))
}
