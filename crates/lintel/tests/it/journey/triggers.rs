//! Behaviour triggers: what a lead does on the site is told once, and a history that is imported tells nothing.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use lintel_domain::clock::{Clock, DAY, Time};
use serde_json::{Value, json};

use super::told;
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_secs(20);

/// How often each trigger was told of each lead, with the home.
fn fired(client: &mut Client) -> BTreeMap<(String, String, String), usize> {
    let (mut fired, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = told(200, client.get(&format!("/api/v1/events?limit=200{after}")));
        let events = page["items"].as_array().unwrap();
        for event in events.iter().map(|item| &item["event"]).filter(|event| event["type"] == "behaviour.triggered") {
            for one in event["triggers"].as_array().unwrap() {
                let [lead, trigger, listing] =
                    ["lead", "trigger", "listing"].map(|name| one[name].as_str().unwrap_or_default().to_owned());
                *fired.entry((lead, trigger, listing)).or_default() += 1;
            }
        }
        if events.is_empty() {
            return fired;
        }
        after = format!("&after={}", page["cursor"].as_str().unwrap());
    }
}

fn act(client: &mut Client, lead: &str, items: &[Value]) {
    told(200, client.post(&format!("/api/v1/leads/{lead}/interactions"), &json!({ "items": items })));
}

on_each_engine! {
    fn what_a_lead_does_is_told_once(home) {
        let key = home.key("acme");
        let mut server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        told(201, client.post("/api/v1/markets", &json!({ "slug": "town" })));
        let homes: Vec<Value> = (0..5).map(|n| json!({ "listing_key": format!("h{n}"), "list_price": 500_000 })).collect();
        let homes = told(200, client.post("/api/v1/listings", &json!({ "market": "town", "items": homes })));
        let homes: Vec<String> = homes["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let lead = told(201, client.post("/api/v1/leads", &json!({ "external_id": "ada" })))["id"].as_str().unwrap().to_owned();

        let long_ago = Clock::System.now().plus(-20 * DAY);
        act(&mut client, &lead, &[json!({ "kind": "site_visit", "at": long_ago, "event_id": "first" })]);
        let views: Vec<Value> = homes.iter().map(|home| json!({ "kind": "listing_view", "listing_id": home })).collect();
        act(&mut client, &lead, &views);
        let again = json!({ "kind": "listing_view", "listing_id": homes[0] });
        act(&mut client, &lead, &[again.clone(), again, json!({ "kind": "listing_save", "listing_id": homes[1] })]);
        let mut expected: Vec<(&str, &str)> = vec![("revisit", ""), ("five_homes", ""), ("same_home", &homes[0]), ("favourite", &homes[1])];
        let wait = |client: &mut Client, expected: &[(&str, &str)], what: &str| {
            let wanted: BTreeMap<_, _> = expected.iter().map(|(trigger, home)| ((lead.clone(), (*trigger).to_owned(), (*home).to_owned()), 1)).collect();
            eventually(what, SOON, || (fired(client) == wanted).then_some(()));
        };
        wait(&mut client, &expected, "a return, many homes, one home again and a saved one are told");
        told(200, client.post("/api/v1/listings", &json!({ "market": "town", "items": [{ "listing_key": "h1", "list_price": 450_000 }] })));
        expected.push(("saved_price_drop", &homes[1]));
        wait(&mut client, &expected, "and that it got cheaper");

        // Years of history, of somebody else.
        let mut file = "lead_external_id,kind,at,listing_key,event_id\n".to_owned();
        let start = Clock::System.now().plus(-900 * DAY);
        for n in 0..800 {
            let at: Time = start.plus(n * DAY);
            writeln!(file, "bob,site_visit,{at},,old-{n}").unwrap();
        }
        told(201, client.post("/api/v1/leads", &json!({ "external_id": "bob" })));
        home.json(&["import", "interactions", &home.write("old.csv", file), "--tenant", "acme", "--market", "town", "--json"]);
        server.kill();
        let server = home.serve();
        server.wait_ready();
        client = server.client(&key);
        let visits: Vec<Value> = (0..5).map(|n| json!({ "kind": "site_visit", "event_id": format!("v{n}") })).collect();
        act(&mut client, &lead, &visits);
        act(&mut client, &lead, &visits);
        expected.push(("five_visits", ""));
        wait(&mut client, &expected, "nothing is told twice, nor what is long over");
        let listed = told(200, client.get(&format!("/api/v1/leads/{lead}/triggers")));
        let names: std::collections::BTreeSet<&str> = listed["items"].as_array().unwrap().iter().map(|one| one["trigger"].as_str().unwrap()).collect();
        assert_eq!(names, expected.iter().map(|(trigger, _)| *trigger).collect());
        told(204, client.ask("DELETE", &format!("/api/v1/leads/{lead}"), &[], None));
        told(404, client.get(&format!("/api/v1/leads/{lead}/triggers")));
    }
}
