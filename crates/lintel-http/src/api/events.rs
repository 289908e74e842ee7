//! `/events`: the tenant's log, page by page or as it grows.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use lintel_domain::{clock::Time, event::Event};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::realtime::stream;
use crate::{
    error::Result,
    extract::{Allow, Json, Query, ReadLeads},
    state::Edge,
    wire::{self, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The `cursor` of an event or of the page before; from the start of the log when absent.
    after: Option<String>,
    /// What to be told of as it happens, comma separated: see `/realtime`.
    topics: Option<String>,
    /// Whether to be told, too, who looks at the topics, and to be shown to others who ask: see `/realtime`.
    presence: Option<bool>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Some events, in the order of their commits.
#[derive(Debug, Serialize, ToSchema)]
struct EventsOut {
    items: Vec<EventOut>,
    /// Where to go on, also when there was nothing.
    cursor: String,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
struct EventOut {
    cursor: String,
    #[schema(value_type = shapes::Time)]
    at: Time,
    /// What happened: an object with `type` and what belongs to it.
    #[schema(value_type = Object)]
    event: Event,
}

/// Read events
///
/// A page of the log as JSON, or, with `Accept: text/event-stream` or `topics`, what happens as it happens (Server-Sent
/// Events): the messages of `/realtime`, each with its cursor as id, from `after` or `Last-Event-ID` on.
#[utoipa::path(get, path = "/events", tag = "events", params(EventsQuery),
    responses((status = 200, description = "The events", content((EventsOut = "application/json"), (String = "text/event-stream")))))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<EventsQuery>,
    parts: Parts,
) -> Result<Response> {
    wire::paging(query.limit, None)?;
    if stream::is_wanted(&parts.headers, query.topics.as_deref()) {
        let topics = query.topics.as_deref().unwrap_or("leads");
        let wish = stream::Wish { topics, after: query.after.as_deref(), presence: query.presence.unwrap_or_default() };
        return stream::answer(&edge, &allow.who, &parts, wish).await;
    }
    let page = edge.app().events(&allow.who, query.after.as_deref(), query.limit).await?;
    let items =
        page.items.into_iter().map(|logged| EventOut { cursor: logged.cursor, at: logged.at, event: logged.event });
    Ok(Json(EventsOut { items: items.collect(), cursor: page.cursor }).into_response())
}
