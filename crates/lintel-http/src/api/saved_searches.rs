//! `/saved-searches`: searches that are kept, and tell of what they find.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{NewSavedSearch, RecentMatch, SavedSearchPatch, SavedSearchView};
use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    id::{LeadId, SavedSearchId},
    market::MarketSlug,
    saved_search::{Cadence, Why},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{self, Check, ListingOut, Page, check_filter, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, list)).routes(routes!(read, patch, delete)).routes(routes!(matches))
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
    /// How often `match.found` tells what it finds: as it happens, or together once a day or week, or never.
    #[serde(default)]
    #[schema(value_type = shapes::Cadence, required = false)]
    cadence: Cadence,
    /// Whether it does not watch the market for now.
    #[serde(default)]
    paused: bool,
}

/// What is to change of a saved search; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"cadence": "daily", "paused": false}))]
struct SavedSearchPatchIn {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Other filters: from now on only what happens later is news.
    #[schema(value_type = Option<shapes::ListingFilter>)]
    filters: Option<ListingFilter>,
    /// What waits to be told of is told at once with `instant`, and never with `off`.
    #[schema(value_type = Option<shapes::Cadence>)]
    cadence: Option<Cadence>,
    /// `true` stops watching, `false` begins again; what happens meanwhile is no news.
    paused: Option<bool>,
    /// `true` when somebody has looked at what it found: `new_since` counts from now on.
    seen: Option<bool>,
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
    /// How often it is told of.
    #[schema(value_type = shapes::Cadence)]
    cadence: Cadence,
    /// Whether it does not watch the market for now.
    paused: bool,
    /// How many listings it finds now.
    match_count: u64,
    /// How many listings were news to it since `seen_at`.
    new_since: u64,
    /// Up to when somebody has looked at what it found.
    #[schema(value_type = shapes::Time)]
    seen_at: Time,
    /// When it was last told of.
    #[schema(value_type = Option<shapes::Time>)]
    last_alerted_at: Option<Time>,
}

impl From<SavedSearchView> for SavedSearchOut {
    fn from(view: SavedSearchView) -> Self {
        let SavedSearchView { id, search, created_at, seen_at, alerted_at, match_count, new_since } = view;
        let NewSavedSearch { name, lead, market, filters, cadence, paused, .. } = search;
        Self {
            id,
            name,
            lead_id: lead,
            market,
            filters,
            created_at,
            cadence,
            paused,
            match_count,
            new_since,
            seen_at,
            last_alerted_at: alerted_at,
        }
    }
}

/// Save a search
///
/// From now on every listing that is new to its result, gets cheaper or comes back on the market while it is part of the
/// result is told by the event `match.found`, once.
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
        cadence: body.cadence,
        paused: body.paused,
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

/// Change a saved search
#[utoipa::path(patch, path = "/saved-searches/{id}", tag = "saved searches", request_body = SavedSearchPatchIn, params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The saved search as it is now", body = SavedSearchOut)))]
async fn patch(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<SavedSearchId>,
    Json(body): Json<SavedSearchPatchIn>,
) -> Result<Json<SavedSearchOut>> {
    let SavedSearchPatchIn { name, filters, cadence, paused, seen } = body;
    let mut check = Check::default();
    check.text("/name", name.as_deref(), 200);
    if let Some(filters) = &filters {
        check_filter(&mut check, "/filters", filters);
    }
    check.end()?;
    let patch = SavedSearchPatch { name, filters, cadence, paused, seen: seen.unwrap_or(false) };
    Ok(Json(edge.app().saved_search_patch(&allow.who, id, patch).await?.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecentQuery {
    /// How many days to look back; 30 when absent.
    #[param(minimum = 1, maximum = 365)]
    days: Option<u32>,
}

/// What a saved search would have told of.
#[derive(Debug, Serialize, ToSchema)]
struct RecentOut {
    /// The latest first, at most 200.
    items: Vec<RecentItem>,
    /// Whether there was more than is told here.
    is_cut: bool,
}

/// A listing that a saved search would have told of.
#[derive(Debug, Serialize, ToSchema)]
struct RecentItem {
    /// The listing as it is now.
    listing: ListingOut,
    #[schema(value_type = shapes::Why)]
    why: Why,
    /// When it came on the market, got cheaper, or came back.
    #[schema(value_type = shapes::Time)]
    at: Time,
}

/// Test a saved search
///
/// The listings that pass it now and came on the market, got cheaper or came back in the last days: what it would have told
/// of, also while it was paused or not yet saved.
#[utoipa::path(get, path = "/saved-searches/{id}/matches", tag = "saved searches", params(("id" = uuid::Uuid, Path), RecentQuery), responses((status = 200, description = "What it would have told of", body = RecentOut)))]
async fn matches(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<SavedSearchId>,
    Query(query): Query<RecentQuery>,
) -> Result<Json<RecentOut>> {
    let recent = edge.app().saved_search_recent(&allow.who, id, query.days.unwrap_or(30)).await?;
    let now = edge.app().clock().now();
    let item =
        |RecentMatch { listing, why, at }: RecentMatch| RecentItem { listing: ListingOut::at(listing, now), why, at };
    Ok(Json(RecentOut { items: recent.items.into_iter().map(item).collect(), is_cut: recent.is_cut }))
}

/// Delete a saved search
#[utoipa::path(delete, path = "/saved-searches/{id}", tag = "saved searches", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
async fn delete(State(edge): State<Edge>, allow: Allow<WriteLeads>, Id(id): Id<SavedSearchId>) -> Result<StatusCode> {
    edge.app().saved_search_delete(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
