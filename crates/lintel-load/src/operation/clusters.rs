//! The bubbles of a map's viewport at a zoom level.

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use crate::sample::{Home, Sample};

/// Zoom levels from a whole region to a few streets.
const ZOOMS: [i32; 6] = [9, 10, 11, 12, 13, 14];

/// A screen shows about this many tiles across and down.
const TILES: (f64, f64) = (5.0, 3.0);

pub(super) fn body(sample: &Sample, home: &Home, rng: &mut Rng) -> Value {
    let zoom = rng.pick(&ZOOMS).copied().unwrap_or(12);
    let tile = 360.0 / 2_f64.powi(zoom);
    let (wide, high) = (tile * TILES.0 / 2.0, tile * TILES.1 / 2.0);
    json!({
        "market": sample.market,
        "bbox": [home.longitude - wide, home.latitude - high, home.longitude + wide, home.latitude + high],
        "zoom": zoom,
        "filters": {"status": ["active"]},
        "metric": "median_price",
    })
}
