//! Lists: pages that hold every row once, and cursors that are good for one list of one tenant.

use proptest::prelude::*;
use serde_json::json;

use crate::world::{Tenant, World};

/// Every item of a list, walked in pages of `limit`.
async fn walk(world: &World, tenant: &Tenant, path: &str, limit: usize) -> Vec<serde_json::Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let join = if path.contains('?') { '&' } else { '?' };
        let page = world.get(tenant, &format!("{path}{join}limit={limit}{cursor}")).await.expect(200);
        let rows = page["items"].as_array().unwrap();
        assert!(rows.len() <= limit);
        items.extend(rows.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn walking_a_list_in_pages_of_any_size_gives_every_row_once() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for n in 0..23 {
        let name = if n % 5 == 0 { json!(null) } else { json!(format!("n{}", n % 4)) };
        world.post(&tenant, "/leads", json!({"name": name, "external_id": format!("x{n}")})).await.expect(201);
        world.clock.advance(if n % 3 == 0 { 0 } else { 1_000_000 });
    }
    for sort in ["created_at", "-created_at", "name", "-name", "-score", "last_interaction_at"] {
        let path = format!("/leads?sort={sort}");
        let whole = walk(&world, &tenant, &path, 200).await;
        assert_eq!(whole.len(), 23);
        for limit in [1, 2, 7, 22, 23] {
            assert_eq!(walk(&world, &tenant, &path, limit).await, whole, "{sort} by {limit}");
        }
    }
    let by_name = walk(&world, &tenant, "/leads?sort=-name", 200).await;
    assert!(by_name[18..].iter().all(|lead| lead["name"].is_null()), "nulls come last in both directions");
    world.close().await;
}

#[tokio::test]
async fn rows_that_come_in_between_do_not_disturb_a_walk() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    for n in 0..6 {
        world.post(&tenant, "/leads", json!({"external_id": format!("x{n}")})).await.expect(201);
        world.clock.advance(1_000_000);
    }
    let first = world.get(&tenant, "/leads?sort=-created_at&limit=3").await.expect(200);
    world.post(&tenant, "/leads", json!({"external_id": "new"})).await.expect(201);
    let path = format!("/leads?sort=-created_at&limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.get(&tenant, &path).await.expect(200);
    let keys: Vec<_> = second["items"].as_array().unwrap().iter().map(|lead| lead["external_id"].clone()).collect();
    assert_eq!(keys, ["x2", "x1", "x0"]);
    world.close().await;
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_tenant_only() {
    let world = World::new().await;
    let (a, b) = (world.tenant("a").await, world.tenant("b").await);
    for tenant in [&a, &b] {
        for n in 0..3 {
            world.post(tenant, "/leads", json!({"external_id": format!("x{n}")})).await.expect(201);
        }
    }
    let page = world.get(&a, "/leads?sort=-created_at&limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    world.get(&a, &format!("/leads?sort=-created_at&cursor={cursor}")).await.expect(200);
    for (tenant, path) in [
        (&b, format!("/leads?sort=-created_at&cursor={cursor}")),
        (&a, format!("/leads?sort=name&cursor={cursor}")),
        (&a, format!("/saved-searches?cursor={cursor}")),
        (&a, format!("/admin/keys?cursor={cursor}")),
        (&a, format!("/leads?sort=-created_at&cursor={cursor}A")),
        (&a, "/leads?cursor=".to_owned()),
        (&a, format!("/events?after={cursor}")),
    ] {
        world.get(tenant, &path).await.problem(400, "bad_cursor");
    }
    world.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_changed_cursor_is_refused(changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..64), 20)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let world = World::new().await;
            let tenant = world.tenant("a").await;
            for n in 0..3 {
                world.post(&tenant, "/leads", json!({"external_id": format!("x{n}")})).await.expect(201);
            }
            let page = world.get(&tenant, "/leads?limit=1").await.expect(200);
            let cursor = page["next_cursor"].as_str().unwrap();
            for (index, with) in changes {
                let mut changed = cursor.as_bytes().to_vec();
                let at = index.index(changed.len());
                changed[at] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[usize::from(with)];
                if changed != cursor.as_bytes() {
                    let text = String::from_utf8(changed).unwrap();
                    world.get(&tenant, &format!("/leads?limit=1&cursor={text}")).await.problem(400, "bad_cursor");
                }
            }
            world.close().await;
        });
    }
}
