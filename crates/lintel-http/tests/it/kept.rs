//! Answers that are kept: nobody gets one from before what they were told is written.

use std::time::Duration;

use http::Method;
use lintel_domain::clock::SECOND;
use serde_json::{Value, json};

use crate::world::{Tenant, World, listing};

/// Asks until the answer is as wanted: the listing index follows the log within a second.
async fn until(world: &World, tenant: &Tenant, path: &str, body: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..500 {
        let answer = world.post(tenant, path, body.clone()).await.expect(200);
        if wanted(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{path} never was as wanted");
}

/// Waits until this process has heard by the log of all that it wrote itself, and `ask` misses nothing any more.
async fn until_kept(world: &World, tenant: &Tenant, namespace: &str, mut ask: impl AsyncFnMut()) {
    for _ in 0..500 {
        let before = misses(world, tenant, namespace).await;
        ask().await;
        if misses(world, tenant, namespace).await == before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing is kept");
}

async fn misses(world: &World, tenant: &Tenant, namespace: &str) -> u64 {
    let summary = world.get(tenant, "/performance/summary").await.expect(200);
    let caches = summary["caches"].as_array().unwrap();
    caches.iter().find(|cache| cache["namespace"] == namespace).unwrap()["misses"].as_u64().unwrap()
}

#[tokio::test]
async fn a_score_is_made_once_and_anew_after_everything_that_changes_it() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let made = world.post(&tenant, "/leads", json!({"name": "Ada", "source": "portal"})).await.expect(201);
    let id = made["id"].as_str().unwrap();
    let ask = json!({"leads": [{"id": id}], "explain": true});
    let score = async || world.post(&tenant, "/leads/score", ask.clone()).await.expect(200)["scores"][0].clone();

    until_kept(&world, &tenant, "scores", async || drop(score().await)).await;
    let first = score().await;
    world.clock.advance(SECOND);
    assert_eq!(score().await, first, "kept");
    assert_eq!(world.get(&tenant, &format!("/leads/{id}/score")).await.expect(200), first, "by either route");

    let mut last = first;
    let visit = json!({"items": [{"kind": "site_visit"}]});
    let changes = [
        (Method::POST, format!("/leads/{id}/interactions"), visit),
        (Method::PATCH, format!("/leads/{id}"), json!({"source": "referral"})),
    ];
    for (method, path, body) in changes {
        assert!(world.call(&tenant.key, method, &path, Some(body)).await.status.is_success(), "{path}");
        world.clock.advance(SECOND);
        let next = score().await;
        assert_ne!(next["as_of"], last["as_of"], "{path} was not heard of");
        last = next;
    }
    world.clock.advance(60 * SECOND);
    assert_ne!(score().await["as_of"], last["as_of"], "time moves it too");
    world.call(&tenant.key, Method::DELETE, &format!("/leads/{id}"), None).await.expect(204);
    world.post(&tenant, "/leads/score", ask.clone()).await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn many_scores_come_in_the_order_asked_whether_they_are_kept_or_not() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let mut ids = Vec::new();
    for name in ["Ada", "Ben", "Cid"] {
        ids.push(world.post(&tenant, "/leads", json!({"name": name})).await.expect(201)["id"].clone());
    }
    world.post(&tenant, "/leads/score", json!({"leads": [{"id": ids[1]}]})).await.expect(200);
    let facts = json!({"facts": {"source": "portal"}});
    let ask = json!({"leads": [{"id": ids[2]}, facts, {"id": ids[1]}, {"id": ids[0]}, {"id": ids[2]}]});
    let answer = world.post(&tenant, "/leads/score", ask).await.expect(200);
    let told: Vec<&Value> = answer["scores"].as_array().unwrap().iter().map(|score| &score["lead_id"]).collect();
    assert_eq!(told, [&ids[2], &Value::Null, &ids[1], &ids[0], &ids[2]]);
    world.close().await;
}

#[tokio::test]
async fn an_answer_about_a_market_is_kept_until_a_listing_of_it_changes() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let write = async |price: u32| {
        let home = json!({"list_price": price});
        let mut one = listing("one");
        one.as_object_mut().unwrap().extend(home.as_object().unwrap().clone());
        world.post(&tenant, "/listings", json!({"market": "m", "items": [one]})).await.expect(200);
    };
    let price = |answer: &Value, at: &str| answer.pointer(at).and_then(Value::as_f64);
    write(500_000).await;
    let search = json!({"market": "m", "limit": 10});
    let wishes = json!({"market": "m", "preferences": {"price": {"max": 900_000}}});
    let map = json!({"market": "m", "bbox": [-123, 47, -122, 48], "zoom": 10, "metric": "median_price"});
    let questions = [
        ("/listings/search", &search, "/items/0/list_price"),
        ("/properties/match", &wishes, "/matches/0/listing/list_price"),
        ("/listings/clusters", &map, "/features/0/value"),
    ];
    for (path, body, at) in questions {
        until(&world, &tenant, path, body, |answer| price(answer, at) == Some(500_000.0)).await;
    }
    for (path, body, _) in questions {
        let ask = async || drop(world.post(&tenant, path, body.clone()).await.expect(200));
        until_kept(&world, &tenant, "answers", ask).await;
    }
    write(450_000).await;
    for (path, body, at) in questions {
        until(&world, &tenant, path, body, |answer| price(answer, at) == Some(450_000.0)).await;
    }
    world.close().await;
}

#[tokio::test]
async fn what_is_kept_is_told_to_nobody_else() {
    let world = World::new().await;
    let (a, b) = (world.tenant("a").await, world.tenant("b").await);
    let made = world.post(&a, "/leads", json!({"name": "Ada"})).await.expect(201);
    let ask = json!({"leads": [{"id": made["id"]}]});
    world.post(&a, "/leads/score", ask.clone()).await.expect(200);
    world.post(&b, "/leads/score", ask).await.problem(404, "not_found");
    world.post(&a, "/listings", json!({"market": "m", "items": [listing("one")]})).await.expect(200);
    let search = json!({"market": "m"});
    until(&world, &a, "/listings/search", &search, |answer| answer["total"] == 1).await;
    assert_eq!(world.post(&b, "/listings/search", search).await.expect(200)["total"], 0);
    world.close().await;
}

#[tokio::test]
async fn a_key_that_was_taken_back_lets_nobody_in_once_that_is_told() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let new = json!({"name": "x", "role": "agent"});
    let made = world.post(&tenant, "/admin/keys", new).await.expect(201);
    let key = made["key"].as_str().unwrap();
    world.call(key, Method::GET, "/session", None).await.expect(200);
    let path = format!("/admin/keys/{}", made["id"].as_str().unwrap());
    world.call(&tenant.key, Method::DELETE, &path, None).await.expect(204);
    world.call(key, Method::GET, "/session", None).await.problem(401, "unauthorized");
    world.close().await;
}

#[tokio::test]
async fn figures_of_leads_are_kept_until_they_are_others() {
    let world = World::following().await;
    let tenant = world.tenant("a").await;
    let new = async || world.get(&tenant, "/analytics/leads").await.expect(200)["total"]["new"].as_u64().unwrap();
    let becomes = async |count: u64| {
        for _ in 0..500 {
            if new().await == count {
                return until_kept(&world, &tenant, "figures", async || assert_eq!(new().await, count)).await;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never {count}");
    };
    let mut path = String::new();
    for count in 1..=3 {
        let made = world.post(&tenant, "/leads", json!({"name": "Ada"})).await.expect(201);
        path = format!("/leads/{}", made["id"].as_str().unwrap());
        becomes(count).await;
    }
    world.call(&tenant.key, Method::DELETE, &path, None).await.expect(204);
    assert_eq!(new().await, 2, "an erased lead is in no figure from then on");
}
