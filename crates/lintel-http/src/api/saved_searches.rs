//! `/saved-searches`: searches that are kept.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{NewSavedSearch, SavedSearchView};
use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId},
    market::MarketSlug,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{self, Check, Page, check_filter, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, list)).routes(routes!(read, delete))
}

/// A search to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Three bedrooms", "market": "king-county", "filters": {"bedrooms": {"min": 3}}}))]
struct SavedSearchIn {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// For whom.
    #[schema(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    #[serde(default)]
    #[schema(value_type = shapes::ListingFilter, required = false)]
    filters: ListingFilter,
}

/// A search that is kept.
#[derive(Debug, Serialize, ToSchema)]
struct SavedSearchOut {
    #[schema(value_type = uuid::Uuid)]
    id: SavedSearchId,
    name: String,
    #[schema(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    #[schema(value_type = shapes::ListingFilter)]
    filters: ListingFilter,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
}

impl From<SavedSearchView> for SavedSearchOut {
    fn from(SavedSearchView { id, search, created_at, .. }: SavedSearchView) -> Self {
        let NewSavedSearch { name, lead, market, filters, .. } = search;
        Self { id, name, lead_id: lead, market, filters, created_at }
    }
}

/// Save a search
#[utoipa::path(post, path = "/saved-searches", tag = "saved searches", request_body = SavedSearchIn, responses((status = 201, description = "The saved search", body = SavedSearchOut, headers(("Location" = String)))))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    keyed: Keyed,
    Json(body): Json<SavedSearchIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/name", Some(&body.name), 200);
    check_filter(&mut check, "/filters", &body.filters);
    check.end()?;
    let new = NewSavedSearch {
        id: keyed.0.map(SavedSearchId),
        name: body.name,
        lead: body.lead_id,
        market: body.market,
        filters: body.filters,
    };
    let saved = edge.app().saved_search_create(&allow.who, new).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/saved-searches/{}", saved.id)).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(SavedSearchOut::from(saved))).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only those of this lead.
    #[param(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List saved searches
#[utoipa::path(get, path = "/saved-searches", tag = "saved searches", params(ListQuery), responses((status = 200, description = "A page, newest first", body = Page<SavedSearchOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<SavedSearchOut>>> {
    let paging = wire::paging(query.limit, query.cursor)?;
    Ok(Json(Page::of(edge.app().saved_searches(&allow.who, query.lead_id, paging).await?)))
}

/// Read a saved search
#[utoipa::path(get, path = "/saved-searches/{id}", tag = "saved searches", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The saved search", body = SavedSearchOut)))]
async fn read(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<SavedSearchId>,
) -> Result<Json<SavedSearchOut>> {
    Ok(Json(edge.app().saved_search(&allow.who, id).await?.into()))
}

/// Delete a saved search
#[utoipa::path(delete, path = "/saved-searches/{id}", tag = "saved searches", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
async fn delete(State(edge): State<Edge>, allow: Allow<WriteLeads>, Id(id): Id<SavedSearchId>) -> Result<StatusCode> {
    edge.app().saved_search_delete(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
