//! Two programs on one PostgreSQL: what one takes in, the other knows.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use crate::{
    client::Client,
    server::{Backend, Home, Server, eventually},
};

/// Two servers on one database, each with a data folder of its own, and a key.
struct Nodes {
    _home: Home,
    one: Server,
    other: Server,
    key: String,
}

impl Nodes {
    /// `None` when PostgreSQL is not installed.
    fn start() -> Option<Self> {
        let home = Home::new(Backend::postgres()?);
        let key = home.key("acme");
        let (one, other) = (home.serve(), home.serve_in("other-data"));
        one.wait_ready();
        other.wait_ready();
        let made = one.client(&key).post("/api/v1/markets", &json!({ "slug": "town" })).unwrap();
        assert_eq!(made.status, 201, "{}", made.json());
        Some(Self { _home: home, one, other, key })
    }

    fn clients(&self) -> [Client; 2] {
        [self.one.client(&self.key), self.other.client(&self.key)]
    }
}

fn total(client: &mut Client, text: &str) -> u64 {
    let answer = client.post("/api/v1/listings/search", &json!({ "market": "town", "text": text })).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["total"].as_u64().unwrap()
}

#[test]
fn a_listing_written_on_one_node_is_found_on_the_other_within_a_second() {
    let Some(nodes) = Nodes::start() else { return };
    let [mut one, mut other] = nodes.clients();
    assert_eq!([total(&mut one, "nothing"), total(&mut other, "nothing")], [0, 0]);
    let mut took = Vec::new();
    for n in 0..40 {
        let (writer, reader) = if n % 2 == 0 { (&mut one, &mut other) } else { (&mut other, &mut one) };
        let home = json!({ "listing_key": format!("home-{n}"), "remarks": format!("garden{n}") });
        let written = writer.post("/api/v1/listings", &json!({ "market": "town", "items": [home] })).unwrap();
        assert_eq!(written.status, 200, "{}", written.json());
        let found = || (total(reader, &format!("garden{n}")) == 1).then_some(());
        took.push(eventually("the listing is found", Duration::from_secs(1), found).1);
    }
    took.sort_unstable();
    eprintln!("written on one node, found on the other: p50 {:.1?}, max {:.1?}", took[took.len() / 2], took[39]);
}

#[test]
fn a_score_that_one_node_keeps_is_made_anew_when_the_other_hears_of_the_lead() {
    let Some(nodes) = Nodes::start() else { return };
    let [mut one, mut other] = nodes.clients();
    let lead = one.post("/api/v1/leads", &json!({ "name": "Ada" })).unwrap().json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/leads/{lead}/score");
    let made = |client: &mut Client| client.get(&path).unwrap().json()["as_of"].as_str().unwrap().to_owned();
    let mut took = Vec::new();
    for _ in 0..40 {
        // One score given twice is kept; before that, whoever asks makes a new one.
        let kept = |client: &mut Client| {
            let twice = || Some(made(client)).filter(|first| made(client) == *first);
            eventually("the score is kept", Duration::from_secs(20), twice).0
        };
        let (here, there) = (kept(&mut one), kept(&mut other));
        let visit = json!({ "items": [{ "kind": "site_visit" }] });
        let written = one.post(&format!("/api/v1/leads/{lead}/interactions"), &visit).unwrap();
        assert_eq!(written.status, 200, "{}", written.json());
        assert_ne!(made(&mut one), here, "whoever writes reads it at once");
        let anew = || (made(&mut other) != there).then_some(());
        took.push(eventually("the score is made anew", Duration::from_secs(5), anew).1);
    }
    took.sort_unstable();
    eprintln!("written on one node, scored anew on the other: p50 {:.1?}, max {:.1?}", took[took.len() / 2], took[39]);
}

#[test]
fn a_lead_that_was_erased_on_one_node_is_scored_by_none() {
    let Some(nodes) = Nodes::start() else { return };
    let [mut one, mut other] = nodes.clients();
    for _ in 0..5 {
        let made = one.post("/api/v1/leads", &json!({ "name": "Ada" })).unwrap().json();
        let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
        assert_eq!(other.get(&format!("{path}/score")).unwrap().status, 200);
        assert_eq!(one.ask("DELETE", &path, &[], None).unwrap().status, 204);
        assert_eq!(other.get(&format!("{path}/score")).unwrap().status, 404);
    }
}

#[test]
fn leads_that_come_in_on_two_nodes_are_scored_once_each() {
    let Some(nodes) = Nodes::start() else { return };
    let mut leads = std::thread::scope(|scope| {
        let writers = [&nodes.one, &nodes.other].map(|node| scope.spawn(|| create_leads(&mut node.client(&nodes.key))));
        writers.map(|writer| writer.join().unwrap()).concat()
    });
    let mut client = nodes.other.client(&nodes.key);
    let scored = || Some(scores_told(&mut client)).filter(|told| leads.iter().all(|lead| told.contains_key(lead)));
    let (told, _) = eventually("every lead is scored", Duration::from_secs(20), scored);
    leads.sort_unstable();
    assert_eq!(told.keys().cloned().collect::<Vec<_>>(), leads);
    assert_eq!(told.values().copied().max(), Some(1), "a lead that was created and never touched again has one score");
}

