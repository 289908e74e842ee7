//! `/search`: anything by a few typed words.

use axum::extract::State;
use lintel_app::{Hit, Hits, Thing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Json, Query, ReadLeads},
    state::Edge,
    wire::Check,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(find))
}

/// What was typed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FindQuery {
    /// Words of names, addresses and remarks; an e-mail address; part of a telephone number; the key of a listing.
    #[param(min_length = 1, max_length = 200, example = "jonson")]
    q: String,
    /// At most this many of each kind; 5 when absent.
    #[param(minimum = 1, maximum = 20)]
    limit: Option<u32>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
struct HitOut {
    /// `lead`, `listing`, `market` or `saved_search`.
    kind: &'static str,
    /// Its id; of a market, its slug.
    id: String,
    /// Its name.
    title: String,
    /// What tells it from others of that name.
    subtitle: Option<String>,
    /// The market of a listing.
    market: Option<String>,
}

impl From<Hit> for HitOut {
    fn from(Hit { thing, title, subtitle }: Hit) -> Self {
        let (kind, id, market) = match thing {
            Thing::Lead(id) => ("lead", id.to_string(), None),
            Thing::Listing(id, market) => ("listing", id.to_string(), Some(market.as_str().to_owned())),
            Thing::Market(slug) => ("market", slug.as_str().to_owned(), None),
            Thing::SavedSearch(id) => ("saved_search", id.to_string(), None),
        };
        Self { kind, id, title, subtitle, market }
    }
}

/// What was found of one kind, the best first.
#[derive(Debug, Serialize, ToSchema)]
struct HitGroup {
    /// `lead`, `listing`, `market` or `saved_search`.
    kind: &'static str,
    items: Vec<HitOut>,
}

/// What was found, by kind; kinds of which nothing was found are left out.
#[derive(Debug, Serialize, ToSchema)]
struct HitsOut {
    groups: Vec<HitGroup>,
}

impl From<Hits> for HitsOut {
    fn from(Hits { leads, listings, markets, saved_searches }: Hits) -> Self {
        let all = [("lead", leads), ("listing", listings), ("market", markets), ("saved_search", saved_searches)];
        let found = all.into_iter().filter(|(_, hits)| !hits.is_empty());
        Self {
            groups: found
                .map(|(kind, hits)| HitGroup { kind, items: hits.into_iter().map(HitOut::from).collect() })
                .collect(),
        }
    }
}

/// Find anything
///
/// Leads by name, e-mail address, telephone digits and outside id; listings of all markets by address, words of the remarks and key;
/// markets; saved searches. All typed words have to fit. A word may be the beginning of one, and may have a wrong letter from four letters
/// on, two from eight; numbers have to be right.
#[utoipa::path(get, path = "/search", tag = "search", params(FindQuery), responses((status = 200, description = "What was found", body = HitsOut)))]
async fn find(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<FindQuery>,
) -> Result<Json<HitsOut>> {
    let mut check = Check::default();
    check.text("/q", Some(&query.q), 200);
    let limit = query.limit.unwrap_or(5);
    if !(1..=20).contains(&limit) {
        check.refuse("/limit", "out_of_range", "must be from 1 to 20");
    }
    check.end()?;
    Ok(Json(edge.app().find(&allow.who, &query.q, limit).await?.into()))
}
