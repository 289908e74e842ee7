//! Scenarios and the program that plays them, against a small server that answers as Lintel does.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use lintel_load::play::report::{LATE_BEYOND_CAPACITY_US, Outcome};
use lintel_load::play::{self, Options, Report};
use lintel_load::pool::{Pool, Target};
use lintel_load::scenario::{Length, Scenario};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What the small server has seen and how it works.
struct Desk {
    external_ids: Mutex<BTreeSet<String>>,
    scored: AtomicU64,
    /// Time that a score takes; they are made one after the other.
    work: Duration,
    turn: Mutex<()>,
    /// Scores that may be in hand; more are turned away.
    room: Semaphore,
}

struct Server {
    url: String,
    desk: Arc<Desk>,
    _serving: JoinSet<()>,
}

async fn server(work: Duration) -> Server {
    let room = Semaphore::new(if work.is_zero() { 1000 } else { 10 });
    let desk = Arc::new(Desk {
        external_ids: Mutex::default(),
        scored: AtomicU64::new(0),
        work,
        turn: Mutex::default(),
        room,
    });
    let home = json!({"id": "h", "latitude": 1.5, "longitude": 2.5, "list_price": 300_000, "remarks": "large garden"});
    let leads: Vec<Value> = (0..50).map(|n| json!({"id": format!("lead-{n}")})).collect();
    let page = |items: Value| Json(json!({"items": items, "next_cursor": null}));
    let (homes, leads) = (page(json!([home])), page(json!(leads)));
    let summary = json!({"version": "9.9.9", "commit": "abc", "memory_bytes": 1 << 30, "store": {"engine": "sqlite", "version": "3"}});
    let router = Router::new()
        .route("/api/v1/listings/search", post(async move || homes))
        .route("/api/v1/leads", get(async move || leads).post(create))
        .route("/api/v1/leads/score", post(score))
        .route("/api/v1/performance/summary", get(async move || Json(summary)))
        .with_state(Arc::clone(&desk));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let mut serving = JoinSet::new();
    serving.spawn(async move { axum::serve(listener, router).await.expect("served") });
    Server { url: format!("http://{address}"), desk, _serving: serving }
}

async fn create(State(desk): State<Arc<Desk>>, Json(lead): Json<Value>) -> Response {
    let id = lead["external_id"].as_str().expect("an id").to_owned();
    if desk.external_ids.lock().await.insert(id) {
        (StatusCode::CREATED, Json(json!({"id": "new"}))).into_response()
    } else {
        StatusCode::CONFLICT.into_response()
    }
}

async fn score(State(desk): State<Arc<Desk>>, Json(_): Json<Value>) -> Response {
    let Ok(_room) = desk.room.try_acquire() else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response();
    };
    if !desk.work.is_zero() {
        let _turn = desk.turn.lock().await;
        sleep(desk.work).await;
    }
    desk.scored.fetch_add(1, Ordering::Relaxed);
    Json(json!({"scores": [{"probability": 0.5}]})).into_response()
}

async fn played(server: &Server, text: &str) -> Report {
    let scenario = Scenario::parse(text).expect("a scenario");
    let target = Target::new(&server.url, "k").expect("a target");
    let pool = Pool::new(target, scenario.connections, Duration::from_secs(5));
    let options = Options { market: "demo", length: Length::Whole, pid: None, seed: 1 };
    play::play(&pool, &scenario, options, |_| {}).await.expect("a report")
}

/// Lines that a busy machine keeps too.
const TWO_PHASES: &str = "name = \"two\"\nabout = \"Two phases.\"\nwarm_up_seconds = 0.5\n\
    [[phases]]\nname = \"a\"\nusers = 50\nseconds = 1\n[[phases]]\nname = \"b\"\nrate = 150\nseconds = 1\n\
    [weights]\ncapture = 50\nscore = 50\n[slo]\np95_ms = 2000\n";

#[tokio::test]
async fn phases_follow_each_other_and_no_new_lead_comes_twice() {
    let server = server(Duration::ZERO).await;
    let report = played(&server, TWO_PHASES).await;
    let names: Vec<&str> = report.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let due = |nth: usize| report.phases[nth].due;
    assert!((25..=85).contains(&due(0)) && (110..=195).contains(&due(1)), "{} {}", due(0), due(1));
    for phase in &report.phases {
        assert_eq!((phase.failed, phase.shed), (0, 0), "{:?}", phase.operations);
        assert_eq!(phase.timeline.iter().map(|second| second.due).sum::<u64>(), phase.due);
    }
    // Those of the warm-up and those asked one by one before are not counted.
    let captured = report.phases.iter().flat_map(|phase| &phase.operations);
    let captured: u64 =
        captured.filter(|figures| figures.operation.name() == "capture").map(|figures| figures.due).sum();
    assert!(server.desk.external_ids.lock().await.len() as u64 > captured);
    assert_eq!(report.server.commit.as_deref(), Some("abc"));
    assert_eq!(report.server.store.as_deref(), Some("sqlite 3"));
    assert_eq!(report.memory.as_ref().map(play::MemoryUse::growth_mib), Some(0.0));
    assert_eq!(report.verdicts.len(), 6);
    assert!(report.verdicts.iter().all(|verdict| verdict.outcome != Outcome::NotMet), "{report}");
}

