//! Uploads: spooled, checked, queued, told about.

use std::{fs, io::Write};

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::Value;

use crate::world::{Answer, Tenant, World, request};

const LEADS: &str = "external_id,name\nx1,Ann\nx2,Ben\n";

async fn upload(
    world: &World,
    tenant: &Tenant,
    query: &str,
    headers: &[(&'static str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request: Request<Body> = request(&tenant.key, Method::POST, &format!("/imports?{query}"), None);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    *request.body_mut() = body.into();
    world.send(request).await
}

fn spooled(world: &World) -> usize {
    fs::read_dir(world.app.spool_dir()).map_or(0, Iterator::count)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_keeps_nothing() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let text = format!("{LEADS}x3,{}\n", "too,many");
    let found = upload(&world, &tenant, "kind=leads&dry_run=true", &[], text).await.expect(200);
    assert_eq!(found["counts"]["rows"], 3, "{found}");
    assert_eq!(found["counts"]["rejected"], 1, "{found}");
    assert_eq!(found["rejected"][0]["line"], 4, "{found}");
    assert_eq!(spooled(&world), 0);
    assert_eq!(world.get(&tenant, "/leads").await.expect(200)["items"], Value::Array(Vec::new()));
    world.close().await;
}

#[tokio::test]
async fn only_a_dry_run_may_follow_guesses() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let text = "Prospect ID,E-mail address\nx1,a@example.com\n";
    let fields = |found: &Value| -> Vec<String> {
        found["mapping"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap().to_owned()).collect()
    };
    let found = upload(&world, &tenant, "kind=leads&dry_run=true", &[], text).await.expect(200);
    assert!(fields(&found).iter().all(|field| field.starts_with("custom.")), "{found}");
    let found = upload(&world, &tenant, "kind=leads&dry_run=true&guess=true", &[], text).await.expect(200);
    assert_eq!(fields(&found), ["external_id", "email"], "{found}");
    let refused = upload(&world, &tenant, "kind=leads&guess=true", &[], text).await.problem(422, "invalid_field");
    assert_eq!(refused["errors"][0]["pointer"], "/guess");
    world.close().await;
}

#[tokio::test]
async fn a_file_is_queued_however_it_was_packed() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for (packing, body) in [
        (None, LEADS.as_bytes().to_vec()),
        (None, gzip(LEADS)),
        (Some("gzip"), gzip(LEADS)),
        (Some("zstd"), zstd::encode_all(LEADS.as_bytes(), 1).unwrap()),
    ] {
        let headers: Vec<_> = packing.into_iter().map(|packing| ("content-encoding", packing)).collect();
        let found = upload(&world, &tenant, "kind=leads&dry_run=true", &headers, body).await.expect(200);
        assert_eq!(found["counts"]["created"], 2, "{packing:?}: {found}");
    }
    let queued = upload(&world, &tenant, "kind=leads&name=leads.csv", &[], LEADS).await;
    assert_eq!(queued.expect(202)["state"], "queued");
    assert_eq!(spooled(&world), 1);
    let path = queued.header("location").trim_start_matches("/api/v1").to_owned();
    let read = world.get(&tenant, &path).await.expect(200);
    assert_eq!((&read["name"], &read["kind"]), (&"leads.csv".into(), &"leads".into()));
    let list = world.get(&tenant, "/imports").await.expect(200);
    assert_eq!(list["items"][0]["id"], read["id"]);
    world.close().await;
}

#[tokio::test]
async fn what_cannot_be_imported_leaves_nothing_behind() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    upload(&world, &tenant, "kind=leads", &[], "").await.problem(400, "unreadable_file");
    upload(&world, &tenant, "kind=leads&mapping=nonsense", &[], LEADS).await.problem(400, "unreadable_file");
    upload(&world, &tenant, "kind=leads", &[("content-encoding", "br")], LEADS)
        .await
        .problem(415, "unsupported_encoding");
    upload(&world, &tenant, "kind=leads", &[("content-encoding", "gzip")], LEADS).await.problem(400, "malformed_body");
    upload(&world, &tenant, "kind=sales", &[], LEADS).await.problem(422, "invalid_field");
    upload(&world, &tenant, "kind=shoes", &[], LEADS).await.problem(422, "invalid_field");
    upload(&world, &tenant, "kind=listings&market=unknown", &[], "listing_key\n1\n")
        .await
        .problem(422, "invalid_field");
    assert_eq!(spooled(&world), 0);
    world.close().await;
}

#[tokio::test]
async fn an_upload_with_a_key_is_queued_once() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let key = [("idempotency-key", "k")];
    let first = upload(&world, &tenant, "kind=leads", &key, LEADS).await;
    first.expect(202);
    let again = upload(&world, &tenant, "kind=leads", &key, LEADS).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, first.body);
    let other = upload(&world, &tenant, "kind=leads", &key, "external_id\nx9\n").await;
    other.problem(422, "idempotency_mismatch");
    assert_eq!(world.get(&tenant, "/imports").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(spooled(&world), 1);
    world.close().await;
}
