//! `/hooks`: events that systems of others send, and what became of them.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
};
use lintel_app::{HookRefusal, HookView, Received};
use lintel_domain::{clock::Time, id::ConnectionId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{self, Allow, Id, Json, ReadLeads},
    problem::Code,
    state::Edge,
    wire::shapes,
};

/// The header with the signature.
const SIGNATURE: &str = "x-ghl-signature";

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(receive)).routes(routes!(event))
}

/// What became of an event at the door.
#[derive(Debug, Serialize, ToSchema)]
struct ReceivedOut {
    /// `stored`: it is on disk. `duplicate`: it was there already.
    status: &'static str,
}

/// Send an event of HighLevel
///
/// For HighLevel itself. Open, without a key: the body bears an Ed25519 signature over its very bytes in `X-GHL-Signature`.
/// The event is on disk when it is acknowledged, and has its effect soon after. 401 when it is not shown to be from
/// HighLevel and of the connection's location, or was said more than two hours ago; 400 when it cannot be read; 429 when it
/// cannot be stored now, so that HighLevel sends it again.
#[utoipa::path(post, path = "/hooks/highlevel/{id}", tag = "hooks", params(("id" = uuid::Uuid, Path, description = "The connection")),
    request_body(content = String, content_type = "application/json", description = "The event"),
    responses((status = 200, description = "It is on disk", body = ReceivedOut)), security(()))]
async fn receive(State(edge): State<Edge>, Id(id): Id<ConnectionId>, request: Request) -> Result<Json<ReceivedOut>> {
    let (parts, body) = request.into_parts();
    // What is signed are the bytes as they come.
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Error::plain(Code::UnsupportedEncoding));
    }
    let body = extract::collect(body, edge.options()).await?;
    let received = edge.app().hook_receive(id, signature(&parts.headers), body).await.map_err(refused)?;
    let status = match received {
        Received::Stored => "stored",
        Received::Duplicate => "duplicate",
    };
    Ok(Json(ReceivedOut { status }))
}

/// The signature, if there is one and only one.
fn signature(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(SIGNATURE).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}

fn refused(refusal: HookRefusal) -> Error {
    let detail = refusal.to_string();
    match refusal {
        HookRefusal::NotTrusted(_) => Error::new(Code::NotTrusted, detail),
        HookRefusal::Unreadable(_) => Error::new(Code::MalformedEvent, detail),
        HookRefusal::NotNow(_) => Error::inbox_full(detail),
    }
}

/// What became of an event.
#[derive(Debug, Serialize, ToSchema)]
struct HookEventOut {
    /// `stored`, `applied`, `failed` or `dead`. An event of a kind that changes nothing here stays `stored`.
    status: &'static str,
    /// How much it changed. 0 when a later one had overtaken it.
    effects: u32,
    #[schema(value_type = shapes::Time)]
    first_seen: Time,
    #[schema(required, value_type = Option<shapes::Time>)]
    applied_at: Option<Time>,
    /// Why it could not be applied.
    #[schema(required)]
    error: Option<String>,
}

impl From<HookView> for HookEventOut {
    fn from(HookView { state, effects, first_seen, applied_at, error }: HookView) -> Self {
        Self { status: state.as_str(), effects, first_seen, applied_at, error }
    }
}

/// See what became of an event
#[utoipa::path(get, path = "/hooks/events/{source}/{event_id}", tag = "hooks",
    params(("source" = String, Path, description = "`highlevel`"), ("event_id" = String, Path, description = "The sender's id of the event: `webhookId`")),
    responses((status = 200, description = "What became of it", body = HookEventOut)))]
async fn event(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id((source, event_id)): Id<(String, String)>,
) -> Result<Json<HookEventOut>> {
    Ok(Json(edge.app().hook_event(&allow.who, &source, &event_id).await?.into()))
}
