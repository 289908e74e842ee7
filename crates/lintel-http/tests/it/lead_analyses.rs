//! Detailed analyses of leads: asked for with the quick score, made by the worker, gone with the person.

use axum::http::Method;
use lintel_app::Roles;
use lintel_domain::{clock::DAY, scope::Role};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::world::{Tenant, World};

async fn lead(world: &World, tenant: &Tenant, name: &str) -> Value {
    let lead = json!({"name": name, "source": "portal", "phone": "+1 206 555 0100"});
    world.post(tenant, "/leads", lead).await.expect(201)["id"].clone()
}

fn sum(items: &Value) -> f64 {
    items.as_array().unwrap().iter().map(|one| one["contribution"].as_f64().unwrap()).sum()
}

#[tokio::test]
async fn a_quick_score_comes_now_and_a_job_says_why_and_what_changed() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    let (old, foreign) = (lead(&world, &tenant, "Ada").await, lead(&world, &other, "Eve").await);
    world.clock.advance(10 * DAY);
    let items = json!({"items": [{"kind": "showing_requested", "event_id": "1"}]});
    world.post(&tenant, &format!("/leads/{}/interactions", old.as_str().unwrap()), items).await.expect(200);
    let young = lead(&world, &tenant, "Bob").await;

    // Nobody asked, and nobody who is stored.
    let quick = world.post(&tenant, "/leads/score", json!({"leads": [{"id": old}]})).await.expect(200);
    assert_eq!(quick["analysis"], Value::Null);
    let facts = json!({"leads": [{"facts": {"source": "portal"}}], "analysis": true});
    assert_eq!(world.post(&tenant, "/leads/score", facts).await.expect(200)["analysis"], Value::Null);
    let stolen = json!({"leads": [{"id": foreign}], "analysis": true});
    world.post(&tenant, "/leads/score", stolen).await.problem(404, "not_found");
    assert_eq!(world.get(&tenant, "/admin/jobs?state=ready").await.expect(200)["items"], json!([]));

    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    let body =
        json!({"leads": [{"id": old}, {"facts": {"source": "portal"}}, {"id": young}, {"id": old}], "analysis": true});
    let asked = world.call(&reader, Method::POST, "/leads/score", Some(body)).await.expect(200);
    assert_eq!(asked["scores"].as_array().unwrap().len(), 4);
    let path = format!("/leads/analyses/{}", asked["analysis"]["job_id"].as_str().unwrap());
    let queued = world.call(&reader, Method::GET, &path, None).await.expect(200);
    assert_eq!((&queued["state"], &queued["result"], &queued["error"]), (&json!("queued"), &Value::Null, &Value::Null));
    world.get(&other, &path).await.problem(404, "not_found");

    let stop = CancellationToken::new();
    world.app.start(Roles { api: false, followers: false, worker: true }, &world.tasks, &stop);
    let result = loop {
        let analysis = world.get(&tenant, &path).await.expect(200);
        match analysis["state"].as_str() {
            Some("done") => break analysis["result"].clone(),
            Some("queued" | "running") => tokio::task::yield_now().await,
            _ => panic!("{analysis}"),
        }
    };
    let leads = result["leads"].as_array().unwrap();
    assert_eq!(leads.iter().map(|one| &one["lead_id"]).collect::<Vec<_>>(), [&old, &young]);
    let log_odds = |probability: &Value| {
        let p = probability.as_f64().unwrap();
        (p / (1.0 - p)).ln()
    };
    for one in leads {
        let said = one["base"].as_f64().unwrap() + sum(&one["reasons"]);
        assert!((said - log_odds(&one["probability"])).abs() < 1e-9, "{one}");
    }
    assert_eq!(leads[1]["since"], json!([]), "it was not there a week ago");
    let since = leads[0]["since"].as_array().unwrap();
    assert_eq!((since.len(), &since[0]["days"]), (1, &json!(7)));
    let change = log_odds(&leads[0]["probability"]) - log_odds(&since[0]["probability"]);
    assert!(change > 0.0 && (change - sum(&since[0]["moved"])).abs() < 1e-9, "{}", leads[0]);

    // What was said of a person goes with the person.
    let erase = format!("/leads/{}", young.as_str().unwrap());
    world.call(&tenant.key, Method::DELETE, &erase, None).await.expect(204);
    world.get(&tenant, &path).await.problem(404, "not_found");
    stop.cancel();
    world.close().await;
}
