//! Leads: coming in, acting, being scored, listed and matched.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Town, search, sum, told};
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_secs(5);

fn lead(client: &mut Client, id: &str) -> Value {
    told(200, client.get(&format!("/api/v1/leads/{id}")))
}

/// All pages of a smart list.
fn everybody(client: &mut Client, query: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = told(200, client.get(&format!("/api/v1/leads?{query}{cursor}")));
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}

fn score(client: &mut Client, id: &str) -> Option<f64> {
    lead(client, id)["score"].as_f64()
}

on_each_engine! {
    fn a_new_lead_is_scored_without_asking_and_again_when_it_acts(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let body = json!({
            "external_id": "crm-new", "name": "Ada Example", "email": "ada@example.com", "source": "portal",
            "market": "town", "preferences": { "price": { "max": 900_000 }, "bedrooms": { "min": 2 } },
            "custom": { "budget_confirmed": true }, "consent": [{ "channel": "email", "status": "granted", "text": "yes" }],
        });
        let made = told(201, client.post("/api/v1/leads", &body));
        let id = made["id"].as_str().unwrap();
        assert_eq!((&made["version"], &made["custom"]["budget_confirmed"]), (&json!(1), &json!(true)));
        let taken = told(409, client.post("/api/v1/leads", &body));
        assert_eq!(taken["code"], "external_id_taken");
        let (first, _) = eventually("the lead is scored", SOON, || score(&mut client, id));
        assert!((0.0..=100.0).contains(&first));
        let told_of = lead(&mut client, id);
        assert!(told_of["top_reason"].is_string(), "{told_of}");
        assert_eq!(told_of["next_step"]["code"], "first_contact");

        let listing = search(&mut client, json!({}))["items"][0]["id"].clone();
        let view = |n: usize| json!({ "kind": "listing_view", "listing_id": listing, "event_id": format!("web-{n}"), "properties": { "seconds": n } });
        let path = format!("/api/v1/leads/{id}/interactions");
        let items = json!({ "items": [view(0), view(1), { "kind": "note", "properties": { "body": "called back" }, "event_id": "note-1" }] });
        let recorded = told(200, client.post(&path, &items));
        assert!(recorded["results"].as_array().unwrap().iter().all(|one| one["status"] == "recorded"));
        let repeated = told(200, client.post(&path, &items));
        assert!(repeated["results"].as_array().unwrap().iter().all(|one| one["status"] == "duplicate"));
        let timeline = told(200, client.get(&format!("/api/v1/leads/{id}/timeline")));
        assert_eq!(timeline["items"].as_array().unwrap().len(), 3);
        assert!(lead(&mut client, id)["last_interaction_at"].is_string());
        let notes = told(200, client.get(&format!("/api/v1/leads/{id}/timeline?kind=note")));
        assert_eq!(notes["items"][0]["properties"]["body"], "called back");
        let ledger = told(200, client.get(&format!("/api/v1/leads/{id}/consent")));
        assert_eq!(ledger["items"][0]["status"], "granted");

        let before = told(200, client.get("/api/v1/events?limit=200"));
        let stale = told(412, client.send("PATCH", &format!("/api/v1/leads/{id}"), &[("If-Match", "\"9\"")], &json!({ "stage": "x" })));
        assert_eq!(stale["code"], "version");
        let patch = json!({ "stage": "viewing", "tags": ["vip"], "custom": { "budget_confirmed": null } });
        let patched = told(200, client.send("PATCH", &format!("/api/v1/leads/{id}"), &[("If-Match", "\"1\"")], &patch));
        assert_eq!((&patched["version"], &patched["tags"], &patched["custom"]), (&json!(2), &json!(["vip"]), &json!({})));
        assert!(before["items"].as_array().unwrap().len() > 1);

        let matches = told(200, client.get(&format!("/api/v1/leads/{id}/matches?limit=5")));
        assert_eq!(matches["matches"].as_array().unwrap().len(), 5);

        told(204, client.ask("DELETE", &format!("/api/v1/leads/{id}"), &[], None));
        told(404, client.get(&format!("/api/v1/leads/{id}")));
    }

    fn the_reasons_of_a_score_add_up_to_its_log_odds(home) {
        let town = Town::settle_with_history(home, "300", "120");
        let trained = home.json(&["train", "lead-score", "--tenant", "acme", "--json"]);
        assert_eq!(trained["promoted"], true);
        let mut client = town.client();
        let page = told(200, client.get("/api/v1/leads?limit=50"));
        let mut leads: Vec<Value> = page["items"].as_array().unwrap().iter().map(|lead| json!({ "id": lead["id"] })).collect();
        leads.push(json!({ "facts": { "source": "portal", "listing_views": 7 } }));
        let body = json!({ "leads": leads, "explain": true });
        let live = || {
            let answer = told(200, client.post("/api/v1/leads/score", &body));
            (answer["scores"][0]["model"]["version"] == trained["version"]).then_some(answer)
        };
        let (answer, _) = eventually("the new model is live", SOON, live);
        for score in answer["scores"].as_array().unwrap() {
            let probability = score["probability"].as_f64().unwrap();
            let log_odds = (probability / (1.0 - probability)).ln();
            let told = score["base"].as_f64().unwrap() + sum(&score["reasons"], "contribution");
            assert!((told - log_odds).abs() < 1e-9, "{told} is not {log_odds}: {score}");
            assert_eq!((&score["scale"], &score["model"]["prior"]), (&json!("log_odds"), &json!(false)));
            assert!((score["score"].as_f64().unwrap() - 100.0 * probability).abs() < 1e-9);
        }
        assert_eq!(answer["scores"][50]["lead_id"], Value::Null);
        let unknown = json!({ "leads": [{ "id": "00000000-0000-7000-8000-000000000000" }] });
        told(404, client.post("/api/v1/leads/score", &unknown));
    }

    fn smart_lists_page_through_everybody_once(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let scored = || {
            let lowest = told(200, client.get("/api/v1/leads?sort=-score&limit=200"));
            let next = lowest["next_cursor"].as_str()?;
            let rest = told(200, client.get(&format!("/api/v1/leads?sort=-score&limit=200&cursor={next}")));
            rest["items"].as_array().unwrap().last()?["score"].is_number().then_some(())
        };
        eventually("all demo leads are scored", Duration::from_secs(20), scored);
        for sort in ["-score", "score", "-last_interaction_at", "name", "created_at"] {
            let seen = everybody(&mut client, &format!("sort={sort}&limit=37"));
            assert_eq!(seen.len(), 300, "{sort}");
            let mut ids: Vec<&str> = seen.iter().map(|lead| lead["id"].as_str().unwrap()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 300, "{sort}");
            if sort == "-score" {
                assert!(seen.windows(2).all(|pair| pair[0]["score"].as_f64() >= pair[1]["score"].as_f64()));
            }
        }
        let mut tiers = 0;
        for tier in ["hot", "warm", "cool"] {
            let items = everybody(&mut client, &format!("tier={tier}&limit=200"));
            assert!(items.iter().all(|lead| lead["tier"] == tier));
            tiers += items.len();
        }
        assert_eq!(tiers, 300);
        told(422, client.get("/api/v1/leads?limit=201"));
        assert_eq!(told(400, client.get("/api/v1/leads?cursor=nonsense"))["code"], "bad_cursor");
    }
}
