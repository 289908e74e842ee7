//! Scores with their reasons: of a stored lead, of the facts of somebody who is not stored, of many at once.

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use crate::sample::{Home, Lead};

/// Leads of one batch.
pub(super) const BATCH: usize = 100;

pub(super) fn body(lead: &str) -> Value {
    json!({"leads": [{"id": lead}], "explain": true})
}

/// What a form tells of somebody who likes a home.
pub(super) fn facts(lead: &Lead, home: &Home, rng: &mut Rng) -> Value {
    json!({
        "leads": [{"facts": {
            "source": lead.source,
            "stage": lead.stage,
            "listing_views": rng.below(30),
            "listing_saves": rng.below(5),
            "site_visits": rng.below(12),
            "newsletter": rng.chance(0.3),
            "preferences": {"price": {"max": (home.price * 1.1).round()}, "bedrooms": {"min": home.bedrooms}},
        }}],
        "explain": true,
    })
}

/// A page of a list of leads, scored anew; without reasons, as a list shows none.
pub(super) fn batch<'a>(leads: impl Iterator<Item = &'a Lead>) -> Value {
    let leads: Vec<Value> = leads.map(|lead| json!({"id": lead.id})).collect();
    json!({"leads": leads, "explain": false})
}
