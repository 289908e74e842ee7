//! `/connections`: systems of others that send their events here.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts, uri::Authority},
    response::{IntoResponse, Response},
};
use lintel_app::{ConnectionView, NewConnection};
use lintel_domain::{clock::Time, id::ConnectionId};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Id, Json, Query},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{Check, Page, PageQuery, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, list)).routes(routes!(remove))
}

/// A connection to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "highlevel", "location_id": "ve9EPM428h8vShlRW1KT", "name": "Main office"}))]
struct ConnectionIn {
    /// `highlevel`.
    provider: String,
    /// The account there. It belongs to one tenant.
    #[schema(min_length = 1, max_length = 200)]
    location_id: String,
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// By which the system lets us in. Kept sealed, and shown to nobody.
    #[serde(default, deserialize_with = "secret")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    token: Option<SecretString>,
    /// Where the system is asked, when not at its usual address.
    #[schema(min_length = 1, max_length = 1000)]
    base_url: Option<String>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

/// A connection, without its token.
#[derive(Debug, Serialize, ToSchema)]
struct ConnectionOut {
    #[schema(value_type = uuid::Uuid)]
    id: ConnectionId,
    provider: String,
    location_id: String,
    name: String,
    #[schema(required)]
    base_url: Option<String>,
    /// Whether it has a token.
    has_token: bool,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    /// Where the system has to send its events.
    webhook_url: String,
}

impl ConnectionOut {
    fn new(view: ConnectionView, here: &str) -> Self {
        let ConnectionView { id, provider, location, name, base_url, has_token, created_at } = view;
        let webhook_url = format!("{here}/api/v1/hooks/{provider}/{id}");
        Self { id, provider, location_id: location, name, base_url, has_token, created_at, webhook_url }
    }
}

/// The address by which the caller reaches this server, or nothing when the call does not say.
struct Here(String);

impl FromRequestParts<Edge> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Infallible> {
        let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let Some(host) = named.or(parts.uri.authority().map(Authority::as_str)) else { return Ok(Self(String::new())) };
        let is_secure = edge.client(&parts.extensions, &parts.headers).secure;
        Ok(Self(format!("{}://{host}", if is_secure { "https" } else { "http" })))
    }
}

/// Make a connection
///
/// The system's events are taken at `webhook_url` from then on, when they bear its signature and are of this location.
#[utoipa::path(post, path = "/connections", tag = "connections", request_body = ConnectionIn, responses((status = 201, description = "The connection", body = ConnectionOut)))]
async fn create(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Here(here): Here,
    keyed: Keyed,
    Json(body): Json<ConnectionIn>,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/location_id", Some(&body.location_id), 200);
    check.text("/name", Some(&body.name), 200);
    check.text("/base_url", body.base_url.as_deref(), 1_000);
    check.end()?;
    let new = NewConnection {
        id: keyed.0.map(ConnectionId),
        provider: body.provider,
        location: body.location_id,
        name: body.name,
        base_url: body.base_url,
        token: body.token,
    };
    let view = edge.app().connection_create(&allow.who, new).await?;
    Ok((StatusCode::CREATED, Json(ConnectionOut::new(view, &here))).into_response())
}

/// List connections
#[utoipa::path(get, path = "/connections", tag = "connections", params(PageQuery), responses((status = 200, description = "A page", body = Page<ConnectionOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Here(here): Here,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ConnectionOut>>> {
    let listed = edge.app().connections(&allow.who, query.paging()?).await?;
    let items = listed.items.into_iter().map(|view| ConnectionOut::new(view, &here)).collect();
    Ok(Json(Page { items, next_cursor: listed.next_cursor }))
}

/// End a connection
///
/// Its events are not taken any more. What they brought stays.
#[utoipa::path(delete, path = "/connections/{id}", tag = "connections", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Ended")))]
async fn remove(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<ConnectionId>) -> Result<StatusCode> {
    edge.app().connection_delete(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
