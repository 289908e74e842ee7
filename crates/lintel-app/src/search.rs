//! Searching the listing index: pages with facets, and clusters for the map.

use std::collections::BTreeMap;

use lintel_domain::{
    filter::ListingFilter,
    id::{LeadId, ListingId},
    market::MarketSlug,
    page::Key,
    place::Bounds,
    preference::Preferences,
    scalar::Scalar,
};
use lintel_search::{Cluster, ClusterQuery, Facet, FacetCounts, Metric, PriceBin, Query, Sort, SortKey};
use serde_json::json;

use crate::{App, Error, Paging, Principal, Result, cursor::List};

/// A search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Where.
    pub market: MarketSlug,
    /// Which; `text`, `polygon` and `near` of the request are part of it.
    pub filter: ListingFilter,
    /// As in the contract; `newest` when absent, `relevance` with text.
    pub sort: Option<String>,
    /// Names of facets to count.
    pub facets: Vec<String>,
    /// Whether to count a histogram of prices for the slider.
    pub histogram: bool,
    /// Whose preferences order by fit.
    pub lead: Option<LeadId>,
    /// Preferences that order by fit.
    pub preferences: Option<Preferences>,
    /// Which page.
    pub paging: Paging,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetValue {
    /// The value; of a range, its least.
    pub value: serde_json::Value,
    /// The greatest value of a range; absent of a single value.
    pub to: Option<serde_json::Value>,
    /// How many of the whole result have it.
    pub count: u64,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct SearchAnswer {
    /// The page.
    pub items: Vec<ListingId>,
    /// How many there are in all, exactly.
    pub total: u64,
    /// The counts that were asked for.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// Counts by price, when asked for.
    pub histogram: Option<Vec<FacetValue>>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// A map viewport.
#[derive(Clone, Debug)]
pub struct ClusterRequest {
    /// Where.
    pub market: MarketSlug,
    /// The viewport.
    pub bounds: Bounds,
    /// Zoom, 0 to 22.
    pub zoom: u8,
    /// Which.
    pub filter: ListingFilter,
    /// `count`, `median_price`, `price_per_sqft` or `estimate_gap`.
    pub metric: String,
}

/// The bubbles of a viewport.
#[derive(Clone, Debug)]
pub struct ClustersAnswer {
    /// At most 500.
    pub features: Vec<Cluster>,
    /// Their counts, added up.
    pub total: u64,
}

impl App {
    /// Searches the listings of a market.
    pub async fn search(&self, who: &Principal, request: SearchRequest) -> Result<SearchAnswer> {
        let limit = request.paging.limit()?;
        let part = self.part(who.tenant, &request.market).await?;
        let sort = sort_of(&request)?;
        let facets = facets_of(&request.facets)?;
        let preferences = match (&request.preferences, request.lead) {
            (Some(preferences), _) => Some(preferences.clone()),
            (None, Some(lead)) => Some(self.lead(who, lead).await?.lead.facts.preferences),
            (None, None) => None,
        };
        if sort.key == SortKey::Fit && preferences.is_none() {
            return Err(Error::invalid("/sort", "needs_preferences", "sorting by fit needs lead_id or preferences"));
        }
        let shape = shape_of(&request, preferences.as_ref())?;
        let list = List { tenant: who.tenant, name: "listings", shape: &shape };
        let cursors = self.cursors(who.tenant).await?;
        let after: Option<Key> = request.paging.cursor.as_deref().map(|text| cursors.read(&list, text)).transpose()?;
        let today = self.clock().now().day();
        let searching = {
            let (filter, preferences) = (request.filter.clone(), preferences.clone());
            move || {
                let query = Query {
                    filter: &filter,
                    sort,
                    preferences: preferences.as_ref(),
                    origin: None,
                    facets: &facets,
                    histogram: request.histogram,
                    after: after.as_ref(),
                    limit: limit as usize,
                    today,
                };
                part.search(&query)
            }
        };
        let found = self.compute(searching).await?.map_err(refuse)?;
        let next_cursor = found.next.map(|key| cursors.write(&list, &key)).transpose()?;
        Ok(SearchAnswer {
            items: found.ids,
            total: found.total,
            facets: found.facets.into_iter().map(counted).collect(),
            histogram: found.histogram.map(|bins| bins.into_iter().map(bin).collect()),
            next_cursor,
        })
    }

    /// Clusters the listings of a viewport.
    pub async fn clusters(&self, who: &Principal, request: ClusterRequest) -> Result<ClustersAnswer> {
        let part = self.part(who.tenant, &request.market).await?;
        let metric = Metric::parse(&request.metric).ok_or_else(|| {
            Error::invalid("/metric", "unknown", "one of median_price, count, price_per_sqft, estimate_gap")
        })?;
        let today = self.clock().now().day();
        let clustering = move || {
            part.clusters(&ClusterQuery {
                bbox: request.bounds,
                zoom: f64::from(request.zoom),
                filter: &request.filter,
                metric,
                today,
            })
        };
        let found = self.compute(clustering).await?.map_err(refuse)?;
        Ok(ClustersAnswer { features: found.clusters, total: found.total })
    }
}

fn sort_of(request: &SearchRequest) -> Result<Sort> {
    let word = match (request.sort.as_deref(), &request.filter.text) {
        (Some(word), _) => word,
        (None, Some(_)) => "relevance",
        (None, None) => "newest",
    };
    let sort =
        Sort::parse(word).map_err(|_| Error::invalid("/sort", "unknown", format!("there is no sort \"{word}\"")))?;
    if sort.key == SortKey::Distance && request.filter.near.is_none() {
        return Err(Error::invalid("/sort", "needs_near", "sorting by distance needs near"));
    }
    Ok(sort)
}

fn facets_of(names: &[String]) -> Result<Vec<Facet>> {
    let known = |(i, name): (usize, &String)| {
        Facet::parse(name)
            .ok_or_else(|| Error::invalid(format!("/facets/{i}"), "unknown", format!("there is no facet \"{name}\"")))
    };
    names.iter().enumerate().map(known).collect()
}

/// Everything that decides which rows the list has, and in which order.
fn shape_of(request: &SearchRequest, preferences: Option<&Preferences>) -> Result<Vec<u8>> {
    let shape = (request.market.as_str(), &request.filter, &request.sort, preferences);
    serde_json::to_vec(&shape).map_err(Error::internal)
}

/// A refused question is the caller's to mend, everything else is ours.
fn refuse(error: lintel_search::Error) -> Error {
    match error {
        lintel_search::Error::WrongKey => Error::Cursor,
        error => Error::internal(error),
    }
}

fn counted(counts: FacetCounts) -> (String, Vec<FacetValue>) {
    let values = counts.values.into_iter().map(|one| {
        let (value, to) = match one.value {
            lintel_search::FacetValue::Status(status) => (json!(status), None),
            lintel_search::FacetValue::Text(text) => (json!(text), None),
            lintel_search::FacetValue::Number(number) => (json!(Scalar::Number(number)), None),
            lintel_search::FacetValue::Price { min, max } => (json!(min), Some(json!(max))),
            lintel_search::FacetValue::Year { min, max } => (json!(min), Some(json!(max))),
        };
        FacetValue { value, to, count: one.count }
    });
    (counts.facet.as_str().to_owned(), values.collect())
}

fn bin(bin: PriceBin) -> FacetValue {
    FacetValue { value: json!(bin.min), to: Some(json!(bin.max)), count: bin.count }
}
