//! What the main calls answer, as the contract has it.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Tenant, World, listing, request};

/// Stores homes and returns when the index shows them.
async fn with_homes(world: &World, tenant: &Tenant, n: usize) {
    let homes: Vec<_> = (0..n)
        .map(|i| {
            let mut home = listing(&format!("k{i}"));
            home["list_price"] = json!(400_000 + 10_000 * i);
            home["bedrooms"] = json!(2 + i % 4);
            home["longitude"] = json!(-122.3 + 0.001 * i as f64);
            home
        })
        .collect();
    world.post(tenant, "/listings", json!({"market": "m", "items": homes})).await.expect(200);
    loop {
        let found = world.post(tenant, "/listings/search", json!({"market": "m"})).await.expect(200);
        if found["total"] == n {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_lead_is_created_read_changed_and_erased() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let body = json!({
        "external_id": "x1", "name": "Ann", "email": "ann@example.com", "market": "m", "tags": ["b", "a"],
        "preferences": {"price": {"max": 650_000.5}, "must": ["price"]}, "custom": {"budget": 5, "vip": true, "note": "3"},
        "consent": [{"channel": "email", "status": "granted", "source": "form"}],
    });
    let created = world.post(&tenant, "/leads", body.clone()).await;
    let lead = created.expect(201);
    assert_eq!(created.header("etag"), "\"1\"");
    let path = created.header("location").trim_start_matches("/api/v1").to_owned();
    for field in ["external_id", "name", "email", "market", "preferences", "custom"] {
        assert_eq!(lead[field], body[field], "{field}");
    }
    assert_eq!((&lead["version"], &lead["outcome"], &lead["provenance"]), (&json!(1), &Value::Null, &json!("api")));
    assert_eq!(world.get(&tenant, &path).await.expect(200), lead);
    assert_eq!(world.get(&tenant, &format!("{path}?consistent=true")).await.expect(200), lead);
    world.post(&tenant, "/leads", json!({"external_id": "x1"})).await.problem(409, "external_id_taken");
    let ledger = world.get(&tenant, &format!("{path}/consent")).await.expect(200);
    assert_eq!(ledger["items"][0]["channel"], "email");

    let change = |tag: &str, body: Value| {
        let mut request = request(&tenant.key, Method::PATCH, &path, Some(body));
        request.headers_mut().insert("if-match", tag.parse().unwrap());
        world.send(request)
    };
    let patch = json!({"email": null, "tags": ["c"], "custom": {"vip": null, "new": 1.5}, "outcome": "won"});
    let changed = change("\"1\"", patch).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["name"], &changed["email"]), (&json!("Ann"), &Value::Null));
    assert_eq!(changed["custom"], json!({"budget": 5, "note": "3", "new": 1.5}));
    assert_eq!((&changed["tags"], &changed["outcome"]), (&json!(["c"]), &json!("won")));
    change("\"1\"", json!({"name": "Late"})).await.problem(412, "version");

    world.call(&tenant.key, Method::DELETE, &path, None).await.expect(204);
    world.get(&tenant, &path).await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn interactions_are_recorded_once_and_come_back_newest_first() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let lead = world.post(&tenant, "/leads", json!({})).await.expect(201);
    let path = format!("/leads/{}", lead["id"].as_str().unwrap());
    let items = json!({"items": [
        {"kind": "listing_view", "at": "2026-05-01T10:00:00Z", "event_id": "e1", "properties": {"seconds": 41}},
        {"kind": "note", "at": "2026-05-02T10:00:00Z", "event_id": "e2", "properties": {"text": "called"}},
    ]});
    let first = world.post(&tenant, &format!("{path}/interactions"), items.clone()).await.expect(200);
    assert_eq!(first["results"][0]["status"], "recorded");
    let again = world.post(&tenant, &format!("{path}/interactions"), items).await.expect(200);
    assert_eq!(again["results"][1]["status"], "duplicate");
    let timeline = world.get(&tenant, &format!("{path}/timeline")).await.expect(200);
    let ids: Vec<_> = timeline["items"].as_array().unwrap().iter().map(|item| item["event_id"].clone()).collect();
    assert_eq!(ids, ["e2", "e1"]);
    let notes = world.get(&tenant, &format!("{path}/timeline?kind=note")).await.expect(200);
    assert_eq!(notes["items"][0]["properties"]["text"], "called");
    assert_eq!(notes["items"].as_array().unwrap().len(), 1);
    let bad = json!({"items": [{"kind": "listing_view", "listing_id": "018f0000-0000-7000-8000-000000000000"}]});
    world.post(&tenant, &format!("{path}/interactions"), bad).await.problem(422, "invalid_field");
    world.close().await;
}

