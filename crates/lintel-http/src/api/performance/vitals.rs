//! `/performance/vitals`: what browsers tell of how pages felt.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Json, ReadLeads},
    metrics::Vital,
    state::Edge,
    wire::{self, Check},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(vitals))
}

/// The most bytes of a page's name.
const PAGE: usize = 100;
/// Ten minutes: nobody waits longer for a page.
const LONGEST_MS: f64 = 600_000.0;
/// More than the whole page moving a hundred times.
const MOST_SHIFT: f64 = 100.0;

/// What was felt of pages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"page": "/leads/$id", "metric": "lcp", "value": 812.5}]}))]
struct VitalsIn {
    /// 1 to 10.
    #[serde(deserialize_with = "wire::up_to::<_, _, 10>")]
    #[schema(min_items = 1, max_items = 10)]
    items: Vec<VitalIn>,
}

/// One figure of one view of a page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VitalIn {
    /// The page's pattern, not its address.
    #[schema(min_length = 1, max_length = 100)]
    page: String,
    metric: VitalName,
    /// Milliseconds; of `cls` a plain number.
    #[schema(minimum = 0, maximum = 600_000)]
    value: f64,
}

/// A web vital: Largest Contentful Paint, Interaction to Next Paint or Cumulative Layout Shift.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum VitalName {
    Lcp,
    Inp,
    Cls,
}

/// Tell how pages felt
///
/// Web vitals of page views, as browsers measure them, without a word about who viewed. `/performance/summary` shows them page by
/// page. The first 64 pages are told apart.
#[utoipa::path(post, path = "/performance/vitals", tag = "performance", request_body = VitalsIn, responses((status = 204, description = "Counted")))]
async fn vitals(State(edge): State<Edge>, _: Allow<ReadLeads>, Json(body): Json<VitalsIn>) -> Result<StatusCode> {
    let mut check = Check::default();
    if body.items.is_empty() {
        check.refuse("/items", "too_few", "must have at least 1 item");
    }
    for (index, item) in body.items.iter().enumerate() {
        check.text(&format!("/items/{index}/page"), Some(&item.page), PAGE);
        let most = if matches!(item.metric, VitalName::Cls) { MOST_SHIFT } else { LONGEST_MS };
        check.number(&format!("/items/{index}/value"), Some(item.value), 0.0, most);
    }
    check.end()?;
    for item in &body.items {
        let vital = match item.metric {
            VitalName::Lcp => Vital::Lcp,
            VitalName::Inp => Vital::Inp,
            VitalName::Cls => Vital::Cls,
        };
        edge.metrics().page_felt(&item.page, vital, item.value);
    }
    Ok(StatusCode::NO_CONTENT)
}
