//! Analyses: asked for, calculated by the worker, read again, compared, and refused when there is too little.

use lintel_app::Roles;
use lintel_domain::clock::DAY;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::world::{Tenant, World, listing};

/// A world whose worker works, and a tenant with homes for sale and sold.
async fn town() -> (World, Tenant, Vec<String>, CancellationToken) {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let stop = CancellationToken::new();
    world.app.start(Roles { api: false, followers: false, worker: true }, &world.tasks, &stop);
    let ids = store(&world, &tenant, "k", 12, 30).await;
    (world, tenant, ids, stop)
}

/// Stores homes for sale, then sold ones, and gives their ids.
async fn store(world: &World, tenant: &Tenant, name: &str, for_sale: usize, sold: usize) -> Vec<String> {
    let homes: Vec<Value> = (0..for_sale + sold)
        .map(|n| {
            let mut home = listing(&format!("{name}{n}"));
            home["list_price"] = json!(400_000 + 10_000 * n);
            home["listed_at"] = json!("2026-03-01T00:00:00Z");
            if n >= for_sale {
                home["status"] = json!("closed");
                home["close_price"] = json!(395_000 + 10_000 * n);
                home["close_date"] = json!(format!("2026-04-{:02}", 1 + n % 30));
            }
            home
        })
        .collect();
    let stored = world.post(tenant, "/listings", json!({"market": "m", "items": homes})).await.expect(200);
    stored["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Asks, and waits until it is calculated.
async fn calculated(world: &World, tenant: &Tenant, body: Value) -> Value {
    let asked = world.post(tenant, "/analyses", body).await;
    let queued = asked.expect(202);
    assert_eq!(
        (&queued["state"], &queued["id"], &queued["result"]),
        (&json!("queued"), &queued["job_id"], &Value::Null)
    );
    let path = asked.header("location").trim_start_matches("/api/v1").to_owned();
    loop {
        let analysis = world.get(tenant, &path).await.expect(200);
        match analysis["state"].as_str() {
            Some("done") => return analysis,
            Some("queued" | "running") => tokio::task::yield_now().await,
            _ => panic!("{analysis}"),
        }
    }
}

fn figure(analysis: &Value, name: &str) -> f64 {
    let figures = analysis["result"]["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["name"] == name).unwrap_or_else(|| panic!("no {name}: {analysis}"))["value"]
        .as_f64()
        .unwrap()
}

#[tokio::test]
async fn every_kind_is_calculated_with_its_inputs_units_and_formulas() {
    let (world, tenant, ids, stop) = town().await;
    let (market, home) = (json!({"market": "m"}), json!({"listing_id": ids[3]}));
    let money = json!({"monthly_rent": 2_500, "annual_expenses": 6_000, "loan": 300_000, "interest_rate": 0.06, "term_years": 30.5});
    let questions = [
        ("supply", &market, json!({"window_days": 90}), "months_of_supply"),
        ("demand", &home, json!({"property_type": "house"}), "sale_to_list"),
        ("days_on_market", &market, json!({}), "sold_within_60_days"),
        ("price_position", &home, json!({"radius_m": 500.5}), "percentile"),
        ("competition", &home, json!({}), "rivals"),
        ("cash_flow", &home, money, "cash_on_cash"),
        ("rental_yield", &market, json!({"price": 300_000, "monthly_rent": 1_500}), "gross_yield"),
    ];
    for (kind, subject, inputs, name) in questions {
        let body = json!({"kind": kind, "subject": subject, "inputs": inputs});
        let analysis = calculated(&world, &tenant, body.clone()).await;
        assert_eq!((&analysis["kind"], &analysis["inputs"], &analysis["error"]), (&json!(kind), &inputs, &Value::Null));
        let result = &analysis["result"];
        assert!(figure(&analysis, name).is_finite());
        assert_eq!(
            (&result["refused"], &result["previous_id"], &result["changes"]),
            (&Value::Null, &Value::Null, &json!([]))
        );
        for shown in result["inputs"].as_array().unwrap() {
            assert!(shown["value"].is_number() && shown["unit"].is_string() && shown["origin"].is_string(), "{shown}");
        }
        assert!(result["figures"].as_array().unwrap().iter().all(|one| !one["formula"].as_str().unwrap().is_empty()));
        // The same question gets the same answer while it is valid.
        let again = world.post(&tenant, "/analyses", body).await.expect(200);
        assert_eq!(again, analysis);
    }
    let of_home = world.get(&tenant, &format!("/analyses?listing_id={}", ids[3])).await.expect(200);
    let kinds: Vec<_> = of_home["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["demand", "price_position", "competition", "cash_flow"]);
    let one = world.get(&tenant, "/analyses?market=m&kind=supply").await.expect(200);
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    stop.cancel();
    world.close().await;
}

#[tokio::test]
async fn a_later_analysis_says_what_changed_and_the_log_tells_of_both() {
    let (world, tenant, _, stop) = town().await;
    let question = json!({"kind": "supply", "subject": {"market": "m"}});
    let first = calculated(&world, &tenant, question.clone()).await;
    store(&world, &tenant, "new", 6, 0).await;
    world.clock.advance(DAY + 1);
    let second = calculated(&world, &tenant, question).await;
    assert_eq!(second["result"]["previous_id"], first["id"]);
    let changes = second["result"]["changes"].as_array().unwrap();
    let supply = changes.iter().find(|change| change["name"] == "months_of_supply").unwrap();
    assert_eq!(supply["from"], figure(&first, "months_of_supply"));
    assert_eq!(supply["to"], figure(&second, "months_of_supply"));
    // What was calculated stays as it was.
    let kept = world.get(&tenant, &format!("/analyses/{}", first["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(kept, first);
    let events = world.get(&tenant, "/events?limit=200").await.expect(200);
    let told: Vec<_> =
        events["items"].as_array().unwrap().iter().filter(|one| one["event"]["type"] == "analysis.finished").collect();
    assert_eq!(told.len(), 2, "{events}");
    stop.cancel();
    world.close().await;
}

#[tokio::test]
async fn too_little_is_refused_with_its_number_and_a_wrong_question_with_its_field() {
    let (world, tenant, ids, stop) = town().await;
    let few = json!({"kind": "demand", "subject": {"market": "m"}, "inputs": {"property_type": "Castle"}});
    let analysis = calculated(&world, &tenant, few).await;
    assert_eq!(analysis["result"]["refused"], "insufficient data (n = 0), at least 5 sales in the window are needed");
    assert_eq!(analysis["result"]["figures"], json!([]));

    let (market, home) = (json!({"market": "m"}), json!({"listing_id": ids[0]}));
    let wrong = [
        (json!({"kind": "supply", "subject": {"market": "nowhere"}}), "/subject/market"),
        (json!({"kind": "supply", "subject": {"listing_id": uuid::Uuid::nil()}}), "/subject/listing_id"),
        (json!({"kind": "supply", "subject": {}}), "/subject/market"),
        (json!({"kind": "supply", "subject": {"market": "m", "listing_id": ids[0]}}), "/subject/market"),
        (json!({"kind": "competition", "subject": market}), "/subject/listing_id"),
        (json!({"kind": "supply", "subject": market, "inputs": {"window_days": 5}}), "/inputs/window_days"),
        (json!({"kind": "supply", "subject": market, "inputs": {"loan": 5}}), "/inputs/loan"),
        (json!({"kind": "supply", "subject": market, "inputs": {"wish": 5}}), "/inputs/wish"),
        (json!({"kind": "rental_yield", "subject": home}), "/inputs/monthly_rent"),
        (json!({"kind": "rental_yield", "subject": market, "inputs": {"monthly_rent": 900}}), "/inputs/price"),
        (
            json!({"kind": "cash_flow", "subject": home, "inputs": {"monthly_rent": 9, "annual_expenses": 9, "loan": 9, "term_years": 9}}),
            "/inputs/interest_rate",
        ),
        (json!({"kind": "horoscope", "subject": market}), "/kind"),
    ];
    for (body, pointer) in wrong {
        let problem = world.post(&tenant, "/analyses", body.clone()).await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    world.get(&tenant, "/analyses").await.problem(422, "invalid_field");
    world.get(&tenant, &format!("/analyses/{}", uuid::Uuid::nil())).await.problem(404, "not_found");
    let other = world.tenant("b").await;
    let id = analysis["id"].as_str().unwrap();
    world.get(&other, &format!("/analyses/{id}")).await.problem(404, "not_found");
    stop.cancel();
    world.close().await;
}
