//! `/pricing/estimate`, `/pricing/estimates:batch` and `/listings/{id}/estimate`: what homes sell for.

use axum::extract::State;
use lintel_app::{EstimateAnswer, EstimateRequest, Home, PriceModelNote, Principal, Question, ValueRange};
use lintel_domain::{
    clock::{Day, Time},
    id::ListingId,
    market::MarketSlug,
    money::Money,
    scalar::Fields,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Asked, Id, Json, Query, ReadListings, Written},
    state::Edge,
    wire::{self, Check, ListingDocument, ListingOut, Results, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(estimate)).routes(routes!(batch)).routes(routes!(of_listing))
}

/// An estimate asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"market": "king-county", "home": {"latitude": 47.61, "longitude": -122.33, "property_type": "Single Family Residence", "bedrooms": 3, "bathrooms": 2.25, "living_area_sqft": 1800, "lot_size_sqft": 7200, "year_built": 1998}, "as_of": "2015-03-01", "comparables": 5, "explain": true}))]
pub(crate) struct EstimateIn {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    home: HomeIn,
    /// As of which day; today when absent. Nothing later is used.
    #[schema(value_type = Option<shapes::Day>)]
    as_of: Option<Day>,
    /// How many comparables; 5 when absent.
    #[schema(minimum = 0, maximum = 50)]
    comparables: Option<u32>,
    #[serde(default)]
    explain: bool,
}

/// What is known about the home.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HomeIn {
    #[schema(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    #[schema(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    #[schema(min_length = 1, max_length = 200)]
    property_type: Option<String>,
    #[schema(minimum = 0, maximum = 1_000)]
    bedrooms: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000)]
    bathrooms: Option<f64>,
    #[schema(minimum = 0, maximum = 100_000_000)]
    living_area_sqft: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000_000_000_000.0)]
    lot_size_sqft: Option<f64>,
    #[schema(minimum = 1_000, maximum = 2_200)]
    year_built: Option<i32>,
    #[schema(minimum = 0, maximum = 1_000)]
    stories: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000)]
    garage_spaces: Option<f64>,
    #[schema(min_length = 1, max_length = 300)]
    postal_code: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    city: Option<String>,
    #[serde(default)]
    #[schema(value_type = shapes::FreeFields)]
    attributes: Fields,
}

impl EstimateIn {
    fn request(self, check: &mut Check, pointer: &str) -> EstimateRequest {
        let home = self.home;
        let at = |name: &str| format!("{pointer}/home/{name}");
        let place = check.place(&format!("{pointer}/home"), home.latitude, home.longitude);
        check.text(&at("property_type"), home.property_type.as_deref(), 200);
        check.text(&at("postal_code"), home.postal_code.as_deref(), 300);
        check.text(&at("city"), home.city.as_deref(), 300);
        check.number(&at("bedrooms"), home.bedrooms, 0.0, 1e3);
        check.number(&at("bathrooms"), home.bathrooms, 0.0, 1e3);
        check.number(&at("living_area_sqft"), home.living_area_sqft, 0.0, 1e8);
        check.number(&at("lot_size_sqft"), home.lot_size_sqft, 0.0, 1e12);
        check.whole(&at("year_built"), home.year_built, 1_000, 2_200);
        check.number(&at("stories"), home.stories, 0.0, 1e3);
        check.number(&at("garage_spaces"), home.garage_spaces, 0.0, 1e3);
        check.fields(&at("attributes"), &home.attributes);
        comparables(check, &format!("{pointer}/comparables"), self.comparables);
        EstimateRequest {
            market: self.market,
            home: Home {
                place,
                property_type: home.property_type,
                bedrooms: home.bedrooms,
                bathrooms: home.bathrooms,
                living_area_sqft: home.living_area_sqft,
                lot_size_sqft: home.lot_size_sqft,
                year_built: home.year_built,
                stories: home.stories,
                garage_spaces: home.garage_spaces,
                postal_code: home.postal_code,
                city: home.city,
                attributes: home.attributes,
            },
            as_of: self.as_of,
            comparables: self.comparables,
            explain: self.explain,
        }
    }
}

fn comparables(check: &mut Check, pointer: &str, wanted: Option<u32>) {
    check.number(pointer, wanted.map(f64::from), 0.0, 50.0);
}

/// An estimate, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
struct EstimateOut {
    /// Null when refused.
    #[schema(required)]
    estimate: Option<ValueOut>,
    comparables: Vec<ComparableOut>,
    /// What the contributions are added to.
    #[schema(value_type = Option<shapes::Money>, required)]
    base: Option<Money>,
    /// Base and amounts add up to the value; empty unless asked for with `explain`.
    contributions: Vec<ContributionOut>,
    #[schema(required)]
    model: Option<PriceModelOut>,
    /// Why there is no estimate; null when there is one.
    #[schema(required)]
    refused: Option<RefusedOut>,
    #[schema(value_type = shapes::Day)]
    as_of: Day,
}

/// A value with its intervals.
#[derive(Debug, Serialize, ToSchema)]
struct ValueOut {
    #[schema(value_type = shapes::Money)]
    value: Money,
    currency: String,
    /// Where the price falls in 80 of 100 cases.
    #[schema(value_type = Vec<shapes::Money>, min_items = 2, max_items = 2)]
    interval80: [Money; 2],
    /// Where the price falls in 95 of 100 cases.
    #[schema(value_type = Vec<shapes::Money>, min_items = 2, max_items = 2)]
    interval95: [Money; 2],
}

