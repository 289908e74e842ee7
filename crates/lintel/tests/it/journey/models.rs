//! Models: evaluated out of time, replayed, watched; and blind to what must not decide.

use std::{fmt::Write as _, time::Duration};

use lintel_domain::clock::{Clock, DAY};
use serde_json::{Value, json};

use super::{Town, sum, told};
use crate::server::{Home, eventually};

const SOON: Duration = Duration::from_secs(10);

/// Facts that must not decide, two of each kind.
const FLIPS: [(&str, [&str; 4]); 12] = [
    ("name", ["Emily Walsh", "Lakisha Washington", "Jose Hernandez", "Mei Zhang"]),
    ("pronouns", ["she/her", "he/him", "they/them", "xe/xem"]),
    ("preferred_language", ["English", "Spanish", "Mandarin", "Tagalog"]),
    ("children", ["0", "1", "3", "5"]),
    ("religion", ["Catholic", "Muslim", "Jewish", "none"]),
    ("uses_wheelchair", ["yes", "no", "yes", "no"]),
    ("voucher", ["section 8", "none", "section 8", "none"]),
    ("veteran", ["yes", "no", "yes", "no"]),
    ("birth_year", ["1950", "1970", "1990", "2004"]),
    ("marital_status", ["married", "single", "divorced", "widowed"]),
    ("zip", ["98101", "98118", "98178", "98004"]),
    (
        "first_message",
        [
            "Good morning, I would like a viewing.",
            "hi can i see de house pls",
            "hola, quiero ver la casa",
            "Shalom! Viewing?",
        ],
    ),
];

/// A history in which everything that must not decide goes along with the outcome, beside one honest reason.
fn telling_history(home: &Home) -> String {
    let names: Vec<&str> = FLIPS.iter().map(|(name, _)| *name).collect();
    let mut text = format!("external_id,outcome,budget_confirmed,{}\n", names.join(","));
    for row in 0..400 {
        let won = (row * 7 + row / 3) % 10 < 4;
        let honest = if (row * 13) % 10 < 7 { won } else { !won };
        write!(text, "old-{row},{},{}", if won { "won" } else { "lost" }, if honest { "yes" } else { "no" }).unwrap();
        let biased = if (row * 11) % 10 < 8 { usize::from(won) } else { 2 + row % 2 };
        for (name, values) in FLIPS {
            let own = if name == "first_message" {
                format!("\"{} {row}\"", values[biased])
            } else {
                format!("\"{}\"", values[biased])
            };
            write!(text, ",{own}").unwrap();
        }
        text.push('\n');
    }
    home.write("history.csv", text)
}

