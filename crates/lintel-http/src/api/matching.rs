//! `/properties/match` and `/leads/{id}/matches`: the homes that fit what somebody looks for.

use axum::extract::State;
use lintel_app::{MatchRequest, Principal, Reason};
use lintel_domain::{id::LeadId, market::MarketSlug, preference::Preferences};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, Query, ReadLeads, ReadListings},
    state::Edge,
    wire::{self, Check, ListingOut, check_preferences, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(match_homes)).routes(routes!(of_lead))
}

/// What to match: preferences, or a lead whose preferences count.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "king-county", "preferences": {"price": {"max": 650000}, "bedrooms": {"min": 3}, "must": ["price"]}, "limit": 20, "explain": true}))]
struct MatchIn {
    /// Where; the lead's market when absent.
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// What is looked for; the lead's preferences when absent.
    #[schema(value_type = Option<shapes::Preferences>)]
    preferences: Option<Preferences>,
    #[schema(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    /// At most this many; 20 when absent.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    #[serde(default)]
    explain: bool,
}

/// The homes that fit best.
#[derive(Debug, Serialize, ToSchema)]
struct MatchesOut {
    /// Best first.
    matches: Vec<MatchOut>,
    /// The taste that counted beside the wishes, when reasons are wanted; null when nothing is known of it.
    #[schema(required)]
    taste: Option<TasteOut>,
    /// How many met the hard wishes.
    considered: u64,
}

/// What a lead likes in homes, as far as what it did shows it.
#[derive(Debug, Serialize, ToSchema)]
struct TasteOut {
    /// How much is known of it.
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    /// The weightiest first.
    likes: Vec<LikeOut>,
}

/// One thing that is liked.
#[derive(Debug, Serialize, ToSchema)]
struct LikeOut {
    aspect: String,
    /// All weights add up to 1.
    weight: f64,
    label: String,
}

/// A home that fits.
#[derive(Debug, Serialize, ToSchema)]
struct MatchOut {
    listing: ListingOut,
    #[schema(minimum = 0, maximum = 1)]
    fit: f64,
    /// Contributions add up to the fit; empty unless asked for with `explain`.
    reasons: Vec<MatchReasonOut>,
    /// The soft wishes it does not meet.
    #[schema(required)]
    near_miss: Option<String>,
}

/// A part of a fit.
#[derive(Debug, Serialize, ToSchema)]
struct MatchReasonOut {
    aspect: String,
    contribution: f64,
    label: String,
}

/// Match homes
#[utoipa::path(post, path = "/properties/match", tag = "matching", request_body = MatchIn, responses((status = 200, description = "The homes that fit best", body = MatchesOut)))]
async fn match_homes(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Json(body): Json<MatchIn>,
) -> Result<Json<MatchesOut>> {
    let mut check = Check::default();
    match &body.preferences {
        Some(preferences) => check_preferences(&mut check, "/preferences", preferences),
        None if body.lead_id.is_none() => check.refuse("/preferences", "missing", "needs preferences or lead_id"),
        None => {}
    }
    if body.market.is_none() && body.lead_id.is_none() {
        check.refuse("/market", "missing", "needs market or lead_id");
    }
    check.end()?;
    let request = MatchRequest {
        market: body.market,
        preferences: body.preferences,
        lead: body.lead_id,
        limit: body.limit,
        explain: body.explain,
    };
    matches(&edge, &allow.who, request).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MatchQuery {
    /// Where; the lead's market when absent.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// At most this many; 20 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Whether reasons are wanted; they are when absent.
    explain: Option<bool>,
}

/// Match homes to a lead
#[utoipa::path(get, path = "/leads/{id}/matches", tag = "matching", params(("id" = uuid::Uuid, Path), MatchQuery), responses((status = 200, description = "The homes that fit best", body = MatchesOut)))]
async fn of_lead(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<LeadId>,
    Query(query): Query<MatchQuery>,
) -> Result<Json<MatchesOut>> {
    let request = MatchRequest {
        market: query.market,
        preferences: None,
        lead: Some(id),
        limit: query.limit,
        explain: query.explain.unwrap_or(true),
    };
    matches(&edge, &allow.who, request).await
}

async fn matches(edge: &Edge, who: &Principal, request: MatchRequest) -> Result<Json<MatchesOut>> {
    wire::paging(request.limit, None)?;
    let answer = edge.app().match_homes(who, request).await?;
    let now = edge.app().clock().now();
    let reason = |Reason { aspect, contribution, label }| MatchReasonOut { aspect, contribution, label };
    let matches = answer.matches.into_iter().map(|found| MatchOut {
        listing: ListingOut::at(found.listing, now),
        fit: found.fit,
        reasons: found.reasons.into_iter().map(reason).collect(),
        near_miss: found.near_miss,
    });
    let taste = answer.taste.map(|taste| TasteOut {
        confidence: taste.confidence,
        likes: taste
            .likes
            .into_iter()
            .map(|like| LikeOut { aspect: like.aspect.as_str().to_owned(), weight: like.weight, label: like.label })
            .collect(),
    });
    Ok(Json(MatchesOut { matches: matches.collect(), taste, considered: answer.considered }))
}
