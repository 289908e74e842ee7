//! The score of one lead, with its reasons.

use serde_json::{Value, json};

pub(super) fn body(lead: &str) -> Value {
    json!({"leads": [{"id": lead}], "explain": true})
}
