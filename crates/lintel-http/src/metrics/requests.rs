//! Requests by route: counted since the start, and told of for the last few minutes.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use lintel_domain::clock::{SECOND, Time};
use parking_lot::{Mutex, RwLock};

use super::{
    Route,
    histogram::{Counts, Histogram},
};

/// How far apart the moments are from which the last minutes are told, in microseconds.
const MARK_EVERY: i64 = 60 * SECOND;
/// How many of them are kept: the last five to six minutes.
const MARKS: usize = 6;

/// A route and the method it was called by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    route: Route,
    method: &'static str,
}

/// Requests of every route that was called. There are no more of them than the router has routes.
#[derive(Default)]
pub(super) struct Requests {
    routes: RwLock<HashMap<Key, Arc<Recorder>>>,
    marks: Mutex<VecDeque<Mark>>,
}

/// What is counted of one route.
#[derive(Default)]
struct Recorder {
    took: Histogram,
    requests: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// Requests at a moment, or between two.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) took: Counts,
    /// All of them.
    pub(super) requests: u64,
    /// Those answered 4xx.
    pub(super) refused: u64,
    /// Those answered 5xx.
    pub(super) failed: u64,
}

/// Where every route was at a moment.
struct Mark {
    at: Time,
    tallies: HashMap<Key, Arc<Tally>>,
}

/// A route since the start and of late.
#[derive(Clone, Debug)]
pub(crate) struct RouteTally {
    /// `GET`, `POST`, …
    pub(crate) method: &'static str,
    /// Its template, or `none`.
    pub(crate) route: String,
    /// Requests since the start.
    pub(crate) total: u64,
    /// Of late.
    pub(crate) recent: Recent,
}

/// Requests of the last minutes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// All of them.
    pub(crate) requests: u64,
    /// Those answered 4xx.
    pub(crate) refused: u64,
    /// Those answered 5xx.
    pub(crate) failed: u64,
    /// Half of them were answered within so many milliseconds.
    pub(crate) p50_ms: Option<f64>,
    /// 95 % of them.
    pub(crate) p95_ms: Option<f64>,
    /// 99 % of them.
    pub(crate) p99_ms: Option<f64>,
}

/// Every route, all of them together, and the time of which that tells.
#[derive(Clone, Debug)]
pub(crate) struct RequestSummary {
    /// How long the last minutes are, in microseconds.
    pub(crate) window: i64,
    /// All routes together.
    pub(crate) all: RouteTally,
    /// Those that were called since the start, the busiest first.
    pub(crate) routes: Vec<RouteTally>,
}

