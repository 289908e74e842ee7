//! The lead desk: the next step with each lead.

use axum::http::Method;
use lintel_domain::clock::DAY;
use serde_json::{Value, json};

use crate::world::{Tenant, World};

async fn lead(world: &World, tenant: &Tenant, name: &str) -> String {
    let made = world.post(tenant, "/leads", json!({"name": name})).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

async fn did(world: &World, tenant: &Tenant, lead: &str, kind: &str) {
    let items = json!({"items": [{"kind": kind}]});
    world.post(tenant, &format!("/leads/{lead}/interactions"), items).await.expect(200);
}

async fn next_step(world: &World, tenant: &Tenant, lead: &str) -> (Value, Value) {
    let one = world.get(tenant, &format!("/leads/{lead}")).await.expect(200);
    let page = world.get(tenant, "/leads").await.expect(200);
    let listed = page["items"].as_array().unwrap().iter().find(|item| item["id"] == lead).unwrap().clone();
    assert_eq!((&one["next_step"], &one["waiting_since"]), (&listed["next_step"], &listed["waiting_since"]));
    (one["next_step"]["code"].clone(), one["waiting_since"].clone())
}

#[tokio::test]
async fn a_lead_says_what_is_to_be_done_next_and_since_when_it_waits() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let id = lead(&world, &tenant, "Ada").await;
    let step = next_step(&world, &tenant, &id).await;
    assert_eq!(step, (json!("first_contact"), json!("2026-05-04T12:00:00Z")));
    world.clock.advance(DAY);
    did(&world, &tenant, &id, "message_in").await;
    assert_eq!(next_step(&world, &tenant, &id).await, (json!("answer"), json!("2026-05-05T12:00:00Z")));
    did(&world, &tenant, &id, "call_answered").await;
    assert_eq!(next_step(&world, &tenant, &id).await, (Value::Null, Value::Null));
    world.clock.advance(20 * DAY);
    did(&world, &tenant, &id, "site_visit").await;
    assert_eq!(next_step(&world, &tenant, &id).await, (json!("came_back"), json!("2026-05-25T12:00:00Z")));
    let one = world.get(&tenant, &format!("/leads/{id}")).await.expect(200);
    assert_eq!(one["next_step"]["label"], "Call: back after two weeks away");
    assert_eq!((&one["next_step"]["due_at"], &one["top_reason"]), (&Value::Null, &Value::Null));
    world.close().await;
}

#[tokio::test]
async fn counts_are_as_many_as_the_lists_hold_as_of_the_last_write() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    lead(&world, &other, "Eve").await;
    let ada = lead(&world, &tenant, "Ada").await;
    let bob = lead(&world, &tenant, "Bob").await;
    let counts = |path: &'static str| {
        let (world, tenant) = (&world, &tenant);
        async move { world.get(tenant, path).await.expect(200) }
    };
    let expected = json!({"hot": 0, "warm": 0, "cool": 0, "unscored": 2, "follow_up": 2, "total": 2});
    assert_eq!(counts("/leads/counts").await, expected);
    did(&world, &tenant, &ada, "call_answered").await;
    assert_eq!(counts("/leads/counts?follow_up=true&tier=hot").await["follow_up"], 1);
    assert_eq!(counts("/leads/counts?q=ADA").await["total"], 1);
    let waiting = world.get(&tenant, "/leads?follow_up=true").await.expect(200);
    assert_eq!((waiting["items"].as_array().unwrap().len(), &waiting["items"][0]["id"]), (1, &json!(bob)));
    let body = json!({"stage": "viewing", "tags": ["vip"]});
    world.call(&tenant.key, Method::PATCH, &format!("/leads/{bob}"), Some(body)).await.expect(200);
    for query in ["stage=viewing", "tag=vip", "q=bob", "stage=viewing&sort=name"] {
        let listed = world.get(&tenant, &format!("/leads?{query}")).await.expect(200);
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &json!(bob)), "{query}");
    }
    world.call(&tenant.key, Method::DELETE, &format!("/leads/{bob}"), None).await.expect(204);
    assert_eq!(counts("/leads/counts").await["total"], 1);
    assert_eq!(world.get(&tenant, "/leads?q=bob").await.expect(200)["items"], json!([]));
    world.get(&tenant, "/leads/counts?limit=3").await.problem(422, "invalid_field");
    world.close().await;
}
