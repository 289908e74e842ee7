//! `/tasks`, and what is written down about a lead: `/leads/{id}/notes` and `/leads/{id}/tasks`.
#![expect(clippy::option_option, reason = "absent, null and given are three things in a patch")]

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{NewNote, NewTask, NoteView, TaskFilter, TaskListRequest, TaskPatch, TaskView};
use lintel_domain::{
    clock::Time,
    id::{InteractionId, LeadId, TaskId, UserId},
    task::TaskState,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{self, Check, Page, given, shapes},
};

/// The most bytes in a note.
const NOTE: usize = 20_000;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(note))
        .routes(routes!(delete_note))
        .routes(routes!(create))
        .routes(routes!(list))
        .routes(routes!(read, patch, delete))
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"body": "Wants to move before school starts"}))]
struct NoteIn {
    /// What it says; plain text.
    #[schema(min_length = 1, max_length = 20_000)]
    body: String,
}

/// A note about a lead.
#[derive(Debug, Serialize, ToSchema)]
struct NoteOut {
    /// Its id in the timeline.
    #[schema(value_type = uuid::Uuid)]
    id: InteractionId,
    #[schema(value_type = uuid::Uuid)]
    lead_id: LeadId,
    body: String,
    /// Who wrote it: `user:ID`, `key:ID` or `system`.
    author: String,
    #[schema(value_type = shapes::Time)]
    at: Time,
}

impl From<NoteView> for NoteOut {
    fn from(NoteView { id, lead, body, author, at }: NoteView) -> Self {
        Self { id, lead_id: lead, body, author, at }
    }
}

/// Write a note
///
/// The note joins the lead's timeline as an item of kind `note` with `body` and `author` among its properties.
#[utoipa::path(post, path = "/leads/{id}/notes", tag = "leads", params(("id" = uuid::Uuid, Path)), request_body = NoteIn,
    responses((status = 201, description = "The note", body = NoteOut)))]
async fn note(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    keyed: Keyed,
    Json(body): Json<NoteIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/body", Some(&body.body), NOTE);
    check.end()?;
    let new = NewNote { id: keyed.0.map(InteractionId), body: body.body };
    let note = edge.app().note_create(&allow.who, id, new).await?;
    Ok((StatusCode::CREATED, Json(NoteOut::from(note))).into_response())
}

/// Delete a note
///
/// What it said is gone; that there was a note, whose and when, stays in the timeline, with `deleted_by` among its properties.
#[utoipa::path(delete, path = "/leads/{id}/notes/{note}", tag = "leads",
    params(("id" = uuid::Uuid, Path), ("note" = uuid::Uuid, Path)),
    responses((status = 204, description = "It is deleted")))]
async fn delete_note(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id((lead, note)): Id<(LeadId, InteractionId)>,
) -> Result<StatusCode> {
    edge.app().note_delete(&allow.who, lead, note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A task to be written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Call about the showing", "due_at": "2026-02-01T09:00:00Z"}))]
struct TaskIn {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 500)]
    title: String,
    /// By when; at no certain time when absent.
    #[schema(value_type = Option<shapes::Time>)]
    due_at: Option<Time>,
    /// Who does it; the lead's agent when absent, else whoever writes it down.
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
}

/// Changes to a task: a field that is absent stays, one that is null is cleared.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"done": true}))]
struct TaskPatchIn {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 500)]
    title: Option<String>,
    /// By when.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Time>)]
    due_at: Option<Option<Time>>,
    /// Who does it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<Option<UserId>>,
    /// True finishes the task, false opens it again.
    done: Option<bool>,
}

/// Something the team has to do with a lead.
#[derive(Debug, Serialize, ToSchema)]
struct TaskOut {
    #[schema(value_type = uuid::Uuid)]
    id: TaskId,
    #[schema(value_type = uuid::Uuid)]
    lead_id: LeadId,
    lead_name: Option<String>,
    title: String,
    #[schema(value_type = Option<shapes::Time>)]
    due_at: Option<Time>,
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    #[schema(value_type = shapes::TaskState)]
    state: TaskState,
    /// Open, and due by now.
    overdue: bool,
    #[schema(value_type = Option<shapes::Time>)]
    done_at: Option<Time>,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    #[schema(value_type = shapes::Time)]
    updated_at: Time,
}

impl From<TaskView> for TaskOut {
    fn from(TaskView { task, lead_name, overdue }: TaskView) -> Self {
        let state = if task.done_at.is_some() { TaskState::Done } else { TaskState::Open };
        Self {
            id: task.id,
            lead_id: task.lead,
            lead_name,
            title: task.title,
            due_at: task.due_at,
            assignee: task.assignee,
            state,
            overdue,
            done_at: task.done_at,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// Write down a task
///
/// The earliest open task of a lead decides its next step: planned until it is due, overdue afterwards.
#[utoipa::path(post, path = "/leads/{id}/tasks", tag = "tasks", params(("id" = uuid::Uuid, Path)), request_body = TaskIn,
    responses((status = 201, description = "The task", body = TaskOut, headers(("Location" = String)))))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    keyed: Keyed,
    Json(body): Json<TaskIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/title", Some(&body.title), 500);
    check.end()?;
    let TaskIn { title, due_at, assignee } = body;
    let new = NewTask { id: keyed.0.map(TaskId), title, due_at, assignee };
    let task = edge.app().task_create(&allow.who, id, new).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/tasks/{}", task.task.id)).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(TaskOut::from(task))).into_response())
}

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `open` or `done`; `open` when absent.
    #[serde(default)]
    #[param(value_type = Option<shapes::TaskState>)]
    state: TaskState,
    /// Only this agent's.
    #[param(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    /// Only those with this lead.
    #[param(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    /// Only those due before this time.
    #[param(value_type = Option<shapes::Time>)]
    due_before: Option<Time>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List tasks
///
/// Open ones in the order in which they are due, those without a time last; done ones, the last first.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(ListQuery), responses((status = 200, description = "A page", body = Page<TaskOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<TaskOut>>> {
    let ListQuery { state, assignee, lead_id, due_before, limit, cursor } = query;
    let filter = TaskFilter { state, assignee, lead: lead_id, due_before };
    let request = TaskListRequest { filter, paging: wire::paging(limit, cursor)? };
    Ok(Json(Page::of(edge.app().tasks(&allow.who, request).await?)))
}

/// Read a task
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The task", body = TaskOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(id): Id<TaskId>) -> Result<Json<TaskOut>> {
    Ok(Json(edge.app().task(&allow.who, id).await?.into()))
}

/// Change a task
///
/// Also finishes it and opens it again.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "tasks", params(("id" = uuid::Uuid, Path)), request_body = TaskPatchIn,
    responses((status = 200, description = "The task as it is now", body = TaskOut)))]
async fn patch(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<TaskId>,
    Json(body): Json<TaskPatchIn>,
) -> Result<Json<TaskOut>> {
    let mut check = Check::default();
    check.text("/title", body.title.as_deref(), 500);
    check.end()?;
    let TaskPatchIn { title, due_at, assignee, done } = body;
    let patch = TaskPatch { title, due_at, assignee, done };
    Ok(Json(edge.app().task_patch(&allow.who, id, patch).await?.into()))
}

/// Delete a task
#[utoipa::path(delete, path = "/tasks/{id}", tag = "tasks", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
async fn delete(State(edge): State<Edge>, allow: Allow<WriteLeads>, Id(id): Id<TaskId>) -> Result<StatusCode> {
    edge.app().task_delete(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
