//! `/leads`: creating, reading, changing and erasing leads, and the consent ledger of one.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{LeadView, NewLead};
use lintel_domain::{
    clock::Time,
    contact::{Channel, Consent, ConsentStatus},
    id::LeadId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    problem::Code,
    state::Edge,
    wire::{LeadIn, LeadOut, LeadPatchIn, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create)).routes(routes!(read, patch, erase)).routes(routes!(consent))
}

/// Create a lead
#[utoipa::path(post, path = "/leads", tag = "leads", request_body = LeadIn,
    responses((status = 201, description = "The lead", body = LeadOut, headers(("Location" = String), ("ETag" = String)))))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    keyed: Keyed,
    Json(body): Json<LeadIn>,
) -> Result<Response> {
    let view = edge.app().lead_create(&allow.who, NewLead { id: keyed.0.map(LeadId), ..body.check()? }).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/leads/{}", view.lead.id)).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], answer(view)).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadQuery {
    /// Whether it must be as fresh as the last write. Every answer is, so this changes nothing.
    #[serde(rename = "consistent")]
    #[param(rename = "consistent")]
    _consistent: Option<bool>,
}

/// Read a lead
///
/// One that was merged into another is answered as it was then, and says in `merged_into` which lead is meant now.
#[utoipa::path(get, path = "/leads/{id}", tag = "leads", params(("id" = uuid::Uuid, Path), ReadQuery),
    responses((status = 200, description = "The lead", body = LeadOut, headers(("ETag" = String)))))]
async fn read(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<LeadId>,
    Query(_query): Query<ReadQuery>,
) -> Result<Response> {
    Ok(answer(edge.app().lead(&allow.who, id).await?))
}

/// Change a lead
///
/// With `If-Match` only that version is changed.
#[utoipa::path(patch, path = "/leads/{id}", tag = "leads", request_body = LeadPatchIn,
    params(("id" = uuid::Uuid, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to change")),
    responses((status = 200, description = "The lead as it is now", body = LeadOut, headers(("ETag" = String)))))]
async fn patch(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    headers: HeaderMap,
    Json(body): Json<LeadPatchIn>,
) -> Result<Response> {
    let version = if_match(&headers)?;
    Ok(answer(edge.app().lead_patch(&allow.who, id, body.check()?, version).await?))
}

/// Erase a lead
///
/// Removes the person with everything known about them, also as the leads that were merged into this one.
#[utoipa::path(delete, path = "/leads/{id}", tag = "leads", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
async fn erase(State(edge): State<Edge>, allow: Allow<WriteLeads>, Id(id): Id<LeadId>) -> Result<StatusCode> {
    edge.app().lead_erase(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One entry of the consent ledger.
#[derive(Debug, Serialize, ToSchema)]
struct ConsentOut {
    #[schema(value_type = shapes::Channel)]
    channel: Channel,
    #[schema(value_type = shapes::ConsentStatus)]
    status: ConsentStatus,
    source: Option<String>,
    text: Option<String>,
    #[schema(value_type = Option<shapes::Time>)]
    at: Option<Time>,
}

impl From<Consent> for ConsentOut {
    fn from(Consent { channel, status, source, text, at }: Consent) -> Self {
        Self { channel, status, source, text, at }
    }
}

/// The whole consent ledger of a lead.
#[derive(Debug, Serialize, ToSchema)]
struct Ledger {
    /// Newest first; the latest of a channel counts.
    items: Vec<ConsentOut>,
}

/// Read what a lead agreed to
#[utoipa::path(get, path = "/leads/{id}/consent", tag = "leads", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The ledger", body = Ledger)))]
async fn consent(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(id): Id<LeadId>) -> Result<Json<Ledger>> {
    let ledger = edge.app().lead_consent(&allow.who, id).await?;
    Ok(Json(Ledger { items: ledger.into_iter().map(ConsentOut::from).collect() }))
}

/// A lead with its version.
pub(super) fn answer(view: LeadView) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", view.lead.version));
    let mut response = Json(LeadOut::from(view)).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The version that `If-Match` asks for; `*` is any. A weak tag never matches, as RFC 9110 has it.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Ok(None);
    }
    if value.starts_with("W/") {
        return Err(Error::plain(Code::VersionMismatch));
    }
    let version =
        value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|version| version.parse().ok());
    version
        .map(Some)
        .ok_or_else(|| Error::new(Code::MalformedHeader, "If-Match must be the ETag of the lead, such as \"3\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_one_strong_tag() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, value.parse().unwrap());
            if_match(&headers).map_err(|error| error.code())
        };
        assert_eq!(with("\"3\""), Ok(Some(3)));
        assert_eq!(with("*"), Ok(None));
        assert_eq!(with("W/\"3\""), Err(Code::VersionMismatch));
        assert_eq!(with("3"), Err(Code::MalformedHeader));
        assert_eq!(with("\"x\""), Err(Code::MalformedHeader));
    }
}
