//! `/admin/users`: the people who sign in.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use lintel_app::{NewUser, UserView};
use lintel_domain::{clock::Time, id::UserId, scope::Role};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Id, Json, Query},
    state::Edge,
    wire::{self, Check, Page, PageQuery, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(create, list)).routes(routes!(disable))
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "agent@example.com", "role": "agent", "password": "correct horse battery staple"}))]
struct UserIn {
    /// The name to sign in with.
    #[schema(min_length = 1, max_length = 320)]
    email: String,
    /// What the user may do; nobody hands out more than they have.
    #[schema(value_type = shapes::Role)]
    role: Role,
    #[serde(deserialize_with = "wire::secret")]
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 1_000)]
    password: SecretString,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
struct UserOut {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    email: String,
    #[schema(value_type = shapes::Role)]
    role: Role,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    /// When shut out.
    #[schema(value_type = Option<shapes::Time>)]
    disabled_at: Option<Time>,
}

impl From<UserView> for UserOut {
    fn from(UserView { id, email, role, created_at, disabled_at }: UserView) -> Self {
        Self { id, email, role, created_at, disabled_at }
    }
}

/// Make a user
#[utoipa::path(post, path = "/admin/users", tag = "admin users", request_body = UserIn, responses((status = 201, description = "The user", body = UserOut)))]
async fn create(State(edge): State<Edge>, allow: Allow<Administer>, Json(body): Json<UserIn>) -> Result<Response> {
    let mut check = Check::default();
    check.text("/email", Some(&body.email), 320);
    check.text("/password", Some(body.password.expose_secret()), 1_000);
    check.end()?;
    let new = NewUser { email: body.email, role: body.role, password: body.password };
    let user = edge.app().user_create(&allow.who, new).await?;
    Ok((StatusCode::CREATED, Json(UserOut::from(user))).into_response())
}

/// List users
#[utoipa::path(get, path = "/admin/users", tag = "admin users", params(PageQuery), responses((status = 200, description = "A page", body = Page<UserOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<UserOut>>> {
    Ok(Json(Page::of(edge.app().users(&allow.who, query.paging()?).await?)))
}

/// Shut a user out
///
/// Ends all of the user's sessions.
#[utoipa::path(post, path = "/admin/users/{id}/disable", tag = "admin users", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The user as it is now", body = UserOut)))]
async fn disable(State(edge): State<Edge>, allow: Allow<Administer>, Id(id): Id<UserId>) -> Result<Json<UserOut>> {
    Ok(Json(edge.app().user_disable(&allow.who, id).await?.into()))
}
