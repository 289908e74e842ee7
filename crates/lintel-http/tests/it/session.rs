//! Signing in by password: the cookie, who may use it, and guessing.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::world::{Answer, Tenant, World};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) async fn with_user(world: &World) -> Tenant {
    let tenant = world.tenant("a").await;
    let user = json!({"email": "ann@example.com", "role": "agent", "password": PASSWORD});
    world.post(&tenant, "/admin/users", user).await.expect(201);
    tenant
}

pub(crate) async fn sign_in(world: &World, email: &str, password: &str, headers: &[(&str, &str)]) -> Answer {
    let mut builder = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/session")
        .header("host", "localhost:8080")
        .header("content-type", "application/json");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let body = json!({"tenant": "a", "email": email, "password": password});
    world.send(builder.body(Body::from(body.to_string())).unwrap()).await
}

pub(crate) async fn by_cookie(
    world: &World,
    cookie: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let mut builder = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("host", "localhost:8080")
        .header("cookie", cookie)
        .header("content-type", "application/json");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    world.send(builder.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

pub(crate) fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let world = World::new().await;
    with_user(&world).await;
    let signed_in = sign_in(&world, "ann@example.com", PASSWORD, &[]).await;
    signed_in.expect(204);
    let set = signed_in.header("set-cookie");
    assert!(set.starts_with("lintel=") && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    assert!(!set.contains("Secure"), "{set}");
    let cookie = cookie_of(&signed_in);

    let who = by_cookie(&world, &cookie, Method::GET, "/session", None, &[]).await.expect(200);
    assert_eq!(who["role"], "agent");
    assert!(who["user_id"].is_string());
    let same = [("sec-fetch-site", "same-origin")];
    by_cookie(&world, &cookie, Method::DELETE, "/session", None, &same).await.expect(204);
    by_cookie(&world, &cookie, Method::GET, "/session", None, &[]).await.problem(401, "unauthorized");
    world.close().await;
}

#[tokio::test]
async fn every_sign_in_is_a_new_session() {
    let world = World::new().await;
    with_user(&world).await;
    let fixed = sign_in(&world, "ann@example.com", PASSWORD, &[("cookie", "lintel=chosen-by-somebody-else")]).await;
    let again = sign_in(&world, "ann@example.com", PASSWORD, &[]).await;
    assert_ne!(cookie_of(&fixed), "lintel=chosen-by-somebody-else");
    assert_ne!(cookie_of(&fixed), cookie_of(&again));
    world.close().await;
}

#[tokio::test]
async fn calls_from_other_sites_change_nothing() {
    let world = World::new().await;
    with_user(&world).await;
    let cookie = cookie_of(&sign_in(&world, "ann@example.com", PASSWORD, &[]).await);
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "null")],
        &[("origin", "http://evil.example")],
        &[("origin", "https://localhost:8080")],
        &[("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")],
    ];
    for headers in refused {
        let answer = by_cookie(&world, &cookie, Method::POST, "/leads", Some(json!({})), headers).await;
        answer.problem(403, "cross_site");
    }
    let own: [&[(&str, &str)]; 3] = [
        &[("origin", "http://localhost:8080")],
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")],
    ];
    for headers in own {
        by_cookie(&world, &cookie, Method::POST, "/leads", Some(json!({})), headers).await.expect(201);
    }
    let answer = sign_in(&world, "ann@example.com", PASSWORD, &[("origin", "http://evil.example")]).await;
    answer.problem(403, "cross_site");
    world.close().await;
}

#[tokio::test]
async fn a_user_who_is_shut_out_is_out_at_once() {
    let world = World::new().await;
    let tenant = with_user(&world).await;
    let cookie = cookie_of(&sign_in(&world, "ann@example.com", PASSWORD, &[]).await);
    let users = world.get(&tenant, "/admin/users").await.expect(200);
    let path = format!("/admin/users/{}/disable", users["items"][0]["id"].as_str().unwrap());
    let disabled = world.call(&tenant.key, Method::POST, &path, None).await.expect(200);
    assert!(disabled["disabled_at"].is_string());
    by_cookie(&world, &cookie, Method::GET, "/session", None, &[]).await.problem(401, "unauthorized");
    sign_in(&world, "ann@example.com", PASSWORD, &[]).await.problem(401, "unauthorized");
    world.close().await;
}

#[tokio::test]
async fn guessing_is_throttled_and_a_spoofed_address_does_not_help() {
    let world = World::new().await;
    with_user(&world).await;
    let mut judged = 0;
    for n in 0..40 {
        let spoofed = format!("203.0.113.{n}");
        let answer = sign_in(&world, &format!("user{n}@example.com"), "wrong", &[("x-forwarded-for", &spoofed)]).await;
        match answer.status.as_u16() {
            401 => judged += 1,
            429 => {
                answer.problem(429, "too_many_attempts");
                assert!(!answer.header("retry-after").is_empty());
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(judged <= 10, "{judged}");
    world.close().await;
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_one_answer() {
    let world = World::new().await;
    with_user(&world).await;
    let unknown = sign_in(&world, "nobody@example.com", PASSWORD, &[]).await.problem(401, "unauthorized");
    let wrong = sign_in(&world, "ann@example.com", "wrong password", &[]).await.problem(401, "unauthorized");
    assert_eq!((&unknown["title"], &unknown["detail"]), (&wrong["title"], &wrong["detail"]));
    world.close().await;
}
