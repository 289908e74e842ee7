//! The edge: everything between a socket and a use case.
//!
//! [`run`] bounds connections and patience; one layer (`layers`) does what every request needs, in a
//! written order; handlers under `api/` take typed bodies and permissions and call the application; errors become
//! problem documents in one file. Nothing here decides anything about leads or listings.

#![expect(unused_qualifications, reason = "the macros that describe types qualify what they copy")]

mod api;
mod error;
mod extract;
mod layers;
mod metrics;
mod openapi;
mod options;
mod problem;
mod serve;
mod state;
mod tiles;
mod ui;
mod warm;
mod wire;

use axum::Router;

pub use error::Error;
pub use extract::read_json;
pub use metrics::Metrics;
pub use openapi::{document, document_json};
pub use options::{Network, NetworkError, Options, ServeOptions};
pub use problem::{Code, Entry, TYPE_PREFIX, entries};
pub use serve::run;
pub use state::{Edge, Peer};
pub use tiles::Tiles;

/// All routes of the API listener with everything around them.
pub fn router(edge: &Edge) -> Router {
    let (routes, _) = openapi::routes().split_for_parts();
    routes
        .merge(api::probes())
        .merge(openapi::pages())
        .merge(tiles::routes())
        .merge(ui::routes())
        .layer(layers::EdgeLayer(edge.clone()))
        .with_state(edge.clone())
}
