//! `/admin/jobs`: the queue, and what was given up on.

use axum::{extract::State, http::StatusCode};
use lintel_app::{JobProgress, JobView};
use lintel_domain::{clock::Time, id::JobId, job::Phase};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Id, Json, Query},
    state::Edge,
    wire::{self, Page, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(read, drop_dead))
        .routes(routes!(replay))
        .routes(routes!(cancel))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// `ready`, `running`, `done`, `dead` or `cancelled`; `dead` when absent. The dead ones are the dead letters.
    #[param(value_type = Option<shapes::JobState>)]
    state: Option<String>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A unit of work.
#[derive(Debug, Serialize, ToSchema)]
struct JobOut {
    #[schema(value_type = uuid::Uuid)]
    id: JobId,
    kind: String,
    /// `ready`, `running`, `done`, `dead` or `cancelled`.
    state: String,
    /// What it is to do.
    #[schema(value_type = Object)]
    body: serde_json::Value,
    attempts: u32,
    /// What it brought, when it says so.
    #[schema(value_type = Option<Object>)]
    result: Option<serde_json::Value>,
    last_error: Option<String>,
    #[schema(value_type = shapes::Time)]
    run_at: Time,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    /// When somebody asked for its end; one that still runs stops soon.
    #[schema(value_type = Option<shapes::Time>)]
    cancel_asked_at: Option<Time>,
    /// How far it is, when it takes long and has not ended; `job.progress` tells of it as it goes.
    progress: Option<ProgressOut>,
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressOut {
    /// What it is at.
    #[schema(value_type = shapes::JobPhase)]
    phase: Phase,
    /// How much of it is done.
    #[schema(minimum = 0, maximum = 1)]
    done: f64,
    /// When that was told; about once a second.
    #[schema(value_type = shapes::Time)]
    at: Time,
}

impl From<JobView> for JobOut {
    fn from(view: JobView) -> Self {
        let progress = view.progress.map(|JobProgress { phase, done, at }| ProgressOut { phase, done, at });
        let JobView {
            id, kind, state, body, attempts, result, last_error, run_at, created_at, cancel_asked_at, ..
        } = view;
        Self { id, kind, state, body, attempts, result, last_error, run_at, created_at, cancel_asked_at, progress }
    }
}

/// List jobs
#[utoipa::path(get, path = "/admin/jobs", tag = "admin jobs", params(JobsQuery), responses((status = 200, description = "A page", body = Page<JobOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Query(query): Query<JobsQuery>,
) -> Result<Json<Page<JobOut>>> {
    let paging = wire::paging(query.limit, query.cursor)?;
    Ok(Json(Page::of(edge.app().jobs(&allow.who, query.state.as_deref(), paging).await?)))
}

/// Read a job
#[utoipa::path(get, path = "/admin/jobs/{id}", tag = "admin jobs", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The job", body = JobOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<JobId>) -> Result<Json<JobOut>> {
    Ok(Json(edge.app().job(&allow.who, id).await?.into()))
}

/// Cancel a job
///
/// One that waits ends at once. One that runs is asked to stop, and does so in about a second, on whatever node it is: an import between
/// two of its commits (what it has stored by then stays and can be taken back), a training before its next tree (nothing of it is kept).
/// 409 when the job has ended.
#[utoipa::path(post, path = "/admin/jobs/{id}/cancel", tag = "admin jobs", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The job as it is now", body = JobOut)))]
async fn cancel(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<JobId>) -> Result<Json<JobOut>> {
    Ok(Json(edge.app().job_cancel(&allow.who, id).await?.into()))
}

/// Replay a dead job
///
/// Puts it back into the queue.
#[utoipa::path(post, path = "/admin/jobs/{id}/replay", tag = "admin jobs", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The job as it is now", body = JobOut)))]
async fn replay(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<JobId>) -> Result<Json<JobOut>> {
    Ok(Json(edge.app().job_replay(&allow.who, id).await?.into()))
}

/// Drop a dead job
#[utoipa::path(delete, path = "/admin/jobs/{id}", tag = "admin jobs", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
async fn drop_dead(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<JobId>) -> Result<StatusCode> {
    edge.app().job_drop(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
