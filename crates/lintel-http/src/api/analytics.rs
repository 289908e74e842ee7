//! `/analytics/leads`: daily figures of leads.

use axum::extract::State;
use lintel_app::{FiguresFilter, LeadAnalytics, LeadFigures};
use lintel_domain::{
    clock::{DAY, Day},
    id::UserId,
    lead_days::FiguresBy,
    market::MarketSlug,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Json, Query, ReadLeads},
    state::Edge,
    wire::{Check, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(leads))
}

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiguresQuery {
    /// The first day, in UTC; 29 days before the last when absent.
    #[param(value_type = Option<shapes::Day>)]
    from: Option<Day>,
    /// The last day, included; today when absent.
    #[param(value_type = Option<shapes::Day>)]
    to: Option<Day>,
    /// What they are told apart by; `day` when absent.
    #[serde(default)]
    #[param(value_type = Option<shapes::FiguresBy>)]
    by: FiguresBy,
    /// Only leads of this market.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// Only leads from this source.
    #[param(max_length = 200)]
    source: Option<String>,
    /// Only this agent's leads.
    #[param(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
}

/// Figures of one day, market, source or agent.
#[derive(Debug, Serialize, ToSchema)]
struct LeadFiguresOut {
    /// The day, market, source or agent's id; null of leads without one, and of all together.
    key: Option<String>,
    /// Leads that appeared.
    new: u64,
    /// Leads that became hot for the first time.
    hot: u64,
    won: u64,
    lost: u64,
    /// Leads that the team reached out to for the first time.
    contacted: u64,
    /// Leads that appeared in these days and got a response since: what the median is of.
    responded: u64,
    /// Minutes from appearing to the first response, the median; from counts by ranges, so it is exact to its range only. Null
    /// without a response.
    median_response_minutes: Option<f64>,
}

impl From<&LeadFigures> for LeadFiguresOut {
    fn from(figures: &LeadFigures) -> Self {
        let LeadFigures { ref key, new, hot, won, lost, contacted, responded, median_response_minutes } = *figures;
        Self { key: key.clone(), new, hot, won, lost, contacted, responded, median_response_minutes }
    }
}

/// Figures told apart, and all together.
#[derive(Debug, Serialize, ToSchema)]
struct LeadAnalyticsOut {
    /// One for each day, market, source or agent with anything to count.
    items: Vec<LeadFiguresOut>,
    total: LeadFiguresOut,
}

impl From<&LeadAnalytics> for LeadAnalyticsOut {
    fn from(LeadAnalytics { items, total }: &LeadAnalytics) -> Self {
        Self { items: items.iter().map(LeadFiguresOut::from).collect(), total: total.into() }
    }
}

/// Read figures of leads
///
/// How many leads came, became hot, were reached for the first time, won and lost, by day, market, source or agent. They are kept as they
/// happen, a moment behind the log. A lead counts under its market, source and agent as they are now; one that is erased counts no more.
#[utoipa::path(get, path = "/analytics/leads", tag = "analytics", params(FiguresQuery), responses((status = 200, description = "The figures", body = LeadAnalyticsOut)))]
async fn leads(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<LeadAnalyticsOut>> {
    let mut check = Check::default();
    if query.source.as_ref().is_some_and(|source| source.len() > 200) {
        check.refuse("/source", "too_long", "must have at most 200 bytes");
    }
    check.end()?;
    let to = query.to.unwrap_or_else(|| edge.app().clock().now().day());
    let from = query.from.unwrap_or_else(|| to.start().plus(-29 * DAY).day());
    let filter = FiguresFilter { from, to, market: query.market, source: query.source, agent: query.assignee };
    Ok(Json((&edge.app().lead_analytics(&allow.who, filter, query.by).await?).into()))
}
