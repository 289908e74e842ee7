//! Column values as a document, so that a row can be put back just as it was.

use std::fmt::Write;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::db::{Params, Value};

/// Values as the text of a JSON list that [`decode`] reads back to the bit.
pub(crate) fn encode(values: &[Value]) -> String {
    let one = |value: &Value| match value {
        Value::Null | Value::Uuids(_) | Value::Ints(_) | Value::Texts(_) => Json::Null,
        Value::Bool(value) => json!({ "bool": value }),
        Value::Int(value) => json!({ "int": value }),
        Value::Float(value) => json!({ "float": value.to_bits().to_string() }),
        Value::Text(value) => json!({ "text": value }),
        Value::Uuid(value) | Value::Tenant(value) => json!({ "uuid": value }),
        Value::Bytes(value) => json!({ "bytes": hex(value) }),
        Value::Json(value) => json!({ "json": value }),
    };
    Json::Array(values.iter().map(one).collect()).to_string()
}

/// Bytes as two digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The values that were written; `None` of anything else.
pub(crate) fn decode(document: &str) -> Option<Params> {
    let document: Json = serde_json::from_str(document).ok()?;
    let one = |value: &Json| {
        let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
            return value.is_null().then_some(Value::Null);
        };
        Some(match (kind.as_str(), value) {
            ("bool", Json::Bool(value)) => Value::Bool(*value),
            ("int", value) => Value::Int(value.as_i64()?),
            ("float", Json::String(bits)) => Value::Float(f64::from_bits(bits.parse().ok()?)),
            ("text", Json::String(value)) => Value::Text(value.clone()),
            ("uuid", Json::String(value)) => Value::Uuid(Uuid::parse_str(value).ok()?),
            ("bytes", Json::String(hex)) => Value::Bytes(
                (0..hex.len() / 2)
                    .map(|i| hex.get(2 * i..2 * i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
                    .collect::<Option<_>>()?,
            ),
            ("json", Json::String(value)) => Value::Json(value.clone()),
            _ => return None,
        })
    };
    document.as_array()?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn values_come_back_to_the_bit() {
        let values = params![
            None::<i64>,
            true,
            i64::MIN,
            0.1 + 0.2,
            "x\"ü",
            Uuid::from_u128(7),
            vec![0u8, 255],
            json!({ "a": [1, 2.5] })
        ];
        assert_eq!(decode(&encode(&values)), Some(values));
    }
}
