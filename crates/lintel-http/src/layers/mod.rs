//! What happens to every request before and after its handler, in this order, outermost first:
//!
//! 1. request id: a sane `x-request-id` is kept, else one is made; it is on every answer
//! 2. metrics, and for one request in many a span
//! 3. headers on every answer, problem documents included (`headers`)
//! 4. a panic becomes a 500 problem
//! 5. load is shed when too many requests are in hand; probes are not
//! 6. deny by default: everything but the open list needs a key or a session (`authenticate`)
//! 7. requests per key are limited (`rate`)
//! 8. the body is read; a compressed one is unpacked, within bounds (`decompress`); uploads read and unpack their own
//! 9. no more requests are worked on at once than get done in time (`gate`); signed events are let in as they come
//! 10. `Idempotency-Key`: a repeated call gets the stored answer (`idempotency`)
//! 11. the answer is compressed when it is worth it
//!
//! All of it is one layer, so that a request pays for one future and not for ten.

pub(crate) mod authenticate;
pub(crate) mod decompress;
pub(crate) mod gate;
pub(crate) mod headers;
pub(crate) mod idempotency;
pub(crate) mod rate;
mod request_id;

use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse, Response},
    routing::Route as AxumRoute,
};
use futures_util::FutureExt;
use http::{HeaderMap, Method, StatusCode, header};
use http_body::Body as _;
use tower::{Layer, Service, ServiceExt};
use tower_http::{
    CompressionLevel,
    compression::{
        Compression, CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};
use tracing::Instrument;

pub(crate) use request_id::RequestId;

use authenticate::Access;
use gate::Class;

use crate::{
    error::{self, Carried, Error, Result},
    extract,
    metrics::Route,
    problem::Code,
    state::Edge,
};

/// Answers shorter than this are sent as they are, in bytes.
const COMPRESS_ABOVE: u64 = 1024;

/// They are compressed already.
const FONTS: NotForContentType = NotForContentType::const_new("font/");

/// Puts [`Handled`] around every route.
#[derive(Clone)]
pub(crate) struct EdgeLayer(pub(crate) Edge);

impl Layer<AxumRoute> for EdgeLayer {
    type Service = Handled;

    fn layer(&self, inner: AxumRoute) -> Handled {
        Handled { edge: self.0.clone(), inner }
    }
}

/// A route with everything around it.
#[derive(Clone)]
pub(crate) struct Handled {
    edge: Edge,
    inner: AxumRoute,
}

impl Service<Request> for Handled {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(handle(self.edge.clone(), self.inner.clone(), request).map(Ok))
    }
}

async fn handle(edge: Edge, inner: AxumRoute, request: Request) -> Response {
    let started = Instant::now();
    let in_flight = edge.metrics().enter();
    let id = RequestId::of(&edge, request.headers());
    let route = Route(request.extensions().get::<MatchedPath>().cloned());
    let method = request.method().clone();
    let secure = edge.client(request.extensions(), request.headers()).secure;

    let sampled = match edge.options().trace_one_in {
        0 => false,
        n => edge.requests().fetch_add(1, Ordering::Relaxed).is_multiple_of(u64::from(n)),
    };
    let span = if sampled {
        tracing::info_span!("http.request", request.id = id.as_str(), http.method = %method, http.route = route.as_str())
    } else {
        tracing::Span::none()
    };
    let access = route.0.as_ref().map(|path| authenticate::access(path.as_str(), &method));
    let admitted = admit(&edge, inner, request, access, &id);
    let answered = AssertUnwindSafe(admitted.instrument(span.clone())).catch_unwind();
    let mut response = match answered.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => error.into_response(),
        Err(panic) => Error::internal(panic_message(panic.as_ref())).into_response(),
    };

    if access == Some(Access::Signed) {
        response = ask_again(response);
    }
    write_problem(&id, &mut response);
    headers::put(&id, secure, edge.app().degraded(), &mut response);
    let (status, took) = (response.status(), started.elapsed());
    if sampled {
        tracing::info!(parent: &span, http.status = status.as_u16(), took_us = took.as_micros() as u64, "answered");
    }
    edge.metrics().observe(route, &method, status, took);
    drop(in_flight);
    response
}

