//! The driver against a small server: what it measures, counts and keeps to.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use lintel_load::arrivals::Arrivals;
use lintel_load::open::{self, Plan};
use lintel_load::operation::{Operation, Prepared};
use lintel_load::pool::{Pool, Target};
use lintel_load::probe;
use lintel_load::sample::Sample;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// What the small server does with a request.
#[derive(Clone, Copy)]
enum Manner {
    Answers,
    Refuses,
    /// One request at a time: each holds the only desk for this long.
    OneDesk(Duration),
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    authorized: AtomicUsize,
}

struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

async fn server(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let seen = Arc::new(Seen::default());
    let counted = Arc::clone(&seen);
    let desk = Arc::new(Mutex::new(()));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.connections.fetch_add(1, Ordering::Relaxed);
            let (counted, desk) = (Arc::clone(&counted), Arc::clone(&desk));
            connections.spawn(async move {
                let service =
                    service_fn(move |request| answer(manner, request, Arc::clone(&counted), Arc::clone(&desk)));
                let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Server { address, seen, _tasks: tasks }
}

async fn answer(
    manner: Manner,
    request: Request<Incoming>,
    seen: Arc<Seen>,
    desk: Arc<Mutex<()>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    seen.requests.fetch_add(1, Ordering::Relaxed);
    if request.headers().get("authorization").is_some_and(|value| value == "Bearer lk_test") {
        seen.authorized.fetch_add(1, Ordering::Relaxed);
    }
    let (status, body) = match manner {
        Manner::Answers => (200, body_of(request.uri().path(), request.uri().query())),
        Manner::Refuses => (503, "{}".to_owned()),
        Manner::OneDesk(work) => {
            let _turn = desk.lock().await;
            tokio::time::sleep(work).await;
            (200, "{}".to_owned())
        }
    };
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    Ok(answer)
}

/// Two pages of leads and one of listings, as the API gives them.
fn body_of(path: &str, query: Option<&str>) -> String {
    match (path, query) {
        ("/api/v1/leads", Some(query)) if query.contains("cursor=") => {
            assert!(query.contains("cursor=b%2Bc"), "{query}");
            r#"{"items":[{"id":"two"}],"next_cursor":null}"#.to_owned()
        }
        ("/api/v1/leads", _) => r#"{"items":[{"id":"one"}],"next_cursor":"b+c"}"#.to_owned(),
        _ => r#"{"items":[{"id":"a","latitude":1.5,"longitude":2.5,"list_price":300000,"remarks":"large garden"},
             {"id":"b","latitude":null,"longitude":null,"list_price":1}],"next_cursor":null}"#
            .to_owned(),
    }
}

fn pool(server: &Server, connections: usize) -> Arc<Pool> {
    let target = Target::new(&format!("http://{}", server.address), "lk_test").expect("a target");
    Pool::new(target, connections, Duration::from_secs(5))
}

fn requests() -> Vec<Arc<Prepared>> {
    let body = Bytes::from_static(b"{}");
    let request =
        Prepared { operation: Operation::Search, method: Method::POST, path: "/x".into(), body, signature: None };
    vec![Arc::new(request)]
}

fn plan(rate: f64, measured: Duration) -> Plan {
    Plan { rate, arrivals: Arrivals::Fixed, warm_up: Duration::ZERO, measured, waiting: 10_000, seed: 1 }
}

#[tokio::test]
async fn every_due_request_is_sent_with_the_key_over_connections_that_stay_open() {
    let server = server(Manner::Answers).await;
    let report =
        open::run(&pool(&server, 8), &requests(), plan(500.0, Duration::from_secs(1))).await.expect("a report");
    assert_eq!(report.operations.len(), 1);
    assert_eq!((report.operations[0].due, report.operations[0].answered, report.errors), (500, 500, 0));
    assert_eq!(server.seen.requests.load(Ordering::Relaxed), 500);
    assert_eq!(server.seen.authorized.load(Ordering::Relaxed), 500);
    assert!(server.seen.connections.load(Ordering::Relaxed) <= 8);
}

