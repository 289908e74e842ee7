//! The OpenAPI document agrees with the routes.

use std::collections::BTreeSet;

use axum::http::{Method, Request};
use lintel_domain::{filter::ListingFilter, preference::Preferences};
use lintel_http::{document, document_json, entries};
use serde_json::{Value, json};

use crate::{
    sample::{Operation, operations},
    world::World,
};

fn read() -> Value {
    serde_json::from_str(&document_json()).unwrap()
}

#[test]
fn operations_have_unique_ids_and_say_which_problems_they_answer_with() {
    let document = read();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "401", "403", "422", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{method} {path} {status}");
            }
            assert!(responses.keys().any(|status| status.starts_with('2') || status == "101"), "{method} {path}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let target = document.pointer(reference.trim_start_matches('#'));
                    assert!(target.is_some(), "{reference}");
                }
                map.values().for_each(|value| walk(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
            _ => {}
        }
    }
    let document = read();
    walk(&document, &document);
}

#[test]
fn records_of_the_domain_look_as_they_are_described() {
    let described = |name: &str| -> BTreeSet<String> {
        let schemas = &document_of_schemas()[name]["properties"];
        schemas.as_object().unwrap().keys().cloned().collect()
    };
    // Serde names every field that it knows when it meets one that it does not.
    let known = |error: serde_json::Error| -> BTreeSet<String> {
        error.to_string().split('`').skip(3).step_by(2).map(str::to_owned).collect()
    };
    let unknown = || json!({"?": 1});
    assert_eq!(described("Preferences"), known(serde_json::from_value::<Preferences>(unknown()).unwrap_err()));
    assert_eq!(described("ListingFilter"), known(serde_json::from_value::<ListingFilter>(unknown()).unwrap_err()));
}

fn document_of_schemas() -> Value {
    read()["components"]["schemas"].clone()
}

#[test]
fn every_code_has_a_status_that_operations_know() {
    let document = read();
    let responses = document["components"]["responses"].as_object().unwrap();
    for entry in entries().filter(|entry| entry.status != 405) {
        let described =
            responses.values().any(|response| response["description"].as_str().unwrap().contains(entry.code));
        assert!(described, "{}", entry.code);
    }
}

/// A path and method that are described are served, and a method that is not described is not.
#[tokio::test]
async fn the_document_and_the_routes_are_the_same() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let described = operations(&document());
    let paths: BTreeSet<_> = described.iter().map(|operation| operation.path.clone()).collect();
    for path in paths {
        let uri = path.replace("{id}", "018f0000-0000-7000-8000-000000000000");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = Request::builder()
                .method(&method)
                .uri(&uri)
                .header("authorization", format!("Bearer {}", tenant.key))
                .body(axum::body::Body::empty())
                .unwrap();
            let answer = world.send(request).await;
            let expected = described.iter().any(|Operation { path: p, method: m, .. }| *p == path && *m == method);
            assert_eq!(answer.status != 405, expected, "{method} {path}: {}", answer.status);
        }
    }
    world.close().await;
}