/// Steps 5 to 11.
async fn admit(
    edge: &Edge,
    inner: AxumRoute,
    mut request: Request,
    access: Option<Access>,
    id: &RequestId,
) -> Result<Response> {
    let access = access.ok_or_else(|| Error::plain(Code::UnknownRoute))?;
    if access == Access::Probe {
        return Ok(call(inner, request).await);
    }
    let _permit = edge.in_flight().try_acquire().map_err(|_| Error::shed("requests"))?;
    if access == Access::Signed {
        let request = read_body(edge, request).await?;
        return Ok(call(inner, request).await);
    }
    let is_upload = request.extensions().get::<MatchedPath>().is_some_and(|path| decompress::is_upload(path.as_str()));
    let mut _place = None;
    if access == Access::Guarded {
        let (mut parts, body) = request.into_parts();
        let who = authenticate::authenticate(edge, &parts).await?;
        edge.rate().check(&who.actor)?;
        parts.extensions.insert(who);
        request = Request::from_parts(parts, body);
        if !is_upload {
            let class =
                request.extensions().get::<MatchedPath>().map_or(Class::Screen, |path| Class::of(path.as_str()));
            // Whoever sends slowly holds up nobody.
            request = read_body(edge, request).await?;
            _place = Some(edge.gate().enter(class, who.tenant).await?);
        }
    }
    if let Some(key) = request.headers().get(idempotency::KEY)
        && is_mutating(request.method())
        && access == Access::Guarded
    {
        let key = idempotency::read_key(key)?;
        request.extensions_mut().insert(id.clone());
        if !is_upload {
            let request = decompress::unpack(edge, request).await?;
            return idempotency::buffered(edge, inner, request, key, id).await;
        }
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) && !is_upload {
        request = decompress::unpack(edge, request).await?;
    }
    if wants_compression(request.headers()) {
        Ok(call_compressed(inner, request).await)
    } else {
        Ok(call(inner, request).await)
    }
}

/// The same request with its whole body at hand.
async fn read_body(edge: &Edge, request: Request) -> Result<Request> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = extract::collect(body, edge.options()).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Senders of signed events come again after a 429 and after nothing else: so this is what they are told of anything that
/// is not the event's own fault.
fn ask_again(response: Response) -> Response {
    let status = response.status();
    if !status.is_server_error() && status != StatusCode::REQUEST_TIMEOUT {
        return response;
    }
    if let Some(Carried(error)) = response.extensions().get() {
        tracing::warn!(error = error.as_ref() as &dyn std::error::Error, "an event was not taken");
    }
    Error::inbox_full("the event cannot be stored now").into_response()
}

/// Whether a method may change something.
pub(crate) fn is_mutating(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

pub(crate) async fn call(inner: AxumRoute, request: Request) -> Response {
    match inner.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Only these are worth the layer, which boxes every body.
fn wants_compression(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT_ENCODING).is_some_and(|value| {
        memchr::memmem::find(value.as_bytes(), b"gzip").is_some()
            || memchr::memmem::find(value.as_bytes(), b"zstd").is_some()
    })
}

async fn call_compressed(inner: AxumRoute, request: Request) -> Response {
    let worth = SizeAbove::new(COMPRESS_ABOVE).and(NotForContentType::SSE).and(NotForContentType::IMAGES).and(FONTS);
    let layer = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth);
    let service: Compression<AxumRoute, _> = layer.layer(inner);
    match service.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// Writes the document of a problem on its way out, also of those that the router makes itself.
pub(crate) fn write_problem(id: &RequestId, response: &mut Response) {
    if let Some(Carried(error)) = response.extensions_mut().remove::<Carried>() {
        error::render(&error, id.as_str(), response);
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        error::render(&Error::plain(Code::MethodNotAllowed), id.as_str(), response);
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    format!("panic: {message}")
}
