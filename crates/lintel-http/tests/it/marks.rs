//! Homes that users mark for themselves.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    session::{PASSWORD, by_cookie, cookie_of, sign_in, with_user},
    world::{World, listing},
};

#[tokio::test]
async fn a_user_keeps_favourites_and_what_is_not_to_be_shown_again_and_nobody_else_sees_it() {
    let world = World::new().await;
    let tenant = with_user(&world).await;
    world
        .post(&tenant, "/admin/users", json!({"email": "bob@example.com", "role": "read-only", "password": PASSWORD}))
        .await
        .expect(201);
    world.post(&tenant, "/markets", json!({"slug": "town", "name": "Town"})).await.expect(201);
    world.post(&tenant, "/listings", json!({"market": "town", "items": [listing("1")]})).await.expect(200);
    let found = world.post(&tenant, "/listings/search", json!({"market": "town"})).await.expect(200);
    let home = found["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/listings/{home}/mark");
    let mut cookies = Vec::new();
    for name in ["ann", "bob"] {
        cookies.push(cookie_of(&sign_in(&world, &format!("{name}@example.com"), PASSWORD, &[]).await));
    }
    let same = [("sec-fetch-site", "same-origin")];
    let put = async |cookie: &str, mark: &str| {
        by_cookie(&world, cookie, Method::PUT, &path, Some(json!({"mark": mark})), &same).await.expect(200)
    };
    let marks = async |cookie: &str| -> Vec<Value> {
        let all = by_cookie(&world, cookie, Method::GET, "/listings/marks", None, &[]).await.expect(200);
        all["items"].as_array().unwrap().iter().map(|one| one["mark"].clone()).collect()
    };
    assert_eq!(put(&cookies[0], "favourite").await["listing_id"], json!(home));
    put(&cookies[1], "hidden").await;
    assert_eq!((marks(&cookies[0]).await, marks(&cookies[1]).await), (vec![json!("favourite")], vec![json!("hidden")]));
    put(&cookies[0], "hidden").await;
    assert_eq!(marks(&cookies[0]).await, [json!("hidden")]);
    for _ in 0..2 {
        by_cookie(&world, &cookies[0], Method::DELETE, &path, None, &same).await.expect(204);
    }
    assert_eq!((marks(&cookies[0]).await.len(), marks(&cookies[1]).await.len()), (0, 1));

    world.call(&tenant.key, Method::PUT, &path, Some(json!({"mark": "hidden"}))).await.problem(403, "forbidden");
    assert_eq!(world.get(&tenant, "/listings/marks").await.expect(200)["items"], json!([]));
    let unknown = "/listings/018f0000-0000-7000-8000-000000000000/mark";
    let body = Some(json!({"mark": "hidden"}));
    by_cookie(&world, &cookies[0], Method::PUT, unknown, body, &same).await.problem(404, "not_found");
    let body = Some(json!({"mark": "loved"}));
    by_cookie(&world, &cookies[0], Method::PUT, &path, body, &same).await.problem(422, "invalid_field");
    world.close().await;
}
