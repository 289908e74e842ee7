//! Bad bodies: each class is refused, with the place of the fault where there is one.

use std::{convert::Infallible, io::Write};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request},
};
use futures_util::stream;
use serde_json::{Value, json};

use crate::world::{Answer, Tenant, World, request};

async fn post_raw(world: &World, tenant: &Tenant, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    let mut builder = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {}", tenant.key));
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        builder = builder.header("content-type", "application/json");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    world.send(builder.body(body).unwrap()).await
}

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let deep = format!(r#"{{"custom":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        br#"{"name":}"#,
        br#"{"custom":{"x":NaN}}"#,
        br#"{"custom":{"x":Infinity}}"#,
        br#"{"custom":{"x":1e400}}"#,
        br#"{"name":"\ud800"}"#,
        b"{\"name\":\"\xff\xfe\"}",
        b"\xff",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = post_raw(&world, &tenant, "/leads", &[], Body::from(body.to_vec())).await;
        answer.problem(400, "malformed_json");
    }
    world.close().await;
}

#[tokio::test]
async fn refused_fields_are_named_by_pointers() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let cases = [
        ("/leads", json!([]), ""),
        ("/leads", json!({"name": 5}), "/name"),
        ("/leads", json!({"nmae": "x"}), "/nmae"),
        ("/leads", json!({"name": "a\u{0}b"}), "/name"),
        ("/leads", json!({"custom": {"a": [1]}}), "/custom/a"),
        ("/leads", json!({"market": "No Slug"}), "/market"),
        ("/leads", json!({"market": "unknown"}), "/market"),
        ("/leads", json!({"preferences": {"price": {"min": 2, "max": 1}}}), "/preferences/price"),
        ("/leads", json!({"preferences": {"bedrooms": [1, 2]}}), "/preferences/bedrooms"),
        ("/leads", json!({"consent": [{"channel": "fax", "status": "granted"}]}), "/consent/0/channel"),
        ("/leads", json!({"name": ""}), "/name"),
        ("/leads/search", json!({"limit": 0}), "/limit"),
        ("/leads/search", json!({"limit": 201}), "/limit"),
        ("/leads/search", json!({"sort": "shoe_size"}), "/sort"),
        ("/leads/score", json!({"leads": []}), "/leads"),
        ("/leads/score", json!({"leads": [{}]}), "/leads/0"),
        ("/leads/score", json!({"leads": [{"facts": {"x": {}}}]}), "/leads/0/facts/x"),
        ("/listings", json!({"market": "m", "items": [{}]}), "/items/0/listing_key"),
        (
            "/listings",
            json!({"market": "m", "items": [{"listing_key": "a", "latitude": 91, "longitude": 0}]}),
            "/items/0/latitude",
        ),
        ("/listings", json!({"market": "m", "items": [{"listing_key": "a", "latitude": 1}]}), "/items/0/longitude"),
        ("/listings", json!({"market": "m", "items": [{"listing_key": "a", "bedrooms": -1}]}), "/items/0/bedrooms"),
        ("/listings", json!({"market": "x", "items": [{"listing_key": "a"}]}), "/market"),
        ("/listings/search", json!({"market": "x"}), "/market"),
        ("/listings/search", json!({"market": "m", "near": {"latitude": 0, "longitude": 0, "radius_m": 0}}), "/near"),
        ("/listings/search", json!({"market": "m", "polygon": [[0, 0], [1, 1]]}), "/polygon"),
        ("/listings/search", json!({"market": "m", "filters": {"status": ["sold"]}}), "/filters/status/0"),
        ("/listings/clusters", json!({"market": "m", "bbox": [0, 5, 1, 4], "zoom": 3}), "/bbox"),
        ("/listings/clusters", json!({"market": "m", "bbox": [0, 0, 1, 1], "zoom": 23}), "/zoom"),
        ("/properties/match", json!({"market": "m"}), "/preferences"),
        ("/pricing/estimate", json!({"market": "m", "home": {}, "comparables": 51}), "/comparables"),
        ("/pricing/estimate", json!({"market": "x", "home": {}}), "/market"),
        ("/pricing/estimate", json!({"market": "m", "home": {}, "as_of": "yesterday"}), "/as_of"),
        ("/saved-searches", json!({"name": "x", "market": "x"}), "/market"),
        ("/admin/keys", json!({"name": "x", "role": "king"}), "/role"),
        ("/admin/users", json!({"email": "a@b.example", "role": "agent", "password": "short"}), "/password"),
        ("/markets", json!({"slug": "new", "currency": "dollars"}), "/currency"),
    ];
    for (path, body, place) in cases {
        let answer = world.post(&tenant, path, body.clone()).await;
        let problem = answer.problem(422, "invalid_field");
        let places: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|field| field["pointer"].clone()).collect();
        assert!(places.contains(&json!(place)), "{path} {body}: {problem}");
    }
    world.close().await;
}

