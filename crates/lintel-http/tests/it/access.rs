//! Deny by default, and what each role may do.

use axum::{
    body::Body,
    http::{Method, Request},
};
use lintel_domain::scope::Role;
use lintel_http::document;
use serde_json::json;

use crate::{
    sample::{Operation, operations},
    world::{World, request},
};

#[tokio::test]
async fn nothing_is_open_but_the_open_list() {
    let world = World::new().await;
    let mut open = Vec::new();
    for Operation { method, path, .. } in operations(&document()) {
        let uri = path.replace("{id}", "018f0000-0000-7000-8000-000000000000");
        for authorization in [None, Some("Bearer wrong"), Some("Bearer "), Some("Basic YTpi"), Some("nonsense")] {
            let mut builder = Request::builder().method(&method).uri(&uri);
            if let Some(value) = authorization {
                builder = builder.header("authorization", value);
            }
            let answer = world.send(builder.body(Body::empty()).unwrap()).await;
            if answer.status != 401 {
                open.push(format!("{method} {path}"));
            }
        }
    }
    open.dedup();
    open.sort();
    assert_eq!(open, ["GET /api/v1/track/{file}", "POST /api/v1/session", "POST /api/v1/track"]);
    world.close().await;
}

#[tokio::test]
async fn roles_that_only_read_change_nothing() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let reader = world.key(&tenant.owner, Role::ReadOnly).await;
    // What only asks, although by POST.
    let asks = [
        "/leads/search",
        "/leads/score",
        "/leads/scores:batch",
        "/listings/search",
        "/listings/clusters",
        "/markets/{id}/sales",
        "/properties/match",
        "/pricing/estimate",
        "/pricing/estimates:batch",
        "/analyses",
    ];
    // What anybody may do for themselves.
    let own = ["/session", "/track", "/notifications/read", "/performance/vitals", "/listings/{id}/mark"];
    for Operation { method, path, .. } in operations(&document()) {
        let short = path.trim_start_matches("/api/v1");
        // A signature counts there, and no key.
        let is_signed = short == "/hooks/highlevel/{id}";
        if method == Method::GET || is_signed || asks.contains(&short) || own.contains(&short) {
            continue;
        }
        let some = "018f0000-0000-7000-8000-000000000000";
        let uri = short.replace("{id}", some).replace("{note}", some);
        let answer = world.call(&reader, method.clone(), &uri, Some(json!({}))).await;
        answer.problem(403, "forbidden");
    }
    for path in [
        "/admin/keys",
        "/admin/users",
        "/admin/jobs",
        "/admin/audit",
        "/connections",
        "/imports",
        "/performance/summary",
        "/performance/history",
    ] {
        world.call(&reader, Method::GET, path, None).await.problem(403, "forbidden");
    }
    world.close().await;
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_have() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let admin = world.key(&tenant.owner, Role::Admin).await;
    let make = |role: &str| request(&admin, Method::POST, "/admin/keys", Some(json!({"name": "x", "role": role})));
    world.send(make("admin")).await.expect(201);
    world.send(make("owner")).await.problem(403, "forbidden");
    world.close().await;
}

#[tokio::test]
async fn a_revoked_key_is_nobody() {
    let world = World::new().await;
    let tenant = world.tenant("a").await;
    let made = world.post(&tenant, "/admin/keys", json!({"name": "x", "role": "agent"})).await.expect(201);
    let key = made["key"].as_str().unwrap();
    world.call(key, Method::GET, "/leads", None).await.expect(200);
    let path = format!("/admin/keys/{}", made["id"].as_str().unwrap());
    world.call(&tenant.key, Method::DELETE, &path, None).await.expect(204);
    world.call(key, Method::GET, "/leads", None).await.problem(401, "unauthorized");
    world.close().await;
}
