//! `/leads`, `/leads/search` and `/leads/counts`: smart lists of leads.

use axum::extract::State;
use lintel_app::{LeadCounts, LeadListRequest};
use lintel_domain::{
    id::UserId,
    lead::{Outcome, Tier},
    lead_list::Snoozed,
    market::MarketSlug,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Json, Query, ReadLeads},
    state::Edge,
    wire::{self, Check, LeadOut, Page, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(search)).routes(routes!(counts))
}

/// Which leads, in the query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only this tier.
    #[param(value_type = Option<shapes::Tier>)]
    tier: Option<Tier>,
    /// Only this market.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// Only this agent's.
    #[param(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    /// Only this source.
    source: Option<String>,
    /// Only this stage.
    stage: Option<String>,
    /// Only with this outcome.
    #[param(value_type = Option<shapes::Outcome>)]
    outcome: Option<Outcome>,
    /// Only with this label.
    tag: Option<String>,
    /// Only those that wait for a next step.
    follow_up: Option<bool>,
    /// `hide` leaves out leads that are put off, `only` lists nobody else, `include` lists all; `hide` when absent.
    #[serde(default)]
    #[param(value_type = Option<shapes::Snoozed>)]
    snoozed: Snoozed,
    /// Only whose name, e-mail address, phone or external id has this text.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `score`, `last_interaction_at`, `created_at` or `name`; a leading `-` is descending. `-created_at` when absent.
    sort: Option<String>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List leads
///
/// A smart list: filters, one order, pages by cursor.
#[utoipa::path(get, path = "/leads", tag = "leads", params(ListQuery), responses((status = 200, description = "A page", body = Page<LeadOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<LeadOut>>> {
    let ListQuery { tier, market, assignee, source, stage, outcome, tag, follow_up, snoozed, q, sort, limit, cursor } =
        query;
    let asked =
        LeadSearch { tier, market, assignee, source, stage, outcome, tag, follow_up, snoozed, q, sort, limit, cursor };
    page(&edge, allow, asked).await
}

/// Which leads, in the body: for filters that should not stand in addresses and logs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"tier": "hot", "sort": "-score", "limit": 20}))]
struct LeadSearch {
    #[schema(value_type = Option<shapes::Tier>)]
    tier: Option<Tier>,
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    source: Option<String>,
    stage: Option<String>,
    #[schema(value_type = Option<shapes::Outcome>)]
    outcome: Option<Outcome>,
    tag: Option<String>,
    /// Only those that wait for a next step.
    follow_up: Option<bool>,
    /// `hide` leaves out leads that are put off, `only` lists nobody else, `include` lists all; `hide` when absent.
    #[schema(value_type = Option<shapes::Snoozed>)]
    snoozed: Snoozed,
    #[schema(max_length = 200)]
    q: Option<String>,
    sort: Option<String>,
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Search leads
///
/// The same as `GET /leads`, with the filters in the body.
#[utoipa::path(post, path = "/leads/search", tag = "leads", request_body = LeadSearch, responses((status = 200, description = "A page", body = Page<LeadOut>)))]
async fn search(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Json(body): Json<LeadSearch>,
) -> Result<Json<Page<LeadOut>>> {
    page(&edge, allow, body).await
}

async fn page(edge: &Edge, allow: Allow<ReadLeads>, asked: LeadSearch) -> Result<Json<Page<LeadOut>>> {
    Ok(Json(Page::of(edge.app().leads(&allow.who, asked.check()?).await?)))
}

impl LeadSearch {
    /// The list asked for, if every filter can be accepted.
    fn check(self) -> Result<LeadListRequest> {
        let mut check = Check::default();
        for (pointer, text) in
            [("/source", &self.source), ("/stage", &self.stage), ("/tag", &self.tag), ("/q", &self.q)]
        {
            if text.as_ref().is_some_and(|text| text.len() > 200) {
                check.refuse(pointer, "too_long", "must have at most 200 bytes");
            }
        }
        check.end()?;
        Ok(LeadListRequest {
            tier: self.tier,
            market: self.market,
            assignee: self.assignee,
            source: self.source,
            stage: self.stage,
            outcome: self.outcome,
            tag: self.tag,
            follow_up: self.follow_up.unwrap_or_default(),
            snoozed: self.snoozed,
            q: self.q.filter(|q| !q.is_empty()),
            sort: self.sort,
            paging: wire::paging(self.limit, self.cursor)?,
        })
    }
}

/// Which leads to count, in the query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CountQuery {
    /// Only this market.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// Only this agent's.
    #[param(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    /// Only this source.
    source: Option<String>,
    /// Only this stage.
    stage: Option<String>,
    /// Only with this outcome.
    #[param(value_type = Option<shapes::Outcome>)]
    outcome: Option<Outcome>,
    /// Only with this label.
    tag: Option<String>,
    /// Only whose name, e-mail address, phone or external id has this text.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Has no effect: every tier is counted. It may stand here as in the list.
    #[param(value_type = Option<shapes::Tier>)]
    tier: Option<Tier>,
    /// Has no effect, as `tier`.
    follow_up: Option<bool>,
    /// Has no effect, as `tier`.
    #[serde(default)]
    #[param(value_type = Option<shapes::Snoozed>)]
    snoozed: Snoozed,
}

/// How many leads of a smart list stand where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"hot": 12, "warm": 18, "cool": 30, "unscored": 0, "follow_up": 9, "snoozed": 2, "total": 60}))]
struct LeadCountsOut {
    hot: u64,
    warm: u64,
    cool: u64,
    /// Without a score yet.
    unscored: u64,
    /// Waiting for a next step: what `follow_up=true` lists.
    follow_up: u64,
    /// Put off; they are counted nowhere else.
    snoozed: u64,
    /// All but those that are put off.
    total: u64,
}

impl From<LeadCounts> for LeadCountsOut {
    fn from(LeadCounts { hot, warm, cool, unscored, follow_up, snoozed, total }: LeadCounts) -> Self {
        Self { hot, warm, cool, unscored, follow_up, snoozed, total }
    }
}

/// Count leads
///
/// How many leads of a smart list are hot, warm, cool, not scored yet, and waiting for a next step. The filters are those of
/// `GET /leads`; each count is made as if `tier` and `follow_up` were not set, so that all of them can stand beside the list.
#[utoipa::path(get, path = "/leads/counts", tag = "leads", params(CountQuery), responses((status = 200, description = "The counts", body = LeadCountsOut)))]
async fn counts(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<CountQuery>,
) -> Result<Json<LeadCountsOut>> {
    let CountQuery { market, assignee, source, stage, outcome, tag, q, tier, follow_up, snoozed } = query;
    let asked = LeadSearch {
        tier,
        market,
        assignee,
        source,
        stage,
        outcome,
        tag,
        follow_up,
        snoozed,
        q,
        ..LeadSearch::default()
    };
    Ok(Json(edge.app().lead_counts(&allow.who, asked.check()?).await?.into()))
}
