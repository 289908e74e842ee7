//! Followers of the log, as who asks how the node does sees them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Tenant, World};

/// How far behind each follower is, by name.
async fn behind(world: &World, tenant: &Tenant) -> Vec<(String, u64)> {
    let summary = world.get(tenant, "/performance/summary").await.expect(200);
    let lag = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["behind"].as_u64().unwrap());
    summary["followers"].as_array().unwrap().iter().map(lag).collect()
}

#[tokio::test]
async fn a_follower_gets_on_and_writes_down_how_far_it_is_when_nothing_concerns_it() {
    let world = World::following().await;
    let tenant = world.tenant("a").await;
    // More than a step, of which most followers make nothing.
    for _ in 0..100 {
        world.post(&tenant, "/leads", json!({"name": "Ada"})).await.expect(201);
    }
    for _ in 0..500 {
        let behind = behind(&world, &tenant).await;
        if behind.len() == 6 && behind.iter().all(|(_, events)| *events == 0) {
            return world.close().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", behind(&world, &tenant).await);
}
