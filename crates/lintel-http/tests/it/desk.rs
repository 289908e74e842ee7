//! The lead desk: the next step with each lead.

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
