//! Headers on every answer, errors included.

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use super::request_id::{RequestId, X_REQUEST_ID};

/// What an answer may do in a browser: nothing. Pages bring their own.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// Which pages may use an answer.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What the server does without for now: answers are the same and may take longer.
const DEGRADED: HeaderName = HeaderName::from_static("lintel-degraded");

/// Puts the headers on. What a handler set stays: policies, caching.
pub(super) fn put(id: &RequestId, secure: bool, degraded: Option<&'static str>, response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(FIXED.len() + 6);
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if secure {
        headers
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if let Some(what) = degraded {
        headers.insert(DEGRADED, HeaderValue::from_static(what));
    }
    if let Some(id) = id.header() {
        headers.insert(X_REQUEST_ID, id);
    }
}
