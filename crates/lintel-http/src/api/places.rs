//! `/markets/{id}/places`: names of cities and postal areas for a map.

use axum::extract::State;
use lintel_app::NamedPlace;
use lintel_domain::market::MarketSlug;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadListings},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(places))
}

/// The names of a market.
#[derive(Debug, Serialize, ToSchema)]
struct PlacesOut {
    /// Those of most homes first, at most 500 of each kind.
    items: Vec<PlaceOut>,
}

/// A name on a map.
#[derive(Debug, Serialize, ToSchema)]
struct PlaceOut {
    #[schema(value_type = shapes::PlaceKind)]
    kind: &'static str,
    /// In the spelling that most of its homes have.
    name: String,
    /// The median of its homes, to about a kilometre.
    latitude: f64,
    /// The median of its homes, to about a kilometre.
    longitude: f64,
    /// How many listings and records of sales have the name and a place; 3 or more.
    homes: u64,
}

impl From<&NamedPlace> for PlaceOut {
    fn from(NamedPlace { kind, name, place, homes }: &NamedPlace) -> Self {
        let (latitude, longitude) = (place.latitude, place.longitude);
        Self { kind: kind.as_str(), name: name.clone(), latitude, longitude, homes: *homes }
    }
}

/// Name the places of a market
///
/// The cities and postal codes of its listings, each where its homes are. They may be an hour old where the market has not grown.
#[utoipa::path(get, path = "/markets/{id}/places", tag = "markets", params(("id" = shapes::Slug, Path)), responses((status = 200, description = "The names", body = PlacesOut)))]
async fn places(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<MarketSlug>,
) -> Result<Json<PlacesOut>> {
    let places = edge.app().market_places(&allow.who, &id).await?;
    Ok(Json(PlacesOut { items: places.iter().map(PlaceOut::from).collect() }))
}
