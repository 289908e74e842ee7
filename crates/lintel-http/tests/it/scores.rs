//! Scores over time.

use lintel_domain::clock::DAY;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_course_of_a_score_is_what_it_was_at_each_of_its_times() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let made = world.post(&tenant, "/leads", json!({"name": "Ada", "source": "portal"})).await.expect(201);
    let id = made["id"].as_str().unwrap();
    world.clock.advance(9 * DAY);
    let visit = json!({"items": [{"kind": "site_visit"}]});
    world.post(&tenant, &format!("/leads/{id}/interactions"), visit).await.expect(200);
    world.clock.advance(3 * DAY);
    let course = world.get(&tenant, &format!("/leads/{id}/score/course?days=20&points=6")).await.expect(200);
    let items = course["items"].as_array().unwrap();
    assert_eq!(items.len(), 4, "0, 4, 8 and 12 days ago; the lead came 12 days ago: {course}");
    for item in items {
        let as_of = item["as_of"].as_str().unwrap();
        let then = world.get(&tenant, &format!("/leads/{id}/score?as_of={as_of}")).await.expect(200);
        assert_eq!((&item["probability"], &item["score"]), (&then["probability"], &then["score"]), "{as_of}");
    }
    for query in ["days=0", "points=1", "points=101", "days=3651"] {
        world.get(&tenant, &format!("/leads/{id}/score/course?{query}")).await.problem(422, "invalid_field");
    }
    world.get(&tenant, "/leads/018f0000-0000-7000-8000-000000000000/score/course").await.problem(404, "not_found");
    world.close().await;
}
