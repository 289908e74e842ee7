//! The lead desk: the next step with each lead, counts, notes, tasks, leads that are put off, what users are told, and daily figures.

use axum::http::Method;
use lintel_app::{Paging, Principal, ReadNotifications, Roles};
use lintel_domain::{
    clock::DAY,
    id::UserId,
    scope::{Actor, Role},
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::world::{Tenant, World, listing};

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
    let path = format!("/leads/{id}/notes/{}", note["id"].as_str().unwrap());
    world.call(&tenant.key, Method::DELETE, &path, None).await.expect(204);
    let timeline = world.get(&tenant, &format!("/leads/{id}/timeline?kind=note")).await.expect(200);
    let properties = &timeline["items"][0]["properties"];
    assert_eq!(
        (&properties["body"], &properties["author"]),
        (&Value::Null, &note["author"]),
        "that there was one stays"
    );
    assert!(properties["deleted_by"].is_string());
    let events = world.get(&tenant, "/events").await.expect(200);
    let told = events["items"].as_array().unwrap().iter().filter(|one| one["event"]["type"] == "note.deleted");
    assert_eq!(told.count(), 1, "{events}");
    world.call(&tenant.key, Method::DELETE, &path, None).await.problem(404, "not_found");
    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    world.call(&reader, Method::DELETE, &path, None).await.problem(403, "forbidden");
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

#[tokio::test]
async fn anything_is_found_by_a_few_words_with_a_typo() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    for owner in [&tenant, &other] {
        let body = json!({"name": "Maria Johnson", "phone": "+1 206 555 0100", "email": "maria@example.com"});
        world.post(owner, "/leads", body).await.expect(201);
    }
    let mut home = listing("mls-77");
    home["remarks"] = json!("a waterfront garden");
    home["address"] = json!({"line": "12 Harbor Street", "city": "Seattle"});
    world.post(&tenant, "/listings", json!({"market": "m", "items": [home]})).await.expect(200);
    world.post(&tenant, "/saved-searches", json!({"name": "Waterfront homes", "market": "m"})).await.expect(201);
    world.post(&tenant, "/markets", json!({"slug": "king-county", "name": "King County"})).await.expect(201);
    let found = |q: &'static str| {
        let (world, tenant) = (&world, &tenant);
        async move {
            let groups = world.get(tenant, &format!("/search?q={q}")).await.expect(200)["groups"].clone();
            let all = groups.as_array().unwrap().iter().flat_map(|group| group["items"].as_array().unwrap().clone());
            all.map(|hit| (hit["kind"].as_str().unwrap().to_owned(), hit["title"].as_str().unwrap().to_owned()))
                .collect::<Vec<_>>()
        }
    };
    let hit = |kind: &str, title: &str| (kind.to_owned(), title.to_owned());
    assert_eq!(found("jonson").await, [hit("lead", "Maria Johnson")]);
    assert_eq!(found("2065550100").await, [hit("lead", "Maria Johnson")]);
    assert_eq!(found("maria%40example").await, [hit("lead", "Maria Johnson")]);
    assert_eq!(found("mls-77").await, [hit("listing", "12 Harbor Street")]);
    assert_eq!(found("harbour").await, [hit("listing", "12 Harbor Street")]);
    let waterfront = [hit("listing", "12 Harbor Street"), hit("saved_search", "Waterfront homes")];
    assert_eq!(found("waterfornt").await, waterfront);
    assert_eq!(found("kings").await, [hit("market", "King County")]);
    assert!(found("zzzz").await.is_empty() && found("%20--").await.is_empty());
    world.get(&tenant, "/search?q=").await.problem(422, "invalid_field");
    world.get(&tenant, "/search?q=a&limit=21").await.problem(422, "invalid_field");
    world.close().await;
}

/// The key of a session of a new agent, and the agent's id.
async fn agent(world: &World, tenant: &Tenant) -> (Principal, Value) {
    let user = json!({"email": "bob@example.com", "role": "agent", "password": "a long password"});
    let id = world.post(tenant, "/admin/users", user).await.expect(201)["id"].clone();
    let user: UserId = id.as_str().unwrap().parse().unwrap();
    (Principal { actor: Actor::User(user), role: Role::Agent, ..tenant.owner }, id)
}

async fn due_jobs_done(world: &World, tenant: &Tenant) -> usize {
    let done = world.get(tenant, "/admin/jobs?state=done").await.expect(200);
    done["items"].as_array().unwrap().iter().filter(|job| job["kind"] == "task_due").count()
}