/// A sale that speaks for the value.
#[derive(Debug, Serialize, ToSchema)]
struct ComparableOut {
    #[schema(value_type = ListingOut)]
    listing: ListingDocument,
    #[schema(required)]
    distance_m: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    similarity: f64,
    #[schema(value_type = shapes::Money)]
    close_price: Money,
    /// What it would have sold for as this home, now.
    #[schema(value_type = shapes::Money)]
    adjusted_price: Money,
}

/// A part of the value.
#[derive(Debug, Serialize, ToSchema)]
struct ContributionOut {
    feature: String,
    #[schema(value_type = shapes::Money)]
    amount: Money,
}

/// Which model estimated.
#[derive(Debug, Serialize, ToSchema)]
struct PriceModelOut {
    version: String,
    #[schema(value_type = shapes::Time)]
    trained_at: Time,
    /// From how many sales.
    n: u64,
    /// Median absolute error on held-out sales, as a fraction.
    median_ape: f64,
}

/// Why there is no estimate.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedOut {
    reason: String,
}

impl EstimateOut {
    async fn of(edge: &Edge, who: &Principal, answer: EstimateAnswer) -> Result<Self> {
        let ids: Vec<ListingId> = answer.comparables.iter().map(|comparable| comparable.listing).collect();
        let listings = ListingDocument::of(edge, who, &ids).await?;
        let value = |ValueRange { value, currency, interval80, interval95 }| ValueOut {
            value,
            currency,
            interval80,
            interval95,
        };
        let model = |PriceModelNote { version, trained_at, n, median_ape }| PriceModelOut {
            version,
            trained_at,
            n,
            median_ape,
        };
        let comparables = answer.comparables.into_iter().zip(listings).filter_map(|(comparable, listing)| {
            Some(ComparableOut {
                listing: listing?,
                distance_m: comparable.distance_m,
                similarity: comparable.similarity,
                close_price: comparable.close_price,
                adjusted_price: comparable.adjusted_price,
            })
        });
        let contributions =
            answer.contributions.into_iter().map(|(feature, amount)| ContributionOut { feature, amount });
        Ok(Self {
            estimate: answer.value.map(value),
            comparables: comparables.collect(),
            base: answer.base,
            contributions: contributions.collect(),
            model: answer.model.map(model),
            refused: answer.refused.map(|reason| RefusedOut { reason }),
            as_of: answer.as_of,
        })
    }
}

/// Estimate a price
///
/// A value with intervals, the sales it leans on, and what each fact adds. Not an appraisal.
#[utoipa::path(post, path = "/pricing/estimate", tag = "pricing", request_body = EstimateIn, responses((status = 200, description = "The estimate, or why there is none", body = EstimateOut)))]
async fn estimate(State(edge): State<Edge>, allow: Allow<ReadListings>, asked: Asked<EstimateIn>) -> Result<Written> {
    answer(&edge, &allow.who, asked).await
}

/// Under which name answers are kept.
pub(crate) const ROUTE: &str = "pricing/estimate";

pub(crate) async fn answer(edge: &Edge, who: &Principal, Asked { body, words }: Asked<EstimateIn>) -> Result<Written> {
    let mut check = Check::default();
    let request = body.request(&mut check, "");
    check.end()?;
    let market = request.market.clone();
    let question = Question { route: ROUTE, asked: words, market: &market, lead: None, priced: true };
    let make = async || {
        let answer = edge.app().estimate(who, request).await?;
        EstimateOut::of(edge, who, answer).await
    };
    Written::or_make(edge, who, question, make).await
}

/// Estimates asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EstimatesIn {
    /// 1 to 100.
    #[serde(deserialize_with = "wire::up_to::<_, _, 100>")]
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<EstimateIn>,
}

/// Estimate prices
///
/// Up to 100 estimates in one call.
#[utoipa::path(post, path = "/pricing/estimates:batch", tag = "pricing", request_body = EstimatesIn, responses((status = 200, description = "One result for each item", body = Results<EstimateOut>)))]
async fn batch(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Json(body): Json<EstimatesIn>,
) -> Result<Json<Results<EstimateOut>>> {
    let mut check = Check::default();
    if body.items.is_empty() {
        check.refuse("/items", "too_few", "must have at least 1 item");
    }
    let items = body.items.into_iter().enumerate();
    let requests: Vec<_> = items.map(|(index, item)| item.request(&mut check, &format!("/items/{index}"))).collect();
    check.end()?;
    let mut results = Vec::with_capacity(requests.len());
    for request in requests {
        let answer = edge.app().estimate(&allow.who, request).await?;
        results.push(EstimateOut::of(&edge, &allow.who, answer).await?);
    }
    Ok(Json(Results { results }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EstimateQuery {
    /// How many comparables; 5 when absent.
    #[param(minimum = 0, maximum = 50)]
    comparables: Option<u32>,
    /// Whether contributions are wanted; they are when absent.
    explain: Option<bool>,
}

/// Estimate the price of a listing
///
/// Blind to its asking price.
#[utoipa::path(get, path = "/listings/{id}/estimate", tag = "pricing", params(("id" = uuid::Uuid, Path), EstimateQuery), responses((status = 200, description = "The estimate, or why there is none", body = EstimateOut)))]
async fn of_listing(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<ListingId>,
    Query(query): Query<EstimateQuery>,
) -> Result<Json<EstimateOut>> {
    let mut check = Check::default();
    comparables(&mut check, "/comparables", query.comparables);
    check.end()?;
    let answer = edge.app().estimate_listing(&allow.who, id, query.comparables, query.explain.unwrap_or(true)).await?;
    Ok(Json(EstimateOut::of(&edge, &allow.who, answer).await?))
}
