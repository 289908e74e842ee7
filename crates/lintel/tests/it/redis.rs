//! Two programs on one PostgreSQL that share answers by way of one Redis, and what happens when it goes away.

use std::time::{Duration, Instant};

use lintel_testkit::redis::Own;
use serde_json::{Value, json};

use crate::{
    client::Client,
    server::{Backend, Home, Server, eventually},
};

/// Two servers with a market of homes, and the Redis between them.
struct Nodes {
    _home: Home,
    redis: Own,
    one: Server,
    other: Server,
    key: String,
}

impl Nodes {
    /// `None` when PostgreSQL or Redis is not installed.
    fn start() -> Option<Self> {
        let (redis, home) = (Own::start()?, Home::new(Backend::postgres()?));
        let key = home.key("acme");
        let small = ["--listings", "200", "--sales", "200", "--leads", "5", "--days", "200", "--json"];
        home.json(&[&["demo", "--tenant", "acme", "--market", "town"], &small[..]].concat());
        let file = home.write("lintel.toml", format!("[cache]\nredis_url = \"{}\"\n", redis.url()));
        let flags = ["--config", &file];
        let (one, other) = (home.serve_with("data", &flags), home.serve_with("other-data", &flags));
        for node in [&one, &other] {
            node.wait_ready();
            eventually("redis answers", Duration::from_secs(20), || (redis_is_ok(node) == Some(true)).then_some(()));
        }
        Some(Self { _home: home, redis, one, other, key })
    }

    fn clients(&self) -> [Client; 2] {
        [self.one.client(&self.key), self.other.client(&self.key)]
    }
}

/// What readiness says of Redis.
fn redis_is_ok(node: &Server) -> Option<bool> {
    let ready = Client::connect(node.address, "").unwrap().get("/readyz").unwrap();
    assert_eq!(ready.status, 200, "{}", ready.json());
    ready.json()["checks"].as_array().unwrap().iter().find(|check| check["name"] == "redis")?["ok"].as_bool()
}

/// A counter of whole answers.
fn count(node: &Server, labels: &str) -> u64 {
    let text = Client::connect(node.metrics, "").unwrap().get("/metrics").unwrap();
    let text = String::from_utf8(text.body).unwrap();
    let name = format!("lintel_cache_requests_total{{namespace=\"answers\",{labels}}} ");
    text.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok()).unwrap()
}

fn made(node: &Server) -> u64 {
    count(node, "tier=\"memory\",outcome=\"miss\"")
}

fn hits(node: &Server) -> u64 {
    count(node, "tier=\"redis\",outcome=\"hit\"")
}

fn search(client: &mut Client, most: u64) -> Value {
    let asked = json!({ "market": "town", "filters": { "price": { "max": most } }, "facets": ["property_type"] });
    let answer = client.post("/api/v1/listings/search", &asked).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

#[test]
fn what_one_node_has_answered_redis_gives_to_the_other_until_something_is_written() {
    let Some(nodes) = Nodes::start() else { return };
    let [mut one, mut other] = nodes.clients();
    let mut most = 10_000_000;
    // Another question each time: what was not kept for others is not tried again.
    let shared = || {
        most += 1;
        let here = search(&mut one, most);
        let before = (made(&nodes.other), hits(&nodes.other));
        let kept = !nodes.redis.ask(&["KEYS", "lintel:*"]).starts_with("*0");
        let there = search(&mut other, most);
        assert_eq!(there, here);
        (kept && (made(&nodes.other), hits(&nodes.other)) == (before.0, before.1 + 1)).then_some(most)
    };
    let (most, _) = eventually("an answer is shared", Duration::from_secs(30), shared);
    let total = search(&mut one, most)["total"].as_u64().unwrap();
    // From both sides: whoever writes reads it at once, the other soon.
    for n in 1..=10 {
        let (writer, reader) = if n % 2 == 0 { (&mut one, &mut other) } else { (&mut other, &mut one) };
        let home = json!({ "listing_key": format!("new-{n}"), "status": "active", "list_price": 100_000 });
        let written = writer.post("/api/v1/listings", &json!({ "market": "town", "items": [home] })).unwrap();
        assert_eq!(written.status, 200, "{}", written.json());
        let sees = |client: &mut Client| search(client, most)["total"].as_u64().unwrap() - total;
        eventually("who wrote it finds it", Duration::from_secs(1), || (sees(writer) == n).then_some(()));
        let found = || {
            let seen = sees(reader);
            assert!(seen == n || seen == n - 1, "{seen} after {n}");
            (seen == n).then_some(())
        };
        eventually("the other finds it", Duration::from_secs(2), found);
        for _ in 0..20 {
            assert_eq!((sees(&mut one), sees(&mut other)), (n, n), "nobody goes back");
        }
    }
    // What is in Redis tells of homes, and ends within ten minutes.
    let keys = nodes.redis.ask(&["KEYS", "*"]);
    for key in keys.lines().filter(|line| line.starts_with("lintel:")) {
        let left: i64 = nodes.redis.ask(&["PTTL", key]).lines().next().unwrap()[1..].parse().unwrap();
        assert!(left == -2 || (1..=600_000).contains(&left), "{key} {left}");
    }
}

#[test]
fn redis_may_freeze_or_die_and_everything_is_answered_in_time() {
    let Some(nodes) = Nodes::start() else { return };
    let mut client = nodes.one.client(&nodes.key);
    for (round, [away, back]) in [[Own::freeze, Own::thaw], [Own::kill, Own::restart]].into_iter().enumerate() {
        away(&nodes.redis);
        let mut took = Vec::new();
        let begun = Instant::now();
        for n in 0..400_u64 {
            // A hundred each second, each one new.
            while begun.elapsed() < Duration::from_millis(10 * n) {
                std::thread::yield_now();
            }
            let asked = Instant::now();
            search(&mut client, 20_000_000 + round as u64 * 1_000 + n);
            took.push(asked.elapsed());
        }
        took.sort_unstable();
        let p99 = took[took.len() * 99 / 100];
        eprintln!("round {round}: p50 {:.1?}, p99 {p99:.1?}, max {:.1?}", took[took.len() / 2], took[took.len() - 1]);
        assert!(p99 <= Duration::from_millis(250), "{p99:?}");
        let asked = json!({ "market": "town" });
        let answer = client.post("/api/v1/listings/search", &asked).unwrap();
        assert_eq!((answer.status, answer.header("lintel-degraded")), (200, Some("redis")));
        assert_eq!(redis_is_ok(&nodes.one), Some(false), "and it is ready");
        back(&nodes.redis);
        eventually("redis is back", Duration::from_secs(10), || (redis_is_ok(&nodes.one) == Some(true)).then_some(()));
        let answer = client.post("/api/v1/listings/search", &asked).unwrap();
        assert_eq!((answer.status, answer.header("lintel-degraded")), (200, None));
    }
}

#[test]
fn what_is_no_address_of_redis_is_refused_and_not_shown() {
    let home = Home::new(Backend::Sqlite);
    let file = home.write("lintel.toml", "[cache]\nredis_url = \"http://user:hunter2@host\"\n");
    let said = home.complaint(1, &["keys", "create", "--tenant", "acme", "--role", "owner", "--config", &file]);
    assert!(said.contains("cache.redis_url") && !said.contains("hunter2"), "{said}");
}