impl Requests {
    pub(super) fn observe(&self, route: Route, method: &'static str, status: StatusCode, took: Duration) {
        let key = Key { route, method };
        let known = self.routes.read().get(&key).cloned();
        let recorder = known.unwrap_or_else(|| Arc::clone(self.routes.write().entry(key).or_default()));
        recorder.took.observe(took);
        recorder.requests.fetch_add(1, Ordering::Relaxed);
        if status.is_client_error() {
            recorder.refused.fetch_add(1, Ordering::Relaxed);
        } else if status.is_server_error() {
            recorder.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests since the start over all routes.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for recorder in self.routes.read().values() {
            total.add(&recorder.tally());
        }
        total
    }

    /// Remembers where every route is, when it is time to. The last minutes are told from the oldest of these moments on.
    pub(super) fn mark(&self, now: Time) {
        let mut marks = self.marks.lock();
        if marks.back().is_some_and(|last| now.since(last.at) < MARK_EVERY) {
            return;
        }
        let before = marks.back().map(|last| &last.tallies);
        let routes = self.routes.read();
        let tallies = routes.iter().map(|(key, recorder)| {
            // A route that nobody called meanwhile is not kept twice.
            let same =
                before.and_then(|tallies| tallies.get(key)).filter(|tally| recorder.requests() == tally.requests);
            (key.clone(), same.map_or_else(|| Arc::new(recorder.tally()), Arc::clone))
        });
        let mark = Mark { at: now, tallies: tallies.collect() };
        marks.push_back(mark);
        if marks.len() > MARKS {
            marks.pop_front();
        }
    }

    /// Every route since the start and of late.
    pub(super) fn summary(&self, now: Time) -> RequestSummary {
        let marks = self.marks.lock();
        let base = marks.front();
        let (mut total, mut recent) = (0, Tally::default());
        let mut routes = Vec::new();
        for (key, recorder) in self.routes.read().iter() {
            let tally = recorder.tally();
            let late = match base.and_then(|base| base.tallies.get(key)) {
                Some(earlier) => tally.since(earlier),
                None => tally.clone(),
            };
            total += tally.requests;
            recent.add(&late);
            let route = key.route.as_str().to_owned();
            routes.push(RouteTally { method: key.method, route, total: tally.requests, recent: late.recent() });
        }
        routes.sort_by(|a, b| {
            (b.recent.requests, b.total, &a.route, a.method).cmp(&(a.recent.requests, a.total, &b.route, b.method))
        });
        let all = RouteTally { method: "", route: String::new(), total, recent: recent.recent() };
        RequestSummary { window: base.map_or(0, |base| now.since(base.at).max(0)), all, routes }
    }
}

impl Recorder {
    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn tally(&self) -> Tally {
        Tally {
            requests: self.requests(),
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            took: self.took.counts(),
        }
    }
}

impl Tally {
    /// What came since an earlier moment.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            took: self.took.since(&earlier.took),
            requests: self.requests.saturating_sub(earlier.requests),
            refused: self.refused.saturating_sub(earlier.refused),
            failed: self.failed.saturating_sub(earlier.failed),
        }
    }

    fn add(&mut self, other: &Self) {
        self.took.add(&other.took);
        self.requests += other.requests;
        self.refused += other.refused;
        self.failed += other.failed;
    }

    fn recent(&self) -> Recent {
        Recent {
            requests: self.requests,
            refused: self.refused,
            failed: self.failed,
            p50_ms: self.took.quantile(0.5),
            p95_ms: self.took.quantile(0.95),
            p99_ms: self.took.quantile(0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Route = Route(None);

    fn call(requests: &Requests, method: &'static str, times: u32, status: StatusCode, millis: u64) {
        for _ in 0..times {
            requests.observe(NONE, method, status, Duration::from_millis(millis));
        }
    }

    #[test]
    fn the_last_minutes_leave_out_what_came_before_them() {
        let requests = Requests::default();
        let at = |seconds: i64| Time(seconds * SECOND);
        requests.mark(at(0));
        call(&requests, "GET", 100, StatusCode::OK, 500);
        for minute in 1..=20 {
            requests.mark(at(minute * 60));
            requests.mark(at(minute * 60 + 10));
        }
        call(&requests, "GET", 97, StatusCode::OK, 10);
        call(&requests, "GET", 2, StatusCode::NOT_FOUND, 20);
        call(&requests, "GET", 1, StatusCode::SERVICE_UNAVAILABLE, 40);
        call(&requests, "POST", 1, StatusCode::OK, 80);
        let summary = requests.summary(at(20 * 60 + 30));
        assert_eq!(summary.window, (5 * 60 + 30) * SECOND);
        let [get, post] = &*summary.routes else { panic!("{summary:?}") };
        assert_eq!((get.method, get.total, get.recent.requests), ("GET", 200, 100));
        assert_eq!((get.recent.refused, get.recent.failed), (2, 1));
        for (told, exact) in [(get.recent.p50_ms, 10.0), (get.recent.p99_ms, 20.0), (post.recent.p50_ms, 80.0)] {
            assert!((told.unwrap() - exact).abs() <= exact / 32.0, "{told:?} for {exact}");
        }
        assert_eq!((summary.all.total, summary.all.recent.requests, summary.all.recent.failed), (201, 101, 1));
    }

    #[test]
    fn a_route_that_nobody_called_of_late_has_no_percentiles() {
        let requests = Requests::default();
        call(&requests, "GET", 1, StatusCode::OK, 5);
        requests.mark(Time(0));
        let summary = requests.summary(Time(SECOND));
        assert_eq!((summary.routes[0].total, summary.routes[0].recent.requests), (1, 0));
        assert_eq!(summary.routes[0].recent.p50_ms, None);
    }

    #[test]
    fn moments_without_requests_share_what_they_keep() {
        let requests = Requests::default();
        call(&requests, "GET", 3, StatusCode::OK, 5);
        (0..3).for_each(|minute| requests.mark(Time(minute * MARK_EVERY)));
        let marks = requests.marks.lock();
        let tallies: Vec<_> = marks.iter().flat_map(|mark| mark.tallies.values()).collect();
        assert!(tallies.len() == 3 && tallies.iter().all(|tally| Arc::ptr_eq(tally, tallies[0])));
    }
}
