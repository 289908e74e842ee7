//! `/realtime`: a WebSocket. The client says what it wants to hear of, the server says what happens.

use axum::{
    extract::{Request, State},
    response::Response,
};
use lintel_app::{Due, Error as AppError, Listener};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tungstenite::{Message, protocol::frame::coding::CloseCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    BEAT, Guest, complaint,
    line::{GATHERED, Line},
    refused,
    upgrade::Upgrade,
};
use crate::{error::Result, extract::Session, layers::authenticate::Credential, serve, state::Edge};

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
    /// Whether to be told who looks at these topics, and to be shown to the others.
    #[serde(default)]
    presence: bool,
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
///
/// With `"presence":true` the client is also told who looks at the leads, listings and markets among the topics, on any
/// node, and its user is shown to the others: `{"topic":"lead:ID","presence":{"users":["ID",…],"total":1}}`.
#[utoipa::path(get, path = "/realtime", tag = "events", responses((status = 101, description = "Switching to the WebSocket protocol")))]
async fn open(State(edge): State<Edge>, session: Session, mut request: Request) -> Result<Response> {
    let credential = Credential::read(request.headers(), edge.client(request.extensions(), request.headers()))?;
    let held = request.extensions().get::<serve::Line>().cloned().map(serve::Line::hold);
    let upgrade = Upgrade::read(&mut request)?;
    let listener = edge.app().listen(&session.0).await?;
    let guest = Guest { credential, _line: held };
    let response = upgrade.response();
    edge.tasks().clone().spawn(async move {
        if let Some(bare) = upgrade.stream().await {
            let mut line = Line::new(bare);
            talk(&edge, &guest, &listener, &mut line).await;
        }
    });
    Ok(response)
}

/// Why a conversation ends.
enum End {
    /// The client left or broke off.
    Left,
    /// We end it, and say why.
    Farewell(CloseCode, &'static str),
}

impl From<tungstenite::Error> for End {
    fn from(_: tungstenite::Error) -> Self {
        Self::Left
    }
}

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> Self {
        Self::Left
    }
}

async fn talk(edge: &Edge, guest: &Guest, listener: &Listener, line: &mut Line) {
    listener.set_line(line.stream().clone());
    if let Err(End::Farewell(code, reason)) = converse(edge, guest, listener, line).await
        && line.close(code, reason).is_ok()
    {
        // Whoever does not take it is gone anyway.
        let _ = line.flush().await;
    }
}

/// What ends the rest of a line.
enum Call {
    /// The client says something.
    Heard,
    /// Something is due.
    Due,
    /// It is time to look after the client.
    Beat,
}

async fn converse(edge: &Edge, guest: &Guest, listener: &Listener, line: &mut Line) -> Result<(), End> {
    let mut beat = std::pin::pin!(tokio::time::sleep(BEAT));
    let mut alive = true;
    loop {
        // While it rests others write to the line, message by message as they come.
        let rests = tell(listener, line).await? && listener.release();
        let call = tokio::select! {
            biased;
            () = beat.as_mut() => Call::Beat,
            () = line.audible() => Call::Heard,
            () = listener.woken(), if rests => Call::Due,
            () = std::future::ready(()), if !rests => Call::Due,
        };
        if rests {
            listener.hold();
            // A message that they have begun comes before anything else.
            tell(listener, line).await?;
        }
        match call {
            Call::Due => {}
            Call::Heard => {
                alive = true;
                // Apart from the rest, since it is large and seldom: this is what a client costs that only listens.
                Box::pin(hear(edge, listener, line)).await?;
            }
            Call::Beat => {
                beat.as_mut().reset(Instant::now() + BEAT);
                if !std::mem::take(&mut alive) {
                    return Err(End::Left);
                }
                if !Box::pin(guest.is_welcome(edge, listener)).await {
                    return Err(End::Farewell(CloseCode::Policy, "the session or key has ended"));
                }
                line.ping()?;
                line.flush().await?;
            }
        }
    }
}

/// Says what is due, in as few writes as it fits in; false when there was more than one write takes.
async fn tell(listener: &Listener, line: &mut Line) -> Result<bool, End> {
    while line.gathered() < GATHERED {
        match listener.due() {
            Some(Due::Write(bytes)) => line.say_framed(&bytes),
            Some(Due::Farewell) => {
                line.flush().await?;
                return Err(End::Farewell(CloseCode::Away, "the server is stopping"));
            }
            None => {
                line.flush().await?;
                return Ok(true);
            }
        }
    }
    line.flush().await?;
    Ok(false)
}

/// Hears what the client says next, and answers it.
async fn hear(edge: &Edge, listener: &Listener, line: &mut Line) -> Result<(), End> {
    match line.hear()? {
        Some(Message::Text(text)) => answer(edge, listener, line, &text).await?,
        Some(Message::Binary(_)) => return Err(End::Farewell(CloseCode::Unsupported, "text is expected")),
        Some(Message::Close(_)) => {
            // Hearing on answers its goodbye.
            let _ = line.hear();
            line.flush().await?;
            return Err(End::Left);
        }
        Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) | None => {}
    }
    Ok(line.flush().await?)
}

/// Does what a client wishes, and tells it first what it has missed.
async fn answer(edge: &Edge, listener: &Listener, line: &mut Line, text: &str) -> Result<(), End> {
    let wish: Wish = match serde_json::from_str(text) {
        Ok(wish) => wish,
        Err(error) => return Ok(line.say(complaint("malformed_json", &error.to_string(), None))?),
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
        line.say(refused(topic))?;
    }
    if wish.ack {
        let stands = |topic: &&String| subscription.refused.iter().all(|refused| refused.topic != **topic);
        let subscribed = wish.subscribe.iter().filter(stands).map(String::as_str).collect();
        let said = serde_json::to_string(&Subscribed { cursor: &subscription.cursor, subscribed });
        line.say(said.unwrap_or_default())?;
    }
    let mut missed = subscription.missed;
    while let Some(messages) = edge.app().missed(listener, &mut missed).await.map_err(|error| broken(&error))? {
        for message in &messages {
            line.say_framed(message.framed());
        }
        line.flush().await?;
    }
    if wish.presence {
        edge.app().appear(listener, &wish.subscribe);
    }
    Ok(())
}

/// The client comes back with its last cursor, so that nothing is lost.
fn broken(error: &AppError) -> End {
    tracing::warn!(error = error as &dyn std::error::Error, "a client cannot be told what it missed");
    End::Farewell(CloseCode::Again, "not now; come again")
}
