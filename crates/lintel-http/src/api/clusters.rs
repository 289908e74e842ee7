//! `/listings/clusters`: bubbles for a map.

use axum::extract::State;
use lintel_app::{Cluster, ClusterRequest, Question};
use lintel_domain::{
    filter::ListingFilter,
    id::ListingId,
    market::MarketSlug,
    place::{Bounds, Near, Region},
    scope::Principal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::search::whole_filter;
use crate::{
    error::Result,
    extract::{Allow, Asked, ReadListings, Written},
    state::Edge,
    wire::{Check, check_filter, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(clusters))
}

/// A map viewport.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "king-county", "bbox": [-122.5, 47.4, -122.1, 47.8], "zoom": 11, "metric": "median_price"}))]
pub(crate) struct ClustersIn {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    /// West, south, east, north in degrees; west greater than east crosses the antimeridian.
    #[schema(value_type = Vec<f64>, min_items = 4, max_items = 4)]
    bbox: [f64; 4],
    #[schema(minimum = 0, maximum = 22)]
    zoom: u8,
    #[schema(value_type = Option<shapes::ListingFilter>)]
    filters: Option<ListingFilter>,
    #[schema(max_length = 500)]
    text: Option<String>,
    #[schema(value_type = Option<shapes::Area>)]
    polygon: Option<Region>,
    #[schema(value_type = Option<shapes::Near>)]
    near: Option<Near>,
    /// `count` when absent.
    #[schema(value_type = Option<shapes::ClusterMetric>)]
    metric: Option<String>,
}

/// The bubbles of a viewport.
#[derive(Debug, Serialize, ToSchema)]
struct ClustersOut {
    /// At most 500.
    features: Vec<ClusterOut>,
    /// Their counts, added up.
    total: u64,
}

/// A bubble.
#[derive(Debug, Serialize, ToSchema)]
struct ClusterOut {
    /// Stable under panning.
    id: String,
    latitude: f64,
    longitude: f64,
    count: u64,
    /// The metric; null when no listing has it.
    #[schema(required)]
    value: Option<f64>,
    #[schema(required)]
    p10: Option<f64>,
    #[schema(required)]
    p90: Option<f64>,
    /// West, south, east, north.
    #[schema(value_type = Vec<f64>, min_items = 4, max_items = 4)]
    bbox: [f64; 4],
    /// The listing, of a bubble of one.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    listing_id: Option<ListingId>,
}

impl From<Cluster> for ClusterOut {
    fn from(cluster: Cluster) -> Self {
        let Bounds { west, south, east, north } = cluster.bbox;
        Self {
            id: cluster.id,
            latitude: cluster.latitude,
            longitude: cluster.longitude,
            count: cluster.count,
            value: cluster.value,
            p10: cluster.p10,
            p90: cluster.p90,
            bbox: [west, south, east, north],
            listing_id: cluster.listing_id,
        }
    }
}

/// Cluster listings for a map
#[utoipa::path(post, path = "/listings/clusters", tag = "listings", request_body = ClustersIn, responses((status = 200, description = "The bubbles", body = ClustersOut)))]
async fn clusters(State(edge): State<Edge>, allow: Allow<ReadListings>, asked: Asked<ClustersIn>) -> Result<Written> {
    answer(&edge, &allow.who, asked).await
}

/// Under which name answers are kept.
pub(crate) const ROUTE: &str = "listings/clusters";

pub(crate) async fn answer(edge: &Edge, who: &Principal, Asked { body, words }: Asked<ClustersIn>) -> Result<Written> {
    let mut check = Check::default();
    let [west, south, east, north] = body.bbox;
    for (index, (degrees, most)) in [(west, 180.0), (south, 90.0), (east, 180.0), (north, 90.0)].into_iter().enumerate()
    {
        check.number(&format!("/bbox/{index}"), Some(degrees), -most, most);
    }
    if south > north {
        check.refuse("/bbox", "crossed", "south must not be greater than north");
    }
    check.number("/zoom", Some(f64::from(body.zoom)), 0.0, 22.0);
    if let Some(filters) = &body.filters {
        check_filter(&mut check, "/filters", filters);
    }
    let filter = whole_filter(body.filters, body.text, body.polygon, body.near);
    check_filter(
        &mut check,
        "",
        &ListingFilter { text: filter.text.clone(), near: filter.near, ..ListingFilter::default() },
    );
    check.end()?;
    let request = ClusterRequest {
        market: body.market,
        bounds: Bounds { west, south, east, north },
        zoom: body.zoom,
        filter,
        metric: body.metric.unwrap_or_else(|| "count".to_owned()),
    };
    let market = request.market.clone();
    let question = Question { route: ROUTE, asked: words, market: &market, lead: None, priced: false };
    let make = async || {
        let answer = edge.app().clusters(who, request).await?;
        Ok(ClustersOut { features: answer.features.into_iter().map(ClusterOut::from).collect(), total: answer.total })
    };
    Written::or_make(edge, who, question, make).await
}
