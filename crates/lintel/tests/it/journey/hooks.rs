//! Events of HighLevel through the front door: contacts become leads, in the order in which things were said there.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lintel_domain::clock::{Clock, SECOND, Time};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::told;
use crate::{
    client::Client,
    server::{Home, Server, eventually},
};

/// A sender whose key the server believes.
pub(crate) struct Sender(Ed25519KeyPair);

impl Sender {
    pub(crate) fn new() -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap())
    }

    /// A server that believes this sender.
    pub(crate) fn serve(&self, home: &Home) -> Server {
        let key = STANDARD.encode(self.0.public_key().as_ref());
        let config = home.write("lintel.toml", format!("[crm.highlevel]\nwebhook_keys = \"{key}\"\n"));
        let server = home.serve_with("data", &["--config", &config]);
        server.wait_ready();
        server
    }

    /// Sends an event; the status of the answer, if there is one.
    pub(crate) fn send(&self, client: &mut Client, path: &str, event: &Value) -> std::io::Result<(u16, Value)> {
        let body = serde_json::to_vec(event)?;
        let signature = STANDARD.encode(self.0.sign(&body).as_ref());
        let headers = [("Content-Type", "application/json"), ("X-GHL-Signature", signature.as_str())];
        let answer = client.ask("POST", path, &headers, Some(&body))?;
        Ok((answer.status, answer.json()))
    }
}

/// A connection to the location `L1`: the path for its events.
pub(crate) fn connect(server: &Server, key: &str) -> String {
    let new = json!({"provider": "highlevel", "location_id": "L1", "name": "Office"});
    let made = told(201, server.client(key).post("/api/v1/connections", &new));
    let address = made["webhook_url"].as_str().unwrap();
    // By the name under which the client calls the server.
    assert!(address.starts_with("http://lintel/api/v1/hooks/highlevel/"), "{address}");
    address[address.find("/api").unwrap()..].to_owned()
}

/// What became of an event, once it is applied or cannot be.
pub(crate) fn outcome(client: &mut Client, event: &str) -> Value {
    let path = format!("/api/v1/hooks/events/highlevel/{event}");
    let ask = || {
        let event = told(200, client.get(&path));
        (event["status"] == "applied" || event["status"] == "dead").then_some(event)
    };
    eventually("the event is applied", Duration::from_mins(1), ask).0
}

/// Sends events of one location, each said some seconds after the first, and waits until the last is applied.
struct Talk<'a> {
    sender: Sender,
    client: Client,
    path: &'a str,
    events: usize,
}

impl Talk<'_> {
    fn say(&mut self, seconds: i64, kind: &str, fields: Value) -> Value {
        self.events += 1;
        let id = format!("w{}", self.events);
        let mut event = fields;
        let said_at = Clock::System.now().plus((seconds - 600) * SECOND);
        event["type"] = json!(kind);
        event["webhookId"] = json!(id);
        event["locationId"] = json!("L1");
        event["timestamp"] = json!(said_at);
        let stored = self.sender.send(&mut self.client, self.path, &event).unwrap();
        assert_eq!(stored, (200, json!({"status": "stored"})));
        let outcome = outcome(&mut self.client, &id);
        let again = self.sender.send(&mut self.client, self.path, &event).unwrap();
        assert_eq!(again, (200, json!({"status": "duplicate"})));
        outcome
    }

    fn effects(&mut self, seconds: i64, kind: &str, fields: Value) -> u64 {
        let outcome = self.say(seconds, kind, fields);
        assert_eq!(outcome["status"], "applied", "{outcome}");
        let at = |field: &str| outcome[field].as_str().unwrap().parse::<Time>().unwrap();
        assert!(at("applied_at") >= at("first_seen"), "{outcome}");
        outcome["effects"].as_u64().unwrap()
    }

    fn lead(&mut self) -> Value {
        let found = told(200, self.client.get("/api/v1/leads"));
        let leads = found["items"].as_array().unwrap();
        assert_eq!(leads.len(), 1, "{found}");
        leads[0].clone()
    }
}

