//! Reading a body: bounded in bytes and in time.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::HeaderMap;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::Instant;

use crate::{
    error::{Error, Result},
    options::Options,
    problem::Code,
};

/// The least bytes a second, on average, once patience is over.
const LEAST_RATE: u64 = 1_000;

/// Hands out a body piece by piece, and gives up on one that is too large or too slow.
pub(crate) struct BodyReader {
    body: Body,
    started: Instant,
    received: u64,
    limit: u64,
    patience: Duration,
}

impl BodyReader {
    /// A reader of at most `limit` bytes. A body that announces more is refused at once.
    pub(crate) fn new(body: Body, limit: u64, patience: Duration) -> Result<Self> {
        if body.size_hint().lower() > limit {
            return Err(too_large(limit));
        }
        Ok(Self { body, started: Instant::now(), received: 0, limit, patience })
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let frame = match self.body.frame().now_or_never() {
                // Most come with their head, and need no clock.
                Some(frame) => frame,
                None => {
                    let now = Instant::now();
                    let earned = self.started + self.patience + Duration::from_secs(self.received / LEAST_RATE);
                    tokio::time::timeout_at(earned.min(now + self.patience), self.body.frame())
                        .await
                        .map_err(|_| Error::plain(Code::SlowBody))?
                }
            };
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| Error::new(Code::MalformedBody, error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if data.is_empty() {
                continue;
            }
            self.received += data.len() as u64;
            if self.received > self.limit {
                return Err(too_large(self.limit));
            }
            return Ok(Some(data));
        }
    }
}

/// A whole body within the bounds of the options. One that came in one piece is not copied.
pub(crate) async fn collect(body: Body, options: &Options) -> Result<Bytes> {
    let mut reader = BodyReader::new(body, options.body_bytes as u64, options.body_patience)?;
    let Some(first) = reader.next().await? else { return Ok(Bytes::new()) };
    let Some(second) = reader.next().await? else { return Ok(first) };
    let mut whole = BytesMut::with_capacity(first.len() + second.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(data) = reader.next().await? {
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Whether the body is said to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = kind.split(';').next().unwrap_or(kind).trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.len() > 17
            && essence[..12].eq_ignore_ascii_case("application/")
            && essence[essence.len() - 5..].eq_ignore_ascii_case("+json"))
}

fn too_large(limit: u64) -> Error {
    Error::new(Code::TooLarge, format!("the body has more than {limit} bytes"))
}
