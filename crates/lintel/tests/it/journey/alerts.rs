//! Saved searches tell of what changes: once, for the right reason, soon; and cheaper homes are told to whoever saved them.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::told;
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_secs(20);

/// Searches that watch beside those of which something is found.
const OTHERS: usize = 100;

/// A home by its key and what is said of it.
fn home(key: &str, more: &Value) -> Value {
    let mut home = json!({ "listing_key": key, "status": "active", "bedrooms": 3, "remarks": "quiet" });
    home.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    home
}

/// Writes a home and returns its id.
fn write(client: &mut Client, key: &str, more: &Value) -> String {
    let written = told(200, client.post("/api/v1/listings", &json!({ "market": "town", "items": [home(key, more)] })));
    written["results"][0]["id"].as_str().unwrap().to_owned()
}

fn save(client: &mut Client, more: &Value) -> String {
    let mut search = json!({ "name": "search", "market": "town" });
    search.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    told(201, client.post("/api/v1/saved-searches", &search))["id"].as_str().unwrap().to_owned()
}

/// How often each was told: by search (empty for a saved home), listing and reason.
fn finds(client: &mut Client) -> BTreeMap<(String, String, String), usize> {
    let (mut finds, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = told(200, client.get(&format!("/api/v1/events?limit=200{after}")));
        let events = page["items"].as_array().unwrap();
        for event in events.iter().map(|item| &item["event"]).filter(|event| event["type"] == "match.found") {
            assert_eq!(event["market"], "town");
            for one in event["matches"].as_array().unwrap() {
                for listing in one["listings"].as_array().unwrap() {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    *finds.entry((text(&one["search"]), text(listing), text(&one["why"]))).or_default() += 1;
                }
            }
        }
        if events.is_empty() {
            return finds;
        }
        after = format!("&after={}", page["cursor"].as_str().unwrap());
    }
}

