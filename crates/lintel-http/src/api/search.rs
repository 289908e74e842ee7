//! `/listings/search`: filters, text, area, order, facets, pages.

use std::collections::BTreeMap;

use axum::extract::State;
use lintel_app::{FacetValue, Question, SearchRequest};
use lintel_domain::{
    filter::ListingFilter,
    id::LeadId,
    market::MarketSlug,
    place::{Near, Region},
    preference::Preferences,
    scope::Principal,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Asked, ReadListings, Written},
    state::Edge,
    wire::{self, Check, ListingDocument, ListingOut, check_filter, check_preferences, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(search))
}

/// A search.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "king-county", "filters": {"status": ["active"], "price": {"max": 700000}, "bedrooms": {"min": 3}}, "text": "garden", "sort": "newest", "facets": ["bedrooms", "price"], "limit": 20}))]
pub(crate) struct SearchIn {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    #[schema(value_type = Option<shapes::ListingFilter>)]
    filters: Option<ListingFilter>,
    /// Words in remarks and address.
    #[schema(max_length = 500)]
    text: Option<String>,
    /// Inside an area; edges count as inside.
    #[schema(value_type = Option<shapes::Area>)]
    polygon: Option<Region>,
    /// Within a distance of a point.
    #[schema(value_type = Option<shapes::Near>)]
    near: Option<Near>,
    /// `newest` when absent, `relevance` with text. `fit` needs `lead_id` or `preferences`, `distance` needs `near`.
    #[schema(value_type = Option<shapes::ListingSort>)]
    sort: Option<String>,
    /// What to count by.
    #[serde(default)]
    #[schema(value_type = Vec<shapes::FacetName>, max_items = 10)]
    facets: Vec<String>,
    /// Whether to count by price for a slider.
    #[serde(default)]
    histogram: bool,
    /// Whose preferences order by `fit`.
    #[schema(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    /// Preferences that order by `fit`.
    #[schema(value_type = Option<shapes::Preferences>)]
    preferences: Option<Preferences>,
    /// At most this many; 50 when absent.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The filter with text, polygon and near of the request, which win over those inside `filters`.
pub(super) fn whole_filter(
    filters: Option<ListingFilter>,
    text: Option<String>,
    polygon: Option<Region>,
    near: Option<Near>,
) -> ListingFilter {
    let mut filter = filters.unwrap_or_default();
    filter.text = text.or(filter.text).filter(|text| !text.trim().is_empty());
    filter.polygon = polygon.or(filter.polygon);
    filter.near = near.or(filter.near);
    filter
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
struct SearchOut {
    #[schema(value_type = Vec<ListingOut>)]
    items: Vec<ListingDocument>,
    /// How many there are in all, exactly.
    total: u64,
    /// Counts over the whole result, by the name of the facet.
    facets: BTreeMap<String, Vec<FacetOut>>,
    /// Counts by price; null unless asked for.
    #[schema(required)]
    histogram: Option<Vec<FacetOut>>,
    /// Pass this as `cursor` to get the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// One value of a facet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FacetOut {
    /// The value; of a range, its least.
    value: serde_json::Value,
    /// The end of a range, excluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<serde_json::Value>,
    count: u64,
}

impl From<FacetValue> for FacetOut {
    fn from(FacetValue { value, to, count }: FacetValue) -> Self {
        Self { value, to, count }
    }
}

/// Search listings
#[utoipa::path(post, path = "/listings/search", tag = "listings", request_body = SearchIn, responses((status = 200, description = "A page with its counts", body = SearchOut)))]
async fn search(State(edge): State<Edge>, allow: Allow<ReadListings>, asked: Asked<SearchIn>) -> Result<Written> {
    answer(&edge, &allow.who, asked).await
}

/// Under which name answers are kept.
pub(crate) const ROUTE: &str = "listings/search";

pub(crate) async fn answer(edge: &Edge, who: &Principal, Asked { body, words }: Asked<SearchIn>) -> Result<Written> {
    let mut check = Check::default();
    if let Some(filters) = &body.filters {
        check_filter(&mut check, "/filters", filters);
    }
    let filter = whole_filter(body.filters, body.text, body.polygon, body.near);
    check_filter(
        &mut check,
        "",
        &ListingFilter { text: filter.text.clone(), near: filter.near, ..ListingFilter::default() },
    );
    if let Some(preferences) = &body.preferences {
        check_preferences(&mut check, "/preferences", preferences);
    }
    if body.facets.len() > 10 {
        check.refuse("/facets", "too_many", "must have at most 10 items");
    }
    check.end()?;
    let request = SearchRequest {
        market: body.market,
        filter,
        sort: body.sort,
        facets: body.facets,
        histogram: body.histogram,
        lead: body.lead_id,
        preferences: body.preferences,
        paging: wire::paging(body.limit, body.cursor)?,
    };
    let market = request.market.clone();
    let question = Question { route: ROUTE, asked: words, market: &market, lead: request.lead, priced: false };
    let make = async || {
        let found = edge.app().search(who, request).await?;
        let items = ListingDocument::of(edge, who, &found.items).await?;
        let outs = |values: Vec<FacetValue>| values.into_iter().map(FacetOut::from).collect::<Vec<_>>();
        Ok(SearchOut {
            items: items.into_iter().flatten().collect(),
            total: found.total,
            facets: found.facets.into_iter().map(|(name, values)| (name, outs(values))).collect(),
            histogram: found.histogram.map(outs),
            next_cursor: found.next_cursor,
        })
    };
    Written::or_make(edge, who, question, make).await
}
