//! A page of listings inside a drawn area, by words and filters, with five facets.

use std::f64::consts::TAU;

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use super::prepare::between;
use crate::sample::{Home, Sample};

/// Corners of the drawn area.
const CORNERS: usize = 10;

/// Metres of one degree of latitude.
const METRES_A_DEGREE: f64 = 111_320.0;

pub(super) fn body(sample: &Sample, home: &Home, rng: &mut Rng) -> Value {
    let word = rng.pick(&sample.words).cloned();
    json!({
        "market": sample.market,
        "filters": {
            "status": ["active"],
            "price": {"min": (home.price * 0.5).round(), "max": (home.price * 2.0).round()},
            "bedrooms": {"min": 1},
        },
        "text": word,
        "polygon": ring(home, rng),
        "facets": ["property_type", "bedrooms", "bathrooms", "price", "year_built"],
        "sort": "newest",
        "limit": 20,
    })
}

/// A closed, slightly ragged ring of 3 to 12 km around a home, as drawn by a finger.
fn ring(home: &Home, rng: &mut Rng) -> Vec<[f64; 2]> {
    let radius = between(rng, 3_000.0, 12_000.0);
    let narrow = home.latitude.to_radians().cos().max(0.05);
    let corner = |index: usize, rng: &mut Rng| {
        let angle = TAU * index as f64 / CORNERS as f64;
        let reach = radius * between(rng, 0.8, 1.2) / METRES_A_DEGREE;
        [home.longitude + reach * angle.cos() / narrow, home.latitude + reach * angle.sin()]
    };
    let mut ring: Vec<[f64; 2]> = (0..CORNERS).map(|index| corner(index, rng)).collect();
    ring.push(ring[0]);
    ring
}
