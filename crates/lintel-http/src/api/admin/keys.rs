//! `/admin/keys`: the keys that programs present.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lintel_app::{KeyView, NewKey};
use lintel_domain::{clock::Time, id::ApiKeyId, scope::Role};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Administer, Allow, Id, Json, Query},
    layers::idempotency::WithoutSecret,
    state::Edge,
    wire::{Check, Page, PageQuery, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, list)).routes(routes!(revoke))
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "nightly import", "role": "analyst"}))]
struct KeyIn {
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What its bearer may do; nobody hands out more than they have.
    #[schema(value_type = shapes::Role)]
    role: Role,
}

/// A new key.
#[derive(Clone, Serialize, ToSchema)]
struct NewKeyOut {
    #[schema(value_type = uuid::Uuid)]
    id: ApiKeyId,
    name: String,
    #[schema(value_type = shapes::Role)]
    role: Role,
    /// The secret, shown this once; null when the answer is repeated for an idempotency key.
    #[schema(required)]
    key: Option<String>,
}

/// Make a key
#[utoipa::path(post, path = "/admin/keys", tag = "admin keys", request_body = KeyIn, responses((status = 201, description = "The key with its secret", body = NewKeyOut)))]
async fn create(State(edge): State<Edge>, allow: Allow<Administer>, Json(body): Json<KeyIn>) -> Result<Response> {
    let mut check = Check::default();
    check.text("/name", Some(&body.name), 200);
    check.end()?;
    let grant = edge.app().key_create(&allow.who, NewKey { name: body.name, role: body.role }).await?;
    let shown = NewKeyOut { id: grant.id, name: grant.name, role: grant.role, key: None };
    let stored = serde_json::to_vec(&shown).map_err(Error::internal)?;
    let whole = NewKeyOut { key: Some(grant.key.expose_secret().to_owned()), ..shown };
    let mut response = (StatusCode::CREATED, Json(whole)).into_response();
    response.extensions_mut().insert(WithoutSecret(stored.into()));
    Ok(response)
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct KeyOut {
    #[schema(value_type = uuid::Uuid)]
    id: ApiKeyId,
    name: String,
    #[schema(value_type = shapes::Role)]
    role: Role,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    /// To the minute or so.
    #[schema(value_type = Option<shapes::Time>)]
    last_used_at: Option<Time>,
    #[schema(value_type = Option<shapes::Time>)]
    revoked_at: Option<Time>,
}

impl From<KeyView> for KeyOut {
    fn from(KeyView { id, name, role, created_at, last_used_at, revoked_at }: KeyView) -> Self {
        Self { id, name, role, created_at, last_used_at, revoked_at }
    }
}

/// List keys
#[utoipa::path(get, path = "/admin/keys", tag = "admin keys", params(PageQuery), responses((status = 200, description = "A page", body = Page<KeyOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<KeyOut>>> {
    Ok(Json(Page::of(edge.app().keys(&allow.who, query.paging()?).await?)))
}

/// Revoke a key
#[utoipa::path(delete, path = "/admin/keys/{id}", tag = "admin keys", params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Revoked")))]
async fn revoke(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<ApiKeyId>) -> Result<StatusCode> {
    edge.app().key_revoke(&allow.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
