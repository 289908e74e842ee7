//! The lead desk: counts, notes, tasks, leads that are put off, finding, notifications and figures, on the whole program.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Town, told};
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_secs(10);

fn counts(client: &mut Client, query: &str) -> Value {
    told(200, client.get(&format!("/api/v1/leads/counts?{query}")))
}

on_each_engine! {
    fn an_agent_works_through_the_desk(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let whole = || {
            let counts = counts(&mut client, "");
            let sum: u64 = ["hot", "warm", "cool"].iter().map(|tier| counts[tier].as_u64().unwrap()).sum();
            (sum == 300 && counts["total"] == 300).then_some(counts)
        };
        eventually("everybody is scored and counted", Duration::from_secs(20), whole);
        let lead = json!({ "name": "Maria Johnson", "phone": "+1 206 555 0100", "market": "town" });
        let id = told(201, client.post("/api/v1/leads", &lead))["id"].as_str().unwrap().to_owned();
        eventually("the new lead is counted", SOON, || (counts(&mut client, "q=maria%20johnson")["total"] == 1).then_some(()));
        let found = |client: &mut Client| {
            let found = told(200, client.get("/api/v1/search?q=jonson%20maria"));
            (found["groups"][0]["items"][0]["id"] == id.as_str()).then_some(())
        };
        eventually("the new lead is found with a typo", SOON, || found(&mut client));

        told(201, client.post(&format!("/api/v1/leads/{id}/notes"), &json!({ "body": "wants a garden" })));
        let task = told(201, client.post(&format!("/api/v1/leads/{id}/tasks"), &json!({ "title": "Call", "due_at": "2026-01-01T00:00:00Z" })));
        let read = told(200, client.get(&format!("/api/v1/leads/{id}")));
        assert_eq!(read["next_step"]["code"], "overdue_task", "{read}");
        let at = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
        let done = told(200, client.send("PATCH", &at, &[], &json!({ "done": true })));
        assert_eq!(done["state"], "done");
        let put_off = json!({ "snoozed_until": "2999-01-01T00:00:00Z" });
        told(200, client.send("PATCH", &format!("/api/v1/leads/{id}"), &[], &put_off));
        eventually("the lead is put off", SOON, || (counts(&mut client, "q=johnson")["snoozed"].as_u64() >= Some(1)).then_some(()));
        let asks = json!({ "items": [{ "kind": "message_in" }] });
        told(200, client.post(&format!("/api/v1/leads/{id}/interactions"), &asks));
        let back = told(200, client.get(&format!("/api/v1/leads/{id}")));
        assert_eq!((&back["snoozed_until"], &back["next_step"]["code"]), (&Value::Null, &json!("answer")));

        let figures = || {
            let figures = told(200, client.get("/api/v1/analytics/leads?from=2024-01-01&by=market"));
            (figures["total"]["new"] == 301).then_some(())
        };
        eventually("everybody is in the figures", SOON, figures);
        told(204, client.ask("DELETE", &format!("/api/v1/leads/{id}"), &[], None));
        told(404, client.get(&at));
    }
}
