//! What a lead likes, from the newest of what they did.

mod evaluate;

use std::collections::HashMap;

use lintel_domain::{
    filter::ListingFilter,
    id::{LeadId, ListingId, TenantId},
    interaction::{InteractionFacts, InteractionKind},
    liking::Likings,
    listing::Listing,
    money::Money,
    range::Range,
    scalar::{Fields, Scalar},
};
use lintel_predict::taste::{Home, Taste};

pub use evaluate::{TasteEvaluation, TasteEvaluationRequest};

use crate::{App, Result};

/// The newest acts that are looked at: with a half-life of a month, older ones hardly count.
const MOST_ACTS: u32 = 100;

impl App {
    /// What a lead likes now: the same whether acts are taken in one by one or, as here, all at once when asked.
    pub(crate) async fn likings(&self, tenant: TenantId, lead: LeadId) -> Result<Likings> {
        let acts = self.0.store.interactions_of(tenant, lead, &kinds(), None, MOST_ACTS).await?;
        let mut homes: Vec<ListingId> = acts.iter().filter_map(|act| act.facts.listing_id).collect();
        homes.sort_unstable();
        homes.dedup();
        let homes = self.0.store.listings_by_ids(tenant, &homes).await?;
        let homes: HashMap<ListingId, Listing> = homes.into_iter().map(|home| (home.id, home)).collect();
        let now = self.clock().now();
        let mut taste = Taste::default();
        for act in acts.iter().map(|act| &act.facts).filter(|act| act.at <= now) {
            take_in(&mut taste, act, |id| homes.get(&id).map(|home| Home::of(&home.facts)));
        }
        Ok(taste.likings(now))
    }
}

/// The kinds of interaction that are read.
fn kinds() -> Vec<InteractionKind> {
    Taste::KINDS.iter().copied().chain([InteractionKind::Search]).collect()
}

/// Takes in one act. Homes that are not known tell nothing.
fn take_in(taste: &mut Taste, act: &InteractionFacts, home: impl Fn(ListingId) -> Option<Home>) {
    if act.kind == InteractionKind::Search {
        taste.search(act.at, &searched(&act.properties));
    } else if let Some(home) = act.listing_id.and_then(home) {
        taste.see(act.kind, act.at, &home);
    }
}

/// What a search asked for, from its properties: `price_min`, `price_max`, likewise `bedrooms`, `bathrooms`,
/// `living_area_sqft`, `lot_size_sqft` and `year_built`, and `property_type`. Others are passed over.
fn searched(properties: &Fields) -> ListingFilter {
    let number = |name: &str, end: &str| properties.get(&format!("{name}_{end}")).and_then(Scalar::number);
    let range = |name: &str| {
        let range = Range { min: number(name, "min"), max: number(name, "max") };
        (!range.is_open()).then_some(range)
    };
    let money = |major: Option<f64>| major.and_then(Money::from_major);
    let year = |year: Option<f64>| year.map(|year| year as i32);
    ListingFilter {
        price: range("price").map(|range| Range { min: money(range.min), max: money(range.max) }),
        bedrooms: range("bedrooms"),
        bathrooms: range("bathrooms"),
        living_area_sqft: range("living_area_sqft"),
        lot_size_sqft: range("lot_size_sqft"),
        year_built: range("year_built").map(|range| Range { min: year(range.min), max: year(range.max) }),
        property_types: properties.get("property_type").and_then(Scalar::text).map(str::to_owned).into_iter().collect(),
        ..ListingFilter::default()
    }
}
