//! `Idempotency-Key`: the first call does it, a repetition gets the stored answer.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
    routing::Route as AxumRoute,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use lintel_app::{Attempt, IdempotencyTicket, IdempotentAnswer, Principal, keyed_id};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{RequestId, call, write_problem};
use crate::{
    error::{Error, Result},
    extract,
    problem::Code,
    state::Edge,
};

/// The header.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Headers of an answer that are stored with it.
const KEPT: [HeaderName; 5] =
    [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::RETRY_AFTER, header::ALLOW];
/// Larger answers are not stored; the call can be repeated as if it had failed.
const MAX_STORED: usize = 8_000_000;

/// The body to be stored instead of the answer's own, which holds a secret that is shown once.
#[derive(Clone)]
pub(crate) struct WithoutSecret(pub(crate) Bytes);

/// What a call is remembered by, besides its tenant.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) key: String,
    /// SHA-256 over query and body.
    pub(crate) hash: [u8; 32],
}

impl Scope {
    fn keyed(&self, who: &Principal) -> Keyed {
        Keyed(Some(keyed_id(who.tenant, self.method.as_str(), &self.path, &self.key, 0)))
    }
}

/// The id of the one thing that a call under a key creates: the same for every repetition, also after a crash between
/// the effect and the stored answer. None without a key.
#[derive(Clone, Copy)]
pub(crate) struct Keyed(pub(crate) Option<Uuid>);

impl FromRequestParts<Edge> for Keyed {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(None)))
    }
}

/// Reads the key: 1 to 255 visible ASCII characters.
pub(crate) fn read_key(value: &HeaderValue) -> Result<String> {
    let key = value.to_str().unwrap_or_default();
    if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(key.to_owned())
    } else {
        Err(Error::new(Code::MalformedHeader, "Idempotency-Key must be 1 to 255 visible ASCII characters"))
    }
}

/// A hash that begins with the query; the body follows.
pub(crate) fn hash_of_query(query: Option<&str>) -> Sha256 {
    let mut hash = Sha256::new();
    let query = query.unwrap_or_default();
    hash.update((query.len() as u64).to_le_bytes());
    hash.update(query);
    hash
}

/// Runs a call with a body that fits into memory.
pub(super) async fn buffered(
    edge: &Edge,
    inner: AxumRoute,
    request: Request,
    key: String,
    id: &RequestId,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let who = *parts.extensions.get::<Principal>().ok_or_else(|| Error::plain(Code::Unauthorized))?;
    let body = extract::collect(body, edge.options()).await?;
    let hash = hash_of_query(parts.uri.query()).chain_update(&body).finalize().into();
    let scope = Scope { method: parts.method.clone(), path: parts.uri.path().to_owned(), key, hash };
    parts.extensions.insert(scope.keyed(&who));
    let request = Request::from_parts(parts, Body::from(body));
    once(edge, who, scope, id, async move { Ok(call(inner, request).await) }).await
}

/// Runs `work` unless it was done or is being done. It ends even if the client leaves.
pub(crate) async fn once(
    edge: &Edge,
    who: Principal,
    scope: Scope,
    id: &RequestId,
    work: impl Future<Output = Result<Response>> + Send + 'static,
) -> Result<Response> {
    let begun = edge.app().idempotency_begin(&who, scope.method.as_str(), &scope.path, &scope.key, scope.hash).await?;
    let ticket = match begun {
        Attempt::First(ticket) => ticket,
        Attempt::Done(answer) => return replay(answer),
        Attempt::Mismatch => return Err(Error::plain(Code::IdempotencyMismatch)),
        Attempt::Running(_) => return Err(Error::plain(Code::IdempotencyRunning).retry_after(1)),
    };
    let run = edge.tasks().spawn(work);
    let (task_edge, id) = (edge.clone(), id.clone());
    let finish = async move {
        let response = match run.await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => error.into_response(),
            Err(panicked) => Error::internal(panicked).into_response(),
        };
        keep(&task_edge, ticket, &id, response).await
    };
    edge.tasks().spawn(finish).await.map_err(Error::internal)
}

/// Stores the answer, or forgets the call if it failed on our side.
async fn keep(edge: &Edge, ticket: IdempotencyTicket, id: &RequestId, mut response: Response) -> Response {
    write_problem(id, &mut response);
    let shown = response.extensions_mut().remove::<WithoutSecret>();
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Error::internal(error).into_response(),
    };
    let stored = shown.map_or_else(|| body.clone(), |WithoutSecret(body)| body);
    let kept = if parts.status.is_server_error() || stored.len() > MAX_STORED {
        edge.app().idempotency_release(ticket).await
    } else {
        let headers = KEPT
            .iter()
            .filter_map(|name| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned())))
            .collect();
        let answer = IdempotentAnswer { status: parts.status.as_u16(), headers, body: stored.to_vec() };
        edge.app().idempotency_finish(ticket, answer).await
    };
    if let Err(error) = kept {
        // The call itself is done and answered; only a repetition may find nothing.
        tracing::warn!(request.id = id.as_str(), %error, "the answer could not be stored under its idempotency key");
    }
    Response::from_parts(parts, Body::from(body))
}

fn replay(answer: IdempotentAnswer) -> Result<Response> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(Error::internal)?;
    for (name, value) in answer.headers {
        let name: HeaderName = name.parse().map_err(Error::internal)?;
        response.headers_mut().insert(name, value.parse().map_err(Error::internal)?);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
