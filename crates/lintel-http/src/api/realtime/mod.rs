//! Being told what happens: a WebSocket at `/realtime`, Server-Sent Events at `/events`.

mod line;
mod socket;
pub(super) mod stream;
mod upgrade;

use std::time::Duration;

use lintel_app::RefusedTopic;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;

use crate::{layers::authenticate::Credential, serve::Held, state::Edge};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    socket::routes()
}

/// How often a silent connection is spoken to, and how long a session or key that has ended may still listen.
const BEAT: Duration = Duration::from_secs(15);

/// A client with what keeps its connection and what it has shown.
struct Guest {
    credential: Credential,
    _line: Option<Held>,
}

impl Guest {
    /// Whether what it has shown is still good, for the same person and role.
    async fn is_welcome(&self, edge: &Edge, listener: &lintel_app::Listener) -> bool {
        // A store that cannot answer ends nothing; the next beat asks again.
        self.credential.check(edge).await.map_or_else(|error| !error.is_refusal(), |who| who == *listener.who())
    }
}

/// What is said instead of an event: `{"error":{…}}`.
#[derive(Serialize)]
struct Complaint<'a> {
    error: ComplaintBody<'a>,
}

#[derive(Serialize)]
struct ComplaintBody<'a> {
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
}

fn complaint(code: &str, detail: &str, topic: Option<&str>) -> String {
    let complaint = Complaint { error: ComplaintBody { code, detail, topic } };
    // Strings can always be written.
    serde_json::to_string(&complaint).unwrap_or_default()
}

fn refused(topic: &RefusedTopic) -> String {
    complaint(topic.code, &topic.detail, Some(&topic.topic))
}