#[tokio::test]
async fn waiting_for_a_slow_server_is_part_of_the_latency() {
    // Ten are due within a tenth of a second, and the only desk takes 20 ms for each: the last one has waited
    // for the nine before it, although its own work is 20 ms.
    let server = server(Manner::OneDesk(Duration::from_millis(20))).await;
    let report =
        open::run(&pool(&server, 1), &requests(), plan(100.0, Duration::from_millis(100))).await.expect("a report");
    let latency = report.operations[0].latency_us;
    assert_eq!(report.operations[0].answered, 10);
    assert!(latency.max >= 100_000, "{latency:?}");
}

#[tokio::test]
async fn refused_requests_are_errors_by_status() {
    let server = server(Manner::Refuses).await;
    let report =
        open::run(&pool(&server, 4), &requests(), plan(200.0, Duration::from_millis(500))).await.expect("a report");
    assert_eq!(report.errors, 100);
    assert_eq!(report.operations[0].errors.get("503"), Some(&100));
    assert_eq!(report.operations[0].answered, 0);
}

#[tokio::test]
async fn nobody_listening_is_an_error_of_each_request() {
    let gone = server(Manner::Answers).await;
    let address = gone.address;
    drop(gone);
    let target = Target::new(&format!("http://{address}"), "k").expect("a target");
    let pool = Pool::new(target, 4, Duration::from_secs(5));
    let report = open::run(&pool, &requests(), plan(100.0, Duration::from_millis(100))).await.expect("a report");
    assert_eq!(report.operations[0].errors.get("unconnected"), Some(&10));
}

#[tokio::test]
async fn more_than_may_wait_is_not_sent_and_counted() {
    let server = server(Manner::OneDesk(Duration::from_millis(500))).await;
    let mut plan = plan(1000.0, Duration::from_millis(100));
    plan.waiting = 2;
    let report = open::run(&pool(&server, 1), &requests(), plan).await.expect("a report");
    let figures = &report.operations[0];
    assert_eq!(figures.due, 100);
    assert!(figures.errors.get("unsent").is_some_and(|unsent| *unsent >= 90), "{figures:?}");
}

#[tokio::test]
async fn warming_up_is_not_measured() {
    let server = server(Manner::Answers).await;
    let mut plan = plan(200.0, Duration::from_millis(250));
    plan.warm_up = Duration::from_millis(250);
    let report = open::run(&pool(&server, 4), &requests(), plan).await.expect("a report");
    assert_eq!(report.operations[0].due, 50);
    assert_eq!(server.seen.requests.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn a_plan_without_rate_time_or_requests_is_refused() {
    let server = server(Manner::Answers).await;
    let pool = pool(&server, 1);
    assert!(open::run(&pool, &requests(), plan(0.0, Duration::from_secs(1))).await.is_err());
    assert!(open::run(&pool, &requests(), plan(f64::INFINITY, Duration::from_secs(1))).await.is_err());
    assert!(open::run(&pool, &requests(), plan(1.0, Duration::ZERO)).await.is_err());
    assert!(open::run(&pool, &[], plan(1.0, Duration::from_secs(1))).await.is_err());
}

#[tokio::test]
async fn the_probe_finds_what_one_desk_can_do() {
    let server = server(Manner::OneDesk(Duration::from_millis(5))).await;
    let found =
        probe::saturate(&pool(&server, 64), &requests(), 64, Duration::from_millis(400)).await.expect("saturation");
    // At most 200 a second leave the desk; what began in the last moment may still be counted.
    assert!(found.per_second > 0.0 && found.per_second <= 220.0, "{found:?}");
    assert!(found.steps.iter().all(|step| step.errors == 0), "{found:?}");
}

#[tokio::test]
async fn a_sample_is_read_page_by_page_and_holds_homes_that_can_be_asked_about() {
    let server = server(Manner::Answers).await;
    let sample = Sample::read(&pool(&server, 2), "demo").await.expect("a sample");
    assert_eq!(sample.homes.len(), 1);
    let leads: Vec<&str> = sample.leads.iter().map(|lead| lead.id.as_str()).collect();
    assert_eq!(leads, ["one", "two"]);
    assert_eq!(sample.words, ["garden", "large"]);
}
