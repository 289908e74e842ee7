//! `/analyses`: named calculations over a listing or a market.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{AnalysisState, AnalysisView, FinishedAnalysis, Listed, NewAnalysis};
use lintel_domain::{
    analysis::{AnalysisInputs, AnalysisKind, Origin, Subject, Unit},
    clock::Time,
    id::{AnalysisId, ListingId},
    market::MarketSlug,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadListings},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{Check, Page, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, latest)).routes(routes!(read))
}

/// An analysis asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "supply", "subject": {"market": "king-county"}, "inputs": {"property_type": "Condo"}}))]
struct AnalysisIn {
    #[schema(value_type = shapes::AnalysisKind)]
    kind: AnalysisKind,
    subject: AnalysisSubjectIn,
    /// What is given to it: see the kind for what it takes and needs.
    #[serde(default)]
    #[schema(value_type = shapes::AnalysisInputs, required = false)]
    inputs: AnalysisInputs,
}

/// A listing or a market; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnalysisSubjectIn {
    #[schema(value_type = Option<uuid::Uuid>)]
    listing_id: Option<ListingId>,
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
}

/// What an analysis is about: one of the two is there.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisSubjectOut {
    #[schema(value_type = Option<uuid::Uuid>, required)]
    listing_id: Option<ListingId>,
    #[schema(value_type = Option<shapes::Slug>, required)]
    market: Option<MarketSlug>,
}

/// An analysis, on its way or done.
#[derive(Debug, Serialize, ToSchema)]
struct CalculationOut {
    #[schema(value_type = uuid::Uuid)]
    id: AnalysisId,
    /// The job that calculates it; it has the same id.
    #[schema(value_type = uuid::Uuid)]
    job_id: AnalysisId,
    #[schema(value_type = shapes::AnalysisKind)]
    kind: AnalysisKind,
    subject: AnalysisSubjectOut,
    /// What was given.
    #[schema(value_type = shapes::AnalysisInputs)]
    inputs: AnalysisInputs,
    /// `queued`, `running`, `done` or `failed`.
    #[schema(value_type = shapes::AnalysisState)]
    state: &'static str,
    /// Why it failed.
    #[schema(required)]
    error: Option<String>,
    /// What came out; null until it is done.
    #[schema(required)]
    result: Option<AnalysisResultOut>,
}

/// What an analysis gave: figures, or `refused` with the reason why there are none.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisResultOut {
    /// How many homes it rests on.
    n: u64,
    /// Every number that went in.
    inputs: Vec<AnalysisInputOut>,
    /// Every number that came out.
    figures: Vec<AnalysisFigureOut>,
    #[schema(required)]
    refused: Option<String>,
    #[schema(value_type = shapes::Time)]
    calculated_at: Time,
    /// Until when the same question gets this answer.
    #[schema(value_type = shapes::Time)]
    valid_until: Time,
    /// The analysis before it of the same kind and subject.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    previous_id: Option<AnalysisId>,
    /// The figures that differ from it.
    changes: Vec<AnalysisChangeOut>,
}

/// A number that went in.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisInputOut {
    name: String,
    value: f64,
    /// What it counts or measures.
    #[schema(value_type = shapes::FigureUnit)]
    unit: Unit,
    /// `given`, from the `listing`, counted in the `market`, or a `default`.
    #[schema(value_type = shapes::InputOrigin)]
    origin: Origin,
}

/// A number that came out.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisFigureOut {
    name: String,
    value: f64,
    /// What it counts or measures.
    #[schema(value_type = shapes::FigureUnit)]
    unit: Unit,
    /// How it follows from the inputs and other figures.
    formula: String,
}

/// A figure that is not what it was; null where it is not there.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisChangeOut {
    name: String,
    #[schema(value_type = shapes::FigureUnit)]
    unit: Unit,
    #[schema(required)]
    from: Option<f64>,
    #[schema(required)]
    to: Option<f64>,
}

impl From<AnalysisView> for CalculationOut {
    fn from(view: AnalysisView) -> Self {
        let (state, error, result) = match view.state {
            AnalysisState::Queued => ("queued", None, None),
            AnalysisState::Running => ("running", None, None),
            AnalysisState::Failed(error) => ("failed", Some(error), None),
            AnalysisState::Done(finished) => ("done", None, Some(AnalysisResultOut::from(*finished))),
        };
        let subject = match view.subject {
            Subject::Listing(id) => AnalysisSubjectOut { listing_id: Some(id), market: None },
            Subject::Market(slug) => AnalysisSubjectOut { listing_id: None, market: Some(slug) },
        };
        Self { id: view.id, job_id: view.id, kind: view.kind, subject, inputs: view.inputs, state, error, result }
    }
}

