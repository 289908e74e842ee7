//! `/realtime`: a WebSocket. The client says what it wants to hear of, the server says what happens.

use axum::{
    extract::{
        Request, State, WebSocketUpgrade,
        ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, close_code},
    },
    response::Response,
};
use futures_util::SinkExt as _;
use lintel_app::{Error as AppError, Listener, Message};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{BEAT, Guest, complaint, refused};
use crate::{
    error::{Error, Result},
    extract::Session,
    layers::authenticate::Credential,
    problem::Code,
    serve::Line,
    state::Edge,
};

/// The largest message of a client, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// What is allocated for reading from a client, who says little.
const READ_BUFFER: usize = 1024;
/// From how many bytes on what waits is written.
const WRITE_BUFFER: usize = 16 * 1024;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(open))
}

/// What a client says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    subscribe: Vec<String>,
    #[serde(default)]
    unsubscribe: Vec<String>,
    after: Option<String>,
    /// Whether to say when the subscription stands.
    #[serde(default)]
    ack: bool,
}

/// What is said when a subscription stands and the client wants to know.
#[derive(Serialize)]
struct Subscribed<'a> {
    cursor: &'a str,
    subscribed: Vec<&'a str>,
}

/// Be told what happens (WebSocket)
///
/// The client sends `{"subscribe":["leads","lead:ID","market:SLUG","listing:ID","viewport:SLUG:WEST/SOUTH/EAST/NORTH","imports","jobs","models","analyses","performance"],"after":CURSOR|null}`
/// and `{"unsubscribe":[…]}`; with `"ack":true` it is answered `{"cursor":"…","subscribed":[…]}`. The server sends
/// `{"cursor":"…","topic":"…","event":{"type":"…","id":"…",…}}`; `{"cursor":"…","resync":true}` when the client has missed
/// something that is not told again, with a `topic` when it is only about that one; and `{"error":{"code":"…","detail":"…","topic":"…"}}`.
/// Whoever comes back with the last cursor as `after` hears everything in between.
#[utoipa::path(get, path = "/realtime", tag = "events", responses((status = 101, description = "Switching to the WebSocket protocol")))]
async fn open(State(edge): State<Edge>, session: Session, request: Request) -> Result<Response> {
    let credential = Credential::read(request.headers(), edge.client(request.extensions(), request.headers()))?;
    let line = request.extensions().get::<Line>().cloned().map(Line::hold);
    let upgrade = <WebSocketUpgrade as axum::extract::FromRequest<Edge, _>>::from_request(request, &edge).await;
    let upgrade = upgrade.map_err(|rejection| Error::new(Code::MalformedHeader, rejection.body_text()))?;
    let listener = edge.app().listen(&session.0).await?;
    let guest = Guest { credential, _line: line };
    let tasks = edge.tasks().clone();
    Ok(upgrade
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |socket| tasks.track_future(talk(edge, guest, listener, socket))))
}

/// Why a conversation ends.
enum End {
    /// The client left or broke off.
    Left,
    /// We end it, and say why.
    Farewell(u16, &'static str),
}

async fn talk(edge: Edge, guest: Guest, listener: Listener, mut socket: WebSocket) {
    let end = converse(&edge, &guest, &listener, &mut socket).await;
    if let End::Farewell(code, reason) = end {
        // Whoever does not take it is gone anyway.
        let _ = socket.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }
}

async fn converse(edge: &Edge, guest: &Guest, listener: &Listener, socket: &mut WebSocket) -> End {
    let (mut beat, mut alive) = (Instant::now() + BEAT, true);
    loop {
        let step = tokio::select! {
            heard = socket.recv() => {
                alive = true;
                match heard {
                    Some(Ok(Frame::Text(text))) => answer(edge, listener, socket, &text).await,
                    Some(Ok(Frame::Binary(_))) => Err(End::Farewell(close_code::UNSUPPORTED, "text is expected")),
                    Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => Ok(()),
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => Err(End::Left),
                }
            }
            message = listener.next() => tell(listener, socket, message).await,
            () = tokio::time::sleep_until(beat) => {
                beat = Instant::now() + BEAT;
                if !std::mem::take(&mut alive) {
                    Err(End::Left)
                } else if guest.is_welcome(edge, listener).await {
                    socket.send(Frame::Ping(axum::body::Bytes::new())).await.map_err(|_| End::Left)
                } else {
                    Err(End::Farewell(close_code::POLICY, "the session or key has ended"))
                }
            }
        };
        if let Err(end) = step {
            return end;
        }
    }
}

/// Sends a message and all that wait behind it, in as few writes as they fit in.
async fn tell(listener: &Listener, socket: &mut WebSocket, first: Option<Message>) -> Result<(), End> {
    let mut next = Some(first);
    while let Some(message) = next {
        let Some(message) = message else {
            let _ = socket.flush().await;
            return Err(End::Farewell(close_code::AWAY, "the server is stopping"));
        };
        feed(socket, &message).await?;
        next = listener.try_next();
    }
    socket.flush().await.map_err(|_| End::Left)
}

async fn feed(socket: &mut WebSocket, message: &Message) -> Result<(), End> {
    let text = Utf8Bytes::try_from(message.text().clone()).map_err(|_| End::Left)?;
    socket.feed(Frame::Text(text)).await.map_err(|_| End::Left)
}

/// Does what a client wishes, and tells it first what it has missed.
async fn answer(edge: &Edge, listener: &Listener, socket: &mut WebSocket, text: &str) -> Result<(), End> {
    let wish: Wish = match serde_json::from_str(text) {
        Ok(wish) => wish,
        Err(error) => return say(socket, complaint("malformed_json", &error.to_string(), None)).await,
    };
    edge.app().unsubscribe(listener, &wish.unsubscribe);
    if wish.subscribe.is_empty() {
        return Ok(());
    }
    let subscription = match edge.app().subscribe(listener, &wish.subscribe, wish.after.as_deref()).await {
        Ok(subscription) => subscription,
        Err(error) => return Err(broken(&error)),
    };
    for topic in &subscription.refused {
        say(socket, refused(topic)).await?;
    }
    if wish.ack {
        let stands = |topic: &&String| subscription.refused.iter().all(|refused| refused.topic != **topic);
        let subscribed = wish.subscribe.iter().filter(stands).map(String::as_str).collect();
        let said = serde_json::to_string(&Subscribed { cursor: &subscription.cursor, subscribed });
        say(socket, said.unwrap_or_default()).await?;
    }
    let mut missed = subscription.missed;
    while let Some(messages) = edge.app().missed(listener, &mut missed).await.map_err(|error| broken(&error))? {
        for message in &messages {
            feed(socket, message).await?;
        }
        socket.flush().await.map_err(|_| End::Left)?;
    }
    Ok(())
}

/// The client comes back with its last cursor, so that nothing is lost.
fn broken(error: &AppError) -> End {
    tracing::warn!(error = error as &dyn std::error::Error, "a client cannot be told what it missed");
    End::Farewell(close_code::AGAIN, "not now; come again")
}

async fn say(socket: &mut WebSocket, text: String) -> Result<(), End> {
    socket.send(Frame::Text(text.into())).await.map_err(|_| End::Left)
}
