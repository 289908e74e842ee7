//! What the edge counts, and the listener that shows it.

mod histogram;
mod history;
mod memory;
mod pages;
mod requests;

use std::{
    fmt::Write as _,
    hash::{Hash, Hasher},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::MatchedPath, response::IntoResponse, routing::get};
use http::{Method, StatusCode, header};
use lintel_app::App;
use lintel_domain::clock::Time;
use parking_lot::Mutex;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text},
    metrics::{family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use history::History;
pub(crate) use history::{Gauges, SAMPLE_SECONDS, Sample};
pub(crate) use memory::resident_bytes;
use pages::Pages;
pub(crate) use pages::{PageFelt, Vital};
use requests::Requests;
pub(crate) use requests::{RequestSummary, RouteTally};

/// Upper bounds of the buckets, in seconds.
const BUCKETS: [f64; 15] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Handles of the edge's metrics. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Handles>);

struct Handles {
    duration: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    registry: Registry,
    requests: Requests,
    history: Mutex<History>,
    pages: Pages,
    version: String,
    commit: String,
    started: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    route: Route,
    method: &'static str,
    status: u32,
}

/// The template of a route, or none. Cloning one allocates nothing.
#[derive(Clone, Debug)]
pub(crate) struct Route(pub(crate) Option<MatchedPath>);

impl Route {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_ref().map_or("none", MatchedPath::as_str)
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        encoder.write_str(self.as_str())
    }
}

impl Metrics {
    /// Metrics of a program of this version, built from this commit.
    pub fn new(version: &str, commit: &str) -> Self {
        let mut registry = Registry::default();
        let duration: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let in_flight = Gauge::default();
        registry.register_with_unit(
            "lintel_http_request_duration",
            "Time from the request's head to the answer's head",
            Unit::Seconds,
            duration.clone(),
        );
        registry.register("lintel_http_requests_in_flight", "Requests in hand", in_flight.clone());
        registry.register(
            "lintel_build",
            "What runs",
            Info::new(vec![("version", version.to_owned()), ("commit", commit.to_owned())]),
        );
        Self(Arc::new(Handles {
            duration,
            in_flight,
            registry,
            requests: Requests::default(),
            history: Mutex::default(),
            pages: Pages::default(),
            version: version.to_owned(),
            commit: commit.to_owned(),
            started: Instant::now(),
        }))
    }

    pub(crate) fn observe(&self, route: Route, method: &Method, status: StatusCode, took: Duration) {
        let method = method_label(method);
        self.0.requests.observe(route.clone(), method, status, took);
        let labels = Labels { route, method, status: u32::from(status.as_u16()) };
        self.0.duration.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// The version and the commit of the program.
    pub(crate) fn build(&self) -> (&str, &str) {
        (&self.0.version, &self.0.commit)
    }

    /// Since when requests are counted.
    pub(crate) fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// Requests in hand.
    pub(crate) fn in_flight(&self) -> u64 {
        u64::try_from(self.0.in_flight.get()).unwrap_or(0)
    }

    /// Requests of every route since the start and of late.
    pub(crate) fn requests(&self, now: Time) -> RequestSummary {
        self.0.requests.summary(now)
    }

    /// Takes a sample for the history of the last hour, and now and then marks from where "of late" is told.
    pub(crate) fn sample(&self, now: Time, gauges: Gauges) {
        self.0.requests.mark(now);
        self.0.history.lock().sample(now, self.0.requests.total(), gauges);
    }

    /// Samples of the last hour that end within a time, those of each `every` seconds as one.
    pub(crate) fn history(&self, from: Time, to: Time, every: u32) -> Vec<Sample> {
        self.0.history.lock().between(from, to, every)
    }

    /// Counts what a browser tells of a view of a page.
    pub(crate) fn page_felt(&self, page: &str, vital: Vital, value: f64) {
        self.0.pages.observe(page, vital, value);
    }

    /// How every page felt since the start.
    pub(crate) fn pages_felt(&self) -> Vec<PageFelt> {
        self.0.pages.felt()
    }

    /// Counts a request as in hand until the guard goes.
    pub(crate) fn enter(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.0.in_flight.clone())
    }

    /// The page of the metrics' own listener.
    pub fn router(&self, app: App) -> Router {
        let metrics = self.clone();
        Router::new().route("/metrics", get(move || page(metrics.clone(), app.clone())))
    }
}

/// A request in hand.
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn page(metrics: Metrics, app: App) -> impl IntoResponse {
    let mut page = String::new();
    let written = text::encode_registry(&mut page, &metrics.0.registry);
    page.push_str(&app.metrics_text().await);
    if written.is_err() || !page.ends_with("# EOF\n") {
        let _ = page.write_str("# EOF\n");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page)
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
