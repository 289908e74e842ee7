//! Somebody who filled in a form: a new lead with an id of the form's own.

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use crate::sample::{Home, Sample};

const SOURCES: [&str; 4] = ["portal", "website", "open-house", "referral"];

pub(super) fn body(sample: &Sample, home: &Home, rng: &mut Rng) -> Value {
    let n = rng.below(1 << 48);
    json!({
        "external_id": format!("load-{}-{n}", sample.run),
        "name": format!("Ann Lee {n}"),
        "email": format!("ann.{n}@example.com"),
        "phone": format!("+1555{:07}", n % 10_000_000),
        "source": rng.pick(&SOURCES),
        "market": sample.market,
        "preferences": {
            "price": {"max": (home.price * 1.1).round()},
            "bedrooms": {"min": home.bedrooms.unwrap_or(2)},
        },
        "tags": ["campaign"],
    })
}
