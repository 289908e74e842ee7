//! `/performance/history`: the last hour in samples.

use axum::extract::State;
use lintel_domain::clock::{SECOND, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::per_second;
use crate::{
    error::{Error, Result},
    extract::{Administer, Allow, Json, Query},
    metrics::{SAMPLE_SECONDS, Sample},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(history))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// Samples that end at this time or later; an hour ago when absent, which is as far as it goes back.
    #[param(value_type = Option<shapes::Time>)]
    from: Option<Time>,
    /// Samples that end at this time or before; now when absent.
    #[param(value_type = Option<shapes::Time>)]
    to: Option<Time>,
    /// Seconds that become one item; 10 when absent, which is how often samples are taken.
    #[param(minimum = 10, maximum = 3600)]
    every: Option<u32>,
}

/// The last hour.
#[derive(Debug, Serialize, ToSchema)]
struct PerformanceHistoryOut {
    /// Seconds of an item; the first and the last may be shorter.
    every_seconds: u32,
    /// The oldest first.
    items: Vec<SampleOut>,
}

/// What happened in a while.
#[derive(Debug, Serialize, ToSchema)]
struct SampleOut {
    /// Its end.
    #[schema(value_type = shapes::Time)]
    at: Time,
    seconds: f64,
    requests: u64,
    /// Requests a second.
    rate: f64,
    /// Those answered 4xx.
    refused: u64,
    /// Those answered 5xx.
    errors: u64,
    /// Half of them were answered within so many milliseconds; null when there were none.
    #[schema(required)]
    p50_ms: Option<f64>,
    /// 95 % of them.
    #[schema(required)]
    p95_ms: Option<f64>,
    /// 99 % of them.
    #[schema(required)]
    p99_ms: Option<f64>,
    /// The most that were seen in hand.
    in_flight: u64,
    /// Writes that were run.
    writes: u64,
    /// The commits that held them.
    commits: u64,
    /// The most writes that were seen in line, or on PostgreSQL calls that wait for a connection.
    writes_waiting: u64,
    /// The most realtime clients that were seen.
    realtime_clients: u64,
    /// The most memory that was seen; null where the system does not tell.
    #[schema(required)]
    memory_bytes: Option<u64>,
}

/// Read the last hour
///
/// Samples that the node which answers took every ten seconds: for charts. They are kept in memory and begin anew with the process.
#[utoipa::path(get, path = "/performance/history", tag = "performance", params(HistoryQuery), responses((status = 200, description = "The samples", body = PerformanceHistoryOut)))]
async fn history(
    State(edge): State<Edge>,
    _: Allow<Administer>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<PerformanceHistoryOut>> {
    let every = query.every.unwrap_or(SAMPLE_SECONDS);
    if !(SAMPLE_SECONDS..=3600).contains(&every) {
        return Err(Error::field("/every", "out_of_range", "must be from 10 to 3600"));
    }
    let to = query.to.unwrap_or_else(|| edge.app().clock().now());
    let from = query.from.unwrap_or_else(|| to.plus(-3_600 * SECOND));
    if from > to {
        return Err(Error::field("/from", "out_of_range", "must not be after to"));
    }
    let items = edge.metrics().history(from, to, every).into_iter().map(SampleOut::from).collect();
    Ok(Json(PerformanceHistoryOut { every_seconds: every, items }))
}

impl From<Sample> for SampleOut {
    fn from(sample: Sample) -> Self {
        let gauges = sample.gauges;
        Self {
            at: sample.at,
            seconds: sample.lasted as f64 / SECOND as f64,
            requests: sample.requests,
            rate: per_second(sample.requests, sample.lasted).unwrap_or(0.0),
            refused: sample.refused,
            errors: sample.failed,
            p50_ms: sample.p50_ms,
            p95_ms: sample.p95_ms,
            p99_ms: sample.p99_ms,
            in_flight: gauges.in_flight,
            writes: gauges.writes,
            commits: gauges.commits,
            writes_waiting: gauges.writes_waiting,
            realtime_clients: gauges.clients,
            memory_bytes: gauges.memory,
        }
    }
}
