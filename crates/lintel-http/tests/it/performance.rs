//! How the node does: what is told after known requests, and who may ask.

use axum::http::Method;
use lintel_domain::{
    clock::{SECOND, Time},
    scope::Role,
};
use serde_json::{Value, json};

use crate::world::{World, request};

const PEOPLE: &str = "GET /api/v1/leads";

/// The route with this method and template.
fn route<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let routes = summary["routes"].as_array().unwrap();
    let named =
        |one: &&Value| format!("{} {}", one["method"].as_str().unwrap(), one["route"].as_str().unwrap()) == name;
    routes.iter().find(named).unwrap_or_else(|| panic!("{name} in {summary}"))
}

#[tokio::test]
async fn every_route_is_told_of_with_its_rate_and_its_errors() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for _ in 0..20 {
        world.get(&tenant, "/leads").await.expect(200);
    }
    world.get(&tenant, "/leads?limit=0").await.problem(422, "invalid_field");
    world.clock.advance(10 * SECOND);
    let summary = world.get(&tenant, "/performance/summary").await.expect(200);
    let leads = route(&summary, PEOPLE);
    assert_eq!((&leads["total"], &leads["requests"], &leads["rate"]), (&json!(21), &json!(21), &json!(2.1)));
    assert_eq!((&leads["refused"], &leads["errors"]), (&json!(1), &json!(0)));
    let times = ["p50_ms", "p95_ms", "p99_ms"].map(|name| leads[name].as_f64().unwrap());
    assert!(times[0] > 0.0 && times.is_sorted(), "{leads}");
    assert_eq!(summary["window_seconds"], 10.0);
    assert_eq!(summary["requests"]["in_flight"], 1);
    assert!(summary["requests"]["total"].as_u64() > leads["total"].as_u64(), "{summary}");
    assert_eq!((&summary["version"], &summary["commit"]), (&json!("0"), &json!("test")));
    assert!(summary["memory_bytes"].is_null() || summary["memory_bytes"].as_u64() > Some(1 << 20), "{summary}");
    world.close().await;
}

#[tokio::test]
async fn the_rooms_are_told_of_and_jobs_are_those_of_the_tenant() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    let mut upload = request(&other.key, Method::POST, "/imports?kind=leads&name=people.csv", None);
    *upload.body_mut() = "external_id,name\n1,Ada\n".into();
    world.send(upload).await.expect(202);
    let summary = world.get(&tenant, "/performance/summary").await.expect(200);
    assert_eq!(summary["jobs"], json!([]));
    let jobs = &world.get(&other, "/performance/summary").await.expect(200)["jobs"];
    assert_eq!(jobs[0]["kind"], "run_import");
    assert_eq!((&jobs[0]["waiting"], &jobs[0]["running"], &jobs[0]["dead"]), (&json!(1), &json!(0), &json!(0)));
    let store = &summary["store"];
    assert_eq!((&store["engine"], &store["pool"]), (&json!("sqlite"), &Value::Null));
    assert_eq!((&store["lines"]["writes"], &store["lines"]["places"]), (&json!(0), &json!(16_384)));
    assert!(store["writes"].as_u64() >= store["commits"].as_u64() && store["commits"].as_u64() > Some(0), "{store}");
    let statements = store["statements"].as_array().unwrap();
    assert!(!statements.is_empty() && statements.len() <= 20, "{store}");
    assert!(statements.is_sorted_by(|a, b| a["total_ms"].as_f64() >= b["total_ms"].as_f64()), "{store}");
    assert_eq!((&summary["realtime"]["clients"], &summary["index"]["listings"]), (&json!(0), &json!(0)));
    world.close().await;
}

#[tokio::test]
async fn pages_are_told_of_as_their_users_felt_them() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    let lead = |metric: &str, value: f64| json!({"page": "/leads/$id", "metric": metric, "value": value});
    let items = json!({"items": [lead("lcp", 800.0), lead("lcp", 900.0), lead("inp", 40.0)]});
    world.call(&reader, Method::POST, "/performance/vitals", Some(items)).await.expect(204);
    let pages = world.get(&tenant, "/performance/summary").await.expect(200)["pages"].clone();
    assert_eq!(
        (&pages[0]["page"], &pages[0]["views"], &pages[0]["cls"]),
        (&json!("/leads/$id"), &json!(2), &Value::Null)
    );
    let felt = ["lcp_ms", "inp_ms"].map(|name| pages[0][name].as_f64().unwrap());
    assert!((felt[0] - 900.0).abs() < 30.0 && (felt[1] - 40.0).abs() < 2.0, "{pages}");
    for (items, pointer) in [
        (json!([]), "/items"),
        (json!([lead("lcp", -1.0)]), "/items/0/value"),
        (json!([lead("cls", 101.0)]), "/items/0/value"),
        (json!([{"page": "", "metric": "lcp", "value": 1}]), "/items/0/page"),
    ] {
        let refused = world.post(&tenant, "/performance/vitals", json!({"items": items})).await;
        assert_eq!(refused.problem(422, "invalid_field")["errors"][0]["pointer"], pointer);
    }
    world.close().await;
}

#[tokio::test]
async fn samples_of_the_last_hour_are_kept_and_told_together() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let begun = world.clock.now();
    world.edge.sample();
    for requests in [3, 0, 5] {
        for _ in 0..requests {
            world.get(&tenant, "/leads").await.expect(200);
        }
        world.clock.advance(10 * SECOND);
        world.edge.sample();
    }
    let history = world.get(&tenant, "/performance/history").await.expect(200);
    assert_eq!(history["every_seconds"], 10);
    let told = |history: &Value, name: &str| -> Vec<Value> {
        history["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
    };
    assert_eq!(told(&history, "at"), [10, 20, 30].map(|n| json!(begun.plus(n * SECOND))));
    assert_eq!(told(&history, "requests"), [3, 0, 5].map(|n| json!(n)));
    assert_eq!(told(&history, "rate"), [0.3, 0.0, 0.5].map(|rate| json!(rate)));
    assert_eq!(told(&history, "p50_ms")[1], Value::Null);
    let minute = world.get(&tenant, "/performance/history?every=60").await.expect(200);
    assert_eq!((minute["items"].as_array().unwrap().len(), &minute["items"][0]["seconds"]), (1, &json!(30.0)));
    let asked = |from: Time, to: Time| format!("/performance/history?from={from}&to={to}");
    let later = world.get(&tenant, &asked(begun.plus(11 * SECOND), begun.plus(20 * SECOND))).await.expect(200);
    assert_eq!(told(&later, "requests"), [json!(0)]);
    let backwards = world.get(&tenant, &asked(begun.plus(SECOND), begun)).await.problem(422, "invalid_field");
    assert_eq!(backwards["errors"][0]["pointer"], "/from");
    let often = world.get(&tenant, "/performance/history?every=5").await.problem(422, "invalid_field");
    assert_eq!(often["errors"][0]["pointer"], "/every");
    world.close().await;
}
