//! `/session`: signing in and out with a password, and who is signed in.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_app::{Caller, SignIn};
use lintel_domain::{
    id::TenantId,
    scope::{Actor, Principal, Role},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Json, Session},
    layers::authenticate::{cookie_name, is_same_origin, session_token},
    problem::Code,
    state::Edge,
    wire::{self, Check, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(sign_in, read, sign_out))
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tenant": "demo", "email": "owner@example.com", "password": "correct horse battery staple"}))]
struct SignInBody {
    /// The tenant's slug.
    tenant: String,
    email: String,
    #[serde(deserialize_with = "wire::secret")]
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Sign in
///
/// Sets the session cookie: `__Host-lintel` over https, `lintel` over plain http on the machine itself.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignInBody, security(()),
    responses((status = 204, description = "Signed in", headers(("Set-Cookie" = String)))))]
async fn sign_in(State(edge): State<Edge>, request: Request) -> Result<Response> {
    let client = edge.client(request.extensions(), request.headers());
    if is_same_origin(request.headers(), request.uri(), client) == Some(false) {
        return Err(Error::plain(Code::CrossSite));
    }
    let Json(body) = <Json<SignInBody> as axum::extract::FromRequest<Edge>>::from_request(request, &edge).await?;
    let mut check = Check::default();
    check.text("/tenant", Some(&body.tenant), 64);
    check.text("/email", Some(&body.email), 320);
    check.text("/password", Some(body.password.expose_secret()), 1_000);
    check.end()?;
    let attempt = SignIn { tenant: body.tenant, email: body.email, password: body.password, address: client.address };
    let grant = edge.app().sign_in(attempt).await?;
    let seconds = grant.expires_at.since(edge.app().clock().now()).max(0) / lintel_domain::clock::SECOND;
    let name = cookie_name(client);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    let token = grant.token.expose_secret();
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
    cookie.set_sensitive(true);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Who is calling.
#[derive(Debug, Serialize, ToSchema)]
struct SessionOut {
    #[schema(value_type = uuid::Uuid)]
    tenant_id: TenantId,
    /// The user, when a person is signed in.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    user_id: Option<uuid::Uuid>,
    /// The key, when a program calls.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    key_id: Option<uuid::Uuid>,
    #[schema(value_type = shapes::Role)]
    role: Role,
    /// The tenant's slug.
    tenant: String,
    /// The user's e-mail address, when a person is signed in.
    #[schema(required)]
    email: Option<String>,
    /// Whether it is the tenant of the demonstration, whose people and homes are made up.
    demo: bool,
}

impl From<Caller> for SessionOut {
    fn from(Caller { who: Principal { tenant, actor, role }, slug, email, demo }: Caller) -> Self {
        let (user_id, key_id) = match actor {
            Actor::User(id) => (Some(id.0), None),
            Actor::Key(id) => (None, Some(id.0)),
            Actor::System => (None, None),
        };
        Self { tenant_id: tenant, user_id, key_id, role, tenant: slug, email, demo }
    }
}

/// Read who is calling
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, description = "The caller", body = SessionOut)))]
async fn read(State(edge): State<Edge>, session: Session) -> Result<Json<SessionOut>> {
    Ok(Json(edge.app().caller(session.0).await?.into()))
}

/// Sign out
///
/// Ends the session of the cookie. A key has no session to end.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String)))))]
async fn sign_out(State(edge): State<Edge>, _: Session, request: Request) -> Result<Response> {
    let client = edge.client(request.extensions(), request.headers());
    if let Some(token) = session_token(request.headers(), client) {
        edge.app().sign_out(token).await?;
    }
    let name = cookie_name(client);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    let cookie = HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"));
    let cookie = cookie.map_err(Error::internal)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
