//! Cancelling jobs: who may, which may be, and what is told.

use axum::http::Method;
use lintel_domain::scope::Role;
use serde_json::json;

use crate::world::{World, request};

#[tokio::test]
async fn a_queued_import_is_cancelled_with_its_job_once() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant("a").await, world.tenant("b").await);
    let mut upload = request(&tenant.key, Method::POST, "/imports?kind=leads&name=people.csv", None);
    *upload.body_mut() = "external_id,name\n1,Ada\n".into();
    let import = world.send(upload).await.expect(202)["id"].as_str().unwrap().to_owned();
    let jobs = world.get(&tenant, "/admin/jobs?state=ready").await.expect(200);
    let job = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "run_import").unwrap();
    assert_eq!(job["cancel_asked_at"], json!(null));
    let path = format!("/admin/jobs/{}/cancel", job["id"].as_str().unwrap());
    world.post(&other, &path, json!({})).await.problem(404, "not_found");
    let agent = world.key(&tenant.owner, Role::Agent).await;
    world.call(&agent, Method::POST, &path, Some(json!({}))).await.problem(403, "forbidden");

    let cancelled = world.post(&tenant, &path, json!({})).await.expect(200);
    assert_eq!(
        (&cancelled["state"], &cancelled["cancel_asked_at"]),
        (&json!("cancelled"), &json!("2026-05-04T12:00:00Z"))
    );
    world.post(&tenant, &path, json!({})).await.problem(409, "job_ended");
    assert_eq!(world.get(&tenant, &format!("/imports/{import}")).await.expect(200)["state"], "cancelled");
    assert_eq!(std::fs::read_dir(world.app.spool_dir()).unwrap().count(), 0, "nobody reads the upload any more");
    let listed = world.get(&tenant, "/admin/jobs?state=cancelled").await.expect(200);
    assert_eq!(listed["items"][0], cancelled);
    let events = world.get(&tenant, "/events?limit=200").await.expect(200);
    let told =
        |kind: &str| events["items"].as_array().unwrap().iter().filter(|one| one["event"]["type"] == kind).count();
    assert_eq!((told("job.cancelled"), told("import.finished")), (1, 1));
    let audit = world.get(&tenant, "/admin/audit").await.expect(200);
    let acts = audit["items"].as_array().unwrap();
    assert!(acts.iter().any(|act| act["action"] == "job.cancel" && act["subject"] == cancelled["id"]), "{audit}");
    world.post(&tenant, &format!("/imports/{import}/undo"), json!({})).await.expect(200);
    world.close().await;
}
