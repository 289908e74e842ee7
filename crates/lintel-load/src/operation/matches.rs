//! Homes like one that somebody liked: a budget, an area and wishes.

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use super::prepare::between;
use crate::sample::{Home, Sample};

pub(super) fn body(sample: &Sample, home: &Home, rng: &mut Rng) -> Value {
    json!({
        "market": sample.market,
        "preferences": {
            "price": {"min": (home.price * 0.7).round(), "max": (home.price * 1.15).round()},
            "bedrooms": {"min": home.bedrooms.unwrap_or(2)},
            "bathrooms": {"min": 1},
            "living_area_sqft": {"min": home.living_area_sqft.map_or(500.0, |area| (area * 0.8).round())},
            "near": {
                "latitude": home.latitude,
                "longitude": home.longitude,
                "radius_m": between(rng, 5_000.0, 20_000.0).round(),
            },
            "must": ["price"],
        },
        "limit": 20,
        "explain": true,
    })
}