on_each_engine! {
    fn what_must_not_decide_changes_no_score_match_or_estimate(home) {
        let town = Town::settle(home);
        let key = home.key("biased");
        home.json(&["import", "leads", &telling_history(home), "--tenant", "biased", "--json"]);
        let trained = home.json(&["train", "lead-score", "--tenant", "biased", "--json"]);
        assert_eq!(trained["promoted"], true, "{}", trained["reason"]);
        let used = trained["metrics"]["features"].to_string();
        assert!(used.contains("custom.budget_confirmed"), "{used}");
        for (name, _) in &FLIPS[1..] {
            assert!(!used.contains(name), "{name} is read: {used}");
        }
        let mut client = town.server.client(&key);
        for confirmed in ["yes", "no"] {
            let facts = |name: &str, value: &str| {
                let mut facts = json!({ "source": "portal", "budget_confirmed": confirmed });
                facts[name] = json!(value);
                json!({ "facts": facts })
            };
            let leads: Vec<Value> =
                FLIPS.iter().flat_map(|(name, values)| values.map(|value| facts(name, value))).collect();
            let body = json!({ "leads": leads, "explain": true });
            let scores = told(200, client.post("/api/v1/leads/score", &body))["scores"].clone();
            let same = |score: &Value| (score["probability"].clone(), score["reasons"].clone(), score["tier"].clone());
            let first = same(&scores[0]);
            assert!(scores.as_array().unwrap().iter().all(|score| same(score) == first), "{scores}");
        }

        let mut client = town.client();
        let id = told(200, client.get("/api/v1/leads?limit=1"))["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/leads/{id}");
        let mut seen = Vec::new();
        for (name, values) in FLIPS {
            for value in values {
                let patch = if name == "name" { json!({ "name": value }) } else { json!({ "custom": { name: value } }) };
                told(200, client.send("PATCH", &path, &[], &patch));
                seen.push(told(200, client.get(&format!("{path}/matches?limit=10")))["matches"].clone());
            }
        }
        assert!(seen.iter().all(|matches| *matches == seen[0]));

        let estimate = |client: &mut crate::client::Client, attributes: Value| {
            let home = json!({ "latitude": 39.74, "longitude": -104.98, "living_area_sqft": 1800, "bedrooms": 3, "attributes": attributes });
            told(200, client.post("/api/v1/pricing/estimate", &json!({ "market": "town", "home": home, "explain": true })))["estimate"].clone()
        };
        home.json(&["train", "price", "--tenant", "acme", "--market", "town", "--json"]);
        // Learning may take longer than a connection may stay quiet.
        let mut client = town.client();
        let learnt = || Some(estimate(&mut client, json!({}))).filter(Value::is_object);
        let plain = eventually("the model is live", SOON, learnt).0;
        for (name, values) in &FLIPS[1..] {
            for value in values {
                assert_eq!(estimate(&mut client, json!({ format!("seller_{name}"): value })), plain, "{name}");
            }
        }
    }

    fn what_is_live_is_judged_out_of_time_and_can_be_judged_again(home) {
        let town = Town::settle_with_history(home, "900", "365");
        let before = home.json(&["evaluate", "lead-score", "--tenant", "acme", "--json"]);
        let mut client = town.client();
        assert_eq!((&before["prior"], &before["version"]), (&json!(true), &json!("prior-1")));
        assert!(before["metrics"]["auc"].is_number(), "{before}");
        told(404, client.get("/api/v1/models/churn/evaluation"));
        for kind in ["lead-score", "churn"] {
            let trained = home.json(&["train", kind, "--tenant", "acme", "--json"]);
            assert_eq!(trained["promoted"], true, "{trained}");
            let again = home.json(&["evaluate", kind, "--tenant", "acme", "--json"]);
            // Learning may take longer than a connection may stay quiet.
            client = town.client();
            assert_eq!((&again["version"], &again["same"]), (&trained["version"], &json!(true)), "{again}");
            let answer = told(200, client.get(&format!("/api/v1/models/{kind}/evaluation")));
            assert_eq!(answer["model"]["version"], trained["version"]);
            let held_out = &answer["model"]["metrics"]["held_out"];
            for measure in ["auc", "log_loss", "brier", "ece"] {
                assert!(held_out[measure].is_number(), "{measure}: {held_out}");
            }
            assert!(!held_out["reliability"].as_array().unwrap().is_empty());
            assert_eq!(answer["model"]["metrics"]["evaluation"]["protocol"], "out_of_time");
            let drift = told(200, client.get(&format!("/api/v1/models/{kind}/drift")));
            let spreads = drift["spreads"].as_array().unwrap();
            assert!(spreads.iter().any(|one| one["feature"] == "score") && spreads.iter().all(|one| one["state"] != "drifted"), "{drift}");
        }
        let models = told(200, client.get("/api/v1/models"));
        assert_eq!(models["items"].as_array().unwrap().len(), 2);
        let leads = told(200, client.get("/api/v1/leads?limit=200"))["items"].clone();
        let ids: Vec<Value> = leads.as_array().unwrap().iter().map(|lead| lead["id"].clone()).collect();
        let body = json!({ "leads": [{ "id": ids[0] }] });
        let churning = || {
            let score = told(200, client.post("/api/v1/leads/score", &body))["scores"][0].clone();
            score["churn"]["probability"].as_f64()
        };
        let (churn, _) = eventually("churn is said", SOON, churning);
        assert!((0.0..=1.0).contains(&churn));
        let groups: Vec<Value> = ids.iter().enumerate().map(|(n, id)| json!({ "id": id, "group": if n % 2 == 0 { "a" } else { "b" } })).collect();
        let report = told(200, client.post("/api/v1/models/lead-score/disparity", &json!({ "leads": groups })));
        assert_eq!(report["groups"].as_array().unwrap().len(), 2, "{report}");
    }

    fn a_score_of_the_past_is_what_was_stored_then(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let made = told(201, client.post("/api/v1/leads", &json!({ "name": "Ada", "source": "portal", "phone": "+1 206 555 0100" })));
        let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
        let scored = |client: &mut crate::client::Client, than: &Value| {
            let lead = told(200, client.get(&path));
            (lead["scored_at"].is_string() && lead["scored_at"] != *than).then_some(lead)
        };
        let (first, _) = eventually("the lead is scored", SOON, || scored(&mut client, &Value::Null));
        let item = json!({ "items": [{ "kind": "showing_requested", "event_id": "e-1" }, { "kind": "message_in", "event_id": "e-2" }] });
        told(200, client.post(&format!("{path}/interactions"), &item));
        let (second, _) = eventually("and again", SOON, || scored(&mut client, &first["scored_at"]));
        for lead in [&first, &second] {
            let at = lead["scored_at"].as_str().unwrap();
            let then = told(200, client.get(&format!("{path}/score?as_of={at}")));
            assert_eq!((&then["score"], &then["as_of"], &then["origin"]), (&lead["score"], &lead["scored_at"], &json!("stored")));
            let probability = then["probability"].as_f64().unwrap();
            let said = then["base"].as_f64().unwrap() + sum(&then["reasons"], "contribution");
            assert!((said - (probability / (1.0 - probability)).ln()).abs() < 1e-9, "{then}");
            assert!(!then["reasons"].as_array().unwrap().is_empty());
        }
        told(404, client.get(&format!("{path}/score?as_of=2001-01-01T00:00:00Z")));

        let old = told(200, client.get("/api/v1/leads?sort=created_at&limit=1"))["items"][0].clone();
        let path = format!("/api/v1/leads/{}", old["id"].as_str().unwrap());
        let ask = format!("{path}/score?as_of={}", old["created_at"].as_str().unwrap());
        let before = told(200, client.get(&ask));
        assert_eq!(before["origin"], "replayed");
        told(200, client.post(&format!("{path}/interactions"), &json!({ "items": [{ "kind": "offer", "event_id": "later" }] })));
        assert_eq!(told(200, client.get(&ask)), before, "what happens later leaves no trace");
    }

    fn a_review_trains_when_enough_is_new_and_moves_a_score_whose_level_is_wrong(home) {
        let town = Town::settle_with_history(home, "300", "120");
        let mut client = town.client();
        let review = |client: &mut crate::client::Client| {
            let queued = told(202, client.post("/api/v1/models/lead-score/review", &json!({})));
            let path = format!("/api/v1/admin/jobs/{}", queued["job_id"].as_str().unwrap());
            let done = || {
                let job = told(200, client.get(&path));
                assert_ne!(job["state"], "dead", "{job}");
                (job["state"] == "done").then(|| job["result"]["review"].clone())
            };
            eventually("the review is done", Duration::from_mins(1), done).0
        };
        let first = review(&mut client);
        assert_eq!((&first["did"], &first["promoted"]), (&json!("trained"), &json!(true)), "{first}");
        let second = review(&mut client);
        assert_eq!(second["did"], "kept", "nothing is new: {second}");
        // Forty new stories that all end alike are too few to train again, and enough to see that the level is wrong.
        let now = Clock::System.now();
        let mut lost = "external_id,created_at,outcome,outcome_at,source\n".to_owned();
        for n in 0..40 {
            let end = if n < 4 { "won" } else { "lost" };
            writeln!(lost, "fresh-{n},{},{end},{},referral", now.plus(-60 * DAY), now.plus(-30 * DAY)).unwrap();
        }
        home.json(&["import", "leads", &home.write("fresh.csv", lost), "--tenant", "acme", "--json"]);
        let third = review(&mut client);
        assert!(["kept", "recalibrated"].iter().any(|did| third["did"] == *did), "{third}");
        let models = told(200, client.get("/api/v1/models"));
        let score = models["items"].as_array().unwrap().iter().find(|model| model["kind"] == "lead-score").unwrap();
        if third["did"] == "recalibrated" {
            assert_eq!(score["version"], third["version"]);
            assert!(score["metrics"]["recalibration"]["found"]["line"]["slope"].is_number());
        } else {
            assert_eq!(score["version"], first["version"]);
        }
    }

    fn what_the_log_added_up_is_what_counting_anew_finds(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let made = told(201, client.post("/api/v1/leads", &json!({ "external_id": "acting", "source": "portal" })));
        let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
        // The stored score comes from the ledger that grows by the log, the live one from counting the interactions. Moments
        // apart differ by less than a millionth; one interaction more or less does by a thousandth at the least.
        let agree = |client: &mut crate::client::Client, least: f64, most: f64| {
            let lead = told(200, client.get(&path));
            let stored = lead["score"].as_f64()?;
            let live = told(200, client.get(&format!("{path}/score")))["score"].as_f64().unwrap();
            ((least..=most).contains(&stored) && (stored - live).abs() < 1e-3).then_some(stored)
        };
        let quiet = eventually("it is scored", SOON, || agree(&mut client, 0.0, 100.0)).0;
        let act = |n: usize| json!({ "items": [{ "kind": "showing_requested", "event_id": format!("act-{n}") }] });
        told(200, client.post(&format!("{path}/interactions"), &act(1)));
        let once = eventually("once", SOON, || agree(&mut client, quiet + 0.5, 100.0)).0;
        told(200, client.post(&format!("{path}/interactions"), &act(1)));
        told(200, client.post(&format!("{path}/interactions"), &act(2)));
        let twice = eventually("twice", SOON, || agree(&mut client, once + 0.5, 100.0)).0;
        let now = told(200, client.get(&path))["last_interaction_at"].as_str().unwrap().to_owned();
        let file = format!("lead_external_id,kind,at,event_id\nacting,offer,{now},file-1\nacting,message_in,{now},file-2\n");
        let imported = home.json(&["import", "interactions", &home.write("acts.csv", file), "--tenant", "acme", "--market", "town", "--json"]);
        eventually("from a file", SOON, || agree(&mut client, twice + 0.5, 100.0));
        home.run(&["import", "--undo", imported["import_id"].as_str().unwrap(), "--tenant", "acme"]);
        eventually("and taken back", SOON, || agree(&mut client, twice - 0.5, twice + 0.1));
    }

    fn an_experiment_shows_a_lead_the_same_variant_always_and_waits_for_results(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let body = json!({ "name": "First reply", "variants": [{ "name": "template", "weight": 1 }, { "name": "draft", "weight": 1 }] });
        let made = told(201, client.post("/api/v1/experiments", &body));
        let path = format!("/api/v1/experiments/{}", made["id"].as_str().unwrap());
        let one = json!({ "name": "x", "variants": [{ "name": "only", "weight": 1 }] });
        assert_eq!(told(422, client.post("/api/v1/experiments", &one))["errors"][0]["pointer"], "/variants");
        let leads = told(200, client.get("/api/v1/leads?limit=100"))["items"].clone();
        let expose = |client: &mut crate::client::Client, id: &Value| {
            told(200, client.post(&format!("{path}/exposures"), &json!({ "lead_id": id })))
        };
        let mut drafts = 0;
        for lead in leads.as_array().unwrap() {
            let (first, again) = (expose(&mut client, &lead["id"]), expose(&mut client, &lead["id"]));
            assert_eq!((&first["variant"], &first["recorded"], &again["recorded"]), (&again["variant"], &json!(true), &json!(false)));
            drafts += u64::from(first["variant"] == "draft");
        }
        let report = told(200, client.get(&path));
        assert_eq!(report["exposed"], json!([100 - drafts, drafts]));
        assert_eq!(report["comparisons"].as_array().unwrap().len(), 4);
        assert_eq!(report["comparisons"][0]["p_value"], Value::Null, "nothing is known yet: {report}");
        let ended = told(200, client.post(&format!("{path}/end"), &json!({})));
        assert!(ended["ended_at"].is_string());
        assert_eq!(told(200, client.post(&format!("{path}/end"), &json!({}))), ended);
        told(404, client.post(&format!("{path}/exposures"), &json!({ "lead_id": made["id"] })));
    }
}
