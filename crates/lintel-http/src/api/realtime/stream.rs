//! Server-Sent Events: the same messages as over the socket, with the cursor as id.

use std::{collections::VecDeque, convert::Infallible};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use lintel_app::{Listener, Message, Missed};
use lintel_domain::scope::Principal;
use tokio::time::Instant;

use super::{BEAT, Guest, refused};
use crate::{error::Result, layers::authenticate::Credential, serve::Line, state::Edge};

const LAST_EVENT_ID: &str = "last-event-id";

/// Whether the client wants to be told as it happens, and not to read a page.
pub(in crate::api) fn is_wanted(headers: &HeaderMap, topics: Option<&str>) -> bool {
    let accepts = |kind: &str| {
        let mut values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.any(|value| value.contains(kind))
    };
    accepts("text/event-stream") || (topics.is_some() && !accepts("application/json"))
}

/// What a client wants to be told.
pub(in crate::api) struct Wish<'a> {
    /// Of what, comma separated.
    pub(in crate::api) topics: &'a str,
    /// From where on.
    pub(in crate::api) after: Option<&'a str>,
    /// Whether also who looks at it.
    pub(in crate::api) presence: bool,
}

/// Answers with a stream that ends when the client leaves, is shut out, or the server stops.
pub(in crate::api) async fn answer(edge: &Edge, who: &Principal, parts: &Parts, wish: Wish<'_>) -> Result<Response> {
    let Wish { topics, after, presence } = wish;
    let credential = Credential::read(&parts.headers, edge.client(&parts.extensions, &parts.headers))?;
    let line = parts.extensions.get::<Line>().cloned().map(Line::hold);
    let topics: Vec<String> =
        topics.split(',').map(str::trim).filter(|topic| !topic.is_empty()).map(str::to_owned).collect();
    let after = parts.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).or(after);
    let listener = edge.app().listen(who).await?;
    let subscription = edge.app().subscribe(&listener, &topics, after).await?;
    let mut waiting: VecDeque<Bytes> =
        subscription.refused.iter().map(|topic| Bytes::from(format!("data: {}\n\n", refused(topic)))).collect();
    if waiting.is_empty() {
        // The head goes out at once, so that the client knows that it listens, and from where.
        waiting.push_back(Bytes::from(format!("id: {}\n: listening\n\n", subscription.cursor)));
    }
    let telling = Telling {
        edge: edge.clone(),
        guest: Guest { credential, _line: line },
        ends: subscription.refused.len() == topics.len() && !topics.is_empty(),
        looks_at: if presence { topics } else { Vec::new() },
        listener,
        missed: Some(subscription.missed),
        waiting,
        beat: Instant::now() + BEAT,
    };
    let body = stream::unfold(telling, |mut telling| async move {
        let piece = telling.next().await?;
        Some((Ok::<_, Infallible>(piece), telling))
    });
    let mut response = Body::from_stream(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies that gather answers would hold everything back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// A stream under way.
struct Telling {
    edge: Edge,
    guest: Guest,
    listener: Listener,
    missed: Option<Missed>,
    waiting: VecDeque<Bytes>,
    /// No topic was left.
    ends: bool,
    /// What the client looks at, until that has been said.
    looks_at: Vec<String>,
    beat: Instant,
}

impl Telling {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Some(piece);
            }
            if self.ends {
                return None;
            }
            if let Some(missed) = &mut self.missed {
                // A store that fails ends the stream; the client comes back with its last id.
                match self.edge.app().missed(&self.listener, missed).await.ok()? {
                    Some(messages) => self.waiting.extend(messages.iter().map(piece)),
                    None => {
                        self.missed = None;
                        self.edge.app().appear(&self.listener, &std::mem::take(&mut self.looks_at));
                    }
                }
                continue;
            }
            tokio::select! {
                message = self.listener.next() => return message.as_ref().map(piece),
                () = tokio::time::sleep_until(self.beat) => {
                    self.beat = Instant::now() + BEAT;
                    if !self.guest.is_welcome(&self.edge, &self.listener).await {
                        return None;
                    }
                    return Some(Bytes::from_static(b":\n\n"));
                }
            }
        }
    }
}

fn piece(message: &Message) -> Bytes {
    let (cursor, text) = (message.cursor(), message.text());
    let mut piece = Vec::with_capacity(cursor.len() + text.len() + 16);
    // Who looks at something has no place in the log; an empty id would make the client forget its own.
    if !cursor.is_empty() {
        piece.extend_from_slice(b"id: ");
        piece.extend_from_slice(cursor.as_bytes());
        piece.push(b'\n');
    }
    piece.extend_from_slice(b"data: ");
    piece.extend_from_slice(text);
    piece.extend_from_slice(b"\n\n");
    Bytes::from(piece)
}
