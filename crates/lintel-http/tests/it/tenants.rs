//! The tenant sweep: every operation of the document with every other tenant's ids shows nothing of theirs.

use axum::{
    body::Body,
    http::{Method, Request},
};
use lintel_http::document;
use serde_json::{Value, json};

use crate::{
    sample::{Maker, Operation, operations},
    world::{Tenant, World, listing, request},
};

/// A tenant with one of everything, each marked with a word that nobody else has.
struct Marked {
    tenant: Tenant,
    canary: String,
    market: String,
    ids: Vec<String>,
    cursors: Vec<String>,
}

async fn marked(world: &World, slug: &str) -> Marked {
    let tenant = world.tenant(slug).await;
    let canary = format!("canary-{slug}");
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let market = format!("market-{slug}");
    world.post(&tenant, "/markets", json!({"slug": market, "name": canary})).await.expect(201);

    let mut ids = Vec::new();
    for n in 0..2 {
        let lead = json!({
            "external_id": format!("{canary}-{n}"), "name": canary, "email": format!("{canary}@example.com"),
            "source": canary, "market": market, "tags": [canary], "custom": {"note": canary},
            "consent": [{"channel": "email", "status": "granted", "text": canary}],
        });
        ids.push(id(&world.post(&tenant, "/leads", lead).await.expect(201)));
        let name = format!("{canary}-{n}");
        let search = json!({"name": name, "market": market, "filters": {"text": canary}});
        ids.push(id(&world.post(&tenant, "/saved-searches", search).await.expect(201)));
        let user = json!({"email": format!("{canary}{n}@example.com"), "role": "agent", "password": "a long password"});
        ids.push(id(&world.post(&tenant, "/admin/users", user).await.expect(201)));
        ids.push(id(&world.post(&tenant, "/admin/keys", json!({"name": canary, "role": "agent"})).await.expect(201)));
    }
    let items = json!({"items": [{"kind": "note", "event_id": canary, "properties": {"text": canary}}]});
    world.post(&tenant, &format!("/leads/{}/interactions", ids[0]), items).await.expect(200);
    world.post(&tenant, &format!("/leads/{}/notes", ids[0]), json!({"body": canary})).await.expect(201);
    for _ in 0..2 {
        ids.push(id(&world
            .post(&tenant, &format!("/leads/{}/tasks", ids[0]), json!({"title": canary}))
            .await
            .expect(201)));
    }
    for market in ["m", market.as_str()] {
        let mut home = listing(&canary);
        home["remarks"] = json!(canary);
        let stored = world.post(&tenant, "/listings", json!({"market": market, "items": [home]})).await.expect(200);
        ids.push(stored["results"][0]["id"].as_str().unwrap().to_owned());
    }
    let location = json!({"provider": "highlevel", "location_id": canary, "name": canary});
    ids.push(id(&world.post(&tenant, "/connections", location).await.expect(201)));
    let question = json!({"kind": "supply", "subject": {"market": market}, "inputs": {"property_type": canary}});
    ids.push(id(&world.post(&tenant, "/analyses", question).await.expect(202)));
    let csv = format!("external_id,name\n{canary}-csv,{canary}\n");
    let mut upload = request(&tenant.key, Method::POST, &format!("/imports?kind=leads&name={canary}"), None);
    *upload.body_mut() = csv.into();
    ids.push(id(&world.send(upload).await.expect(202)));
    let jobs = world.get(&tenant, "/admin/jobs").await.expect(200);
    ids.extend(jobs["items"].as_array().unwrap().iter().map(id));

    let mut cursors = Vec::new();
    for path in [
        "/leads?limit=1",
        "/saved-searches?limit=1",
        "/tasks?limit=1",
        "/admin/users?limit=1",
        "/admin/keys?limit=1",
        "/admin/audit?limit=1",
    ] {
        let page = world.get(&tenant, path).await.expect(200);
        cursors.extend(page["next_cursor"].as_str().map(str::to_owned));
    }
    let events = world.get(&tenant, "/events?limit=1").await.expect(200);
    cursors.push(events["cursor"].as_str().unwrap().to_owned());
    Marked { tenant, canary, market, ids, cursors }
}

