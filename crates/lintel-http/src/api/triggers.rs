//! `/leads/{id}/triggers`: what a lead did that somebody should know of at once.

use axum::extract::State;
use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId},
    trigger::{Firing, Trigger},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, ReadLeads},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(triggers))
}

/// What a lead did that somebody should know of.
#[derive(Debug, Serialize, ToSchema)]
struct TriggersOut {
    /// The latest first, at most 200.
    items: Vec<TriggerOut>,
}

/// A behaviour trigger that fired.
#[derive(Debug, Serialize, ToSchema)]
struct TriggerOut {
    #[schema(value_type = shapes::Trigger)]
    trigger: Trigger,
    /// The home it is about.
    #[schema(value_type = Option<uuid::Uuid>, required)]
    listing_id: Option<ListingId>,
    /// When it happened.
    #[schema(value_type = shapes::Time)]
    at: Time,
    /// How many visits, homes or views there were by then, or days away; else 1.
    n: u32,
}

impl From<Firing> for TriggerOut {
    fn from(Firing { key, at, n }: Firing) -> Self {
        Self { trigger: key.trigger, listing_id: key.listing, at, n }
    }
}

/// List what a lead triggered
///
/// Returns after 14 days, five visits in 7 days, five homes in 24 hours, ten in 7 days, one home three times, a saved home,
/// and a saved home that got cheaper. Each is told once by the event `behaviour.triggered`.
#[utoipa::path(get, path = "/leads/{id}/triggers", tag = "leads", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "What fired", body = TriggersOut)))]
async fn triggers(State(edge): State<Edge>, allow: Allow<ReadLeads>, Id(id): Id<LeadId>) -> Result<Json<TriggersOut>> {
    let fired = edge.app().lead_triggers(&allow.who, id).await?;
    Ok(Json(TriggersOut { items: fired.into_iter().map(TriggerOut::from).collect() }))
}