#[test]
fn a_training_on_one_node_is_followed_and_cancelled_on_the_other() {
    let Some(backend) = Backend::postgres() else { return };
    let home = Home::new(backend);
    let key = home.key("acme");
    let many = ["--listings", "10", "--sales", "6000", "--leads", "10", "--days", "300", "--json"];
    home.json(&[&["demo", "--tenant", "acme", "--market", "town"], &many[..]].concat());
    let asked_here = home.serve_with("data", &["--roles", "api"]);
    let done_there = home.serve_with("other-data", &["--roles", "worker"]);
    asked_here.wait_ready();
    let mut client = asked_here.client(&key);
    let asked = client.post("/api/v1/models/price/review?market=town", &json!({})).unwrap();
    assert_eq!(asked.status, 202, "{}", asked.json());
    let path = format!("/api/v1/admin/jobs/{}", asked.json()["job_id"].as_str().unwrap());
    let learns = |client: &mut Client| {
        let job = client.get(&path).unwrap().json();
        assert!(["ready", "running"].contains(&job["state"].as_str().unwrap()), "{job}");
        (job["progress"]["done"].as_f64() > Some(0.0)).then_some(())
    };
    eventually("it is told how far it is", Duration::from_mins(1), || learns(&mut client));
    assert_eq!([&asked_here, &done_there].map(|node| node.threads("background")), [0, 1]);
    assert_eq!(client.post(&format!("{path}/cancel"), &json!({})).unwrap().status, 200);
    let ended = |client: &mut Client| (client.get(&path).unwrap().json()["state"] == "cancelled").then_some(());
    eventually("it ends", Duration::from_mins(1), || ended(&mut client));
    eventually("nothing is learnt any more", Duration::from_mins(1), || {
        (done_there.threads("background") == 0).then_some(())
    });
}

fn create_leads(client: &mut Client) -> Vec<String> {
    let create = |n: usize| {
        let made = client.post("/api/v1/leads", &json!({ "name": format!("lead {n}"), "source": "portal" })).unwrap();
        assert_eq!(made.status, 201, "{}", made.json());
        made.json()["id"].as_str().unwrap().to_owned()
    };
    (0..60).map(create).collect()
}

/// How many scores the log tells of, by lead.
fn scores_told(client: &mut Client) -> BTreeMap<String, usize> {
    let (mut told, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = client.get(&format!("/api/v1/events?limit=200{after}")).unwrap().json();
        let items = page["items"].as_array().unwrap();
        let scored = items.iter().filter(|item| item["event"]["type"] == "lead.scored");
        for score in scored.flat_map(|item| item["event"]["scores"].as_array().unwrap()) {
            *told.entry(score["lead"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        if items.is_empty() {
            return told;
        }
        after = format!("&after={}", page["cursor"].as_str().unwrap());
    }
}

#[test]
fn a_key_revoked_on_one_node_is_refused_on_the_other_at_once() {
    let Some(nodes) = Nodes::start() else { return };
    let [mut one, mut other] = nodes.clients();
    for n in 0..4 {
        let made =
            one.post("/api/v1/admin/keys", &json!({ "name": format!("key {n}"), "role": "agent" })).unwrap().json();
        let mut bearer = nodes.other.client(made["key"].as_str().unwrap());
        assert_eq!(bearer.get("/api/v1/leads").unwrap().status, 200);
        let path = format!("/api/v1/admin/keys/{}", made["id"].as_str().unwrap());
        assert_eq!(one.ask("DELETE", &path, &[], None).unwrap().status, 204);
        assert_eq!(bearer.get("/api/v1/leads").unwrap().status, 401);
    }
    assert_eq!(other.get("/api/v1/leads").unwrap().status, 200);
}

#[test]
fn what_two_nodes_write_under_one_key_happens_once() {
    let Some(nodes) = Nodes::start() else { return };
    let body = json!({ "name": "Ada Example" });
    for n in 0..10 {
        let key = format!("once-{n}");
        let ask = |server: &Server| loop {
            let asked = server.client(&nodes.key).send("POST", "/api/v1/leads", &[("Idempotency-Key", &key)], &body);
            let answer = asked.unwrap();
            match answer.status {
                201 => return answer.json()["id"].clone(),
                status => assert_eq!((status, &answer.json()["code"]), (409, &json!("idempotency_running"))),
            }
        };
        let ids: Vec<Value> = std::thread::scope(|scope| {
            let asking = [&nodes.one, &nodes.other].map(|node| scope.spawn(move || ask(node)));
            asking.map(|asked| asked.join().unwrap()).into()
        });
        assert_eq!(ids[0], ids[1]);
    }
    let page = nodes.one.client(&nodes.key).get("/api/v1/leads").unwrap().json();
    assert_eq!(page["items"].as_array().unwrap().len(), 10);
}
