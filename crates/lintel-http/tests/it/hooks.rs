//! Events of others at the door: what is signed is taken once, and anything else not at all.

use axum::{
    body::Body,
    http::{Method, Request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lintel_domain::{clock::SECOND, scope::Role};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

use crate::world::{Answer, Tenant, World};

/// The key of these tests: what [`sign`] signs with.
pub(crate) const PUBLIC_KEY: &str = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";

fn sign(body: &[u8]) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    STANDARD.encode(pair.sign(body).as_ref())
}

async fn connect(world: &World, tenant: &Tenant, location: &str) -> String {
    let body = json!({"provider": "highlevel", "location_id": location, "name": "Office", "token": "pit-secret"});
    let made = world.post(tenant, "/connections", body).await.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["webhook_url"], format!("http://localhost/api/v1/hooks/highlevel/{id}"));
    assert_eq!((&made["has_token"], made.get("token")), (&json!(true), None));
    id
}

async fn send(world: &World, connection: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut builder = Request::builder().method(Method::POST).uri(format!("/api/v1/hooks/highlevel/{connection}"));
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    world.send(builder.body(Body::from(body.to_vec())).unwrap()).await
}

async fn deliver(world: &World, connection: &str, body: &[u8]) -> Answer {
    send(world, connection, &[("x-ghl-signature", &sign(body))], body).await
}

fn contact(event: &str, location: &str, said_at: &str) -> Vec<u8> {
    let event =
        json!({"type": "ContactCreate", "webhookId": event, "locationId": location, "timestamp": said_at, "id": "C1"});
    event.to_string().into_bytes()
}

const NOW: &str = "2026-05-04T12:00:00.000Z";

#[tokio::test]
async fn an_event_is_taken_once() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let connection = connect(&world, &tenant, "L1").await;
    let body = contact("w1", "L1", NOW);
    assert_eq!(deliver(&world, &connection, &body).await.expect(200), json!({"status": "stored"}));
    assert_eq!(deliver(&world, &connection, &body).await.expect(200), json!({"status": "duplicate"}));
    let event = world.get(&tenant, "/hooks/events/highlevel/w1").await.expect(200);
    assert_eq!((&event["status"], &event["effects"]), (&json!("stored"), &json!(0)));
    world.get(&tenant, "/hooks/events/highlevel/w2").await.problem(404, "not_found");
    let other = world.tenant("b").await;
    world.get(&other, "/hooks/events/highlevel/w1").await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn events_that_come_together_are_each_taken_once() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let connection = connect(&world, &tenant, "L1").await;
    let bodies: Vec<Vec<u8>> = (0..200).map(|n| contact(&format!("w{}", n % 100), "L1", NOW)).collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|body| deliver(&world, &connection, body))).await;
    let stored = answers.iter().filter(|answer| answer.expect(200)["status"] == "stored").count();
    assert_eq!(stored, 100);
    world.close().await;
}

#[tokio::test]
async fn what_is_not_shown_to_be_from_the_sender_is_refused() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let connection = connect(&world, &tenant, "L1").await;
    let body = contact("w1", "L1", NOW);
    let good = sign(&body);
    for headers in [
        &[][..],
        &[("x-ghl-signature", "N/A")],
        &[("x-ghl-signature", "nonsense")],
        &[("x-ghl-signature", good.as_str()), ("x-ghl-signature", good.as_str())],
        &[("x-wh-signature", good.as_str())],
    ] {
        send(&world, &connection, headers, &body).await.problem(401, "not_trusted");
    }
    let spaced = [&body[..], b" "].concat();
    send(&world, &connection, &[("x-ghl-signature", &good)], &spaced).await.problem(401, "not_trusted");
    let nobody = "018f0000-0000-7000-8000-000000000000";
    deliver(&world, nobody, &body).await.problem(401, "not_trusted");
    deliver(&world, &connection, &contact("w1", "L2", NOW)).await.problem(401, "not_trusted");
    for said_at in ["2026-05-04T09:59:00Z", "2026-05-04T12:06:00Z"] {
        deliver(&world, &connection, &contact("w1", "L1", said_at)).await.problem(401, "not_trusted");
    }
    world.get(&tenant, "/hooks/events/highlevel/w1").await.problem(404, "not_found");

    deliver(&world, &connection, &body).await.expect(200);
    world.clock.advance(3 * 3600 * SECOND);
    deliver(&world, &connection, &body).await.problem(401, "not_trusted");
    world.call(&tenant.key, Method::DELETE, &format!("/connections/{connection}"), None).await.expect(204);
    deliver(&world, &connection, &contact("w2", "L1", NOW)).await.problem(401, "not_trusted");
    world.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_although_it_is_signed() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let connection = connect(&world, &tenant, "L1").await;
    for (body, named) in [
        (r"{}", "/type"),
        (r#"{"type":"X","locationId":"L1"}"#, "/webhookId"),
        (r#"{"type":"X","webhookId":"w","locationId":"L1","webhookId":"v"}"#, "webhookId"),
        (r#"{"type":"X","webhookId":"w","locationId":"L1","a":{"b":1,"b":2}}"#, "`b` is repeated"),
        (r#"{"type":"X","webhookId":"w","locationId":"L1","n":1e999}"#, "number out of range"),
        ("", "EOF"),
    ] {
        let problem = deliver(&world, &connection, body.as_bytes()).await.problem(400, "malformed_event");
        assert!(problem["detail"].as_str().unwrap().contains(named), "{body}: {problem}");
    }
    let body = contact("w1", "L1", NOW);
    let packed = [("x-ghl-signature", &*sign(&body)), ("content-encoding", "gzip")];
    send(&world, &connection, &packed, &body).await.problem(415, "unsupported_encoding");
    world.close().await;
}

#[tokio::test]
async fn when_the_store_does_not_answer_the_sender_is_asked_to_come_again() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let connection = connect(&world, &tenant, "L1").await;
    world.app.close().await;
    let answer = deliver(&world, &connection, &contact("w1", "L1", NOW)).await;
    answer.problem(429, "inbox_full");
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(answer.header("lintel-shed"), "inbox");
    world.close().await;
}

#[tokio::test]
async fn a_location_belongs_to_one_tenant_and_connections_to_administrators() {
    let world = World::new().await;
    let (one, two) = (world.tenant("a").await, world.tenant("b").await);
    let id = connect(&world, &one, "L1").await;
    let again = json!({"provider": "highlevel", "location_id": "L1", "name": "Mine"});
    world.post(&two, "/connections", again.clone()).await.problem(409, "location_taken");
    world.call(&two.key, Method::DELETE, &format!("/connections/{id}"), None).await.problem(404, "not_found");
    assert_eq!(world.get(&two, "/connections").await.expect(200)["items"], json!([]));
    let items = world.get(&one, "/connections").await.expect(200)["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    let agent = world.key(&one.owner, Role::Agent).await;
    world.call(&agent, Method::POST, "/connections", Some(again)).await.problem(403, "forbidden");
    for (body, pointer) in [
        (json!({"provider": "other", "location_id": "L2", "name": "x"}), "/provider"),
        (json!({"provider": "highlevel", "location_id": "", "name": "x"}), "/location_id"),
        (json!({"provider": "highlevel", "location_id": "L2"}), "/name"),
    ] {
        let problem: Value = world.post(&one, "/connections", body).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    world.close().await;
}
