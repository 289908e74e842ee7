//! `/experiments`: variants shown to leads, and what came of it.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{Comparison, ExperimentReport, ExperimentRow, MOST_VARIANTS, NewExperiment};
use lintel_domain::{
    clock::Time,
    id::{ExperimentId, LeadId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Administer, Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{Check, Page, PageQuery, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(create, list))
        .routes(routes!(report))
        .routes(routes!(expose))
        .routes(routes!(end))
}

/// An experiment to be set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "First reply", "variants": [{"name": "template", "weight": 1}, {"name": "draft", "weight": 1}]}))]
struct ExperimentIn {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// 2 to 10 with different names; the first is the control.
    #[schema(min_items = 2, max_items = 10)]
    variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Variant {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// How many leads see it, beside the weights of the others.
    #[schema(maximum = 1_000_000)]
    weight: u32,
}

/// An experiment.
#[derive(Debug, Serialize, ToSchema)]
struct ExperimentOut {
    #[schema(value_type = uuid::Uuid)]
    id: ExperimentId,
    name: String,
    /// The first is the control.
    variants: Vec<Variant>,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    #[schema(value_type = Option<shapes::Time>, required)]
    ended_at: Option<Time>,
}

impl From<ExperimentRow> for ExperimentOut {
    fn from(ExperimentRow { id, name, variants, created_at, ended_at }: ExperimentRow) -> Self {
        let variants = variants.into_iter().map(|(name, weight)| Variant { name, weight }).collect();
        Self { id, name, variants, created_at, ended_at }
    }
}

/// Set up an experiment
///
/// Leads are assigned to variants by a hash of experiment and lead, by weight, and by nothing that is known about them.
#[utoipa::path(post, path = "/experiments", tag = "experiments", request_body = ExperimentIn, responses((status = 201, description = "The experiment", body = ExperimentOut, headers(("Location" = String)))))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    keyed: Keyed,
    Json(body): Json<ExperimentIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/name", Some(&body.name), 200);
    if body.variants.len() < 2 || body.variants.len() > MOST_VARIANTS {
        check.refuse("/variants", "out_of_range", "must have 2 to 10 items");
    }
    for (index, variant) in body.variants.iter().enumerate() {
        check.text(&format!("/variants/{index}/name"), Some(&variant.name), 100);
        check.number(&format!("/variants/{index}/weight"), Some(f64::from(variant.weight)), 0.0, 1e6);
    }
    check.end()?;
    let variants = body.variants.into_iter().map(|variant| (variant.name, variant.weight)).collect();
    let new = NewExperiment { id: keyed.0.map(ExperimentId), name: body.name, variants };
    let made = edge.app().experiment_create(&allow.who, new).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/experiments/{}", made.id)).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(ExperimentOut::from(made))).into_response())
}

/// List experiments
#[utoipa::path(get, path = "/experiments", tag = "experiments", params(PageQuery), responses((status = 200, description = "A page, newest first", body = Page<ExperimentOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ExperimentOut>>> {
    Ok(Json(Page::of(edge.app().experiments(&allow.who, query.paging()?).await?)))
}

/// What an experiment has found so far.
#[derive(Debug, Serialize, ToSchema)]
struct ExperimentReportOut {
    experiment: ExperimentOut,
    /// Leads to whom each variant was shown, in the order of the variants.
    exposed: Vec<u64>,
    /// Every variant but the control, by every metric.
    comparisons: Vec<ComparisonOut>,
}

/// One metric of a variant beside the control.
#[derive(Debug, Serialize, ToSchema)]
struct ComparisonOut {
    variant: String,
    /// `answered_14d`, `won_90d`, or the guards `silent_30d` and `lost_90d`: every exposure is judged after these days.
    metric: &'static str,
    /// Whether more of it is worse, so that it guards the others.
    guard: bool,
    control: TallyOut,
    shown: TallyOut,
    /// The variant's rate less the control's; null while either side has fewer than 30.
    #[schema(required)]
    difference: Option<f64>,
    /// Where the difference lies, valid at whatever moment one looks.
    #[schema(required)]
    interval95: Option<(f64, f64)>,
    /// The least p-value so far of the mixture sequential probability ratio test: it may be looked at at any time.
    #[schema(required)]
    p_value: Option<f64>,
    /// Whether a guard is clearly worse: the experiment should end.
    harmed: bool,
}

/// How often something happened.
#[derive(Debug, Serialize, ToSchema)]
struct TallyOut {
    /// Leads for whom it is known.
    n: u64,
    /// Those to whom it happened.
    hits: u64,
}

impl From<Comparison> for ComparisonOut {
    fn from(one: Comparison) -> Self {
        let guard = one.metric.is_guard();
        Self {
            variant: one.variant,
            metric: one.metric.as_str(),
            guard,
            control: TallyOut { n: one.control.n, hits: one.control.hits },
            shown: TallyOut { n: one.shown.n, hits: one.shown.hits },
            difference: one.difference.map(|found| found.estimate),
            interval95: one.difference.map(|found| found.interval95),
            p_value: one.difference.map(|found| found.p_value),
            harmed: guard && one.difference.is_some_and(|found| found.interval95.0 > 0.0),
        }
    }
}

/// Read what an experiment has found
#[utoipa::path(get, path = "/experiments/{id}", tag = "experiments", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "What is known so far", body = ExperimentReportOut)))]
async fn report(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<ExperimentId>,
) -> Result<Json<ExperimentReportOut>> {
    let ExperimentReport { experiment, exposed, comparisons } = edge.app().experiment_report(&allow.who, id).await?;
    let comparisons = comparisons.into_iter().map(ComparisonOut::from).collect();
    Ok(Json(ExperimentReportOut { experiment: experiment.into(), exposed, comparisons }))
}

/// A lead that is about to see its variant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExposureIn {
    #[schema(value_type = uuid::Uuid)]
    lead_id: LeadId,
}

/// The variant of a lead.
#[derive(Debug, Serialize, ToSchema)]
struct ExposureOut {
    variant: String,
    /// Whether this call recorded it: not when it was recorded before, nor after the end of the experiment.
    recorded: bool,
}

/// Expose a lead
///
/// Says which variant the lead sees, always the same, and records the first time. An id of no lead of the tenant is 404.
#[utoipa::path(post, path = "/experiments/{id}/exposures", tag = "experiments", params(("id" = uuid::Uuid, Path)), request_body = ExposureIn, responses((status = 200, description = "The variant", body = ExposureOut)))]
async fn expose(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<ExperimentId>,
    Json(body): Json<ExposureIn>,
) -> Result<Json<ExposureOut>> {
    let shown = edge.app().experiment_expose(&allow.who, id, body.lead_id).await?;
    Ok(Json(ExposureOut { variant: shown.variant, recorded: shown.recorded }))
}

/// End an experiment
///
/// Nobody is recorded after it; what was recorded goes on being judged. Ending it again changes nothing.
#[utoipa::path(post, path = "/experiments/{id}/end", tag = "experiments", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The experiment", body = ExperimentOut)))]
async fn end(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Id(id): Id<ExperimentId>,
) -> Result<Json<ExperimentOut>> {
    Ok(Json(edge.app().experiment_end(&allow.who, id).await?.into()))
}