on_each_engine! {
    fn a_changed_listing_is_told_to_the_searches_that_find_it_once_and_for_its_reason(home) {
        let key = home.key("acme");
        let mut server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        told(201, client.post("/api/v1/markets", &json!({ "slug": "town" })));
        let lead = told(201, client.post("/api/v1/leads", &json!({ "name": "Ada" })))["id"].as_str().unwrap().to_owned();
        let old = write(&mut client, "old", &json!({ "list_price": 400_000 }));
        let dear = write(&mut client, "dear", &json!({ "list_price": 900_000 }));
        let up_to = json!({ "price": { "max": 500_000 } });
        let instant = save(&mut client, &json!({ "lead_id": lead, "filters": up_to }));
        let daily = save(&mut client, &json!({ "filters": up_to, "cadence": "daily" }));
        let paused = save(&mut client, &json!({ "filters": up_to, "paused": true }));
        let worded = save(&mut client, &json!({ "filters": { "text": "lighthuose" } }));
        for n in 0..OTHERS {
            save(&mut client, &json!({ "filters": { "bedrooms": { "min": 10 + n } } }));
        }
        let saves = json!({ "items": [{ "kind": "listing_save", "listing_id": dear }] });
        told(200, client.post(&format!("/api/v1/leads/{lead}/interactions"), &saves));

        write(&mut client, "old", &json!({ "list_price": 400_000, "remarks": "quiet, as ever" }));
        let new = write(&mut client, "new", &json!({ "list_price": 450_000, "remarks": "a lighthouse" }));
        let expected = |of: &[(&str, &str, &str)]| -> BTreeMap<(String, String, String), usize> {
            let one = |(search, listing, why): &(&str, &str, &str)| ((*search).to_owned(), (*listing).to_owned(), (*why).to_owned());
            of.iter().map(|find| (one(find), 1)).collect()
        };
        let mut all = vec![(instant.as_str(), new.as_str(), "new"), (&worded, &new, "new")];
        let mut told_of = |client: &mut Client, more: &[(&'static str, usize)], what: &str| {
            let names = [("", dear.as_str()), (instant.as_str(), old.as_str()), (instant.as_str(), new.as_str()), (&daily, new.as_str()), (&daily, old.as_str())];
            all.extend(more.iter().map(|(why, at)| (names[*at].0, names[*at].1, *why)));
            let wanted = expected(&all);
            eventually(what, SOON, || (finds(client) == wanted).then_some(())).1
        };
        let took = told_of(&mut client, &[], "what is new is told");
        eprintln!("a new listing was told after {took:.1?}");
        write(&mut client, "old", &json!({ "list_price": 380_000 }));
        write(&mut client, "dear", &json!({ "list_price": 850_000 }));
        told_of(&mut client, &[("price_drop", 1), ("price_drop", 0)], "and what got cheaper");
        write(&mut client, "new", &json!({ "status": "pending", "list_price": 450_000, "remarks": "a lighthouse" }));
        write(&mut client, "new", &json!({ "list_price": 450_000 }));
        told_of(&mut client, &[("back_on_market", 2)], "and what came back");

        let view = |client: &mut Client, id: &str| told(200, client.get(&format!("/api/v1/saved-searches/{id}")));
        let shown = view(&mut client, &instant);
        assert_eq!((&shown["match_count"], &shown["new_since"]), (&json!(2), &json!(2)), "{shown}");
        assert!(shown["last_alerted_at"].is_string() && view(&mut client, &daily)["last_alerted_at"].is_null());
        let patched = |client: &mut Client, id: &str, body: Value| {
            told(200, client.send("PATCH", &format!("/api/v1/saved-searches/{id}"), &[], &body))
        };
        assert_eq!(patched(&mut client, &instant, json!({ "seen": true }))["new_since"], 0);
        assert_eq!(view(&mut client, &paused)["new_since"], 0);
        assert_eq!(patched(&mut client, &daily, json!({ "cadence": "instant" }))["new_since"], 2);
        told_of(&mut client, &[("new", 3), ("price_drop", 4), ("back_on_market", 3)], "what waited is told");

        server.kill();
        let server = home.serve();
        server.wait_ready();
        client = server.client(&key);
        write(&mut client, "new", &json!({ "list_price": 440_000 }));
        told_of(&mut client, &[("price_drop", 2), ("price_drop", 3)], "nothing is told twice");

        let recent = told(200, client.get(&format!("/api/v1/saved-searches/{paused}/matches?days=30")));
        let whys: Vec<_> = recent["items"].as_array().unwrap().iter().map(|one| (one["listing"]["id"].as_str().unwrap(), one["why"].as_str().unwrap())).collect();
        assert_eq!(whys, [(new.as_str(), "price_drop"), (&new, "back_on_market"), (&old, "price_drop")]);
        assert_eq!(recent["is_cut"], false);
        told(422, client.get(&format!("/api/v1/saved-searches/{paused}/matches?days=0")));
        told(204, client.ask("DELETE", &format!("/api/v1/saved-searches/{instant}"), &[], None));
        told(404, client.get(&format!("/api/v1/saved-searches/{instant}/matches")));
    }

    fn what_a_search_watches_for_may_change_while_its_market_is_in_memory(home) {
        let key = home.key("acme");
        let mut server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        told(201, client.post("/api/v1/markets", &json!({ "slug": "town" })));
        let up_to = |price: u32| json!({ "price": { "max": price } });
        let every = save(&mut client, &json!({ "filters": {} }));
        let mut all = BTreeMap::new();
        let mut changes = |client: &mut Client, key: &str, searches: &[&str]| {
            let id = write(client, key, &json!({ "list_price": 450_000 }));
            all.extend(searches.iter().map(|search| (((*search).to_owned(), id.clone(), "new".to_owned()), 1)));
            eventually(key, SOON, || (finds(client) == all).then_some(()));
        };
        let patch = |client: &mut Client, id: &str, body: Value| {
            told(200, client.send("PATCH", &format!("/api/v1/saved-searches/{id}"), &[], &body));
        };
        changes(&mut client, "read when the first changes", &[&every]);
        let (a, b) = (save(&mut client, &json!({ "filters": up_to(500_000) })), save(&mut client, &json!({ "filters": up_to(100_000) })));
        changes(&mut client, "saved since", &[&every, &a]);
        patch(&mut client, &a, json!({ "filters": up_to(100_000) }));
        patch(&mut client, &b, json!({ "filters": up_to(500_000) }));
        changes(&mut client, "of another mind", &[&every, &b]);
        patch(&mut client, &b, json!({ "paused": true, "filters": up_to(600_000) }));
        changes(&mut client, "paused", &[&every]);
        patch(&mut client, &b, json!({ "paused": false }));
        told(204, client.ask("DELETE", &format!("/api/v1/saved-searches/{every}"), &[], None));
        changes(&mut client, "one watches again and one is gone", &[&b]);
        server.kill();
        let server = home.serve();
        server.wait_ready();
        client = server.client(&key);
        patch(&mut client, &a, json!({ "filters": {} }));
        changes(&mut client, "read anew", &[&a, &b]);
    }
}