impl From<FinishedAnalysis> for AnalysisResultOut {
    fn from(finished: FinishedAnalysis) -> Self {
        let calculation = finished.calculation;
        let input = |input: lintel_app::AnalysisInput| AnalysisInputOut {
            name: input.name.into_owned(),
            value: input.value,
            unit: input.unit,
            origin: input.origin,
        };
        let figure = |figure: lintel_app::AnalysisFigure| AnalysisFigureOut {
            name: figure.name.into_owned(),
            value: figure.value,
            unit: figure.unit,
            formula: figure.formula.into_owned(),
        };
        let change = |change: lintel_app::AnalysisChange| AnalysisChangeOut {
            name: change.name.into_owned(),
            unit: change.unit,
            from: change.from,
            to: change.to,
        };
        Self {
            n: calculation.n,
            inputs: calculation.inputs.into_iter().map(input).collect(),
            figures: calculation.figures.into_iter().map(figure).collect(),
            refused: calculation.refused,
            calculated_at: finished.at,
            valid_until: finished.valid_until,
            previous_id: finished.previous,
            changes: finished.changes.into_iter().map(change).collect(),
        }
    }
}

/// The one of the two that is given; `place` is where they stand in the request.
fn one_of(place: &str, listing: Option<ListingId>, market: Option<MarketSlug>) -> Result<Subject> {
    match (listing, market) {
        (Some(id), None) => Ok(Subject::Listing(id)),
        (None, Some(slug)) => Ok(Subject::Market(slug)),
        (None, None) => Err(Error::field(format!("{place}/market"), "missing", "name a listing or a market")),
        (Some(_), Some(_)) => {
            Err(Error::field(format!("{place}/market"), "too_many", "name a listing or a market, not both"))
        }
    }
}

/// Ask for an analysis
///
/// A job calculates it: read it under its id until its state is `done` or `failed`. The same question gets the answer
/// it had while that is valid.
#[utoipa::path(post, path = "/analyses", tag = "analyses", request_body = AnalysisIn, responses((status = 200, description = "The answer that is still valid, or the analysis that this call made before", body = CalculationOut), (status = 202, description = "The analysis, queued", body = CalculationOut, headers(("Location" = String)))))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    keyed: Keyed,
    Json(body): Json<AnalysisIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/inputs/property_type", body.inputs.property_type.as_deref(), 200);
    check.end()?;
    let new = NewAnalysis {
        id: keyed.0.map(AnalysisId),
        kind: body.kind,
        subject: one_of("/subject", body.subject.listing_id, body.subject.market)?,
        inputs: body.inputs,
    };
    let view = edge.app().analysis_request(&allow.who, new).await?;
    if !matches!(view.state, AnalysisState::Queued) {
        return Ok(Json(CalculationOut::from(view)).into_response());
    }
    let location = HeaderValue::from_str(&format!("/api/v1/analyses/{}", view.id)).map_err(Error::internal)?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(CalculationOut::from(view))).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LatestQuery {
    /// About this listing.
    #[param(value_type = Option<uuid::Uuid>)]
    listing_id: Option<ListingId>,
    /// About this market. One of the two is needed.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// Only of this kind.
    #[param(value_type = Option<shapes::AnalysisKind>)]
    kind: Option<AnalysisKind>,
}

/// Read the latest analyses of a subject
#[utoipa::path(get, path = "/analyses", tag = "analyses", params(LatestQuery), responses((status = 200, description = "The latest of each kind, all on one page", body = Page<CalculationOut>)))]
async fn latest(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Query(query): Query<LatestQuery>,
) -> Result<Json<Page<CalculationOut>>> {
    let subject = one_of("", query.listing_id, query.market)?;
    let items = edge.app().analyses_latest(&allow.who, &subject, query.kind).await?;
    Ok(Json(Page::of(Listed { items, next_cursor: None })))
}

/// Read an analysis
#[utoipa::path(get, path = "/analyses/{id}", tag = "analyses", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The analysis", body = CalculationOut)))]
async fn read(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<AnalysisId>,
) -> Result<Json<CalculationOut>> {
    Ok(Json(edge.app().analysis(&allow.who, id).await?.into()))
}
