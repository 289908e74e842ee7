//! From an empty folder to records: keys, files of every kind, dry runs, repetitions and taking back.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::told;
use crate::server::{Home, Server};

/// Small files of every kind, with the number of their rows.
fn files(home: &Home) -> [(&'static str, String, u64); 5] {
    let (mut listings, mut sales) = (String::new(), String::new());
    let (mut leads, mut interactions) = (String::new(), String::new());
    let mut series = String::from("metric,period,value\n");
    listings.push_str("listing_key,status,property_type,list_price,bedrooms,latitude,longitude,remarks,orchard\n");
    sales.push_str("listing_key,close_price,close_date,bedrooms,living_area_sqft,latitude,longitude\n");
    leads.push_str("external_id,name,email,source,outcome,favourite_colour\n");
    interactions.push_str("lead_external_id,kind,at,listing_key,event_id,seconds\n");
    for n in 0..30 {
        writeln!(
            listings,
            "home-{n},active,House,{},3,47.5,-122.{n:02},\"A \"\"fine\"\" home,\nwith a garden\",yes",
            500_000 + n
        )
        .unwrap();
        writeln!(sales, "sale-{n},{},2025-0{}-1{},3,1800,47.5,-122.{n:02}", 400_000 + n, n % 9 + 1, n % 9).unwrap();
        writeln!(leads, "crm-{n},Name {n},n{n}@example.com,portal,{},blue", [1, 0, 0][n % 3]).unwrap();
        writeln!(interactions, "crm-{n},listing_view,2025-05-01T12:00:{n:02}Z,home-{n},event-{n},{n}").unwrap();
        writeln!(series, "median_price,20{:02}-{:02},{}", 20 + n / 12, n % 12 + 1, 500_000 + n).unwrap();
    }
    [("listings", listings), ("sales", sales), ("leads", leads), ("interactions", interactions), ("series", series)]
        .map(|(kind, text)| (kind, home.write(&format!("{kind}.csv"), text), 30))
}

fn import(home: &Home, kind: &str, file: &str, more: &[&str]) -> Value {
    home.json(&[&["import", kind, file, "--tenant", "acme", "--market", "town", "--json"], more].concat())
}

fn counts(summary: &Value) -> [u64; 4] {
    ["rows", "created", "updated", "unchanged"].map(|name| summary[name].as_u64().unwrap())
}

/// How many there are of everything that files bring.
fn stock(server: &Server, key: &str) -> Value {
    let mut client = server.client(key);
    let mut found = |body: Value| told(200, client.post("/api/v1/listings/search", &body))["total"].clone();
    let listings = found(json!({ "market": "town" }));
    let sales = found(json!({ "market": "town", "filters": { "status": ["closed"] } }));
    let leads = told(200, client.get("/api/v1/leads?limit=200"));
    let leads = leads["items"].as_array().unwrap();
    let views: usize = leads
        .iter()
        .map(|lead| {
            let path = format!("/api/v1/leads/{}/timeline", lead["id"].as_str().unwrap());
            told(200, client.get(&path))["items"].as_array().unwrap().len()
        })
        .sum();
    // A series without a value is not known.
    let series = client.get("/api/v1/markets/town/series?metric=median_price").unwrap();
    let points = series.json()["points"].as_array().map_or(0, Vec::len);
    assert_eq!(series.status, if points > 0 { 200 } else { 422 });
    let metrics = if points > 0 { json!(["median_price"]) } else { json!([]) };
    assert_eq!(told(200, client.get("/api/v1/markets/town"))["metrics"], metrics);
    json!({
        "listings": listings, "sales": sales, "leads": leads.len(), "interactions": views,
        "series": points,
    })
}

on_each_engine! {
    fn files_come_in_once_and_can_be_taken_back(home) {
        let key = home.key("acme");
        let files = files(home);
        for (kind, file, rows) in &files[..2] {
            let tried = import(home, kind, file, &["--dry-run"]);
            assert_eq!(counts(&tried), [*rows, *rows, 0, 0], "{kind}: {tried}");
            assert_eq!(tried["import_id"], Value::Null);
        }
        let server = home.serve();
        server.wait_ready();
        assert_eq!(told(200, server.client(&key).get("/api/v1/leads"))["items"], json!([]));
        let mut ids = Vec::new();
        for (kind, file, rows) in &files {
            let first = import(home, kind, file, &[]);
            assert_eq!(counts(&first), [*rows, *rows, 0, 0], "{kind}: {first}");
            assert_eq!(first["rejected"], json!([]));
            ids.push(first["import_id"].as_str().unwrap().to_owned());
            let tried = import(home, kind, file, &["--dry-run"]);
            assert_eq!(counts(&tried), [*rows, 0, 0, *rows], "{kind}: {tried}");
        }
        let full = json!({ "listings": 30, "sales": 30, "leads": 30, "interactions": 30, "series": 30 });
        let all_in = || (stock(&server, &key) == full).then_some(());
        crate::server::eventually("imports of another process are seen", std::time::Duration::from_secs(5), all_in);
        let mut again = Vec::new();
        for (kind, file, rows) in &files {
            let second = import(home, kind, file, &[]);
            assert_eq!(counts(&second), [*rows, 0, 0, *rows], "{kind}: {second}");
            again.push(second["import_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(stock(&server, &key), full);
        let undo = |id: &str| home.json(&["import", "--undo", id, "--tenant", "acme", "--json"]);
        for id in &again {
            assert_eq!(undo(id)["removed"], 0, "an import that changed nothing has nothing to take back");
        }
        assert_eq!(stock(&server, &key), full);
        // What leans on others goes first.
        for (id, (kind, _, rows)) in ids.iter().zip(&files).rev() {
            assert_eq!(undo(id)["removed"], *rows, "{kind}");
        }
        let empty = json!({ "listings": 0, "sales": 0, "leads": 0, "interactions": 0, "series": 0 });
        let all_out = || (stock(&server, &key) == empty).then_some(());
        crate::server::eventually("what was taken back is gone", std::time::Duration::from_secs(5), all_out);
    }

    fn a_dry_run_makes_no_market(home) {
        let key = home.key("acme");
        let (kind, file, _) = &files(home)[0];
        import(home, kind, file, &["--dry-run"]);
        let server = home.serve();
        server.wait_ready();
        assert_eq!(told(200, server.client(&key).get("/api/v1/markets"))["items"], json!([]));
    }

    fn the_same_seed_makes_the_same_market(home) {
        let args = ["demo", "--listings", "50", "--sales", "50", "--leads", "20", "--days", "60", "--json"];
        let first = home.json(&args);
        let second = home.json(&args);
        for kind in ["listings", "sales", "leads", "interactions"] {
            let rows = &first["kinds"][kind]["rows"];
            assert_eq!(&first["kinds"][kind]["created"], rows, "{kind}");
            assert_eq!(&second["kinds"][kind]["unchanged"], rows, "{kind}");
        }
    }
}