#[tokio::test]
async fn an_agent_hears_of_leads_that_are_handed_over_and_of_tasks_that_are_due() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let (bob, id) = agent(&world, &tenant).await;
    let ada = world.post(&tenant, "/leads", json!({"name": "Ada", "assignee": id})).await.expect(201)["id"].clone();
    let path = format!("/leads/{}/tasks", ada.as_str().unwrap());
    let due = json!({"title": "Call", "due_at": "2026-05-04T12:00:00Z"});
    world.post(&tenant, &path, due).await.expect(201);
    let moved =
        world.post(&tenant, &path, json!({"title": "Later", "due_at": "2026-05-04T12:00:00Z"})).await.expect(201);
    let home = json!({"market": "m", "items": [listing("mls-1")]});
    let home = world.post(&tenant, "/listings", home).await.expect(200)["results"][0]["id"].clone();
    let saved = json!({"items": [{"kind": "listing_save", "listing_id": home}]});
    world.post(&tenant, &format!("/leads/{}/interactions", ada.as_str().unwrap()), saved).await.expect(200);
    let later = json!({"due_at": "2026-05-09T12:00:00Z"});
    let at = format!("/tasks/{}", moved["id"].as_str().unwrap());
    world.call(&tenant.key, Method::PATCH, &at, Some(later)).await.expect(200);

    let stop = CancellationToken::new();
    world.app.start(Roles { api: false, followers: true, worker: true }, &world.tasks, &stop);
    let told = loop {
        let page = world.app.notifications(&bob, true, Paging::default()).await.unwrap();
        // A new lead may be hot at once; that comes, too, and says nothing here.
        let mut titles: Vec<String> = page.listed.items.into_iter().map(|one| one.title).collect();
        titles.retain(|title| !title.contains("hot"));
        if titles.len() >= 3 && due_jobs_done(&world, &tenant).await == 2 {
            titles.sort();
            break titles;
        }
        tokio::task::yield_now().await;
    };
    let expected = ["Ada saved a home", "Ada was handed to you", "Task due: Call"];
    assert_eq!(told, expected, "a task that was moved is not due");
    let page = world.app.notifications(&bob, false, Paging::default()).await.unwrap();
    let newest = page.listed.items[0].notification.id;
    assert_eq!(world.app.notifications_read(&bob, ReadNotifications::UpTo(newest)).await.unwrap(), 0);
    let of_a_key = world.get(&tenant, "/notifications?unread=true").await.expect(200);
    assert_eq!(of_a_key, json!({"items": [], "next_cursor": null, "unread": 0}));
    assert_eq!(world.post(&tenant, "/notifications/read", json!({"ids": []})).await.expect(200), json!({"unread": 0}));
    world.post(&tenant, "/notifications/read", json!({})).await.problem(422, "invalid_field");
    stop.cancel();
    world.close().await;
}

#[tokio::test]
async fn figures_follow_what_happens_to_leads() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let stop = CancellationToken::new();
    world.app.start(Roles { api: false, followers: true, worker: false }, &world.tasks, &stop);
    let read = |query: &'static str| {
        let (world, tenant) = (&world, &tenant);
        async move { world.get(tenant, &format!("/analytics/leads?{query}")).await.expect(200) }
    };
    let until = |wanted: Value| {
        let read = &read;
        async move {
            loop {
                let mut total = read("by=source").await["total"].clone();
                // A model may find anybody hot.
                total.as_object_mut().unwrap().remove("hot");
                if total == wanted {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let ada = lead(&world, &tenant, "Ada").await;
    let bob = world.post(&tenant, "/leads", json!({"name": "Bob", "source": "portal"})).await.expect(201);
    world.clock.advance(90 * 60 * 1_000_000);
    did(&world, &tenant, &ada, "call_missed").await;
    let won = json!({"outcome": "won"});
    world.call(&tenant.key, Method::PATCH, &format!("/leads/{ada}"), Some(won)).await.expect(200);
    let figures = |new: u64, won: u64, contacted: u64, median: Value| json!({"key": null, "new": new, "won": won, "lost": 0, "contacted": contacted, "responded": contacted, "median_response_minutes": median});
    until(figures(2, 1, 1, json!(90.0))).await;
    let by_source = read("by=source").await;
    let keys: Vec<&Value> = by_source["items"].as_array().unwrap().iter().map(|item| &item["key"]).collect();
    assert_eq!(keys, [&Value::Null, &json!("portal")]);
    assert_eq!(read("by=day&source=portal").await["items"][0]["key"], "2026-05-04");
    assert_eq!(read("to=2026-05-03").await["items"], json!([]));
    world.call(&tenant.key, Method::DELETE, &format!("/leads/{ada}"), None).await.expect(204);
    until(figures(1, 0, 0, Value::Null)).await;
    assert_eq!(bob["source"], "portal");
    for query in ["from=2026-05-04&to=2026-05-03", "from=2020-01-01", "by=nothing"] {
        world.get(&tenant, &format!("/analytics/leads?{query}")).await.problem(422, "invalid_field");
    }
    stop.cancel();
    world.close().await;
}
