//! `/markets`: the tenant's markets and their series.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{MarketForecast, MarketView, NewMarket};
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
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(read))
        .routes(routes!(series))
        .routes(routes!(forecast))
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
    /// The names of its series, sorted.
    metrics: Vec<String>,
}

impl From<MarketView> for MarketOut {
    fn from(MarketView { slug, name, currency, listings, metrics }: MarketView) -> Self {
        Self { id: slug.clone(), slug, name, currency, listings: listings.into_iter().collect(), metrics }
    }
}

/// The tenant's markets.
#[derive(Debug, Serialize, ToSchema)]
struct MarketsOut {
    items: Vec<MarketOut>,
}

/// List markets
///
/// By slug: those that were set up, and those that only a file of series names.
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

/// Periods that are forecast when none are asked for, and the most.
const HORIZON: u32 = 12;
const MOST_HORIZON: u32 = 120;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ForecastQuery {
    /// The name of the series; may be left out where there is only one.
    #[param(min_length = 1, max_length = 200)]
    metric: Option<String>,
    /// How many periods; 12 when absent.
    #[param(minimum = 1, maximum = 120)]
    horizon: Option<u32>,
}

/// The forecast of a series of a market.
#[derive(Debug, Serialize, ToSchema)]
struct ForecastOut {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    metric: String,
    /// Where the forecast comes from; null when there is none.
    method: Option<&'static str>,
    /// How many series were forecast together: the same metric of the tenant's markets, this one among them.
    pooled: usize,
    /// In order of time, following the last period of the series; empty when there is no forecast.
    points: Vec<ForecastPointOut>,
    backtest: BacktestOut,
    /// Why there is no forecast.
    refused: Option<ForecastRefusedOut>,
}

/// The forecast of one period.
#[derive(Debug, Serialize, ToSchema)]
struct ForecastPointOut {
    #[schema(value_type = shapes::Day)]
    period: Day,
    /// The centre of what is expected.
    mean: f64,
    /// Four in five values are expected above this and …
    lower80: f64,
    /// … below this.
    upper80: f64,
}

/// The same forecast made at earlier periods, knowing nothing later, against what came.
#[derive(Debug, Serialize, ToSchema)]
struct BacktestOut {
    /// How many earlier periods forecasts were made at; 0 when too little is known, and the measures are null.
    origins: usize,
    /// Values that were compared.
    values: usize,
    /// Mean absolute error over the series' mean absolute change over one year.
    mase: Option<f64>,
    /// The same of saying the last value again.
    naive_mase: Option<f64>,
    /// Share of the values that lay in their 80 % interval.
    coverage80: Option<f64>,
}

/// Why there is no forecast.
#[derive(Debug, Serialize, ToSchema)]
struct ForecastRefusedOut {
    reason: String,
}

impl ForecastOut {
    fn new(market: MarketSlug, made: MarketForecast) -> Self {
        let n = made.backtest.len();
        let values: usize = made.backtest.iter().map(|score| score.values).sum();
        let mean = |of: f64| (n > 0).then(|| of / n as f64);
        let inside: f64 = made.backtest.iter().map(|score| score.coverage * score.values as f64).sum();
        let backtest = BacktestOut {
            origins: n,
            values,
            mase: mean(made.backtest.iter().map(|score| score.mase).sum()),
            naive_mase: mean(made.backtest.iter().map(|score| score.naive_mase).sum()),
            coverage80: (values > 0).then(|| inside / values as f64),
        };
        let (method, points, refused) = match made.outcome {
            Ok(forecast) => {
                let points = forecast.steps.into_iter().map(|step| ForecastPointOut {
                    period: step.period,
                    mean: step.mean,
                    lower80: step.lower80,
                    upper80: step.upper80,
                });
                (Some(forecast.method), points.collect(), None)
            }
            Err(refusal) => (None, Vec::new(), Some(ForecastRefusedOut { reason: refusal.to_string() })),
        };
        Self { market, metric: made.metric, method, pooled: made.pooled, points, backtest, refused }
    }
}

/// Forecast a series of a market
///
/// With an interval for each period, and always with what the same forecast was worth at earlier periods. The same metric
/// of the tenant's other markets helps, where there are at least eight.
#[utoipa::path(get, path = "/markets/{id}/forecast", tag = "markets", params(("id" = shapes::Slug, Path), ForecastQuery), responses((status = 200, description = "The forecast, or why there is none", body = ForecastOut)))]
async fn forecast(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<MarketSlug>,
    Query(query): Query<ForecastQuery>,
) -> Result<Json<ForecastOut>> {
    let horizon = query.horizon.unwrap_or(HORIZON);
    let mut check = Check::default();
    check.text("/metric", query.metric.as_deref(), 200);
    check.number("/horizon", Some(f64::from(horizon)), 1.0, f64::from(MOST_HORIZON));
    check.end()?;
    let made = edge.app().market_forecast(&allow.who, &id, query.metric, horizon as usize).await?;
    Ok(Json(ForecastOut::new(id, made)))
}
