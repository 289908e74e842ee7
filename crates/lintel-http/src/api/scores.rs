//! `/leads/score`, `/leads/scores:batch` and `/leads/{id}/score`: how likely leads are to be won.

use std::sync::Arc;

use axum::extract::State;
use lintel_app::{Churn, Document, LeadScore, ScoreModelNote, ScoreOrigin, ScoreReason, ScoreRequest, ScoreSubject};
use lintel_domain::{
    clock::{DAY, Time},
    id::LeadId,
    lead::Tier,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads},
    state::Edge,
    wire::{self, Check, Facts, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(score))
        .routes(routes!(batch))
        .routes(routes!(of_lead))
        .routes(routes!(course))
}

/// Scores asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"leads": [{"facts": {"source": "portal", "listing_views": 7}}], "explain": true}))]
struct ScoresIn {
    /// 1 to 1000 leads.
    #[serde(deserialize_with = "wire::up_to::<_, _, 1000>")]
    #[schema(min_items = 1, max_items = 1000)]
    leads: Vec<SubjectIn>,
    /// Whether every reason is wanted.
    #[serde(default)]
    explain: bool,
    /// Whether a detailed analysis of the stored leads is wanted: a job makes it, see `analysis` of the answer.
    #[serde(default)]
    analysis: bool,
}

/// A stored lead by its `id`, or the `facts` of somebody who is not stored; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubjectIn {
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<LeadId>,
    facts: Option<Box<Facts>>,
}

/// Scores, in the order asked.
#[derive(Debug, Serialize, ToSchema)]
struct ScoresOut {
    #[schema(value_type = Vec<ScoreOut>)]
    scores: Vec<Scored>,
    /// The job that makes the detailed analysis, to be read from `/leads/analyses/{id}`; null unless asked for with `analysis`, and
    /// when no lead is stored.
    #[schema(required)]
    analysis: Option<AnalysisOut>,
}

/// A [`ScoreOut`], made now or written already.
#[derive(Debug)]
enum Scored {
    Made(Box<ScoreOut>),
    Written(Document),
}

impl Serialize for Scored {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Made(score) => score.serialize(serializer),
            Self::Written(score) => score.serialize(serializer),
        }
    }
}

/// A queued analysis.
#[derive(Debug, Serialize, ToSchema)]
struct AnalysisOut {
    #[schema(value_type = uuid::Uuid)]
    job_id: lintel_domain::id::JobId,
}

/// A score.
#[derive(Debug, Serialize, ToSchema)]
struct ScoreOut {
    /// Whose; null for facts.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    lead_id: Option<LeadId>,
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
    /// What base and contributions are counted in: `log_odds`. Their sum gives the probability.
    scale: &'static str,
    /// Largest first; empty unless asked for with `explain`.
    reasons: Vec<ReasonOut>,
    model: ModelOut,
    /// How likely the lead goes silent; null as long as no model of it is trained.
    #[schema(required)]
    churn: Option<ChurnOut>,
    #[schema(value_type = shapes::Time)]
    as_of: Time,
    /// `live` (made now), `stored` (made then and kept) or `replayed` (made now as of then, as none was kept).
    origin: &'static str,
}

/// How likely a lead goes silent.
#[derive(Debug, Serialize, ToSchema)]
struct ChurnOut {
    /// The calibrated probability that the lead does nothing for `days` days from now.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
    days: i64,
    /// The version of the churn model.
    version: String,
}

/// A part of a score.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReasonOut {
    #[schema(value_type = String)]
    feature: Arc<str>,
    #[schema(value_type = String)]
    label: Arc<str>,
    contribution: f64,
}

impl From<ScoreReason> for ReasonOut {
    fn from(ScoreReason { feature, label, contribution }: ScoreReason) -> Self {
        Self { feature, label, contribution }
    }
}

/// Which model scored.
#[derive(Debug, Serialize, ToSchema)]
struct ModelOut {
    version: String,
    #[schema(value_type = Option<shapes::Time>, required)]
    trained_at: Option<Time>,
    /// On how many outcomes.
    n: u64,
    /// Whether it is the documented prior, for want of history.
    prior: bool,
}

impl From<LeadScore> for ScoreOut {
    fn from(score: LeadScore) -> Self {
        let ScoreModelNote { version, trained_at, n, prior } = score.model;
        Self {
            lead_id: score.lead,
            probability: score.probability,
            score: score.probability * 100.0,
            tier: score.tier,
            base: score.base,
            scale: "log_odds",
            reasons: score.reasons.into_iter().map(ReasonOut::from).collect(),
            model: ModelOut { version, trained_at, n, prior },
            churn: score.churn.map(|Churn { probability, days, version }| ChurnOut { probability, days, version }),
            as_of: score.as_of,
            origin: match score.origin {
                ScoreOrigin::Live => "live",
                ScoreOrigin::Stored => "stored",
                ScoreOrigin::Replayed => "replayed",
            },
        }
    }
}

/// Score leads
///
/// Scores stored leads by id, or facts of leads that are not stored, up to 1000. An id of no lead of the tenant is 404 for the call.
/// With `analysis` a job is queued that says in detail why the stored ones score as they do, and what the last week and month changed.
#[utoipa::path(post, path = "/leads/score", tag = "scores", request_body = ScoresIn, responses((status = 200, description = "The scores", body = ScoresOut)))]
async fn score(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Json(body): Json<ScoresIn>,
) -> Result<Json<ScoresOut>> {
    scores(&edge, allow, body).await
}

