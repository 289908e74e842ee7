//! `/performance`: how this node does, now and over the last hour.

mod history;
mod summary;
mod vitals;

use lintel_domain::clock::SECOND;
use utoipa_axum::router::OpenApiRouter;

use crate::state::Edge;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().merge(summary::routes()).merge(history::routes()).merge(vitals::routes())
}

/// So many in so many microseconds, as a rate; none in no time.
fn per_second(count: u64, micros: i64) -> Option<f64> {
    (micros > 0).then(|| count as f64 * SECOND as f64 / micros as f64)
}
