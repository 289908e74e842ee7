//! Frozen estimates: made when a home comes on the market, held against the sale, blind.

use std::{fmt::Write as _, time::Duration};

use lintel_domain::clock::Clock;
use serde_json::{Value, json};

use super::{Town, told};
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_mins(1);

/// Homes in the middle of the demonstration's market, as they are put on the market or sold. The last of nine is of a kind
/// that nobody ever bought.
fn homes(which: std::ops::Range<usize>, more: &Value) -> Value {
    let home = |n: usize| {
        let kind = if n == 8 { "Castle" } else { "Single Family Residence" };
        let mut home = json!({
            "listing_key": format!("new-{n}"), "property_type": kind, "status": "active", "list_price": 1,
            "bedrooms": 3, "bathrooms": 2, "living_area_sqft": 1500 + 40 * n, "lot_size_sqft": 6000, "year_built": 1990,
            "latitude": 39.74, "longitude": -104.98, "listed_at": Clock::System.now(),
        });
        home.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        home
    };
    json!({ "market": "town", "items": which.map(home).collect::<Vec<_>>() })
}

fn accuracy(client: &mut Client, query: &str) -> Value {
    told(200, client.get(&format!("/api/v1/pricing/accuracy{query}")))["items"][0].clone()
}

on_each_engine! {
    fn estimates_are_frozen_before_the_sale_and_measured_after_it(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let none = accuracy(&mut client, "?market=town");
        assert_eq!((&none["n"], &none["pending"], &none["study"], &none["tiers"]), (&json!(0), &json!(0), &Value::Null, &json!([])));
        assert_eq!(none["reason"], "no home has come on the market since there is a price model");

        home.json(&["train", "price", "--tenant", "acme", "--market", "town", "--json"]);
        // Learning may take longer than a connection may stay quiet.
        client = town.client();
        let all_estimated = |client: &mut Client| {
            let jobs = ["ready", "running"].map(|state| told(200, client.get(&format!("/api/v1/admin/jobs?state={state}"))));
            let is_busy = jobs.iter().any(|jobs| jobs.to_string().contains("freeze_estimates"));
            accuracy(client, "")["pending"].as_u64().filter(|pending| *pending > 0 && !is_busy)
        };
        let before = eventually("what is for sale is estimated", SOON, || all_estimated(&mut client)).0;
        told(200, client.post("/api/v1/listings", &homes(0..9, &json!({}))));
        let waiting = |client: &mut Client, pending: u64| (accuracy(client, "")["pending"] == pending).then_some(());
        eventually("and what comes on the market", SOON, || waiting(&mut client, before + 8));
        let unsold = accuracy(&mut client, "?market=town");
        assert_eq!((&unsold["n"], &unsold["reason"]), (&json!(0), &json!("no home with an estimate has been sold yet")));

        let (today, price) = (Clock::System.now().day(), 600_000);
        let sale = json!({ "status": "closed", "close_price": price, "close_date": today });
        told(200, client.post("/api/v1/listings", &homes(0..3, &sale)));
        let measured = |client: &mut Client, n: u64| {
            let one = accuracy(client, "?market=town");
            (one["n"] == n).then_some(one)
        };
        eventually("three sales are held against them", SOON, || measured(&mut client, 3));
        // The others are sold by a file of sales, with the same keys.
        let mut file = "listing_key,close_date,close_price\n".to_owned();
        for n in 3..8 {
            writeln!(file, "new-{n},{today},{price}").unwrap();
        }
        home.json(&["import", "sales", &home.write("sold.csv", file), "--tenant", "acme", "--market", "town", "--json"]);
        eventually("and five more", SOON, || measured(&mut client, 8));
        told(200, client.post("/api/v1/listings", &homes(8..9, &sale)));
        let refused = |client: &mut Client| Some(accuracy(client, "?market=town")).filter(|all| all["refused"] == 1);
        let all = eventually("and the one that was refused", SOON, || refused(&mut client)).0;
        let study = &all["study"];
        for measure in ["median_ratio", "cod", "prd", "prb"] {
            let interval = &study[measure]["interval95"];
            assert!(interval[0].as_f64().unwrap() <= interval[1].as_f64().unwrap(), "{measure}: {study}");
        }
        assert!(study["median_ratio"]["value"].as_f64().unwrap() > 0.05, "a blind estimate is not the asking price: {study}");
        assert!(study["coverage_80"].is_number() && study["coverage_95"].is_number());
        assert_eq!((&all["n"], &all["reason"], &all["left_out"], &all["is_cut"]), (&json!(8), &Value::Null, &json!(0), &json!(false)));
        assert_eq!(accuracy(&mut client, "?market=town&property_type=single+family+residence")["n"], 8);
        assert_eq!(accuracy(&mut client, "?market=town&property_type=castle")["n"], 0);
        assert_eq!(accuracy(&mut client, "?market=town&from=2001-01-01&to=2001-02-01")["n"], 0);

        // A sale that fell through waits again, and what was said before stays.
        told(200, client.post("/api/v1/listings", &homes(0..1, &json!({ "remarks": "back on the market" }))));
        eventually("one fell through", SOON, || measured(&mut client, 7));
        assert_eq!(told(422, client.get("/api/v1/pricing/accuracy?market=nowhere"))["errors"][0]["pointer"], "/market");
        assert_eq!(told(422, client.get("/api/v1/pricing/accuracy?from=2020-02-01&to=2020-01-01"))["errors"][0]["pointer"], "/to");
    }
}
