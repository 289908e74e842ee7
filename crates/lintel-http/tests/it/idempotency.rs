//! `Idempotency-Key`: the laws of repeating a call.

use axum::{
    body::Body,
    http::{Method, Request},
};
use lintel_domain::clock::DAY;
use serde_json::{Value, json};

use crate::world::{Answer, Tenant, World, request};

async fn keyed(world: &World, tenant: &Tenant, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let mut request: Request<Body> = request(&tenant.key, method, path, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    world.send(request).await
}

async fn count(world: &World, tenant: &Tenant) -> usize {
    world.get(tenant, "/leads?limit=200").await.expect(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_call_again_gets_the_stored_answer() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = json!({"name": "Once"});
    let first = keyed(&world, &tenant, "k1", Method::POST, "/leads", Some(body.clone())).await;
    first.expect(201);
    for _ in 0..3 {
        let again = keyed(&world, &tenant, "k1", Method::POST, "/leads", Some(body.clone())).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("etag"), first.header("etag"));
    }
    assert_eq!(count(&world, &tenant).await, 1);
    world.close().await;
}

#[tokio::test]
async fn another_body_under_the_key_is_refused() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    keyed(&world, &tenant, "k", Method::POST, "/leads", Some(json!({"name": "One"}))).await.expect(201);
    let other = keyed(&world, &tenant, "k", Method::POST, "/leads", Some(json!({"name": "Two"}))).await;
    other.problem(422, "idempotency_mismatch");
    assert_eq!(count(&world, &tenant).await, 1);
    world.close().await;
}

#[tokio::test]
async fn tenant_method_and_path_bound_a_key() {
    let world = World::new().await;
    let (a, b) = (world.tenant("a").await, world.tenant("b").await);
    let body = Some(json!({"name": "Mine"}));
    let mine = keyed(&world, &a, "k", Method::POST, "/leads", body.clone()).await.expect(201);
    let theirs = keyed(&world, &b, "k", Method::POST, "/leads", body.clone()).await.expect(201);
    assert_ne!(mine["id"], theirs["id"]);
    let path = format!("/leads/{}", mine["id"].as_str().unwrap());
    let patched = keyed(&world, &a, "k", Method::PATCH, &path, body).await;
    assert_eq!(patched.header("idempotent-replayed"), "");
    patched.expect(200);
    world.close().await;
}

#[tokio::test]
async fn refusals_are_stored_like_any_answer() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = Some(json!({"name": ""}));
    let first = keyed(&world, &tenant, "k", Method::POST, "/leads", body.clone()).await;
    assert_eq!(first.expect(422)["code"], "invalid_field");
    let again = keyed(&world, &tenant, "k", Method::POST, "/leads", body).await;
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("content-type"), "application/problem+json");
    world.close().await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let first = keyed(&world, &tenant, "k", Method::POST, "/leads/search", Some(json!({}))).await;
    first.expect(200);
    world.clock.advance(DAY + 1);
    let later = keyed(&world, &tenant, "k", Method::POST, "/leads/search", Some(json!({"limit": 1}))).await;
    later.expect(200);
    assert_eq!(later.header("idempotent-replayed"), "");
    world.close().await;
}

#[tokio::test]
async fn a_deletion_can_be_repeated() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let lead = world.post(&tenant, "/leads", json!({"name": "Gone"})).await.expect(201);
    let path = format!("/leads/{}", lead["id"].as_str().unwrap());
    keyed(&world, &tenant, "k", Method::DELETE, &path, None).await.expect(204);
    keyed(&world, &tenant, "k", Method::DELETE, &path, None).await.expect(204);
    world.call(&tenant.key, Method::DELETE, &path, None).await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn a_secret_is_not_stored_with_the_answer() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = Some(json!({"name": "x", "role": "agent"}));
    let first = keyed(&world, &tenant, "k", Method::POST, "/admin/keys", body.clone()).await.expect(201);
    assert!(first["key"].is_string());
    let again = keyed(&world, &tenant, "k", Method::POST, "/admin/keys", body).await.expect(201);
    assert_eq!((&again["id"], &again["key"]), (&first["id"], &Value::Null));
    world.close().await;
}

#[tokio::test]
async fn many_at_once_do_it_once() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = json!({"name": "Once"});
    let calls = (0..20).map(|_| keyed(&world, &tenant, "k", Method::POST, "/leads", Some(body.clone())));
    let answers = futures_util::future::join_all(calls).await;
    for answer in &answers {
        match answer.status.as_u16() {
            201 => {}
            409 => {
                answer.problem(409, "idempotency_running");
                assert!(!answer.header("retry-after").is_empty());
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(count(&world, &tenant).await, 1);
    world.close().await;
}

#[tokio::test]
async fn keys_are_visible_ascii() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let long = "k".repeat(256);
    for bad in ["", " ", "a b", long.as_str()] {
        let answer = keyed(&world, &tenant, bad, Method::POST, "/leads", Some(json!({}))).await;
        answer.problem(400, "malformed_header");
    }
    world.close().await;
}
