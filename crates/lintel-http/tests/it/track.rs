//! Tracking links: they record what the lead agreed to and tell the caller nothing.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::world::{Answer, Tenant, World, listing};

/// A tenant with a lead that said this of tracking, a home, and a link to both.
struct Linked {
    tenant: Tenant,
    lead: String,
    token: String,
}

async fn linked(world: &World, slug: &str, consent: &[&str]) -> Linked {
    let tenant = world.tenant(slug).await;
    let consent: Vec<Value> = consent.iter().map(|status| json!({"channel": "tracking", "status": status})).collect();
    let lead = world.post(&tenant, "/leads", json!({"name": "Ada", "consent": consent})).await.expect(201);
    let lead = lead["id"].as_str().unwrap().to_owned();
    let home = world.post(&tenant, "/listings", json!({"market": "m", "items": [listing("a")]})).await.expect(200);
    let body = json!({"listing_id": home["results"][0]["id"]});
    let link = world.post(&tenant, &format!("/leads/{lead}/tracking-links"), body).await.expect(201);
    let token = link["token"].as_str().unwrap().to_owned();
    assert_eq!(link["pixel"], format!("/api/v1/track/{token}.gif"));
    Linked { tenant, lead, token }
}

/// Loads a pixel as a browser does, without a key.
async fn pixel(world: &World, token: &str, headers: &[(&str, &str)]) -> Answer {
    let mut builder = Request::builder().uri(format!("/api/v1/track/{token}.gif")).header("host", "localhost");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    world.send(builder.body(Body::empty()).unwrap()).await
}

async fn post(world: &World, body: &Value) -> Answer {
    let builder = Request::builder().method(Method::POST).uri("/api/v1/track").header("host", "localhost");
    let request = builder.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    world.send(request).await
}

async fn views(world: &World, of: &Linked) -> usize {
    let timeline = world.get(&of.tenant, &format!("/leads/{}/timeline", of.lead)).await.expect(200);
    let items = timeline["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["kind"] == "listing_view" && item["listing_id"].is_string()));
    items.len()
}

/// Waits until a lead has this many views.
async fn until(world: &World, of: &Linked, count: usize) {
    while views(world, of).await != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_view_is_recorded_when_the_lead_agreed_and_the_browser_does_not_refuse() {
    let world = World::new().await;
    let agreed = linked(&world, "agreed", &["revoked", "granted"]).await;
    let revoked = linked(&world, "revoked", &["granted", "revoked"]).await;
    let silent = linked(&world, "silent", &[]).await;
    for refusal in ["sec-gpc", "dnt"] {
        pixel(&world, &agreed.token, &[(refusal, "1")]).await;
    }
    for other in [&revoked, &silent] {
        pixel(&world, &other.token, &[]).await;
    }
    pixel(&world, &agreed.token, &[("dnt", "0")]).await;
    until(&world, &agreed, 1).await;
    post(&world, &json!({"token": agreed.token})).await.expect(204);
    world.clock.advance(600_000_000);
    post(&world, &json!({"token": agreed.token})).await.expect(204);
    until(&world, &agreed, 2).await;
    assert_eq!((views(&world, &revoked).await, views(&world, &silent).await), (0, 0));
    world.close().await;
}

#[tokio::test]
async fn the_answer_tells_nothing() {
    let world = World::new().await;
    let agreed = linked(&world, "agreed", &["granted"]).await;
    let silent = linked(&world, "silent", &[]).await;
    let mut forged = agreed.token.clone();
    forged.replace_range(0..1, if forged.starts_with('A') { "B" } else { "A" });
    let told = |answer: Answer| {
        let mut headers: Vec<(String, String)> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        (answer.status, headers, answer.body)
    };
    let first = told(pixel(&world, &agreed.token, &[]).await);
    assert_eq!((first.0.as_u16(), first.2.len()), (200, 43));
    assert!(first.1.iter().all(|(name, _)| name != "set-cookie"));
    assert!(first.1.contains(&("cross-origin-resource-policy".to_owned(), "cross-origin".to_owned())));
    assert!(first.1.contains(&("cache-control".to_owned(), "no-store".to_owned())));
    for token in [silent.token.as_str(), &forged, "nonsense", "A"] {
        assert_eq!(told(pixel(&world, token, &[]).await), first, "{token}");
        assert_eq!(post(&world, &json!({"token": token})).await.status, 204, "{token}");
    }
    assert_eq!(told(pixel(&world, &agreed.token, &[("sec-gpc", "1")]).await), first);
    until(&world, &agreed, 1).await;
    world.close().await;
}

#[tokio::test]
async fn a_link_is_made_for_what_is_the_tenants_own() {
    let world = World::new().await;
    let (one, other) = (linked(&world, "one", &[]).await, linked(&world, "other", &[]).await);
    let home =
        world.post(&other.tenant, "/listings", json!({"market": "m", "items": [listing("a")]})).await.expect(200);
    let body = json!({"listing_id": home["results"][0]["id"]});
    let path = format!("/leads/{}/tracking-links", one.lead);
    let refused = world.post(&one.tenant, &path, body.clone()).await.problem(422, "invalid_field");
    assert_eq!(refused["errors"][0]["pointer"], "/listing_id");
    world.post(&other.tenant, &path, body).await.problem(404, "not_found");
    world.close().await;
}
