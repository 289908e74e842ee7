//! A program on a PostgreSQL whose primary dies: what is read meanwhile, and what is written after.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    client::Client,
    server::{Backend, Home, eventually},
};

/// How soon writes have to go on after a failover.
const RESUMED: Duration = Duration::from_secs(10);

#[test]
fn reads_go_on_while_the_primary_is_away_and_writes_go_on_after_the_failover() {
    let Some(backend) = Backend::pair() else { return };
    let home = Home::new(backend);
    let key = home.key("acme");
    let server = home.serve();
    server.wait_ready();
    let mut client = server.client(&key);
    let mut write = |name: &str| client.post("/api/v1/leads", &json!({ "name": name })).unwrap();
    let ada = format!("/api/v1/leads/{}", write("Ada").json()["id"].as_str().unwrap());
    let mut client = server.client(&key);
    eventually("the replica is in use", RESUMED, || {
        let figures = Client::connect(server.metrics, "").unwrap().get("/metrics").unwrap();
        String::from_utf8(figures.body).unwrap().contains("lintel_store_replicas_used 1").then_some(())
    });
    assert_eq!(client.get(&ada).unwrap().header("lintel-degraded"), None);
    // Followers write what they made of the lead, too, and a replica may lack the last moments of a primary that dies.
    let mut last = (json!(null), Instant::now());
    eventually("nothing has been written for a second", RESUMED, || {
        let told = client.get("/api/v1/events?limit=200").unwrap().json()["cursor"].clone();
        if told != last.0 {
            last = (told, Instant::now());
        }
        (last.1.elapsed() > Duration::from_secs(1)).then_some(())
    });
    let Backend::Pair(primary, replica) = &home.backend else { unreachable!() };
    primary.kill();

    // Longer than a key is remembered.
    let begun = Instant::now();
    let mut reads = 0;
    while begun.elapsed() < Duration::from_secs(2) {
        let read = client.get(&ada).unwrap();
        assert_eq!((read.status, &read.json()["name"]), (200, &json!("Ada")), "{}\n{}", read.json(), server.log());
        reads += 1;
    }
    assert_eq!(client.get(&ada).unwrap().header("lintel-degraded"), Some("replica"));
    assert_eq!(write("Nobody").status, 503);
    let unknown = server.client("nobody's key").get(&ada).unwrap();
    assert_eq!(unknown.status, 401);

    replica.promote();
    let (grace, took) = eventually("writes go on", RESUMED, || Some(write("Grace")).filter(|made| made.status == 201));
    let grace = format!("/api/v1/leads/{}", grace.json()["id"].as_str().unwrap());
    assert_eq!([&ada, &grace].map(|lead| client.get(lead).unwrap().status), [200, 200]);
    eprintln!("{reads} reads within two seconds without a primary; writes went on {took:.1?} after the failover");
}