/// Score a batch of leads
///
/// The same as `POST /leads/score`.
#[utoipa::path(post, path = "/leads/scores:batch", tag = "scores", request_body = ScoresIn, responses((status = 200, description = "The scores", body = ScoresOut)))]
async fn batch(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Json(body): Json<ScoresIn>,
) -> Result<Json<ScoresOut>> {
    scores(&edge, allow, body).await
}

async fn scores(edge: &Edge, allow: Allow<ReadLeads>, body: ScoresIn) -> Result<Json<ScoresOut>> {
    let mut check = Check::default();
    if body.leads.is_empty() {
        check.refuse("/leads", "too_few", "must have at least 1 item");
    }
    let (mut stored, mut strangers) = (Vec::with_capacity(body.leads.len()), Vec::new());
    let mut is_stored = Vec::with_capacity(body.leads.len());
    for (index, subject) in body.leads.into_iter().enumerate() {
        is_stored.push(subject.id.is_some());
        match (subject.id, subject.facts) {
            (Some(id), None) => stored.push(id),
            (None, Some(facts)) => {
                let facts = facts.facts(&mut check, &format!("/leads/{index}/facts"));
                strangers.push(ScoreSubject::Facts(Box::new(facts)));
            }
            _ => check.refuse(format!("/leads/{index}"), "one_of", "needs either id or facts"),
        }
    }
    check.end()?;
    let who = &allow.who;
    let mut written = edge.app().score_documents(who, &stored, body.explain, write).await?.into_iter();
    let mut made = if strangers.is_empty() {
        Vec::new()
    } else {
        edge.app().score(who, ScoreRequest { subjects: strangers, explain: body.explain }).await?
    }
    .into_iter();
    let next = |is_stored: bool| {
        if is_stored {
            written.next().map(Scored::Written)
        } else {
            made.next().map(|score| Scored::Made(Box::new(score.into())))
        }
    };
    let scores = is_stored.into_iter().filter_map(next).collect();
    let job = if body.analysis { edge.app().leads_analyse(who, stored).await? } else { None };
    Ok(Json(ScoresOut { scores, analysis: job.map(|job_id| AnalysisOut { job_id }) }))
}

pub(crate) fn write(score: LeadScore) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&ScoreOut::from(score))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScoreQuery {
    /// As it was scored at this time; now when absent.
    #[param(value_type = Option<shapes::Time>)]
    as_of: Option<Time>,
    /// Whether reasons are wanted; they are when absent.
    explain: Option<bool>,
}

/// Score a lead
///
/// With `as_of` the score that the lead had at that time, as it was stored then, with the reasons it had. From before the first
/// stored score it is made again from what the lead had done by then, and nothing later; 404 from before the lead was there.
#[utoipa::path(get, path = "/leads/{id}/score", tag = "scores", params(("id" = uuid::Uuid, Path), ScoreQuery), responses((status = 200, description = "The score", body = ScoreOut)))]
async fn of_lead(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<LeadId>,
    Query(query): Query<ScoreQuery>,
) -> Result<Json<Scored>> {
    let explain = query.explain.unwrap_or(true);
    if let Some(at) = query.as_of {
        let score = edge.app().score_as_of(&allow.who, id, at, explain).await?;
        return Ok(Json(Scored::Made(Box::new(score.into()))));
    }
    let score = edge.app().score_documents(&allow.who, &[id], explain, write).await?.pop();
    let score = score.ok_or_else(|| Error::internal("one lead was asked for and no score came"))?;
    Ok(Json(Scored::Written(score)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CourseQuery {
    /// How many days back; 90 when absent.
    #[param(minimum = 1, maximum = 3650)]
    days: Option<u32>,
    /// How many times, evenly spaced; 13 when absent.
    #[param(minimum = 2, maximum = 100)]
    points: Option<u32>,
}

/// The scores of a lead over time.
#[derive(Debug, Serialize, ToSchema)]
struct CourseOut {
    /// The oldest first; the last is of now.
    items: Vec<CoursePointOut>,
}

/// The score of a lead at a time.
#[derive(Debug, Serialize, ToSchema)]
struct CoursePointOut {
    #[schema(value_type = shapes::Time)]
    as_of: Time,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    score: f64,
    /// 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
}

/// Read the course of a score
///
/// What the lead's score was at evenly spaced times, each as `/leads/{id}/score` tells it with that `as_of`; times before the lead
/// was there are left out.
#[utoipa::path(get, path = "/leads/{id}/score/course", tag = "scores", params(("id" = uuid::Uuid, Path), CourseQuery), responses((status = 200, description = "The course", body = CourseOut)))]
async fn course(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<LeadId>,
    Query(query): Query<CourseQuery>,
) -> Result<Json<CourseOut>> {
    let (days, points) = (query.days.unwrap_or(90), query.points.unwrap_or(13));
    let mut check = Check::default();
    check.number("/days", Some(f64::from(days)), 1.0, 3650.0);
    check.number("/points", Some(f64::from(points)), 2.0, 100.0);
    check.end()?;
    let course = edge.app().score_course(&allow.who, id, i64::from(days) * DAY, points).await?;
    let items = course.into_iter().map(|(as_of, probability)| CoursePointOut {
        as_of,
        score: probability * 100.0,
        probability,
    });
    Ok(Json(CourseOut { items: items.collect() }))
}
