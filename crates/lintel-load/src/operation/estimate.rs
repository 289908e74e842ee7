//! What a home like a listed one is worth, with its comparables.

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use super::prepare::between;
use crate::sample::{Home, Sample};

pub(super) fn body(sample: &Sample, home: &Home, comparables: u32, rng: &mut Rng) -> Value {
    // A home of its own: near the listed one, a little larger or smaller.
    let size = between(rng, 0.9, 1.1);
    json!({
        "market": sample.market,
        "home": {
            "latitude": home.latitude + between(rng, -0.005, 0.005),
            "longitude": home.longitude + between(rng, -0.005, 0.005),
            "property_type": home.property_type,
            "bedrooms": home.bedrooms,
            "bathrooms": home.bathrooms,
            "living_area_sqft": home.living_area_sqft.map(|area| (area * size).round()),
            "lot_size_sqft": home.lot_size_sqft,
            "year_built": home.year_built,
        },
        "comparables": comparables,
        "explain": true,
    })
}
