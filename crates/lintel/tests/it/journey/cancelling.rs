//! Cancelling what takes long: an import that runs, and the training of a model.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Value, json};

use super::told;
use crate::{client::Client, server::eventually};

const SOON: Duration = Duration::from_mins(1);

/// A file with so many leads that taking them in lasts for many seconds.
const LEADS: usize = 200_000;

/// The job of a kind that runs, if there is one.
fn running(client: &mut Client, kind: &str) -> Option<String> {
    let jobs = told(200, client.get("/api/v1/admin/jobs?state=running"));
    let job = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == kind)?;
    job["id"].as_str().map(str::to_owned)
}

/// Cancels the import that a job runs and waits for its end.
fn cancel(client: &mut Client, path: &str, id: &str) {
    let asked = told(200, client.post(&format!("{path}/cancel"), &json!({})));
    assert!(["running", "cancelled"].contains(&asked["state"].as_str().unwrap()), "{asked}");
    let ended = |client: &mut Client| {
        let job = told(200, client.get(&format!("/api/v1/admin/jobs/{id}")));
        (job["state"] != "running").then_some(job)
    };
    let job = eventually("it ends", SOON, || ended(client)).0;
    assert_eq!(job["state"], "cancelled", "{job}");
}

/// How many rows the log tells of an import on its way, each time.
fn progress(client: &mut Client, import: &str) -> Vec<u64> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = told(200, client.get(&format!("/api/v1/events?limit=200{after}")));
        let events = page["items"].as_array().unwrap();
        let told = events.iter().map(|item| &item["event"]);
        for event in told.filter(|event| event["type"] == "import.progress" && event["import"] == import) {
            assert!(event["bytes"].as_u64() <= event["total_bytes"].as_u64(), "{event}");
            rows.push(event["counts"]["rows"].as_u64().unwrap());
        }
        if events.is_empty() {
            return rows;
        }
        after = format!("&after={}", page["cursor"].as_str().unwrap());
    }
}

/// How far a job is that learns, once it is somewhere.
fn learning(client: &mut Client, path: &str) -> Option<Value> {
    let job = told(200, client.get(path));
    assert!(
        ["ready", "running"].contains(&job["state"].as_str().unwrap()),
        "it ended before it could be cancelled: {job}"
    );
    let progress = &job["progress"];
    (progress["phase"] == "learning" && progress["done"].as_f64() > Some(0.0)).then_some(job)
}

/// What the log tells of a job, in its order.
fn of_job(client: &mut Client, id: &str) -> Vec<Value> {
    let events = told(200, client.get("/api/v1/events?limit=200"));
    let events = events["items"].as_array().unwrap().iter().map(|item| item["event"].clone());
    events.filter(|event| event["job"] == id).collect()
}

on_each_engine! {
    fn a_training_says_how_far_it_is_and_stops_in_the_middle(home) {
        let key = home.key("acme");
        let many = ["--listings", "10", "--sales", "6000", "--leads", "10", "--days", "300", "--json"];
        home.json(&[&["demo", "--tenant", "acme", "--market", "town"], &many[..]].concat());
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        let asked = told(202, client.post("/api/v1/models/price/review?market=town", &json!({})));
        let id = asked["job_id"].as_str().unwrap();
        let path = format!("/api/v1/admin/jobs/{id}");
        let seen = eventually("it says how far it is", SOON, || learning(&mut client, &path)).0;
        cancel(&mut client, &path, id);
        // The thread that learns ends, too.
        eventually("nothing is learnt any more", SOON, || (server.threads("background") == 0).then_some(()));
        let job = told(200, client.get(&path));
        assert_eq!((&job["state"], &job["progress"]), (&json!("cancelled"), &Value::Null), "{job}");
        // What was committed can be read once no transaction is under way that began before.
        let told_of = |client: &mut Client| {
            let events = of_job(client, id);
            events.iter().any(|event| event["type"] == "job.cancelled").then_some(events)
        };
        let events = eventually("the log tells that it was cancelled", SOON, || told_of(&mut client)).0;
        // The last word of its progress may be written at the same moment, by a transaction that began later.
        let (ends, progress): (Vec<&Value>, Vec<&Value>) = events.iter().partition(|event| event["type"] == "job.cancelled");
        assert_eq!(ends.iter().map(|event| &event["kind"]).collect::<Vec<_>>(), ["review_model"]);
        let shares: Vec<f64> = progress.iter().map(|event| event["done"].as_f64().unwrap()).collect();
        assert!(progress.iter().all(|event| event["type"] == "job.progress"), "{events:?}");
        assert!(shares.is_sorted() && shares.contains(&seen["progress"]["done"].as_f64().unwrap()), "{shares:?}");
        let models = told(200, client.get("/api/v1/models"));
        assert!(models["items"].as_array().unwrap().iter().all(|model| model["kind"] != "price"), "{models}");
    }

    fn an_import_that_runs_is_cancelled_between_two_batches_and_taken_back(home) {
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        let mut file = "external_id,name\n".to_owned();
        for n in 0..LEADS {
            writeln!(file, "lead-{n},Somebody {n}").unwrap();
        }
        let upload = client.ask("POST", "/api/v1/imports?kind=leads&name=many.csv", &[], Some(file.as_bytes()));
        let path = format!("/api/v1/imports/{}", told(202, upload)["id"].as_str().unwrap());
        let begun = |client: &mut Client| {
            let import = told(200, client.get(&path));
            (import["state"] == "running").then(|| running(client, "run_import")).flatten()
        };
        let job = eventually("the import runs", SOON, || begun(&mut client)).0;
        cancel(&mut client, &path, &job);
        let import = told(200, client.get(&path));
        let rows = import["counts"]["rows"].as_u64().unwrap();
        assert_eq!(import["state"], "cancelled", "{import}");
        assert!(rows > 0 && rows < LEADS as u64 && rows.is_multiple_of(2_000), "whole batches: {import}");
        let told_of = progress(&mut client, import["id"].as_str().unwrap());
        assert!(told_of.is_sorted() && told_of.first() == Some(&2_000) && told_of.last() <= Some(&rows), "{told_of:?}");
        assert_eq!(told(409, client.post(&format!("{path}/cancel"), &json!({})))["code"], "job_ended");
        let undone = told(200, client.post(&format!("{path}/undo"), &json!({})));
        assert_eq!(undone["removed"], rows);
        assert_eq!(told(200, client.get("/api/v1/leads"))["items"], json!([]));
        // The worker takes the next one.
        let again = client.ask("POST", "/api/v1/imports?kind=leads&name=one.csv", &[], Some(b"external_id,name\na,Ada\n"));
        let path = format!("/api/v1/imports/{}", told(202, again)["id"].as_str().unwrap());
        let done = |client: &mut Client| Some(told(200, client.get(&path))).filter(|import: &Value| import["state"] == "done");
        eventually("it is free again", SOON, || done(&mut client));
    }
}
