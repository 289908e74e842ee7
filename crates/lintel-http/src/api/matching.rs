//! `/properties/match`, `/leads/{id}/matches` and `/listings/{id}/leads`: the homes that fit what somebody looks for, and
//! whom a home fits.

use axum::extract::State;
use lintel_app::{ListingLead, MatchRequest, Principal, Question, Reason};
use lintel_domain::{
    id::{LeadId, ListingId},
    market::MarketSlug,
    preference::Preferences,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Asked, Id, Json, Query, ReadLeads, ReadListings, Written},
    state::Edge,
    wire::{self, Check, LeadOut, ListingDocument, ListingOut, check_preferences, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(match_homes)).routes(routes!(of_lead)).routes(routes!(of_listing))
}

/// What to match: preferences, or a lead whose preferences count.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "king-county", "preferences": {"price": {"max": 650000}, "bedrooms": {"min": 3}, "must": ["price"]}, "limit": 20, "explain": true}))]
pub(crate) struct MatchIn {
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
    #[schema(value_type = ListingOut)]
    listing: ListingDocument,
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

impl From<Reason> for MatchReasonOut {
    fn from(Reason { aspect, contribution, label }: Reason) -> Self {
        Self { aspect, contribution, label }
    }
}

/// Match homes
#[utoipa::path(post, path = "/properties/match", tag = "matching", request_body = MatchIn, responses((status = 200, description = "The homes that fit best", body = MatchesOut)))]
async fn match_homes(State(edge): State<Edge>, allow: Allow<ReadListings>, asked: Asked<MatchIn>) -> Result<Written> {
    answer(&edge, &allow.who, asked).await
}

/// Under which name answers are kept.
pub(crate) const ROUTE: &str = "properties/match";

pub(crate) async fn answer(edge: &Edge, who: &Principal, Asked { body, words }: Asked<MatchIn>) -> Result<Written> {
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
    wire::paging(request.limit, None)?;
    let Some(market) = request.market.clone() else {
        // That of the lead, which may move.
        return Written::now(&matches(edge, who, request).await?);
    };
    let question = Question { route: ROUTE, asked: words, market: &market, lead: request.lead, priced: false };
    Written::or_make(edge, who, question, async || matches(edge, who, request).await).await
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
    wire::paging(request.limit, None)?;
    matches(&edge, &allow.who, request).await.map(Json)
}

/// The leads that a home fits best.
#[derive(Debug, Serialize, ToSchema)]
struct ListingLeadsOut {
    /// Best first.
    items: Vec<ListingLeadOut>,
    /// How many leads' hard wishes the home meets.
    considered: u64,
}

/// A lead that a home fits.
#[derive(Debug, Serialize, ToSchema)]
struct ListingLeadOut {
    lead: LeadOut,
    /// The same as in the lead's own matches.
    #[schema(minimum = 0, maximum = 1)]
    fit: f64,
    /// Contributions add up to the fit; empty unless asked for with `explain`.
    reasons: Vec<MatchReasonOut>,
    /// The soft wishes that the home does not meet.
    #[schema(required)]
    near_miss: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListingLeadsQuery {
    /// At most this many; 20 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Whether reasons are wanted; they are when absent.
    explain: Option<bool>,
}

/// Match leads to a home
///
/// The leads of the home's market that it fits best, of those that are neither won nor lost, with the fit that it has among
/// their own matches. Every lead is compared by what it says it looks for; of the 400 that fit best by that, what they did
/// counts too. A home that is not active or coming soon fits nobody.
#[utoipa::path(get, path = "/listings/{id}/leads", tag = "matching", params(("id" = uuid::Uuid, Path), ListingLeadsQuery), responses((status = 200, description = "The leads that it fits best", body = ListingLeadsOut)))]
async fn of_listing(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<ListingId>,
    Query(query): Query<ListingLeadsQuery>,
) -> Result<Json<ListingLeadsOut>> {
    let found = edge.app().listing_leads(&allow.who, id, query.limit, query.explain.unwrap_or(true)).await?;
    let item = |one: ListingLead| ListingLeadOut {
        lead: one.lead.into(),
        fit: one.fit,
        reasons: one.reasons.into_iter().map(MatchReasonOut::from).collect(),
        near_miss: one.near_miss,
    };
    Ok(Json(ListingLeadsOut { items: found.items.into_iter().map(item).collect(), considered: found.considered }))
}

async fn matches(edge: &Edge, who: &Principal, request: MatchRequest) -> Result<MatchesOut> {
    let answer = edge.app().match_homes(who, request).await?;
    let ids: Vec<ListingId> = answer.matches.iter().map(|found| found.listing).collect();
    let listings = ListingDocument::of(edge, who, &ids).await?;
    let matches = answer.matches.into_iter().zip(listings).filter_map(|(found, listing)| {
        Some(MatchOut {
            listing: listing?,
            fit: found.fit,
            reasons: found.reasons.into_iter().map(MatchReasonOut::from).collect(),
            near_miss: found.near_miss,
        })
    });
    let taste = answer.taste.map(|taste| TasteOut {
        confidence: taste.confidence,
        likes: taste
            .likes
            .into_iter()
            .map(|like| LikeOut { aspect: like.aspect.as_str().to_owned(), weight: like.weight, label: like.label })
            .collect(),
    });
    Ok(MatchesOut { matches: matches.collect(), taste, considered: answer.considered })
}
