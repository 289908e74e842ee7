//! `/listings`: writing listings in batches, reading one and its history.

use axum::extract::State;
use lintel_app::{ListingOutcome, ListingWrite};
use lintel_domain::{
    clock::Time,
    id::ListingId,
    listing::{ListingChange, Status},
    market::MarketSlug,
    money::Money,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadListings, WriteListings},
    state::Edge,
    wire::{self, Check, ListingIn, ListingOut, Results, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(write)).routes(routes!(read)).routes(routes!(history))
}

/// Listings to be stored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListingsIn {
    /// Their market.
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    /// 1 to 1000 listings.
    #[serde(deserialize_with = "wire::up_to::<_, _, 1000>")]
    #[schema(min_items = 1, max_items = 1000)]
    items: Vec<ListingIn>,
}

/// What became of one listing.
#[derive(Debug, Serialize, ToSchema)]
struct ListingResult {
    listing_key: String,
    #[schema(value_type = uuid::Uuid)]
    id: ListingId,
    /// `created`, `updated` or `unchanged`.
    status: &'static str,
}

impl From<ListingOutcome> for ListingResult {
    fn from(ListingOutcome { listing_key, id, outcome }: ListingOutcome) -> Self {
        Self { listing_key, id, status: outcome }
    }
}

/// Store listings
///
/// Creates those whose `listing_key` is new in the market and replaces the others; all of them or none.
#[utoipa::path(post, path = "/listings", tag = "listings", request_body = ListingsIn, responses((status = 200, description = "One result for each item", body = Results<ListingResult>)))]
async fn write(
    State(edge): State<Edge>,
    allow: Allow<WriteListings>,
    Json(body): Json<ListingsIn>,
) -> Result<Json<Results<ListingResult>>> {
    let mut check = Check::default();
    if body.items.is_empty() {
        check.refuse("/items", "too_few", "must have at least 1 item");
    }
    let items: Vec<_> = body
        .items
        .into_iter()
        .enumerate()
        .map(|(index, item)| ListingWrite { facts: item.facts(&mut check, &format!("/items/{index}")) })
        .collect();
    check.end()?;
    let outcomes = edge.app().listings_write(&allow.who, body.market, items).await?;
    Ok(Json(Results { results: outcomes.into_iter().map(ListingResult::from).collect() }))
}

/// Read a listing
#[utoipa::path(get, path = "/listings/{id}", tag = "listings", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The listing", body = ListingOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<ReadListings>, Id(id): Id<ListingId>) -> Result<Json<ListingOut>> {
    let listing = edge.app().listing(&allow.who, id).await?;
    Ok(Json(ListingOut::at(listing, edge.app().clock().now())))
}

/// One change of price or status.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeOut {
    #[schema(value_type = shapes::Time)]
    at: Time,
    /// When the status changed.
    status: Option<StatusChange>,
    /// When the asking price changed.
    list_price: Option<PriceChange>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StatusChange {
    #[schema(value_type = shapes::ListingStatus)]
    from: Status,
    #[schema(value_type = shapes::ListingStatus)]
    to: Status,
}

#[derive(Debug, Serialize, ToSchema)]
struct PriceChange {
    #[schema(value_type = Option<shapes::Money>)]
    from: Option<Money>,
    #[schema(value_type = Option<shapes::Money>)]
    to: Option<Money>,
}

impl From<ListingChange> for ChangeOut {
    fn from(change: ListingChange) -> Self {
        Self {
            at: change.at,
            status: change.status.map(|(from, to)| StatusChange { from, to }),
            list_price: change.list_price.map(|(from, to)| PriceChange { from, to }),
        }
    }
}

/// The changes of a listing.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryOut {
    /// Newest first.
    items: Vec<ChangeOut>,
}

/// Read the price and status history of a listing
#[utoipa::path(get, path = "/listings/{id}/history", tag = "listings", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The changes", body = HistoryOut)))]
async fn history(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<ListingId>,
) -> Result<Json<HistoryOut>> {
    let changes = edge.app().listing_history(&allow.who, id).await?;
    Ok(Json(HistoryOut { items: changes.into_iter().map(ChangeOut::from).collect() }))
}