#[tokio::test]
async fn scores_add_up_on_their_scale() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let lead = world.post(&tenant, "/leads", json!({"source": "portal"})).await.expect(201);
    let body = json!({"leads": [{"id": lead["id"]}, {"facts": {"source": "referral", "visits": 7, "custom": {"x": 1}}}], "explain": true});
    for path in ["/leads/score", "/leads/scores:batch"] {
        let answer = world.post(&tenant, path, body.clone()).await.expect(200);
        assert_eq!(answer["analysis"], Value::Null);
        let scores = answer["scores"].as_array().unwrap();
        assert_eq!((&scores[0]["lead_id"], &scores[1]["lead_id"]), (&lead["id"], &Value::Null));
        for score in scores {
            assert_eq!(score["scale"], "log_odds");
            let parts =
                score["reasons"].as_array().unwrap().iter().map(|reason| reason["contribution"].as_f64().unwrap());
            let sum = score["base"].as_f64().unwrap() + parts.sum::<f64>();
            let probability = score["probability"].as_f64().unwrap();
            assert!((1.0 / (1.0 + (-sum).exp()) - probability).abs() < 1e-9, "{score}");
            assert!((score["score"].as_f64().unwrap() - 100.0 * probability).abs() < 1e-9);
            assert!(["hot", "warm", "cool"].contains(&score["tier"].as_str().unwrap()));
            assert_eq!(score["model"]["prior"], true);
        }
    }
    let one = world.get(&tenant, &format!("/leads/{}/score", lead["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one["lead_id"], lead["id"]);
    let foreign = json!({"leads": [{"id": lead["id"]}, {"id": "018f0000-0000-7000-8000-000000000000"}]});
    world.post(&tenant, "/leads/score", foreign).await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn a_search_counts_its_whole_result_and_walks_it() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    with_homes(&world, &tenant, 12).await;
    let mut body = json!({"market": "m", "filters": {"price": {"min": 410_000}}, "facets": ["bedrooms"], "sort": "price", "limit": 4, "histogram": true});
    let mut keys = Vec::new();
    loop {
        let page = world.post(&tenant, "/listings/search", body.clone()).await.expect(200);
        assert_eq!(page["total"], 11);
        let counted =
            page["facets"]["bedrooms"].as_array().unwrap().iter().map(|value| value["count"].as_u64().unwrap());
        assert_eq!(counted.sum::<u64>(), 11);
        keys.extend(page["items"].as_array().unwrap().iter().map(|home| home["list_price"].as_u64().unwrap()));
        match &page["next_cursor"] {
            Value::Null => break,
            cursor => body["cursor"] = cursor.clone(),
        }
    }
    assert!(keys.is_sorted() && keys.len() == 11, "{keys:?}");
    body["cursor"] = json!("nonsense");
    world.post(&tenant, "/listings/search", body).await.problem(400, "bad_cursor");
    world.close().await;
}

#[tokio::test]
async fn clusters_add_up_and_matches_explain_themselves() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    with_homes(&world, &tenant, 12).await;
    let viewport = json!({"market": "m", "bbox": [-122.5, 47.4, -122.1, 47.8], "zoom": 12, "metric": "median_price"});
    let clusters = world.post(&tenant, "/listings/clusters", viewport).await.expect(200);
    let counts = clusters["features"].as_array().unwrap().iter().map(|feature| feature["count"].as_u64().unwrap());
    assert_eq!((counts.sum::<u64>(), clusters["total"].as_u64()), (12, Some(12)));

    let wishes = json!({"price": {"max": 450_000}, "bedrooms": {"min": 3}, "must": ["price"]});
    let body = json!({"market": "m", "preferences": wishes, "limit": 3, "explain": true});
    let answer = world.post(&tenant, "/properties/match", body).await.expect(200);
    assert_eq!(answer["considered"], 6);
    let found = answer["matches"].as_array().unwrap();
    assert_eq!(found.len(), 3);
    for one in found {
        assert!(one["listing"]["list_price"].as_u64().unwrap() <= 450_000);
        let parts = one["reasons"].as_array().unwrap().iter().map(|reason| reason["contribution"].as_f64().unwrap());
        assert!((parts.sum::<f64>() - one["fit"].as_f64().unwrap()).abs() < 1e-9, "{one}");
    }
    let lead = world.post(&tenant, "/leads", json!({"market": "m", "preferences": wishes})).await.expect(201);
    let own = world.get(&tenant, &format!("/leads/{}/matches?limit=3", lead["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(own["matches"], answer["matches"]);
    world.close().await;
}

#[tokio::test]
async fn a_home_without_history_is_not_priced() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let home = json!({"latitude": 47.6, "longitude": -122.3, "living_area_sqft": 1800});
    let answer = world.post(&tenant, "/pricing/estimate", json!({"market": "m", "home": home})).await.expect(200);
    assert_eq!(answer["estimate"], Value::Null);
    assert!(answer["refused"]["reason"].is_string());
    let item = json!({"market": "m", "home": home});
    let batch = world.post(&tenant, "/pricing/estimates:batch", json!({"items": [item, item]})).await.expect(200);
    assert_eq!(batch["results"].as_array().unwrap().len(), 2);
    world.close().await;
}

#[tokio::test]
async fn a_listing_keeps_its_history() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let write = |home: Value| world.post(&tenant, "/listings", json!({"market": "m", "items": [home]}));
    let mut home = listing("k");
    let made = write(home.clone()).await.expect(200);
    assert_eq!(made["results"][0]["status"], "created");
    assert_eq!(write(home.clone()).await.expect(200)["results"][0]["status"], "unchanged");
    home["list_price"] = json!(480_000);
    home["status"] = json!("pending");
    assert_eq!(write(home).await.expect(200)["results"][0]["status"], "updated");
    let path = format!("/listings/{}", made["results"][0]["id"].as_str().unwrap());
    let read = world.get(&tenant, &path).await.expect(200);
    assert_eq!(
        (&read["status"], &read["list_price"], &read["version"]),
        (&json!("pending"), &json!(480_000), &json!(2))
    );
    let history = world.get(&tenant, &format!("{path}/history")).await.expect(200);
    assert_eq!(history["items"][0]["list_price"], json!({"from": 500_000, "to": 480_000}));
    assert_eq!(history["items"][0]["status"], json!({"from": "active", "to": "pending"}));
    world.close().await;
}

#[tokio::test]
async fn sales_of_an_area_are_told_by_month_and_their_medians_from_five_on() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let sold = |n: i64, day: &str, longitude: f64| {
        let mut home = listing(&format!("s{n}-{day}"));
        home["status"] = json!("closed");
        home["close_price"] = json!(100_000 * n);
        home["close_date"] = json!(day);
        home["listed_at"] = json!("2026-03-01T12:00:00Z");
        home["longitude"] = json!(longitude);
        home
    };
    // Five in the area and one beside it in March, four in the area in April.
    let mut homes: Vec<Value> = (1..=5).map(|n| sold(n, "2026-03-31", -122.3)).collect();
    homes.push(sold(9, "2026-03-11", -121.0));
    homes.extend((1..=4).map(|n| sold(n, "2026-04-01", -122.3)));
    world.post(&tenant, "/listings", json!({"market": "m", "items": homes})).await.expect(200);

    let ask = |body: Value| world.post(&tenant, "/markets/m/sales", body);
    let ring = json!([[-122.4, 47.5], [-122.2, 47.5], [-122.2, 47.7], [-122.4, 47.7]]);
    let area = ask(json!({"polygon": ring, "from": "2026-02", "to": "2026-04"})).await.expect(200);
    assert_eq!((&area["market"], &area["currency"], &area["least_sales"]), (&json!("m"), &json!("USD"), &json!(5)));
    let nothing = |period: &str, sales: u64| {
        json!({
            "period": period, "sales": sales, "sales_with_area": sales, "sales_with_days": sales, "suppressed": true,
            "median_price": null, "median_price_per_sqft": null, "median_days_on_market": null,
        })
    };
    let march = json!({
        "period": "2026-03", "sales": 5, "sales_with_area": 5, "sales_with_days": 5, "suppressed": false,
        "median_price": 300_000, "median_price_per_sqft": 300_000.0 / 1800.0, "median_days_on_market": 30.0,
    });
    assert_eq!(area["months"], json!([nothing("2026-02", 0), march, nothing("2026-04", 4)]));

    let whole = ask(json!({})).await.expect(200);
    let months = whole["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[0]["period"], &months[35]["period"]), (36, &json!("2023-06"), &json!("2026-05")));
    assert_eq!((&months[33]["sales"], &months[33]["median_price"]), (&json!(6), &json!(350_000)));
    // A sale that is told of counts at once.
    let late = json!({"market": "m", "items": [sold(5, "2026-04-02", -122.3)]});
    world.post(&tenant, "/listings", late).await.expect(200);
    assert_eq!(ask(json!({})).await.expect(200)["months"][34]["median_price"], 300_000);

    let refused = [
        (json!({"from": "2026-13"}), "/from"),
        (json!({"from": "2026-04", "to": "2026-03"}), "/from"),
        (json!({"from": "2016-04", "to": "2026-04"}), "/from"),
        (json!({"polygon": [[0, 0], [1, 1]]}), "/polygon"),
        (json!({"area": []}), "/area"),
    ];
    for (body, pointer) in refused {
        let problem = ask(body).await.expect(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    world.post(&tenant, "/markets/nowhere/sales", json!({})).await.problem(404, "not_found");
    world.close().await;
}

#[tokio::test]
async fn events_are_read_from_where_one_stopped() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for n in 0..3 {
        world.post(&tenant, "/leads", json!({"external_id": format!("x{n}")})).await.expect(201);
    }
    let first = world.get(&tenant, "/events?limit=2").await.expect(200);
    assert_eq!(first["items"][0]["event"]["type"], "lead.created");
    let rest = world.get(&tenant, &format!("/events?after={}", first["cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let none = world.get(&tenant, &format!("/events?after={}", rest["cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!((none["items"].as_array().unwrap().len(), &none["cursor"]), (0, &rest["cursor"]));
    world.close().await;
}

#[tokio::test]
async fn cities_and_postal_codes_are_named_where_their_homes_are() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    assert_eq!(world.get(&tenant, "/markets/m/places").await.expect(200), json!({"items": []}));
    let home = |n: usize, city: &str| {
        let mut home = listing(&format!("{city}-{n}"));
        home["address"] = json!({"city": city, "postal_code": "98033"});
        home
    };
    let mut homes: Vec<_> = (0..4).map(|n| home(n, "Kirkland")).collect();
    homes[3]["latitude"] = json!(-47.6);
    homes.extend((0..2).map(|n| home(n, "Houghton")));
    world.post(&tenant, "/listings", json!({"market": "m", "items": homes})).await.expect(200);
    let place = |kind: &str, name: &str, homes: usize| json!({"kind": kind, "name": name, "latitude": 47.6, "longitude": -122.3, "homes": homes});
    let expected = json!({"items": [place("postal_code", "98033", 6), place("city", "Kirkland", 4)]});
    let mut named = Value::Null;
    // The listing index, which says that the market has grown, follows the log within a second.
    for _ in 0..200 {
        named = world.get(&tenant, "/markets/m/places").await.expect(200);
        if named == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(named, expected);
    world.close().await;
}
