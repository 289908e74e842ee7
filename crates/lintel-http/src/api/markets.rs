//! `/markets`: the tenant's markets and their series.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{MarketView, NewMarket};
use lintel_domain::{clock::Day, market::MarketSlug};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Administer, Allow, Id, Json, Query, ReadListings},
    state::Edge,
    wire::{Check, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list, create)).routes(routes!(read)).routes(routes!(series))
}

/// A market.
#[derive(Debug, Serialize, ToSchema)]
struct MarketOut {
    /// Its name in addresses; the same as `slug`.
    #[schema(value_type = shapes::Slug)]
    id: MarketSlug,
    #[schema(value_type = shapes::Slug)]
    slug: MarketSlug,
    name: String,
    /// ISO 4217.
    currency: String,
    /// How many listings there are, by status.
    listings: BTreeMap<&'static str, u64>,
}

impl From<MarketView> for MarketOut {
    fn from(MarketView { slug, name, currency, listings }: MarketView) -> Self {
        Self { id: slug.clone(), slug, name, currency, listings: listings.into_iter().collect() }
    }
}

/// The tenant's markets.
#[derive(Debug, Serialize, ToSchema)]
struct MarketsOut {
    items: Vec<MarketOut>,
}

/// List markets
#[utoipa::path(get, path = "/markets", tag = "markets", responses((status = 200, description = "The markets", body = MarketsOut)))]
async fn list(State(edge): State<Edge>, allow: Allow<ReadListings>) -> Result<Json<MarketsOut>> {
    let markets = edge.app().markets(&allow.who).await?;
    Ok(Json(MarketsOut { items: markets.into_iter().map(MarketOut::from).collect() }))
}

/// A market to be set up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "king-county", "name": "King County", "currency": "USD"}))]
struct MarketIn {
    #[schema(value_type = shapes::Slug)]
    slug: MarketSlug,
    /// For people; the slug when absent.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// ISO 4217; USD when absent.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
}

/// Set up a market
#[utoipa::path(post, path = "/markets", tag = "markets", request_body = MarketIn, responses((status = 201, description = "The market", body = MarketOut, headers(("Location" = String)))))]
async fn create(State(edge): State<Edge>, allow: Allow<Administer>, Json(body): Json<MarketIn>) -> Result<Response> {
    let mut check = Check::default();
    check.text("/name", body.name.as_deref(), 200);
    check.end()?;
    let new = NewMarket { slug: body.slug, name: body.name, currency: body.currency };
    let market = edge.app().market_create(&allow.who, new).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/markets/{}", market.slug)).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(MarketOut::from(market))).into_response())
}

/// Read a market
#[utoipa::path(get, path = "/markets/{id}", tag = "markets", params(("id" = shapes::Slug, Path)), responses((status = 200, description = "The market", body = MarketOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<ReadListings>, Id(id): Id<MarketSlug>) -> Result<Json<MarketOut>> {
    Ok(Json(edge.app().market(&allow.who, &id).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SeriesQuery {
    /// The name of the series.
    #[param(min_length = 1, max_length = 200)]
    metric: String,
}

/// A series of a market.
#[derive(Debug, Serialize, ToSchema)]
struct SeriesOut {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    metric: String,
    /// In order of time.
    points: Vec<PointOut>,
}

/// One value of a series.
#[derive(Debug, Serialize, ToSchema)]
struct PointOut {
    #[schema(value_type = shapes::Day)]
    period: Day,
    value: f64,
}

/// Read a series of a market
#[utoipa::path(get, path = "/markets/{id}/series", tag = "markets", params(("id" = shapes::Slug, Path), SeriesQuery), responses((status = 200, description = "The series", body = SeriesOut)))]
async fn series(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<MarketSlug>,
    Query(query): Query<SeriesQuery>,
) -> Result<Json<SeriesOut>> {
    let mut check = Check::default();
    check.text("/metric", Some(&query.metric), 200);
    check.end()?;
    let points = edge.app().market_series(&allow.who, &id, &query.metric).await?;
    let points = points.into_iter().map(|point| PointOut { period: point.period, value: point.value }).collect();
    Ok(Json(SeriesOut { market: id, metric: query.metric, points }))
}