#[tokio::test]
async fn every_refused_field_is_listed() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = json!({"name": "", "email": "", "tags": ["", "ok"]});
    let problem = world.post(&tenant, "/leads", body).await.problem(422, "invalid_field");
    let places: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|field| &field["pointer"]).collect();
    assert_eq!(places, ["/name", "/email", "/tags/0"]);
    world.close().await;
}

#[tokio::test]
async fn query_strings_are_read_strictly() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for (query, place) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=x", "/limit"),
        ("tier=boiling", "/tier"),
        ("unknown=1", "/unknown"),
        ("sort=shoe_size", "/sort"),
        ("q=a%00b", "/q"),
        ("market=No%20Slug", "/market"),
    ] {
        let problem = world.get(&tenant, &format!("/leads?{query}")).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], place, "{query}: {problem}");
    }
    world.get(&tenant, "/leads?q=%ff").await.problem(400, "malformed_query");
    world.get(&tenant, "/leads?cursor=nonsense").await.problem(400, "bad_cursor");
    world.close().await;
}

#[tokio::test]
async fn bodies_are_bounded_packed_or_not() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;

    // A hundred megabytes without a length: reading stops at the bound.
    let piece = Bytes::from(vec![b' '; 1 << 20]);
    let pieces = stream::iter((0..100).map(move |_| Ok::<_, Infallible>(piece.clone())));
    post_raw(&world, &tenant, "/leads", &[], Body::from_stream(pieces)).await.problem(413, "too_large");

    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..64 {
        packer.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    post_raw(&world, &tenant, "/leads", &[("content-encoding", "gzip")], bomb.into()).await.problem(413, "too_large");
    let bomb = zstd::encode_all(&vec![b' '; 64 << 20][..], 3).unwrap();
    post_raw(&world, &tenant, "/leads", &[("content-encoding", "zstd")], bomb.into()).await.problem(413, "too_large");

    let many = format!("[{}1]", "1,".repeat(300_000));
    post_raw(&world, &tenant, "/leads", &[], many.into()).await.problem(413, "too_many_values");
    let columns: Value = (0..5_000).map(|n| (format!("c{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    let problem = world.post(&tenant, "/leads", json!({"custom": columns})).await.problem(422, "invalid_field");
    assert_eq!(problem["errors"][0]["pointer"], "/custom");
    world.close().await;
}

#[tokio::test]
async fn packed_bodies_are_unpacked_and_others_refused() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let text = json!({"name": "Packed"}).to_string();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    let gzip = packer.finish().unwrap();
    let created = post_raw(&world, &tenant, "/leads", &[("content-encoding", "gzip")], gzip.clone().into()).await;
    assert_eq!(created.expect(201)["name"], "Packed");
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let created = post_raw(&world, &tenant, "/leads", &[("content-encoding", "zstd")], zstd.into()).await;
    assert_eq!(created.expect(201)["name"], "Packed");

    for stacked in ["br", "deflate", "gzip, gzip", "gzip,identity"] {
        let answer = post_raw(&world, &tenant, "/leads", &[("content-encoding", stacked)], gzip.clone().into()).await;
        answer.problem(415, "unsupported_encoding");
    }
    let answer = post_raw(&world, &tenant, "/leads", &[("content-encoding", "gzip")], "no gzip".into()).await;
    answer.problem(400, "malformed_body");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "text/json", "x"] {
        let answer = post_raw(&world, &tenant, "/leads", &[("content-type", kind)], text.clone().into()).await;
        answer.problem(415, "unsupported_media_type");
    }
    world.close().await;
}

#[tokio::test]
async fn ids_that_cannot_exist_are_not_found() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for id in ["x", "1", "00000000-0000-0000-0000-000000000000", "%27%20or%201=1--", "%00", "a%2Fb"] {
        world.get(&tenant, &format!("/leads/{id}")).await.problem(404, "not_found");
    }
    world.get(&tenant, "/markets/unknown").await.problem(404, "not_found");
    world.get(&tenant, "/markets/unknown/places").await.problem(404, "not_found");
    world.get(&tenant, "/markets/No%20Slug").await.problem(404, "not_found");
    world.get(&tenant, "/nothing").await.problem(404, "unknown_route");
    let answer = world.send(request(&tenant.key, Method::PUT, "/leads", None)).await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST,GET,HEAD");
    world.close().await;
}
