//! `/models/lead-score/disparity`: whether live scores favour one group of leads.

use axum::extract::State;
use lintel_app::MOST_MEMBERS;
use lintel_domain::id::LeadId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Json},
    state::Edge,
    wire::{self, Check},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(disparity))
}

/// Leads with the groups they belong to, for testing only: nothing of it is kept or learnt from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupsIn {
    /// 1 to 10,000 leads.
    #[serde(deserialize_with = "wire::up_to::<_, _, 10000>")]
    #[schema(min_items = 1, max_items = 10000)]
    leads: Vec<MemberIn>,
}

/// A lead and its group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberIn {
    #[schema(value_type = uuid::Uuid)]
    id: LeadId,
    #[schema(min_length = 1, max_length = 100)]
    group: String,
}

/// How live scores treat groups.
#[derive(Debug, Serialize, ToSchema)]
struct DisparityOut {
    /// By name.
    groups: Vec<GroupOut>,
    /// Leads without a live score, which are in no group here.
    unscored: usize,
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
struct GroupOut {
    group: String,
    n: usize,
    mean_probability: f64,
    /// Share of hot leads.
    favoured_rate: f64,
    /// That share over the highest of a group of at least 30: the adverse-impact ratio.
    impact_ratio: f64,
    /// Leads with an outcome.
    outcomes: usize,
    /// Share of them that was won.
    #[schema(required)]
    observed_rate: Option<f64>,
    /// Mean probability of them less the observed rate: above 0 the score says too much of this group.
    #[schema(required)]
    calibration_gap: Option<f64>,
    /// Whether the ratio is below 0.8 in a group of at least 30: a screening heuristic, not a finding.
    flagged: bool,
}

/// Report score disparity
///
/// Compares live scores, the share of hot leads and outcomes of groups that the caller supplies for testing only; nothing is kept. An id of no lead of the tenant is 404 for the call.
#[utoipa::path(post, path = "/models/lead-score/disparity", tag = "models", request_body = GroupsIn, responses((status = 200, description = "The groups", body = DisparityOut)))]
async fn disparity(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Json(body): Json<GroupsIn>,
) -> Result<Json<DisparityOut>> {
    let mut check = Check::default();
    if body.leads.is_empty() || body.leads.len() > MOST_MEMBERS {
        check.refuse("/leads", "out_of_range", "must have 1 to 10,000 items");
    }
    for (index, member) in body.leads.iter().enumerate() {
        check.text(&format!("/leads/{index}/group"), Some(&member.group), 100);
    }
    check.end()?;
    let groups = body.leads.into_iter().map(|member| (member.id, member.group)).collect();
    let report = edge.app().disparity(&allow.who, groups).await?;
    let out = |one: lintel_app::GroupShare| GroupOut {
        group: one.group,
        n: one.n,
        mean_probability: one.mean_probability,
        favoured_rate: one.favoured_rate,
        impact_ratio: one.impact_ratio,
        outcomes: one.outcomes,
        observed_rate: one.observed_rate,
        calibration_gap: one.calibration_gap,
        flagged: one.flagged,
    };
    Ok(Json(DisparityOut { groups: report.groups.into_iter().map(out).collect(), unscored: report.unscored }))
}
