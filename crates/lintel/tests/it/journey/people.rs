//! People: signing in, what roles may do, saved searches, the queue, and what operators see.

use std::{io::Write as _, process::Stdio, time::Duration};

use serde_json::{Value, json};

use super::{Town, told};
use crate::server::{Home, eventually};

const PASSWORD: &str = "correct horse battery staple";

fn make_user(home: &Home) {
    let args = [
        "users",
        "create",
        "--tenant",
        "acme",
        "--email",
        "ada@example.com",
        "--role",
        "admin",
        "--password-stdin",
        "--json",
    ];
    let mut child = home.lintel(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let output = child.wait_with_output().unwrap();
    let user: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&user["email"], &user["password"]), (&json!("ada@example.com"), &Value::Null));
}

on_each_engine! {
    fn a_session_works_from_our_own_pages_only(home) {
        let town = Town::settle(home);
        make_user(home);
        let mut browser = town.server.client("");
        told(401, browser.get("/api/v1/leads"));
        let wrong = json!({ "tenant": "acme", "email": "ada@example.com", "password": "not that one" });
        told(401, browser.post("/api/v1/session", &wrong));
        let right = json!({ "tenant": "acme", "email": "Ada@example.com", "password": PASSWORD });
        told(403, browser.send("POST", "/api/v1/session", &[("Sec-Fetch-Site", "cross-site")], &right));
        let answer = browser.post("/api/v1/session", &right).unwrap();
        assert_eq!(answer.status, 204);
        let set = answer.header("set-cookie").unwrap();
        assert!(set.starts_with("lintel=") && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
        let cookie = ("Cookie", set.split(';').next().unwrap());
        let session = told(200, browser.ask("GET", "/api/v1/session", &[cookie], None));
        assert_eq!((&session["role"], &session["key_id"]), (&json!("admin"), &Value::Null));
        told(200, browser.ask("GET", "/api/v1/leads", &[cookie], None));
        let lead = json!({ "name": "By cookie" });
        for site in [&[][..], &[("Sec-Fetch-Site", "cross-site")], &[("Sec-Fetch-Site", "same-site")], &[("Origin", "https://evil.example")], &[("Origin", "null")]] {
            let refused = told(403, browser.send("POST", "/api/v1/leads", &[&[cookie], site].concat(), &lead));
            assert_eq!(refused["code"], "cross_site", "{site:?}");
        }
        for site in [("Sec-Fetch-Site", "same-origin"), ("Origin", "http://lintel")] {
            told(201, browser.send("POST", "/api/v1/leads", &[cookie, site], &lead));
        }
        told(204, browser.ask("DELETE", "/api/v1/session", &[cookie, ("Origin", "http://lintel")], None));
        told(401, browser.ask("GET", "/api/v1/leads", &[cookie], None));
    }

    fn an_administrator_makes_and_takes_back_keys_and_users(home) {
        let town = Town::settle(home);
        let mut owner = town.client();
        let made = told(201, owner.post("/api/v1/admin/keys", &json!({ "name": "reports", "role": "read-only" })));
        let mut reader = town.server.client(made["key"].as_str().unwrap());
        told(200, reader.get("/api/v1/leads"));
        told(403, reader.post("/api/v1/leads", &json!({ "name": "Nobody" })));
        told(403, reader.get("/api/v1/admin/keys"));
        let keys = told(200, owner.get("/api/v1/admin/keys"));
        assert!(!keys.to_string().contains(made["key"].as_str().unwrap()), "secrets are shown once");
        told(204, owner.ask("DELETE", &format!("/api/v1/admin/keys/{}", made["id"].as_str().unwrap()), &[], None));
        told(401, reader.get("/api/v1/leads"));

        let user = json!({ "email": "bob@example.com", "role": "agent", "password": PASSWORD });
        let user = told(201, owner.post("/api/v1/admin/users", &user));
        let signed_in = town.server.client("").post("/api/v1/session", &json!({ "tenant": "acme", "email": "bob@example.com", "password": PASSWORD }));
        let signed_in = signed_in.unwrap();
        let cookie = ("Cookie", signed_in.header("set-cookie").unwrap().split(';').next().unwrap());
        let mut browser = town.server.client("");
        told(200, browser.ask("GET", "/api/v1/leads", &[cookie], None));
        told(200, owner.post(&format!("/api/v1/admin/users/{}/disable", user["id"].as_str().unwrap()), &json!({})));
        told(401, browser.ask("GET", "/api/v1/leads", &[cookie], None));

        assert_eq!(told(200, owner.get("/api/v1/admin/jobs?state=dead"))["items"], json!([]));
        let audit = told(200, owner.get("/api/v1/admin/audit"));
        let actions: Vec<&str> = audit["items"].as_array().unwrap().iter().filter_map(|one| one["action"].as_str()).collect();
        assert!(actions.iter().any(|action| action.starts_with("key.")), "{actions:?}");
    }

    fn a_search_can_be_kept_for_a_lead(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let lead = told(201, client.post("/api/v1/leads", &json!({ "name": "Ada" })))["id"].clone();
        let body = json!({ "name": "Three rooms", "lead_id": lead, "market": "town", "filters": { "bedrooms": { "min": 3 } } });
        let key = [("Idempotency-Key", "save-1")];
        let first = told(201, client.send("POST", "/api/v1/saved-searches", &key, &body));
        let second = told(201, client.send("POST", "/api/v1/saved-searches", &key, &body));
        assert_eq!(first["id"], second["id"]);
        let list = told(200, client.get(&format!("/api/v1/saved-searches?lead_id={}", lead.as_str().unwrap())));
        assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["filters"]), (1, &json!({ "bedrooms": { "min": 3.0 } })));
        told(204, client.ask("DELETE", &format!("/api/v1/saved-searches/{}", first["id"].as_str().unwrap()), &[], None));
        told(404, client.get(&format!("/api/v1/saved-searches/{}", first["id"].as_str().unwrap())));
    }

    fn an_uploaded_file_is_imported_by_a_job(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let file = b"external_id,name\nup-1,One\nup-2,Two\n,\n";
        let headers = [("Content-Type", "application/octet-stream"), ("Idempotency-Key", "upload-1")];
        let tried = told(200, client.ask("POST", "/api/v1/imports?kind=leads&dry_run=true", &headers[..1], Some(file)));
        assert_eq!(tried["counts"]["created"], 2, "{tried}");
        let queued = told(202, client.ask("POST", "/api/v1/imports?kind=leads&name=up.csv", &headers, Some(file)));
        let again = told(202, client.ask("POST", "/api/v1/imports?kind=leads&name=up.csv", &headers, Some(file)));
        assert_eq!(queued["id"], again["id"]);
        let path = format!("/api/v1/imports/{}", queued["id"].as_str().unwrap());
        let done = || Some(told(200, client.get(&path))).filter(|import| import["state"] == "done");
        let (import, _) = eventually("the import is done", Duration::from_secs(10), done);
        assert_eq!(import["counts"]["created"], 2, "{import}");
        assert_eq!(told(200, client.get("/api/v1/leads?q=up-2"))["items"][0]["name"], "Two");
        let undone = told(200, client.post(&format!("{path}/undo"), &json!({})));
        assert_eq!(undone["removed"], 2);
    }

    fn operators_see_the_metrics_of_the_contract(home) {
        let town = Town::settle(home);
        told(200, town.client().get("/api/v1/leads"));
        let mut operator = crate::client::Client::connect(town.server.metrics, "").unwrap();
        // A follower is shown once it has moved.
        let whole = || {
            let page = String::from_utf8(operator.get("/metrics").unwrap().body).unwrap();
            page.contains("lintel_events_lag{follower=\"scorer\"}").then_some(page)
        };
        let (page, _) = eventually("followers are shown", Duration::from_secs(10), whole);
        for name in [
            "lintel_http_request_duration_seconds_bucket{le=\"0.5\",route=\"/api/v1/leads\",method=\"GET\",status=\"200\"}",
            "lintel_http_requests_in_flight", "lintel_store_query_duration_seconds_bucket{query=\"", "lintel_jobs_queued",
            "lintel_jobs_running", "lintel_jobs_dead", "lintel_build_info{version=\"",
        ] {
            assert!(page.contains(name), "{name} is not in\n{page}");
        }
        assert!(page.ends_with("# EOF\n"));
        assert_eq!(town.server.client("").get("/livez").unwrap().status, 200);
        assert_eq!(town.server.client("").get("/health").unwrap().status, 404);
    }
}
