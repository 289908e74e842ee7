//! Two leads that are one person: merged, found by either id, taken apart again, and erased together.

use axum::http::Method;
use lintel_domain::scope::Role;
use serde_json::{Value, json};

use crate::world::{Tenant, World};

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

async fn lead(world: &World, tenant: &Tenant, body: Value) -> String {
    let made = world.post(tenant, "/leads", body).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// Ada twice: by name, and as a portal knows her.
async fn twice(world: &World, tenant: &Tenant) -> (String, String) {
    let ada = lead(world, tenant, json!({"name": "Ada", "tags": ["vip"]})).await;
    let portal = json!({
        "external_id": "portal-7", "name": "A. Example", "email": "ada@example.com", "phone": "+1 206 555 0100", "market": "m",
        "tags": ["portal"], "preferences": {"bedrooms": {"min": 3}}, "custom": {"pets": 2},
        "consent": [{"channel": "sms", "status": "revoked", "text": "stop"}, {"channel": "email", "status": "granted"}],
    });
    (ada, lead(world, tenant, portal).await)
}

async fn merge(world: &World, tenant: &Tenant, lead: &str, from: &str) -> crate::world::Answer {
    world.post(tenant, &format!("/leads/{lead}/merge"), json!({"from": from})).await
}

async fn unmerge(world: &World, tenant: &Tenant, lead: &str) -> crate::world::Answer {
    world.call(&tenant.key, Method::POST, &format!("/leads/{lead}/unmerge"), None).await
}

async fn count(world: &World, tenant: &Tenant, path: &str) -> usize {
    world.get(tenant, path).await.expect(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_merged_lead_is_the_other_one_from_then_on() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let (ada, other) = twice(&world, &tenant).await;
    let items = json!({"items": [{"kind": "message_in", "event_id": "m1"}]});
    world.post(&tenant, &format!("/leads/{other}/interactions"), items).await.expect(200);
    world.post(&tenant, &format!("/leads/{other}/notes"), json!({"body": "wants a garden"})).await.expect(201);
    world.post(&tenant, &format!("/leads/{other}/tasks"), json!({"title": "Call"})).await.expect(201);
    let search = json!({"name": "s", "market": "m", "lead_id": other});
    world.post(&tenant, "/saved-searches", search).await.expect(201);

    let answer = merge(&world, &tenant, &ada, &other).await;
    let merged = answer.expect(200);
    assert_eq!(answer.header("etag"), format!("\"{}\"", merged["version"]));
    assert_eq!(
        (&merged["id"], &merged["name"], &merged["email"]),
        (&json!(ada), &json!("Ada"), &json!("ada@example.com"))
    );
    assert_eq!((&merged["external_id"], &merged["tags"]), (&json!("portal-7"), &json!(["portal", "vip"])));
    assert_eq!((&merged["preferences"]["bedrooms"]["min"], &merged["custom"]["pets"]), (&json!(3.0), &json!(2)));
    assert_eq!((&merged["next_step"]["code"], &merged["merged_into"]), (&json!("answer"), &Value::Null));
    assert_eq!(count(&world, &tenant, &format!("/leads/{ada}/timeline")).await, 2);
    assert_eq!(count(&world, &tenant, &format!("/tasks?lead_id={ada}")).await, 1);
    assert_eq!(count(&world, &tenant, &format!("/saved-searches?lead_id={ada}")).await, 1);
    let ledger = world.get(&tenant, &format!("/leads/{ada}/consent")).await.expect(200);
    assert_eq!(ledger["items"].as_array().unwrap().len(), 2, "{ledger}");

    // The other is nowhere but under its own id, which says where it has gone.
    assert_eq!(count(&world, &tenant, "/leads").await, 1);
    assert_eq!(world.get(&tenant, "/leads/counts").await.expect(200)["total"], 1);
    let found = world.get(&tenant, "/search?q=portal-7").await.expect(200);
    assert_eq!(found["groups"][0]["items"][0]["id"], json!(ada), "{found}");
    assert_eq!(
        world.get(&tenant, "/search?q=example").await.expect(200)["groups"][0]["items"].as_array().unwrap().len(),
        1
    );
    let gone = world.get(&tenant, &format!("/leads/{other}")).await.expect(200);
    assert_eq!((&gone["name"], &gone["merged_into"]), (&json!("A. Example"), &json!(ada)));
    let merges = world.get(&tenant, &format!("/leads/{ada}/merges")).await.expect(200);
    assert_eq!((&merges["items"][0]["id"], &merges["items"][0]["at"]), (&json!(other), &json!("2026-05-04T12:00:00Z")));
    let taken = world.post(&tenant, "/leads", json!({"external_id": "portal-7"})).await;
    taken.problem(409, "external_id_taken");

    let patch = json!({"stage": "x"});
    for (method, path, body) in [
        (Method::PATCH, "", Some(patch)),
        (Method::DELETE, "", None),
        (Method::POST, "/notes", Some(json!({"body": "x"}))),
        (Method::POST, "/tasks", Some(json!({"title": "x"}))),
        (Method::POST, "/interactions", Some(json!({"items": [{"kind": "site_visit"}]}))),
        (Method::POST, "/merge", Some(json!({"from": ada}))),
    ] {
        let refused = world.call(&tenant.key, method, &format!("/leads/{other}{path}"), body).await;
        let problem = refused.problem(409, "lead_merged");
        assert_eq!(problem["merged_into"], json!(ada), "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(&ada));
    }
    world.get(&tenant, &format!("/leads/{other}/timeline")).await.problem(404, "not_found");

    // Once more is no more, and is told once.
    let again = merge(&world, &tenant, &ada, &other).await.expect(200);
    assert_eq!(again["version"], merged["version"]);
    let events = world.get(&tenant, "/events?limit=200").await.expect(200);
    let told: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|one| &one["event"]).collect();
    let told: Vec<&Value> = told.into_iter().filter(|event| event["type"] == "lead.merged").collect();
    assert_eq!((told.len(), &told[0]["lead"], &told[0]["from"]), (1, &json!(ada), &json!(other)), "{events}");
    let audit = world.get(&tenant, "/admin/audit").await.expect(200);
    let acts = audit["items"].as_array().unwrap().iter().filter(|act| act["action"] == "lead.merge");
    let acts: Vec<_> = acts.map(|act| (&act["subject"], &act["detail"]["from"])).collect();
    assert_eq!(acts, [(&json!(ada), &json!(other))]);
    world.close().await;
}

#[tokio::test]
async fn a_merge_that_is_taken_back_leaves_both_as_they_were() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let (ada, other) = twice(&world, &tenant).await;
    world.post(&tenant, &format!("/leads/{other}/notes"), json!({"body": "before"})).await.expect(201);
    let before = [
        world.get(&tenant, &format!("/leads/{ada}")).await.json(),
        world.get(&tenant, &format!("/leads/{other}")).await.json(),
    ];
    merge(&world, &tenant, &ada, &other).await.expect(200);
    world.post(&tenant, &format!("/leads/{ada}/notes"), json!({"body": "after"})).await.expect(201);
    let back = unmerge(&world, &tenant, &other).await.expect(200);
    let again = unmerge(&world, &tenant, &other).await.expect(200);
    assert_eq!((&back["id"], &again["version"], &back["merged_into"]), (&json!(other), &back["version"], &Value::Null));
    let same = |now: &Value, then: &Value| {
        for (name, value) in then.as_object().unwrap() {
            if !["version", "updated_at", "last_interaction_at"].contains(&name.as_str()) {
                assert_eq!(&now[name], value, "{name}");
            }
        }
    };
    same(&back, &before[1]);
    same(&world.get(&tenant, &format!("/leads/{ada}")).await.json(), &before[0]);
    for (lead, body) in [(&ada, "after"), (&other, "before")] {
        let timeline = world.get(&tenant, &format!("/leads/{lead}/timeline")).await.expect(200);
        assert_eq!(
            (timeline["items"].as_array().unwrap().len(), &timeline["items"][0]["properties"]["body"]),
            (1, &json!(body))
        );
        let ledger = world.get(&tenant, &format!("/leads/{lead}/consent")).await.expect(200);
        let sms = ledger["items"].as_array().unwrap().iter().find(|entry| entry["channel"] == "sms");
        assert_eq!(sms.unwrap()["status"], "revoked", "what was taken back stays so for both");
    }
    let ledger = world.get(&tenant, &format!("/leads/{ada}/consent")).await.expect(200);
    assert!(ledger["items"].as_array().unwrap().iter().all(|entry| entry["status"] != "granted"), "{ledger}");
    assert_eq!(count(&world, &tenant, &format!("/leads/{ada}/merges")).await, 0);
    assert_eq!(world.get(&tenant, "/leads/counts").await.expect(200)["total"], 2);
    let audit = world.get(&tenant, "/admin/audit").await.expect(200);
    let acts = audit["items"].as_array().unwrap().iter().filter(|act| act["action"] == "lead.unmerge");
    assert_eq!(acts.map(|act| &act["subject"]).collect::<Vec<_>>(), [&json!(ada)]);
    let events = world.get(&tenant, "/events?limit=200").await.expect(200).to_string();
    assert!(events.contains("lead.unmerged"));
    world.close().await;
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_with_its_reason() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    let (ada, portal) = twice(&world, &tenant).await;
    let bob = lead(&world, &tenant, json!({"name": "Bob"})).await;
    let eve = lead(&world, &other, json!({"name": "Eve"})).await;
    let itself = merge(&world, &tenant, &ada, &ada).await.problem(422, "invalid_field");
    assert_eq!((&itself["errors"][0]["pointer"], &itself["errors"][0]["code"]), (&json!("/from"), &json!("same")));
    for (lead, from) in [(ada.as_str(), eve.as_str()), (&eve, &ada), (&ada, NOBODY), (NOBODY, &ada)] {
        merge(&world, &tenant, lead, from).await.problem(404, "not_found");
    }
    for body in [json!({}), json!({"from": "?"}), json!({"from": ada, "into": bob}), json!({"lead": ada})] {
        world.post(&tenant, &format!("/leads/{ada}/merge"), body).await.problem(422, "invalid_field");
    }
    merge(&world, &tenant, &ada, &portal).await.expect(200);
    let elsewhere = merge(&world, &tenant, &bob, &portal).await.problem(409, "lead_merged");
    assert_eq!(elsewhere["merged_into"], json!(ada));
    merge(&world, &tenant, &bob, &ada).await.expect(200);
    let further = unmerge(&world, &tenant, &portal).await.problem(409, "conflict");
    assert!(further["detail"].as_str().unwrap().contains(&bob), "{further}");
    assert_eq!(world.get(&tenant, &format!("/leads/{portal}")).await.expect(200)["merged_into"], json!(bob));
    unmerge(&world, &other, &ada).await.problem(404, "not_found");
    unmerge(&world, &tenant, NOBODY).await.problem(404, "not_found");
    world.get(&other, &format!("/leads/{bob}/merges")).await.problem(404, "not_found");
    world.get(&other, &format!("/leads/{ada}")).await.problem(404, "not_found");
    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    for (path, body) in
        [(format!("/leads/{bob}/merge"), Some(json!({"from": ada}))), (format!("/leads/{ada}/unmerge"), None)]
    {
        world.call(&reader, Method::POST, &path, body).await.problem(403, "forbidden");
    }
    world.call(&reader, Method::GET, &format!("/leads/{bob}/merges"), None).await.expect(200);
    world.close().await;
}

#[tokio::test]
async fn whoever_is_erased_is_erased_under_every_id() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let (ada, other) = twice(&world, &tenant).await;
    merge(&world, &tenant, &ada, &other).await.expect(200);
    world.call(&tenant.key, Method::DELETE, &format!("/leads/{ada}"), None).await.expect(204);
    for lead in [&ada, &other] {
        world.get(&tenant, &format!("/leads/{lead}")).await.problem(404, "not_found");
        unmerge(&world, &tenant, lead).await.problem(404, "not_found");
    }
    let late = merge(&world, &tenant, &ada, &other).await;
    late.problem(404, "not_found");
    let events = world.get(&tenant, "/events?limit=200").await.expect(200);
    let erased = events["items"].as_array().unwrap().iter().map(|one| &one["event"]);
    let erased: Vec<&Value> = erased.filter(|event| event["type"] == "lead.erased").collect();
    let leads = erased[0]["leads"].as_array().unwrap();
    assert!(erased.len() == 1 && leads.contains(&json!(ada)) && leads.contains(&json!(other)), "{events}");
    world.close().await;
}