#[tokio::test]
async fn nothing_of_another_tenant_ever_shows() {
    let world = World::new().await;
    let mut tenants = Vec::new();
    for slug in ["alpha", "bravo", "charlie"] {
        tenants.push(marked(&world, slug).await);
    }
    let api = document();
    let as_json = serde_json::to_value(&api).unwrap();
    let operations = operations(&api);
    let mut probes = 0;
    for caller in &tenants {
        for other in tenants.iter().filter(|other| other.canary != caller.canary) {
            for operation in &operations {
                for (what, asked) in requests(operation, &as_json, caller, other) {
                    let id_in_path = operation.path.contains("{id}");
                    let answer = world.send(asked).await;
                    probes += 1;
                    let seen = format!("{:?} {}", answer.headers, answer.text());
                    assert!(!seen.contains(&other.canary) || what.contains(&other.canary), "{what}: {seen}");
                    assert!(!answer.status.is_server_error(), "{what}: {seen}");
                    if id_in_path {
                        // Marks are a user's own: a key hears that before anything is looked for.
                        let keyless = operation.path.ends_with("/mark") && answer.status == 403;
                        // So does an event that nobody signed.
                        let unsigned = operation.path.contains("/hooks/") && answer.status == 401;
                        assert!(keyless || unsigned || [404, 422].contains(&answer.status.as_u16()), "{what}: {seen}");
                    }
                }
            }
        }
    }
    assert!(probes >= 2_000, "{probes}");
    // Everybody still has what they had.
    for one in &tenants {
        let leads = world.get(&one.tenant, "/leads").await.expect(200);
        assert_eq!(leads["items"].as_array().unwrap().len(), 2);
        assert!(leads.to_string().contains(&one.canary));
    }
    world.close().await;
}

/// Every request of one operation by `caller` with what belongs to `other`, each with a name for messages.
fn requests(operation: &Operation, document: &Value, caller: &Marked, other: &Marked) -> Vec<(String, Request<Body>)> {
    let path = operation.path.trim_start_matches("/api/v1");
    if path == "/session" || path == "/imports" && operation.method == Method::POST {
        return Vec::new();
    }
    let mut made = Vec::new();
    let mut push = |path: String, body: Option<Value>| {
        let what = format!("{} {} {path} {}", caller.canary, operation.method, body.clone().unwrap_or_default());
        made.push((what, request(&caller.tenant.key, operation.method.clone(), &path, body)));
    };
    let body = |id: &str, market: &str| {
        let maker = Maker { document, id, market };
        operation.body.as_ref().map(|schema| without_names(maker.make(schema)))
    };
    let in_path: Vec<String> = if path.starts_with("/markets/") {
        vec![other.market.clone()]
    } else if path.contains("{id}") {
        other.ids.clone()
    } else {
        vec![String::new()]
    };
    for id in &in_path {
        let place = path.replace("{id}", id);
        for inside in &other.ids {
            if operation.body.is_some() {
                push(place.clone(), body(inside, "m"));
                push(place.clone(), body(inside, &other.market));
            }
        }
        if operation.body.is_none() {
            let metric = if path.ends_with("/series") { "?metric=x" } else { "" };
            push(format!("{place}{metric}"), None);
        }
    }
    for name in &operation.query {
        let values: &[String] = match name.as_str() {
            "cursor" | "after" => &other.cursors,
            "lead_id" | "assignee" => &other.ids,
            "market" => std::slice::from_ref(&other.market),
            "q" | "source" | "tag" => std::slice::from_ref(&other.canary),
            _ => &[],
        };
        if !path.contains("{id}") {
            for value in values {
                push(format!("{path}?{name}={value}"), None);
            }
        }
    }
    made
}

/// Takes away what would only make new rows of the caller's own: the sweep asks, it does not fill.
fn without_names(mut body: Value) -> Value {
    if let Some(record) = body.as_object_mut() {
        for name in ["password", "role", "slug"] {
            if record.contains_key(name) {
                record.insert(name.to_owned(), json!("?"));
            }
        }
    }
    body
}
