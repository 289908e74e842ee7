//! Fields of HighLevel's objects: null, absent and empty are the same, and times come in three forms.

use lintel_domain::{clock::Time, scalar::Scalar};
use serde_json::{Map, Value};

/// The text of a field; none when it is absent, null or empty. NUL, which not every database can keep, is left out.
pub(super) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.replace('\0', ""))
}

/// A time: RFC 3339, milliseconds since 1970, or `{"seconds", "nanoseconds"}`.
pub(super) fn time(value: &Value) -> Option<Time> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(millis) => millis.as_i64()?.checked_mul(1_000).map(|micros| Time::default().plus(micros)),
        Value::Object(parts) => {
            let seconds = parts.get("seconds")?.as_i64()?.checked_mul(1_000_000)?;
            let nanos = parts.get("nanoseconds").and_then(Value::as_i64).unwrap_or_default();
            Some(Time::default().plus(seconds.checked_add(nanos / 1_000)?))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// A value of a custom field; none for what has no plain value, such as a file.
pub(super) fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(value) => value.as_f64().map(Scalar::Number),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Scalar::Text(text.replace('\0', ""))),
        // The choices of a field with several.
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!texts.is_empty()).then(|| Scalar::Text(texts.join(", ").replace('\0', "")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_time_reads_in_each_of_its_three_forms() {
        let expected = time(&json!("2026-07-17T07:11:54.324Z")).unwrap();
        assert_eq!(time(&json!(1_784_272_314_324_i64)), Some(expected));
        assert_eq!(time(&json!({"seconds": 1_784_272_314, "nanoseconds": 324_000_000})), Some(expected));
        for bad in [json!("yesterday"), json!(null), json!({}), json!([1]), json!(1e300), json!(i64::MAX)] {
            assert_eq!(time(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_custom_field_is_a_plain_value_or_nothing() {
        assert_eq!(scalar(&json!(["a", "b"])), Some(Scalar::Text("a, b".to_owned())));
        assert_eq!(scalar(&json!(4.5)), Some(Scalar::Number(4.5)));
        for nothing in [json!(null), json!(""), json!([]), json!({"url": "x"})] {
            assert_eq!(scalar(&nothing), None);
        }
    }
}
