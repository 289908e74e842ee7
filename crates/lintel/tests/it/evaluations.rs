//! Forecasts and taste evaluated on what is stored: repeatable, and refused in words where too little is known.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::server::{Backend, Home};

/// Ten markets whose rents grow together, month by month over eight years, each with a swing of its own.
fn rents() -> String {
    let mut text = String::from("market,metric,period,value\n");
    for town in 0..10 {
        for at in 0..96 {
            let growth = 1.0 + 0.004 * f64::from(at) + 0.02 * (f64::from(at) / 14.0).sin();
            let own = 0.003 * (f64::from(at * (town + 2)) / 5.0).sin();
            let value = (1000.0 + 50.0 * f64::from(town)) * (growth + own);
            writeln!(text, "town-{town},rent,{}-{:02},{value:.3}", 2015 + at / 12, at % 12 + 1).unwrap();
        }
    }
    text
}

fn evaluate<'a>(what: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["evaluate", what, "--tenant", "acme"], more].concat()
}

#[test]
fn forecasts_of_stored_series_are_evaluated_again_and_again_alike() {
    let home = Home::new(Backend::Sqlite);
    let key = home.key("acme");
    let said = home.complaint(1, &evaluate("forecast", &[]));
    assert!(said.contains("insufficient data (n = 0)") && said.contains("import series"), "{said}");
    home.json(&["import", "series", &home.write("rents.csv", rents()), "--tenant", "acme", "--json"]);
    let json = evaluate("forecast", &["--horizon", "6", "--json"]);
    let told = home.json(&json);
    assert_eq!((&told["kind"], &told["n"], &told["horizon"]), (&json!("forecast"), &json!(10), &json!(6)), "{told}");
    let metrics = &told["metrics"];
    assert!(metrics["mase"].as_f64().unwrap() < metrics["naive_mase"].as_f64().unwrap(), "{told}");
    assert!((0.0..=1.0).contains(&metrics["coverage80"].as_f64().unwrap()), "{told}");
    let rent = &told["series"][0];
    assert_eq!((&rent["metric"], &rent["pooled"]), (&json!("rent"), &json!(10)));
    assert_eq!((rent["origins"].as_array().unwrap().len(), rent["by_horizon"].as_array().unwrap().len()), (7, 6));
    assert_eq!(home.json(&json), told, "the same again");
    let one = home.json(&evaluate("forecast", &["--horizon", "6", "--market", "town-3", "--metric", "rent", "--json"]));
    assert_eq!((&one["n"], &one["series"][0]["pooled"]), (&json!(1), &json!(10)), "{one}");
    let words = home.run(&evaluate("forecast", &["--horizon", "6"]));
    assert!(String::from_utf8_lossy(&words.stdout).contains("better than"), "{words:?}");
    assert!(home.complaint(1, &evaluate("forecast", &["--metric", "sales"])).contains("no series sales"));
    assert!(home.complaint(1, &evaluate("forecast", &["--horizon", "80"])).contains("the longest has 96 periods"));
    home.complaint(1, &evaluate("forecast", &["--market", "nowhere"]));
    home.complaint(2, &evaluate("weather", &[]));

    // The interface forecasts a market with the others, too, and from memory when nothing changed.
    let server = home.serve();
    server.wait_ready();
    let mut client = server.client(&key);
    let markets = client.get("/api/v1/markets").unwrap().json();
    let metrics: Vec<&Value> = markets["items"].as_array().unwrap().iter().map(|market| &market["metrics"]).collect();
    assert_eq!(metrics, vec![&json!(["rent"]); 10], "those that only a file of series names are listed: {markets}");
    let mut ask = || client.get("/api/v1/markets/town-3/forecast?horizon=6").unwrap().json();
    let made = ask();
    assert_eq!((&made["pooled"], &made["method"]), (&json!(10), &json!("market and own trend")), "{made}");
    let origins = one["series"][0]["origins"].as_array().unwrap();
    let mean = origins.iter().map(|origin| origin["mase"].as_f64().unwrap()).sum::<f64>() / origins.len() as f64;
    assert!((made["backtest"]["mase"].as_f64().unwrap() - mean).abs() < 1e-12, "{made}");
    assert_eq!(ask(), made);
    let newer = "market,metric,period,value\ntown-3,rent,2023-01,1700\n";
    home.json(&["import", "series", &home.write("newer.csv", newer), "--tenant", "acme", "--json"]);
    let after = ask();
    assert_eq!((&after["points"][0]["period"], &after["pooled"]), (&json!("2023-02-01"), &json!(10)), "{after}");
}

#[test]
fn taste_is_evaluated_on_the_homes_leads_turned_to_last() {
    let home = Home::new(Backend::Sqlite);
    let key = home.key("acme");
    let said = home.complaint(1, &evaluate("taste", &[]));
    assert!(said.contains("insufficient data (n = 0), at least 10 leads"), "{said}");
    let made = ["--market", "town", "--listings", "200", "--sales", "50", "--leads", "200", "--days", "90", "--json"];
    home.json(&[&["demo", "--tenant", "acme"], &made[..]].concat());
    let json = evaluate("taste", &["--first", "10", "--json"]);
    let told = home.json(&json);
    let town = &told["markets"][0];
    assert_eq!((&told["kind"], &told["k"], &town["market"]), (&json!("taste"), &json!(10), &json!("town")), "{told}");
    assert!(told["n"].as_u64().unwrap() >= 10 && town["held_out"].as_u64() >= town["n"].as_u64(), "{told}");
    for by in ["taste", "popularity", "chance"] {
        for measure in ["recall", "ndcg"] {
            let value = told["metrics"][measure][by].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&value) && town[by][measure].is_number(), "{told}");
        }
    }
    assert_eq!(home.json(&json), told, "the same again");
    let words = home.run(&evaluate("taste", &["--market", "town"]));
    assert!(String::from_utf8_lossy(&words.stdout).contains("standard error"), "{words:?}");
    home.complaint(1, &evaluate("taste", &["--market", "nowhere"]));

    // A taste that counts in the fit says what it is; nobody has one without having done anything.
    let server = home.serve();
    server.wait_ready();
    let mut client = server.client(&key);
    let leads = client.get("/api/v1/leads?limit=50").unwrap().json()["items"].clone();
    let tastes: Vec<_> = leads
        .as_array()
        .unwrap()
        .iter()
        .map(|lead| {
            client.get(&format!("/api/v1/leads/{}/matches?limit=1", lead["id"].as_str().unwrap())).unwrap().json()
        })
        .map(|answer| answer["taste"].clone())
        .filter(|taste| !taste.is_null())
        .collect();
    assert!(!tastes.is_empty());
    for taste in &tastes {
        let likes = taste["likes"].as_array().unwrap();
        let weights: f64 = likes.iter().map(|like| like["weight"].as_f64().unwrap()).sum();
        assert!((weights - 1.0).abs() < 1e-9 && likes.iter().all(|like| like["label"].is_string()), "{taste}");
        assert!((0.0..=1.0).contains(&taste["confidence"].as_f64().unwrap()), "{taste}");
    }
    let body = json!({ "market": "town", "preferences": {}, "explain": true });
    let stranger = client.post("/api/v1/properties/match", &body).unwrap().json();
    assert!(stranger["taste"].is_null() && stranger["matches"].is_array(), "{stranger}");
}
