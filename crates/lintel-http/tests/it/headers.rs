//! Headers on every answer, and what comes without a key.

use axum::{
    body::Body,
    http::{Method, Request},
};
use lintel_http::{Options, document};
use serde_json::json;

use crate::world::{Answer, World, listing, request};

const NEEDED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

#[track_caller]
fn check(answer: &Answer, what: &str) {
    for (name, value) in NEEDED {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
    assert!(!answer.headers.contains_key("server"), "{what}");
    if !answer.body.is_empty() {
        let kind = answer.header("content-type");
        assert!(kind == "application/problem+json" || kind == "application/json; charset=utf-8", "{what}: {kind}");
    }
}

#[tokio::test]
async fn every_operation_and_every_refusal_has_the_headers() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for (path, item) in document().paths.paths {
        let path = path.replace("{id}", "018f0000-0000-7000-8000-000000000000");
        for (method, operation) in [
            (Method::GET, item.get),
            (Method::POST, item.post),
            (Method::PATCH, item.patch),
            (Method::DELETE, item.delete),
        ] {
            if operation.is_none() {
                continue;
            }
            for key in [Some(&tenant.key), None] {
                let mut builder = Request::builder().method(&method).uri(&path);
                if let Some(key) = key {
                    builder = builder.header("authorization", format!("Bearer {key}"));
                }
                let answer = world.send(builder.body(Body::empty()).unwrap()).await;
                assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.text());
                // The pixel is shown by pages of other hosts: its own test looks at its headers.
                if !path.starts_with("/api/v1/track/") {
                    check(&answer, &format!("{method} {path}"));
                }
            }
        }
    }
    check(&world.get(&tenant, "/nothing").await, "unknown route");
    check(&world.send(request(&tenant.key, Method::PUT, "/leads", None)).await, "wrong method");
    world.close().await;
}

#[tokio::test]
async fn a_fault_of_ours_has_the_headers_and_tells_nothing() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    // Nothing can be read any more.
    world.app.close().await;
    let answer = world.get(&tenant, "/leads").await;
    assert!(answer.status.is_server_error(), "{}", answer.text());
    check(&answer, "closed store");
    let text = answer.text();
    assert!(!text.contains("sqlite") && !text.contains("SELECT"), "{text}");
}

#[tokio::test]
async fn probes_answer_without_a_key() {
    let world = World::new().await;
    let probe = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
    assert_eq!(world.send(probe("/livez")).await.expect(200)["live"], true);
    let ready = world.send(probe("/readyz")).await;
    assert!(ready.json()["checks"].as_array().is_some_and(|checks| !checks.is_empty()));
    world.send(probe("/health")).await.problem(404, "unknown_route");
    world.close().await;
}

#[tokio::test]
async fn the_reference_is_a_page_for_everybody() {
    let world = World::new().await;
    let page = |path: &str| Request::builder().uri(path).header("accept", "text/html").body(Body::empty()).unwrap();
    for path in ["/api-docs", "/api-docs/", "/api-docs?op=leads_list"] {
        let answer = world.send(page(path)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(answer.header("content-security-policy").contains("script-src 'self'; style-src 'self';"), "{path}");
        let html = answer.text();
        assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
        assert!(!html.contains("<script>"), "inline script: {html}");
    }
    let document = world.send(page("/api-docs/openapi.json")).await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    assert!(world.send(page("/api-docs/errors/invalid_field")).await.text().starts_with("# invalid_field"));
    world.send(page("/api-docs/errors/nothing")).await.problem(404, "unknown_route");
    world.close().await;
}

#[tokio::test]
async fn a_sane_request_id_is_kept() {
    let world = World::new().await;
    for (given, kept) in [("abc-123", true), ("a b", false), ("", false)] {
        let request = Request::builder().uri("/livez").header("x-request-id", given).body(Body::empty()).unwrap();
        assert_eq!(world.send(request).await.header("x-request-id") == given, kept, "{given:?}");
    }
    world.close().await;
}

#[tokio::test]
async fn transport_security_is_promised_only_over_tls_behind_a_trusted_proxy() {
    for (proxies, promised) in [(vec!["127.0.0.1".parse().unwrap()], true), (Vec::new(), false)] {
        let world = World::with(Options { trusted_proxies: proxies, ..Options::default() }).await;
        let request =
            Request::builder().uri("/livez").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert_eq!(answer.headers.contains_key("strict-transport-security"), promised);
        world.close().await;
    }
}

#[tokio::test]
async fn long_answers_are_compressed_when_asked() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let items: Vec<_> = (0..20).map(|n| listing(&format!("k{n}"))).collect();
    world.post(&tenant, "/listings", json!({"market": "m", "items": items})).await.expect(200);
    for (accept, encoding) in [("gzip", "gzip"), ("zstd", "zstd"), ("br", ""), ("identity", "")] {
        let mut request = request(&tenant.key, Method::POST, "/listings", Some(json!({"market": "m", "items": items})));
        request.headers_mut().insert("accept-encoding", accept.parse().unwrap());
        assert_eq!(world.send(request).await.header("content-encoding"), encoding, "{accept}");
    }
    let mut short = request(&tenant.key, Method::GET, "/session", None);
    short.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    assert_eq!(world.send(short).await.header("content-encoding"), "");
    world.close().await;
}

#[tokio::test]
async fn too_many_requests_of_one_key_are_refused_for_a_while() {
    let world = World::with(Options { requests_per_second: 5, ..Options::default() }).await;
    let tenant = world.tenant("a").await; // One request.
    for _ in 0..4 {
        world.get(&tenant, "/session").await.expect(200);
    }
    let refused = world.get(&tenant, "/session").await;
    refused.problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    world.clock.advance(lintel_domain::clock::SECOND);
    world.get(&tenant, "/session").await.expect(200);
    world.close().await;
}

#[tokio::test]
async fn a_full_server_sheds_but_still_answers_probes() {
    let world = World::with(Options { requests_in_flight: 0, ..Options::default() }).await;
    let request = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
    let shed = world.send(request("/api/v1/leads")).await;
    shed.problem(503, "overloaded");
    assert_eq!((shed.header("retry-after"), shed.header("lintel-shed")), ("1", "requests"));
    world.send(request("/livez")).await.expect(200);
    world.close().await;
}