#[tokio::test]
async fn the_ramp_finds_what_one_desk_can_do_and_what_is_turned_away_is_no_failure() {
    let server = server(Duration::from_millis(10)).await;
    let report = played(
        &server,
        "name = \"over\"\nconnections = 200\n[weights]\nscore = 1\n\
         [overload]\nfrom = 25\nfactor = 2\nstep_seconds = 1.5\nseconds = 1.5\nafter_seconds = 1.5\n",
    )
    .await;
    let overload = report.overload.as_ref().expect("an overload");
    // A hundred a second leave the desk at the most, fewer on a busy machine.
    assert!(overload.capacity_per_second <= 110.0, "{report}");
    let stretches = || overload.steps.iter().chain([&overload.over, &overload.after]);
    assert!(stretches().all(|stretch| stretch.failed == 0), "{report}");
    if overload.is_broken {
        assert!(stretches().any(|stretch| stretch.shed > 0), "{report}");
    } else {
        assert!(overload.steps.iter().any(|step| step.is_later_than(LATE_BEYOND_CAPACITY_US)), "{report}");
    }
    assert_eq!(overload.over.rate, overload.capacity_per_second.max(1.0) * 3.0);
    assert!(report.verdicts.iter().any(|verdict| verdict.what.starts_with("goodput")));
}

fn file(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    fs::write(&file, text).expect("written");
    file
}

/// Runs the program, which must not hold up the server in this process.
async fn run(server: &Server, scenario: &PathBuf, further: &[&str]) -> Output {
    let key = file("key", "k");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lintel-load"));
    command.arg("scenario").arg(scenario).args(["--url", &server.url]).arg("--key-file").arg(key).args(further);
    tokio::task::spawn_blocking(move || command.output().expect("run")).await.expect("ended")
}

#[tokio::test]
async fn the_program_writes_what_it_measured_and_ends_by_the_verdicts() {
    let server = server(Duration::ZERO).await;
    let missed = file("missed.toml", &TWO_PHASES.replace("p95_ms = 2000", "p95_ms = 0"));
    let (json, html) = (file("out.json", ""), file("out.html", ""));
    let [json_path, html_path] = [&json, &html].map(|path| path.to_str().expect("a path"));
    let output = run(&server, &missed, &["--json", json_path, "--html", html_path]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not met") && said.contains("not every line was kept"), "{said}");
    let written: Value = serde_json::from_str(&fs::read_to_string(&json).expect("a file")).expect("JSON");
    assert_eq!(written["holds"], false);
    assert_eq!(written["report"]["phases"][1]["operations"][0]["operation"], "score");
    assert!(written["report"]["machine"]["cores"].as_u64() >= Some(1));
    assert!(fs::read_to_string(&html).expect("a file").starts_with("<!doctype html>"));
}

#[tokio::test]
async fn the_program_ends_with_0_when_all_is_met_and_with_1_when_the_baseline_was_better() {
    let server = server(Duration::ZERO).await;
    let text = "name = \"many\"\nwarm_up_seconds = 0\n[[phases]]\nname = \"a\"\nrate = 300\nseconds = 1.5\n\
                [weights]\nscore = 1\n[slo]\nerrors = 1\np95_ms = 60000\n";
    let scenario = file("many.toml", text);
    let json = file("baseline.json", "");
    let path = json.to_str().expect("a path");
    // A machine that is so busy that the generator is late measured nothing, which is no failure of the program.
    let is_measured = |output: &Output| !String::from_utf8_lossy(&output.stdout).contains("generator was late");
    let first = run(&server, &scenario, &["--json", path]).await;
    assert!(first.status.success() || !is_measured(&first), "{}", String::from_utf8_lossy(&first.stdout));

    let mut better: Value = serde_json::from_str(&fs::read_to_string(&json).expect("a file")).expect("JSON");
    let good = &mut better["report"]["phases"][0]["operations"][0]["good"];
    *good = json!(good.as_u64().expect("a number") * 10);
    fs::write(&json, better.to_string()).expect("written");
    let second = run(&server, &scenario, &["--baseline", path, "--max-regression", "20%"]).await;
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("REGRESSION") && said.contains("noise: p99 less than 1 ms apart"), "{said}");
}

#[tokio::test]
async fn a_scenario_without_phases_and_one_that_cannot_be_read_are_errors() {
    let server = server(Duration::ZERO).await;
    let output = run(&server, &file("none.toml", "name = \"x\"\n[weights]\nscore = 1\n"), &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no phases"));
    let output = run(&server, &PathBuf::from("no-such-file.toml"), &[]).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be read"));
}
