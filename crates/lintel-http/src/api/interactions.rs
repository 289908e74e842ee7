//! `/leads/{id}/interactions` and `/leads/{id}/timeline`: what a lead does.

use axum::extract::State;
use lintel_app::{NewInteraction, RecordedInteraction, TimelineItem};
use lintel_domain::{
    clock::Time,
    id::{InteractionId, LeadId, ListingId},
    interaction::InteractionKind,
    scalar::Fields,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Id, Json, Query, ReadLeads, WriteLeads},
    layers::idempotency::Keyed,
    state::Edge,
    wire::{self, Check, Page, Results, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(record)).routes(routes!(timeline))
}

/// Interactions to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"kind": "listing_view", "at": "2026-01-31T12:00:00Z", "event_id": "web-123", "properties": {"seconds": 41}}]}))]
struct InteractionsIn {
    /// At most 1000.
    #[serde(deserialize_with = "wire::up_to::<_, _, 1000>")]
    #[schema(max_items = 1000)]
    items: Vec<InteractionIn>,
}

/// An interaction to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InteractionIn {
    #[schema(value_type = shapes::InteractionKind)]
    kind: InteractionKind,
    /// When it happened; now when absent.
    #[schema(value_type = Option<shapes::Time>)]
    at: Option<Time>,
    /// The home it was about.
    #[schema(value_type = Option<uuid::Uuid>)]
    listing_id: Option<ListingId>,
    #[serde(default)]
    #[schema(value_type = shapes::FreeFields)]
    properties: Fields,
    /// The sender's id; a repetition has no effect.
    #[schema(min_length = 1, max_length = 200)]
    event_id: Option<String>,
}

/// What became of one interaction.
#[derive(Debug, Serialize, ToSchema)]
struct InteractionResult {
    event_id: String,
    /// Its id, when it was stored now.
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<InteractionId>,
    /// `recorded`, or `duplicate` when it was there already.
    status: &'static str,
}

impl From<RecordedInteraction> for InteractionResult {
    fn from(recorded: RecordedInteraction) -> Self {
        let status = if recorded.duplicate { "duplicate" } else { "recorded" };
        Self { event_id: recorded.event_id, id: recorded.id, status }
    }
}

/// Record interactions
///
/// All of them or none; an item whose `event_id` is known changes nothing.
#[utoipa::path(post, path = "/leads/{id}/interactions", tag = "leads", params(("id" = uuid::Uuid, Path)), request_body = InteractionsIn,
    responses((status = 200, description = "One result for each item", body = Results<InteractionResult>)))]
async fn record(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    keyed: Keyed,
    Json(body): Json<InteractionsIn>,
) -> Result<Json<Results<InteractionResult>>> {
    let mut check = Check::default();
    for (index, item) in body.items.iter().enumerate() {
        check.text(&format!("/items/{index}/event_id"), item.event_id.as_deref(), 200);
        check.fields(&format!("/items/{index}/properties"), &item.properties);
    }
    check.end()?;
    // A repetition of this very call after a crash names the same events, also those that the sender gave no id.
    let event_id = |index: usize| keyed.0.map(|id| format!("{id}-{index}"));
    let items = body.items.into_iter().enumerate().map(|(index, item)| NewInteraction {
        kind: item.kind,
        at: item.at,
        listing_id: item.listing_id,
        properties: item.properties,
        event_id: item.event_id.or_else(|| event_id(index)),
    });
    let recorded = edge.app().interactions_record(&allow.who, id, items.collect()).await?;
    Ok(Json(Results { results: recorded.into_iter().map(InteractionResult::from).collect() }))
}

/// Which part of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Only these kinds, separated by commas.
    #[param(example = "listing_view,listing_save")]
    kind: Option<String>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// One item of a timeline.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineOut {
    #[schema(value_type = uuid::Uuid)]
    id: InteractionId,
    event_id: String,
    #[schema(value_type = shapes::InteractionKind)]
    kind: InteractionKind,
    #[schema(value_type = shapes::Time)]
    at: Time,
    #[schema(value_type = Option<uuid::Uuid>)]
    listing_id: Option<ListingId>,
    /// Everything else, such as the text of a note or message.
    #[schema(value_type = shapes::KeptFields)]
    properties: Fields,
}

impl From<TimelineItem> for TimelineOut {
    fn from(TimelineItem { id, event_id, kind, at, listing_id, properties }: TimelineItem) -> Self {
        Self { id, event_id, kind, at, listing_id, properties }
    }
}

/// Read a timeline
///
/// What the lead did and what was done towards it, newest first.
#[utoipa::path(get, path = "/leads/{id}/timeline", tag = "leads", params(("id" = uuid::Uuid, Path), TimelineQuery),
    responses((status = 200, description = "A page", body = Page<TimelineOut>)))]
async fn timeline(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Id(id): Id<LeadId>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<Page<TimelineOut>>> {
    let words = query.kind.as_deref().unwrap_or_default().split(',').filter(|word| !word.is_empty());
    let kinds = words
        .map(|word| {
            InteractionKind::parse(word)
                .ok_or_else(|| Error::field("/kind", "unknown", format!("there is no kind {word:?}")))
        })
        .collect::<Result<Vec<_>>>()?;
    let paging = wire::paging(query.limit, query.cursor)?;
    Ok(Json(Page::of(edge.app().timeline(&allow.who, id, kinds, paging).await?)))
}
