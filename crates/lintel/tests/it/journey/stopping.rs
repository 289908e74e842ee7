//! Stopping in the middle of work, and starting again.

use std::{sync::mpsc, thread, time::Duration};

use serde_json::json;

use super::{Town, search, told};
use crate::{client::Client, server::eventually};

on_each_engine! {
    fn a_stop_loses_nothing_that_was_acknowledged(home) {
        let town = Town::settle(home);
        let (address, key) = (town.server.address, town.key.clone());
        let (acks, acknowledged) = mpsc::channel();
        let names: Vec<String> = thread::scope(|scope| {
            let writers: Vec<_> = (0..4).map(|writer| {
                let (acks, key) = (acks.clone(), key.clone());
                scope.spawn(move || write(address, &key, writer, &acks))
            }).collect();
            (0..40).for_each(|_| acknowledged.recv_timeout(Duration::from_secs(10)).unwrap());
            town.server.tell_to_stop();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        assert!(town.server.stop(), "it ended well");
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        for name in &names {
            let found = told(200, client.get(&format!("/api/v1/leads?q={name}")));
            let same = found["items"].as_array().unwrap().iter().filter(|lead| lead["name"] == **name).count();
            assert_eq!(same, 1, "{name}");
        }
    }

    fn a_start_takes_the_index_from_its_snapshot(home) {
        let town = Town::settle(home);
        let before = search(&mut town.client(), json!({ "sort": "price" }));
        let key = town.key.clone();
        assert!(town.server.log().contains("from=\"store\""), "{}", town.server.log());
        assert!(town.server.stop());
        // What happens while no server runs comes from the log.
        let file = home.write("more.csv", "listing_key,status,list_price\nlate-1,active,1\n");
        home.json(&["import", "listings", &file, "--tenant", "acme", "--market", "town", "--json"]);
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        let after = search(&mut client, json!({ "sort": "price" }));
        assert!(server.log().contains("from=\"snapshot\""), "{}", server.log());
        assert_eq!(after["total"], before["total"].as_u64().unwrap() + 1);
        assert_eq!(after["items"][0]["listing_key"], "late-1");
        assert_eq!(after["items"][1]["id"], before["items"][0]["id"]);
    }

    fn a_stop_does_not_wait_for_demo_data(home) {
        let server = home.serve_with("data", &["--demo"]);
        assert!(server.stop(), "it ended well");
    }

    fn what_was_asked_for_is_made_again_after_a_start_before_somebody_asks(home) {
        let town = Town::settle(home);
        let asked = |client: &mut Client, lead: &str| {
            let score = told(200, client.get(&format!("/api/v1/leads/{lead}/score")));
            let homes = search(client, json!({ "sort": "price" }));
            (score["probability"].clone(), homes["items"].clone())
        };
        let mut client = town.client();
        let lead = told(200, client.get("/api/v1/leads?limit=1"))["items"][0]["id"].as_str().unwrap().to_owned();
        let before = asked(&mut client, &lead);
        let key = town.key.clone();
        assert!(town.server.stop());
        let server = home.serve();
        server.wait_ready();
        let kept = |metric: &str, more: &str| {
            let text = Client::connect(server.metrics, "").unwrap().get("/metrics").unwrap().body;
            let text = String::from_utf8(text).unwrap();
            let of = |namespace: &str| {
                let name = format!("lintel_cache_{metric}{{namespace=\"{namespace}\",tier=\"memory\"{more}}} ");
                text.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |count| count.parse::<u64>().unwrap())
            };
            ["scores", "answers"].map(of)
        };
        eventually("both are made ahead", Duration::from_secs(20), || (kept("filled_total", "") == [1, 1]).then_some(()));
        let mut client = server.client(&key);
        let after = asked(&mut client, &lead);
        assert_eq!(after.1, before.1);
        assert_eq!(kept("requests_total", ",outcome=\"miss\""), [0, 0]);
        assert_eq!(kept("requests_total", ",outcome=\"hit\""), [1, 1]);
        // What is made ahead is as true as any other answer.
        let cheap = json!({ "market": "town", "items": [{ "listing_key": "cheapest", "status": "active", "list_price": 1 }] });
        told(200, client.post("/api/v1/listings", &cheap));
        let is_first = |client: &mut Client| asked(client, &lead).1[0]["listing_key"] == "cheapest";
        eventually("a change is seen", Duration::from_secs(5), || is_first(&mut client).then_some(()));
    }
}

/// Creates leads until the server no longer takes any; the names of those that were acknowledged.
fn write(address: std::net::SocketAddr, key: &str, writer: usize, acks: &mpsc::Sender<()>) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(mut client) = Client::connect(address, key) else { return names };
    for n in 0.. {
        let name = format!("stopped-{writer}-{n}-");
        let made = client.post("/api/v1/leads", &json!({ "name": name }));
        match made {
            Ok(answer) if answer.status == 201 => names.push(name),
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{}", answer.json());
                break;
            }
            Err(_) => break,
        }
        let _ = acks.send(());
    }
    names
}
