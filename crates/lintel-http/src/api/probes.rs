//! `/livez` and `/readyz`: whether the process runs, and whether it can take requests. Neither needs a key.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use crate::{extract::Json, state::Edge};

/// The probes, at the root.
pub(crate) fn routes() -> Router<Edge> {
    Router::new().route("/livez", get(livez)).route("/readyz", get(readyz))
}

#[derive(Serialize)]
struct LiveOut {
    live: bool,
}

async fn livez() -> Json<LiveOut> {
    Json(LiveOut { live: true })
}

#[derive(Serialize)]
struct ReadyOut {
    ready: bool,
    checks: Vec<CheckOut>,
}

#[derive(Serialize)]
struct CheckOut {
    name: &'static str,
    ok: bool,
    detail: String,
}

async fn readyz(State(edge): State<Edge>) -> Response {
    let readiness = edge.app().readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let checks = readiness.checks.into_iter();
    let checks = checks.map(|check| CheckOut { name: check.name, ok: check.ok, detail: check.detail }).collect();
    (status, Json(ReadyOut { ready: readiness.ready, checks })).into_response()
}
