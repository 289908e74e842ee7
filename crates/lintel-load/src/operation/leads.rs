//! The first page of a smart list: any of its filters and orders, those of leads that are there.

use lintel_domain::rng::Rng;
use serde_json::{Map, Value, json};

use crate::sample::{Lead, Sample};

const ORDERS: [&str; 8] =
    ["score", "-score", "name", "-name", "created_at", "-created_at", "last_interaction_at", "-last_interaction_at"];

const TIERS: [&str; 3] = ["hot", "warm", "cool"];

const OUTCOMES: [&str; 2] = ["won", "lost"];

/// How likely each filter is to be set.
const SET: f64 = 0.25;

pub(super) fn body(sample: &Sample, lead: &Lead, rng: &mut Rng) -> Value {
    let word = lead.name.as_deref().and_then(|name| name.split_whitespace().next());
    let filters = [
        ("tier", rng.pick(&TIERS).map(|tier| json!(tier))),
        ("market", Some(json!(sample.market))),
        ("assignee", lead.assignee.as_deref().map(Value::from)),
        ("source", lead.source.as_deref().map(Value::from)),
        ("stage", lead.stage.as_deref().map(Value::from)),
        ("outcome", rng.pick(&OUTCOMES).map(|outcome| json!(outcome))),
        ("follow_up", Some(json!(true))),
        ("q", word.map(Value::from)),
    ];
    let mut body = Map::new();
    body.insert("sort".to_owned(), rng.pick(&ORDERS).map_or(Value::Null, |order| json!(order)));
    for (name, value) in filters {
        if let Some(value) = value.filter(|_| rng.chance(SET)) {
            body.insert(name.to_owned(), value);
        }
    }
    Value::Object(body)
}
