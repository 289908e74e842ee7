//! `/listings/marks` and `/listings/{id}/mark`: homes that a user marked for themselves.

use axum::{extract::State, http::StatusCode};
use lintel_domain::{
    clock::Time,
    id::ListingId,
    mark::{Mark, Marked},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadListings},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(put, delete))
}

/// What the home is to the user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"mark": "favourite"}))]
struct MarkIn {
    #[schema(value_type = shapes::Mark)]
    mark: Mark,
}

/// A home with the user's mark.
#[derive(Debug, Serialize, ToSchema)]
struct MarkOut {
    #[schema(value_type = uuid::Uuid)]
    listing_id: ListingId,
    #[schema(value_type = shapes::Mark)]
    mark: Mark,
    /// Since when.
    #[schema(value_type = shapes::Time)]
    at: Time,
}

impl From<Marked> for MarkOut {
    fn from(Marked { listing, mark, at }: Marked) -> Self {
        Self { listing_id: listing, mark, at }
    }
}

/// All marks of the user.
#[derive(Debug, Serialize, ToSchema)]
struct MarksOut {
    /// At most 1,000.
    items: Vec<MarkOut>,
}

/// List marked homes
///
/// The homes that the signed-in user has marked for themselves; nobody else sees them. A key has none.
#[utoipa::path(get, path = "/listings/marks", tag = "listings", responses((status = 200, description = "All marks", body = MarksOut)))]
async fn list(State(edge): State<Edge>, allow: Allow<ReadListings>) -> Result<Json<MarksOut>> {
    let items = edge.app().marks(&allow.who).await?.into_iter().map(MarkOut::from).collect();
    Ok(Json(MarksOut { items }))
}

/// Mark a home
///
/// As a favourite, or as one not to be shown again, in place of another mark: for the signed-in user alone. At most 1,000 at once.
#[utoipa::path(put, path = "/listings/{id}/mark", tag = "listings", params(("id" = uuid::Uuid, Path)), request_body = MarkIn,
    responses((status = 200, description = "The mark", body = MarkOut)))]
async fn put(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<ListingId>,
    Json(body): Json<MarkIn>,
) -> Result<Json<MarkOut>> {
    Ok(Json(edge.app().mark_put(&allow.who, id, body.mark).await?.into()))
}

/// Take the mark off a home
#[utoipa::path(delete, path = "/listings/{id}/mark", tag = "listings", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "It has none")))]
async fn delete(State(edge): State<Edge>, allow: Allow<ReadListings>, Id(id): Id<ListingId>) -> Result<StatusCode> {
    edge.app().mark_delete(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
