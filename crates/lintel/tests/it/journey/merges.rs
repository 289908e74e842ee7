//! Two leads that are one person, on the whole program: merged, scored again, written to under either id, and taken apart.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Town, hooks, told};
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_secs(10);

fn lead(client: &mut Client, id: &str) -> Value {
    told(200, client.get(&format!("/api/v1/leads/{id}")))
}

/// Waits until the lead has a score that was made after `before`, if any was.
fn scored_after(client: &mut Client, id: &str, before: &Value) -> Value {
    let scored = || {
        let lead = lead(client, id);
        (lead["scored_at"].is_string() && lead["scored_at"] != *before).then_some(lead)
    };
    eventually("the lead is scored", SOON, scored).0
}

/// Waits until the live score that is kept is the one that is made now.
fn scored_as_it_is(client: &mut Client, id: &str) {
    let scored = || {
        let live = told(200, client.get(&format!("/api/v1/leads/{id}/score")))["score"].as_f64()?;
        ((lead(client, id)["score"].as_f64()? - live).abs() < 0.5).then_some(())
    };
    eventually("the lead is scored by what it did", SOON, scored);
}

/// Waits until so many leads are counted: on PostgreSQL counts follow a moment later.
fn counted(client: &mut Client, many: u64) {
    let counted = || (told(200, client.get("/api/v1/leads/counts"))["total"] == many).then_some(());
    eventually("the leads are counted", SOON, counted);
}

on_each_engine! {
    fn a_person_who_came_twice_is_one_lead_until_that_is_taken_back(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let make = |client: &mut Client, body: &Value| {
            told(201, client.post("/api/v1/leads", body))["id"].as_str().unwrap().to_owned()
        };
        let ada = make(&mut client, &json!({ "name": "Ada Example", "market": "town" }));
        let other = make(&mut client, &json!({ "external_id": "portal-7", "email": "ada@example.com", "market": "town" }));
        for (id, kind) in [(&ada, "call_answered"), (&other, "listing_view")] {
            let items: Vec<Value> = (0..5).map(|n| json!({ "kind": kind, "event_id": format!("{id}-{n}") })).collect();
            told(200, client.post(&format!("/api/v1/leads/{id}/interactions"), &json!({ "items": items })));
        }
        let course = |client: &mut Client, id: &str| told(200, client.get(&format!("/api/v1/leads/{id}/timeline")))["items"].as_array().unwrap().len();
        counted(&mut client, 302);
        let [before, alone] = [&ada, &other].map(|id| scored_after(&mut client, id, &Value::Null));

        let merged = told(200, client.post(&format!("/api/v1/leads/{ada}/merge"), &json!({ "from": other })));
        assert_eq!((&merged["email"], &merged["external_id"]), (&json!("ada@example.com"), &json!("portal-7")));
        assert_eq!(course(&mut client, &ada), 10);
        counted(&mut client, 301);
        let scored = scored_after(&mut client, &ada, &before["scored_at"]);
        scored_as_it_is(&mut client, &ada);
        let figures = || (told(200, client.get("/api/v1/analytics/leads?from=2024-01-01&by=market"))["total"]["new"] == 301).then_some(());
        eventually("they are one in the figures", SOON, figures);

        // What comes under the other's id comes to the one that stays.
        let file = home.write("again.csv", "external_id,phone\nportal-7,+1 206 555 0100\n");
        let import = home.json(&["import", "leads", &file, "--tenant", "acme", "--market", "town", "--json"]);
        assert_eq!((&import["created"], &import["updated"]), (&json!(0), &json!(1)), "{import}");
        let moved = lead(&mut client, &ada);
        assert_eq!((&moved["phone"], &moved["name"]), (&json!("+1 206 555 0100"), &json!("Ada Example")));
        let refused = told(409, client.send("PATCH", &format!("/api/v1/leads/{other}"), &[], &json!({ "stage": "x" })));
        assert_eq!((&refused["code"], &refused["merged_into"]), (&json!("lead_merged"), &json!(ada)));

        let back = told(200, client.ask("POST", &format!("/api/v1/leads/{other}/unmerge"), &[], None));
        assert_eq!((&back["external_id"], &back["merged_into"]), (&json!("portal-7"), &Value::Null));
        assert_eq!((course(&mut client, &ada), course(&mut client, &other)), (5, 5));
        counted(&mut client, 302);
        let left = scored_after(&mut client, &ada, &scored["scored_at"]);
        assert_eq!((&left["external_id"], &left["email"]), (&Value::Null, &Value::Null));
        scored_as_it_is(&mut client, &ada);
        scored_after(&mut client, &other, &alone["scored_at"]);
        let figures = || (told(200, client.get("/api/v1/analytics/leads?from=2024-01-01&by=market"))["total"]["new"] == 302).then_some(());
        eventually("they are two in the figures", SOON, figures);
    }

    fn events_of_a_merged_contact_are_of_the_lead_that_stays(home) {
        let (key, sender) = (home.key("acme"), hooks::Sender::new());
        let server = sender.serve(home);
        let path = hooks::connect(&server, &key);
        let mut client = server.client(&key);
        let say = |client: &mut Client, id: &str, kind: &str, fields: Value| {
            let mut event = fields;
            event["type"] = json!(kind);
            event["webhookId"] = json!(id);
            event["locationId"] = json!("L1");
            assert_eq!(sender.send(client, &path, &event).unwrap().0, 200);
            hooks::outcome(client, id)["effects"].clone()
        };
        for (n, contact) in ["C1", "C2"].into_iter().enumerate() {
            say(&mut client, &format!("w{n}"), "ContactCreate", json!({ "id": contact, "name": contact }));
        }
        let found = told(200, client.get("/api/v1/leads?sort=name"));
        let ids: Vec<String> = found["items"].as_array().unwrap().iter().map(|lead| lead["id"].as_str().unwrap().to_owned()).collect();
        told(200, client.post(&format!("/api/v1/leads/{}/merge", ids[0]), &json!({ "from": ids[1] })));
        let message = json!({ "messageId": "M1", "contactId": "C2", "messageType": "SMS", "body": "Is it still there?" });
        assert_eq!(say(&mut client, "w3", "InboundMessage", message), 1);
        assert_eq!(say(&mut client, "w4", "ContactUpdate", json!({ "id": "C2", "email": "ann@example.com" })), 1);
        let silent = json!({ "id": "C2", "dnd": true });
        assert_eq!(say(&mut client, "w5", "ContactDndUpdate", silent), 1);
        assert_eq!(say(&mut client, "w6", "ContactDelete", json!({ "id": "C2" })), 0, "the person is still there");
        let left = told(200, client.get("/api/v1/leads"));
        let left = left["items"].as_array().unwrap();
        assert_eq!((left.len(), &left[0]["external_id"], &left[0]["email"]), (1, &json!("C1"), &json!("ann@example.com")));
        assert_eq!(left[0]["tags"], json!([]));
        let timeline = told(200, client.get(&format!("/api/v1/leads/{}/timeline", ids[0])));
        assert_eq!(timeline["items"][0]["properties"]["body"], "Is it still there?");
        let ledger = told(200, client.get(&format!("/api/v1/leads/{}/consent", ids[0])));
        assert!(ledger["items"].as_array().unwrap().iter().all(|entry| entry["status"] == "revoked"), "{ledger}");
    }
}
