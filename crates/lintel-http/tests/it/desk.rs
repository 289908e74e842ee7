//! The lead desk: the next step with each lead, counts, notes, tasks, and leads that are put off.

use axum::http::Method;
use lintel_domain::{clock::DAY, scope::Role};
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
    let expected = json!({"hot": 0, "warm": 0, "cool": 0, "unscored": 2, "follow_up": 2, "snoozed": 0, "total": 2});
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

#[tokio::test]
async fn a_note_is_an_item_of_the_timeline() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let id = lead(&world, &tenant, "Ada").await;
    let note =
        world.post(&tenant, &format!("/leads/{id}/notes"), json!({"body": "<b>call</b> back"})).await.expect(201);
    let timeline = world.get(&tenant, &format!("/leads/{id}/timeline?kind=note")).await.expect(200);
    let item = &timeline["items"][0];
    assert_eq!((&item["id"], &item["properties"]["body"]), (&note["id"], &json!("<b>call</b> back")));
    assert_eq!(item["properties"]["author"], note["author"]);
    let events = world.get(&tenant, "/events").await.expect(200);
    let told = events["items"].as_array().unwrap().iter().filter(|one| one["event"]["type"] == "note.created");
    assert_eq!(told.count(), 1, "{events}");
    world.post(&tenant, &format!("/leads/{id}/notes"), json!({"body": ""})).await.problem(422, "invalid_field");
    let nobody = "/leads/00000000-0000-7000-8000-000000000000";
    world.post(&tenant, &format!("{nobody}/notes"), json!({"body": "x"})).await.problem(404, "not_found");
    world.post(&tenant, &format!("{nobody}/tasks"), json!({"title": "x"})).await.problem(404, "not_found");
    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    for (path, body) in [("notes", json!({"body": "x"})), ("tasks", json!({"title": "x"}))] {
        let path = format!("/leads/{id}/{path}");
        world.call(&reader, Method::POST, &path, Some(body)).await.problem(403, "forbidden");
    }
    world.close().await;
}

#[tokio::test]
async fn a_task_decides_the_next_step_until_it_is_done() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    let id = lead(&world, &tenant, "Ada").await;
    let user = json!({"email": "bob@example.com", "role": "agent", "password": "a long password"});
    let agent = world.post(&tenant, "/admin/users", user).await.expect(201)["id"].clone();
    let path = format!("/leads/{id}/tasks");
    let body = json!({"title": "Call", "due_at": "2026-05-05T12:00:00Z", "assignee": agent});
    let task = world.post(&tenant, &path, body).await.expect(201);
    assert_eq!((&task["state"], &task["lead_name"], &task["overdue"]), (&json!("open"), &json!("Ada"), &json!(false)));
    world.post(&tenant, &path, json!({"title": "Some day"})).await.expect(201);
    assert_eq!(next_step(&world, &tenant, &id).await, (json!("planned_task"), Value::Null));
    assert_eq!(world.get(&tenant, "/leads/counts").await.expect(200)["follow_up"], 0);
    world.clock.advance(DAY);
    assert_eq!(next_step(&world, &tenant, &id).await, (json!("overdue_task"), json!("2026-05-05T12:00:00Z")));
    assert_eq!(world.get(&tenant, "/leads/counts").await.expect(200)["follow_up"], 1);

    let at = format!("/tasks/{}", task["id"].as_str().unwrap());
    let list = |query: &'static str| {
        let (world, tenant) = (&world, &tenant);
        async move { world.get(tenant, &format!("/tasks?{query}")).await.expect(200)["items"].as_array().unwrap().len() }
    };
    assert_eq!((list("").await, list("due_before=2026-05-06T00:00:00Z").await, list("state=done").await), (2, 1, 0));
    let change = |body: Value| world.call(&tenant.key, Method::PATCH, &at, Some(body));
    let done = change(json!({"done": true})).await.expect(200);
    assert_eq!((&done["state"], &done["done_at"]), (&json!("done"), &json!("2026-05-05T12:00:00Z")));
    assert_eq!((list("").await, list("state=done").await), (1, 1));
    let opened =
        change(json!({"done": false, "title": "Call again", "due_at": null, "assignee": null})).await.expect(200);
    let told = (&opened["title"], &opened["due_at"], &opened["assignee"], &opened["done_at"]);
    assert_eq!(told, (&json!("Call again"), &Value::Null, &Value::Null, &Value::Null));
    let stranger = json!({"assignee": "00000000-0000-7000-8000-000000000000"});
    assert_eq!(change(stranger).await.problem(422, "invalid_field")["errors"][0]["pointer"], "/assignee");

    world.get(&other, &at).await.problem(404, "not_found");
    world.call(&other.key, Method::PATCH, &at, Some(json!({"done": true}))).await.problem(404, "not_found");
    world.call(&other.key, Method::DELETE, &at, None).await.problem(404, "not_found");
    world.call(&tenant.key, Method::DELETE, &at, None).await.expect(204);
    world.get(&tenant, &at).await.problem(404, "not_found");
    let events = world.get(&tenant, "/events").await.expect(200).to_string();
    for kind in ["task.created", "task.done", "task.updated", "task.deleted"] {
        assert!(events.contains(kind), "{kind}");
    }
    world.close().await;
}

#[tokio::test]
async fn a_lead_that_is_put_off_is_listed_when_asked_for_and_comes_back() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let id = lead(&world, &tenant, "Ada").await;
    lead(&world, &tenant, "Bob").await;
    let put_off = |until: Value| {
        let (world, tenant, path) = (&world, &tenant, format!("/leads/{id}"));
        async move { world.call(&tenant.key, Method::PATCH, &path, Some(json!({"snoozed_until": until}))).await.expect(200) }
    };
    let put = put_off(json!("2026-05-06T12:00:00Z")).await;
    assert_eq!((&put["snoozed_until"], &put["version"]), (&json!("2026-05-06T12:00:00Z"), &json!(2)));
    let listed = |query: &'static str| {
        let (world, tenant) = (&world, &tenant);
        async move { world.get(tenant, &format!("/leads?{query}")).await.expect(200)["items"].as_array().unwrap().len() }
    };
    for (query, count) in
        [("", 1), ("q=a", 0), ("snoozed=only", 1), ("snoozed=include", 2), ("snoozed=include&q=ada", 1)]
    {
        assert_eq!(listed(query).await, count, "{query}");
    }
    let counts = world.get(&tenant, "/leads/counts").await.expect(200);
    assert_eq!((&counts["snoozed"], &counts["total"], &counts["follow_up"]), (&json!(1), &json!(1), &json!(1)));
    world.clock.advance(2 * DAY);
    assert_eq!(listed("").await, 2);
    put_off(json!("2026-06-01T12:00:00Z")).await;
    assert_eq!(listed("").await, 1);
    did(&world, &tenant, &id, "message_in").await;
    assert_eq!(listed("").await, 2, "a lead that asks is not put off any longer");
    put_off(json!("2026-06-01T12:00:00Z")).await;
    put_off(Value::Null).await;
    assert_eq!(listed("follow_up=true").await, 2);
    world.close().await;
}