on_each_engine! {
    fn contacts_become_leads_in_the_order_in_which_things_were_said(home) {
        let (key, sender) = (home.key("acme"), Sender::new());
        let server = sender.serve(home);
        let path = connect(&server, &key);
        let mut talk = Talk { sender, client: server.client(&key), path: &path, events: 0 };

        let ann = json!({"id": "C1", "firstName": "Ann", "lastName": "Lee", "email": "ann@example.com", "tags": ["portal"],
            "customFields": [{"id": "F1", "value": "3 beds"}], "city": "Springfield", "dateOfBirth": "1980-01-05"});
        assert_eq!(talk.effects(10, "ContactCreate", ann), 1);
        let lead = talk.lead();
        assert_eq!((&lead["external_id"], &lead["name"]), (&json!("C1"), &json!("Ann Lee")));
        assert_eq!(lead["custom"], json!({"F1": "3 beds", "city": "Springfield"}));
        let lead_path = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());

        // What the team adds stays when the contact's own tags change, and what was said earlier undoes nothing.
        let tagged = json!({"tags": ["portal", "vip"]});
        told(200, talk.client.send("PATCH", &lead_path, &[], &tagged));
        assert_eq!(talk.effects(20, "ContactTagUpdate", json!({"id": "C1", "tags": ["hot"]})), 1);
        assert_eq!(talk.lead()["tags"], json!(["hot", "vip"]));
        assert_eq!(talk.effects(15, "ContactUpdate", json!({"id": "C1", "name": "Old Name", "tags": ["old"]})), 0);
        assert_eq!(talk.effects(30, "ContactUpdate", json!({"id": "C1", "name": "Ann Leigh", "email": null})), 1);
        let lead = talk.lead();
        assert_eq!((&lead["name"], &lead["email"]), (&json!("Ann Leigh"), &json!("ann@example.com")));
        assert_eq!(lead["tags"], json!(["hot", "vip"]));

        // Not to be disturbed, once.
        let silent = json!({"id": "C1", "dnd": false, "dndSettings": {"SMS": {"status": "active"}}});
        assert_eq!(talk.effects(40, "ContactDndUpdate", silent.clone()), 1);
        assert_eq!(talk.effects(41, "ContactDndUpdate", silent), 0);
        let ledger = told(200, talk.client.get(&format!("{lead_path}/consent")));
        let entries: Vec<_> = ledger["items"].as_array().unwrap().iter().map(|entry| (&entry["channel"], &entry["status"])).collect();
        assert_eq!(entries, [(&json!("sms"), &json!("revoked"))]);

        // Messages and notes stand in the timeline once, whatever event tells of them.
        let message = json!({"messageId": "M1", "contactId": "C1", "messageType": "SMS", "body": "Is it still there?"});
        assert_eq!(talk.effects(50, "InboundMessage", message.clone()), 1);
        assert_eq!(talk.effects(51, "InboundMessage", message), 0);
        assert_eq!(talk.effects(52, "NoteCreate", json!({"id": "N1", "contactId": "C1", "body": "Called back"})), 1);
        let timeline = told(200, talk.client.get(&format!("{lead_path}/timeline")));
        let told_of: Vec<_> = timeline["items"].as_array().unwrap().iter()
            .map(|item| (item["kind"].as_str().unwrap(), item["properties"]["body"].as_str().unwrap())).collect();
        assert_eq!(told_of, [("note", "Called back"), ("message_in", "Is it still there?")]);

        // What cannot be read is set aside, and holds up nothing.
        let dead = talk.say(60, "NoteCreate", json!({"id": "N2", "contactId": "C1"}));
        assert_eq!((&dead["status"], &dead["error"]), (&json!("dead"), &json!("/body: must be a text")));

        // Taken away there: marked here, and no update brings it back.
        assert_eq!(talk.effects(70, "ContactDelete", json!({"id": "C1"})), 1);
        assert_eq!(talk.effects(80, "ContactUpdate", json!({"id": "C1", "name": "Ghost"})), 0);
        let lead = talk.lead();
        assert_eq!((&lead["name"], &lead["tags"]), (&json!("Ann Leigh"), &json!(["deleted in the CRM", "hot", "vip"])));

        // Erased here: whatever comes again of the person has no effect.
        told(204, talk.client.ask("DELETE", &lead_path, &[], None));
        assert_eq!(talk.effects(90, "ContactCreate", json!({"id": "C1", "name": "Ann"})), 0);
        let late = json!({"messageId": "M9", "contactId": "C1", "body": "canary of one who was erased"});
        assert_eq!(talk.effects(91, "InboundMessage", late), 0);
        assert_eq!(told(200, talk.client.get("/api/v1/leads"))["items"], json!([]));
        assert!(server.stop());
        // And nothing of what was said then is left.
        if let Ok(bytes) = std::fs::read(home.data_dir().join("lintel.db")) {
            let canary = b"canary of one who was erased";
            assert!(!bytes.windows(canary.len()).any(|found| found == canary));
        }
    }
}
