//! The routes: one file per resource, each with its handlers and wire types.

mod accuracy;
mod admin;
mod analyses;
mod analytics;
pub(crate) mod clusters;
mod connections;
mod disparity;
mod events;
mod experiments;
mod exports;
mod find;
mod hooks;
mod imports;
mod interactions;
mod lead_analyses;
mod lead_lists;
mod leads;
mod listings;
mod market_sales;
mod markets;
mod marks;
pub(crate) mod matching;
mod merges;
mod models;
mod notifications;
mod performance;
mod places;
pub(crate) mod pricing;
mod probes;
mod realtime;
mod saved_searches;
pub(crate) mod scores;
pub(crate) mod search;
mod session;
mod tasks;
mod track;
mod triggers;

pub(crate) use probes::routes as probes;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Edge;

/// Everything under `/api/v1`, with its document.
pub(crate) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .merge(session::routes())
        .merge(leads::routes())
        .merge(lead_lists::routes())
        .merge(merges::routes())
        .merge(interactions::routes())
        .merge(triggers::routes())
        .merge(track::routes())
        .merge(connections::routes())
        .merge(hooks::routes())
        .merge(tasks::routes())
        .merge(notifications::routes())
        .merge(scores::routes())
        .merge(lead_analyses::routes())
        .merge(models::routes())
        .merge(disparity::routes())
        .merge(experiments::routes())
        .merge(listings::routes())
        .merge(marks::routes())
        .merge(search::routes())
        .merge(find::routes())
        .merge(clusters::routes())
        .merge(matching::routes())
        .merge(pricing::routes())
        .merge(accuracy::routes())
        .merge(analyses::routes())
        .merge(analytics::routes())
        .merge(markets::routes())
        .merge(places::routes())
        .merge(market_sales::routes())
        .merge(saved_searches::routes())
        .merge(imports::routes())
        .merge(exports::routes())
        .merge(events::routes())
        .merge(realtime::routes())
        .merge(performance::routes())
        .merge(admin::routes())
}
