//! `/leads/analyses/{id}`: why leads score as they do, in detail, as a job found it.

use axum::extract::State;
use lintel_app::{ChurnDetail, LeadAnalysis, LeadAnalysisState, LeadDetail, ScoreChange};
use lintel_domain::{
    clock::Time,
    id::{JobId, LeadId},
    lead::Tier,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::scores::ReasonOut;
use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadLeads},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(read))
}

/// A detailed analysis of leads, on its way or made.
#[derive(Debug, Serialize, ToSchema)]
struct LeadAnalysisOut {
    #[schema(value_type = uuid::Uuid)]
    job_id: JobId,
    #[schema(value_type = shapes::AnalysisState)]
    state: &'static str,
    /// Why there is none; null unless it failed.
    #[schema(required)]
    error: Option<&'static str>,
    /// Null until it is done.
    #[schema(required)]
    result: Option<LeadAnalysisResultOut>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
struct LeadAnalysisResultOut {
    #[schema(value_type = shapes::Time)]
    as_of: Time,
    /// The version of the model.
    model: String,
    /// The leads that were still there, in the order asked.
    leads: Vec<LeadDetailOut>,
}

/// What is to be said about one lead.
#[derive(Debug, Serialize, ToSchema)]
struct LeadDetailOut {
    #[schema(value_type = uuid::Uuid)]
    lead_id: LeadId,
    /// The calibrated probability of winning the lead.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
    /// The probability times 100.
    #[schema(minimum = 0, maximum = 100)]
    score: f64,
    #[schema(value_type = shapes::Tier)]
    tier: Tier,
    /// What the contributions are added to.
    base: f64,
    /// What base and contributions are counted in: `log_odds`.
    scale: &'static str,
    /// Every reason, largest first.
    reasons: Vec<ReasonOut>,
    /// How likely the lead goes silent; null as long as no model of it is trained.
    #[schema(required)]
    churn: Option<ChurnDetailOut>,
    /// What changed since 7 and 30 days ago; not since before the lead was there.
    since: Vec<ScoreChangeOut>,
}

/// How likely a lead goes silent, and why.
#[derive(Debug, Serialize, ToSchema)]
struct ChurnDetailOut {
    /// The calibrated probability that the lead does nothing for `days` days from now.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
    days: i64,
    /// The version of the churn model.
    version: String,
    /// What the contributions are added to, in log-odds.
    base: f64,
    reasons: Vec<ReasonOut>,
}

/// What changed since some days ago: the same model and fields, with what the lead had done by then.
#[derive(Debug, Serialize, ToSchema)]
struct ScoreChangeOut {
    days: i64,
    /// What the probability would have been.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
    /// What each feature adds to the log-odds now, less what it added then; largest first.
    moved: Vec<ReasonOut>,
}

fn reasons(reasons: Vec<lintel_app::ScoreReason>) -> Vec<ReasonOut> {
    reasons.into_iter().map(ReasonOut::from).collect()
}

impl From<LeadDetail> for LeadDetailOut {
    fn from(detail: LeadDetail) -> Self {
        let churn = |ChurnDetail { probability, days, version, base, reasons: why }| ChurnDetailOut {
            probability,
            days,
            version,
            base,
            reasons: reasons(why),
        };
        let change =
            |ScoreChange { days, probability, moved }| ScoreChangeOut { days, probability, moved: reasons(moved) };
        Self {
            lead_id: detail.lead,
            probability: detail.probability,
            score: detail.probability * 100.0,
            tier: detail.tier,
            base: detail.base,
            scale: "log_odds",
            reasons: reasons(detail.reasons),
            churn: detail.churn.map(churn),
            since: detail.since.into_iter().map(change).collect(),
        }
    }
}

impl From<LeadAnalysis> for LeadAnalysisResultOut {
    fn from(LeadAnalysis { as_of, model, leads }: LeadAnalysis) -> Self {
        Self { as_of, model, leads: leads.into_iter().map(LeadDetailOut::from).collect() }
    }
}

/// Read a detailed analysis of leads
///
/// It is asked for with `analysis` in `POST /leads/score`. Read it until its state is `done` or `failed`; it is kept for a week.
#[utoipa::path(get, path = "/leads/analyses/{id}", tag = "scores", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The analysis", body = LeadAnalysisOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(id): Id<JobId>) -> Result<Json<LeadAnalysisOut>> {
    let (state, error, result) = match edge.app().lead_analysis(&allow.who, id).await? {
        LeadAnalysisState::Queued => ("queued", None, None),
        LeadAnalysisState::Running => ("running", None, None),
        LeadAnalysisState::Failed(error) => ("failed", Some(error), None),
        LeadAnalysisState::Done(made) => ("done", None, Some(LeadAnalysisResultOut::from(*made))),
    };
    Ok(Json(LeadAnalysisOut { job_id: id, state, error, result }))
}
