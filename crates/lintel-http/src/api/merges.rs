//! `/leads/{id}/merge`, `/leads/{id}/unmerge` and `/leads/{id}/merges`: leads that are the same person.

use axum::{extract::State, response::Response};
use lintel_app::MergedInto;
use lintel_domain::{clock::Time, id::LeadId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::leads::answer;
use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadLeads, WriteLeads},
    state::Edge,
    wire::{LeadOut, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(merge)).routes(routes!(unmerge)).routes(routes!(merges))
}

/// The lead to be merged into the one in the address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "018f0000-0000-7000-8000-000000000000"}))]
struct MergeIn {
    /// The other lead. It is there no more afterwards.
    #[schema(value_type = uuid::Uuid)]
    from: LeadId,
}

/// Merge another lead into this one
///
/// For two leads that are the same person. What this lead does not say it takes from the other, labels and custom fields join, and
/// what the other did, its notes, tasks, saved searches and notifications are this lead's from then on. Its outcome stays as it is. What
/// either has taken back consent for stays taken back. Records and events under the other's `external_id` go to this lead. To
/// merge what is merged already changes nothing.
#[utoipa::path(post, path = "/leads/{id}/merge", tag = "leads", params(("id" = uuid::Uuid, Path)), request_body = MergeIn,
    responses((status = 200, description = "The lead that stays", body = LeadOut, headers(("ETag" = String)))))]
async fn merge(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    Json(body): Json<MergeIn>,
) -> Result<Response> {
    Ok(answer(edge.app().lead_merge(&allow.who, id, body.from).await?))
}

/// Take a merge back
///
/// `id` is the lead that was merged into another: it is there again as it was, with what was its own. The other is what it was
/// before, as far as nobody has changed it since, and keeps what came since. What consent was taken back for by now stays taken
/// back for both. A lead that was not merged is answered as it is.
#[utoipa::path(post, path = "/leads/{id}/unmerge", tag = "leads", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The lead that is there again", body = LeadOut, headers(("ETag" = String)))))]
async fn unmerge(State(edge): State<Edge>, allow: Allow<WriteLeads>, Id(id): Id<LeadId>) -> Result<Response> {
    Ok(answer(edge.app().lead_unmerge(&allow.who, id).await?))
}

/// A lead that was merged into another, as it was then.
#[derive(Debug, Serialize, ToSchema)]
struct MergedOut {
    #[schema(value_type = uuid::Uuid)]
    id: LeadId,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    external_id: Option<String>,
    /// When it was merged.
    #[schema(value_type = shapes::Time)]
    at: Time,
}

impl From<MergedInto> for MergedOut {
    fn from(MergedInto { id, name, email, phone, external_id, at }: MergedInto) -> Self {
        Self { id, name, email, phone, external_id, at }
    }
}

/// All leads that were merged into one.
#[derive(Debug, Serialize, ToSchema)]
struct MergesOut {
    /// The latest first, at most 100.
    items: Vec<MergedOut>,
}

/// List what was merged into a lead
#[utoipa::path(get, path = "/leads/{id}/merges", tag = "leads", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "The leads that were merged into it", body = MergesOut)))]
async fn merges(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(id): Id<LeadId>) -> Result<Json<MergesOut>> {
    let items = edge.app().lead_merges(&allow.who, id).await?.into_iter().map(MergedOut::from).collect();
    Ok(Json(MergesOut { items }))
}
