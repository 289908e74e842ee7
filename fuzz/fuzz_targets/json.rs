//! Any bytes as a JSON body: what is taken is what the bytes say, is not too deep, and holds no NUL.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lintel_http::read_json;
use serde::Deserialize;
use serde_json::Value;

/// A body with a field of every kind that requests have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    word: Word,
    number: Option<f64>,
    count: Option<u32>,
    texts: Option<Vec<String>>,
    inner: Option<Box<Body>>,
    free: Option<Value>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Word {
    One,
    Two,
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = read_json::<Value>(bytes) {
        let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        assert_eq!(serde_json::from_slice::<Value>(plain).ok().as_ref(), Some(&value));
        check(&value, 64);
    }
    if let Ok(body) = read_json::<Body>(bytes) {
        look(&body);
        assert!(read_json::<Value>(bytes).is_ok_and(|value| value.is_object()));
    }
});

/// Everything in a body that was taken can be kept in both databases.
fn look(body: &Body) {
    assert!(body.word == Word::One || body.word == Word::Two);
    assert!(body.number.is_none_or(f64::is_finite));
    let _ = body.count;
    assert!(body.texts.iter().flatten().all(|text| !text.contains('\0')));
    body.free.iter().for_each(|value| check(value, 64));
    body.inner.iter().for_each(|inner| look(inner));
}

fn check(value: &Value, depth: usize) {
    match value {
        Value::String(text) => assert!(!text.contains('\0')),
        Value::Number(number) => assert!(number.as_f64().is_some_and(f64::is_finite)),
        Value::Array(items) => items.iter().for_each(|item| check(item, depth.checked_sub(1).expect("too deep"))),
        Value::Object(fields) => {
            for (key, item) in fields {
                assert!(!key.contains('\0'));
                check(item, depth.checked_sub(1).expect("too deep"));
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
