//! `/events`: the tenant's log, page by page.

use axum::extract::State;
use lintel_domain::{clock::Time, event::Event};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

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
#[utoipa::path(get, path = "/events", tag = "events", params(EventsQuery), responses((status = 200, description = "The events", body = EventsOut)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventsOut>> {
    wire::paging(query.limit, None)?;
    let page = edge.app().events(&allow.who, query.after.as_deref(), query.limit).await?;
    let items =
        page.items.into_iter().map(|logged| EventOut { cursor: logged.cursor, at: logged.at, event: logged.event });
    Ok(Json(EventsOut { items: items.collect(), cursor: page.cursor }))
}
