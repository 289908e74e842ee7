//! `/performance/summary`: how this node does now and did in the last minutes.

use axum::extract::State;
use lintel_app::{CacheStats, FollowerLag, JobsOfKind, StatementTimes, StoreBusy, StorePerformance};
use lintel_domain::clock::{SECOND, Time};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::per_second;
use crate::{
    error::Result,
    extract::{Administer, Allow, Json},
    metrics::{PageFelt, RequestSummary, RouteTally, resident_bytes},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(summary))
}

/// How this node does.
#[derive(Debug, Serialize, ToSchema)]
struct SummaryOut {
    #[schema(value_type = shapes::Time)]
    at: Time,
    version: String,
    /// The commit that the program was built from.
    commit: String,
    uptime_seconds: f64,
    /// Memory of the process; null where the system does not tell.
    #[schema(required)]
    memory_bytes: Option<u64>,
    /// How long the last minutes are of which `requests` and `routes` tell: up to six, less when the server runs for less.
    window_seconds: f64,
    /// All routes together.
    requests: RequestsOut,
    /// Every route that was called since the start, the busiest first.
    routes: Vec<RouteOut>,
    store: StoreOut,
    /// The tenant's jobs by kind: those that have not ended, and those given up.
    jobs: Vec<JobsOut>,
    /// The readers of the log.
    followers: Vec<FollowerOut>,
    realtime: RealtimeOut,
    index: IndexOut,
    /// Answers that are kept in memory, by what they are.
    caches: Vec<CacheOut>,
    /// How pages felt to those who used them since the start, as browsers tell.
    pages: Vec<PageOut>,
}

/// Requests of all routes.
#[derive(Debug, Serialize, ToSchema)]
struct RequestsOut {
    /// In hand at this moment.
    in_flight: u64,
    /// Since the start.
    total: u64,
    /// Of the last minutes.
    requests: u64,
    /// A second, over the last minutes; null in the first moment.
    #[schema(required)]
    rate: Option<f64>,
    /// Those of the last minutes that were answered 4xx.
    refused: u64,
    /// Those of the last minutes that were answered 5xx.
    errors: u64,
    /// Half of those of the last minutes were answered within so many milliseconds, right to 1/32 (0.5 µs below 16 µs); null when
    /// there were none. Measured from the request's head to the answer's head.
    #[schema(required)]
    p50_ms: Option<f64>,
    /// 95 % of them.
    #[schema(required)]
    p95_ms: Option<f64>,
    /// 99 % of them.
    #[schema(required)]
    p99_ms: Option<f64>,
}

/// Requests of a route.
#[derive(Debug, Serialize, ToSchema)]
struct RouteOut {
    method: &'static str,
    /// Its template, such as `/api/v1/leads/{id}`; `none` for addresses that have none.
    route: String,
    /// Since the start.
    total: u64,
    /// Of the last minutes.
    requests: u64,
    /// A second, over the last minutes; null in the first moment.
    #[schema(required)]
    rate: Option<f64>,
    /// Those of the last minutes that were answered 4xx.
    refused: u64,
    /// Those of the last minutes that were answered 5xx.
    errors: u64,
    /// As for all routes.
    #[schema(required)]
    p50_ms: Option<f64>,
    #[schema(required)]
    p95_ms: Option<f64>,
    #[schema(required)]
    p99_ms: Option<f64>,
}

/// The database, since the start.
#[derive(Debug, Serialize, ToSchema)]
struct StoreOut {
    /// `sqlite` or `postgres`.
    engine: &'static str,
    version: String,
    /// Writes that were run.
    writes: u64,
    /// The commits that held them: on SQLite, writes that arrive together share one.
    commits: u64,
    /// SQLite: calls in line at this moment; null on PostgreSQL.
    #[schema(required)]
    lines: Option<LinesOut>,
    /// PostgreSQL: the connections for writes and for reads of many rows, at this moment; null on SQLite.
    #[schema(required)]
    pool: Option<PoolOut>,
    /// Waiting for a connection or for a turn; null when nobody had to yet.
    #[schema(required)]
    wait: Option<StatementOut>,
    /// The statements on which most time was spent, at most 20, most first.
    statements: Vec<StatementOut>,
}

/// Calls in line.
#[derive(Debug, Serialize, ToSchema)]
struct LinesOut {
    /// Writes that wait for their turn.
    writes: usize,
    /// Reads that wait or are read.
    reads: usize,
    /// Places in each line.
    places: usize,
}

/// Connections.
#[derive(Debug, Serialize, ToSchema)]
struct PoolOut {
    open: usize,
    in_use: usize,
    /// Calls that wait for one.
    waiting: usize,
    /// The most there may be.
    most: usize,
}

/// What a statement has cost.
#[derive(Debug, Serialize, ToSchema)]
struct StatementOut {
    name: &'static str,
    count: u64,
    errors: u64,
    total_ms: f64,
    /// Half of the runs took no longer than so many milliseconds: the upper end of one of 15 buckets, null when it is behind them.
    #[schema(required)]
    p50_below_ms: Option<f64>,
    /// 95 % of them.
    #[schema(required)]
    p95_below_ms: Option<f64>,
    /// 99 % of them.
    #[schema(required)]
    p99_below_ms: Option<f64>,
}

/// Jobs of a kind.
#[derive(Debug, Serialize, ToSchema)]
struct JobsOut {
    kind: String,
    /// Those that wait for a worker or for their time.
    waiting: u64,
    running: u64,
    /// Those given up.
    dead: u64,
}

/// A reader of the log.
#[derive(Debug, Serialize, ToSchema)]
struct FollowerOut {
    name: String,
    /// Events it has not read; counted up to 10,000.
    behind: u64,
    /// For how long the oldest of them has waited; null when it has read all.
    #[schema(required)]
    waiting_seconds: Option<f64>,
}

/// Realtime.
#[derive(Debug, Serialize, ToSchema)]
struct RealtimeOut {
    /// Clients that listen.
    clients: usize,
}

/// The listings in memory.
#[derive(Debug, Serialize, ToSchema)]
struct IndexOut {
    listings: usize,
    bytes: usize,
}

/// Answers of one kind that are kept in memory, and what became of requests for them since the start.
#[derive(Debug, Serialize, ToSchema)]
struct CacheOut {
    /// `keys`, `scores` or `listings`.
    namespace: &'static str,
    /// Answered from memory.
    hits: u64,
    /// Of those, with an old answer while a new one was made.
    stale: u64,
    /// Answered with what another request was making at that moment.
    joined: u64,
    /// Made anew.
    misses: u64,
    /// Made before anybody asked for them.
    filled: u64,
    /// Dropped for want of room.
    evicted: u64,
    /// Answers that are kept now.
    entries: u64,
    /// The memory they take.
    bytes: u64,
}

impl From<(&'static str, CacheStats)> for CacheOut {
    fn from((namespace, stats): (&'static str, CacheStats)) -> Self {
        let CacheStats { hits, stale, misses, joined, filled, evicted, entries, bytes } = stats;
        Self { namespace, hits: hits + stale, stale, joined, misses, filled, evicted, entries, bytes }
    }
}

/// A page as three views in four felt it: nothing was worse.
#[derive(Debug, Serialize, ToSchema)]
struct PageOut {
    /// Its pattern.
    page: String,
    /// Views that were told of.
    views: u64,
    /// Largest Contentful Paint; null where no browser told of it.
    #[schema(required)]
    lcp_ms: Option<f64>,
    /// Interaction to Next Paint.
    #[schema(required)]
    inp_ms: Option<f64>,
    /// Cumulative Layout Shift.
    #[schema(required)]
    cls: Option<f64>,
}

/// Read performance
///
/// How the node that answers does: rates and latencies of each route over the last minutes, the database, jobs, readers of the log,
/// realtime clients, memory.
#[utoipa::path(get, path = "/performance/summary", tag = "performance", responses((status = 200, description = "How it does", body = SummaryOut)))]
async fn summary(State(edge): State<Edge>, allow: Allow<Administer>) -> Result<Json<SummaryOut>> {
    let rooms = edge.app().performance(&allow.who).await?;
    let (now, metrics) = (edge.app().clock().now(), edge.metrics());
    let RequestSummary { window, all, routes } = metrics.requests(now);
    let (version, commit) = metrics.build();
    Ok(Json(SummaryOut {
        at: now,
        version: version.to_owned(),
        commit: commit.to_owned(),
        uptime_seconds: metrics.uptime().as_secs_f64(),
        memory_bytes: resident_bytes(),
        window_seconds: window as f64 / SECOND as f64,
        requests: RequestsOut {
            in_flight: metrics.in_flight(),
            total: all.total,
            requests: all.recent.requests,
            rate: per_second(all.recent.requests, window),
            refused: all.recent.refused,
            errors: all.recent.failed,
            p50_ms: all.recent.p50_ms,
            p95_ms: all.recent.p95_ms,
            p99_ms: all.recent.p99_ms,
        },
        routes: routes.into_iter().map(|route| RouteOut::of(route, window)).collect(),
        store: rooms.store.into(),
        jobs: rooms.jobs.into_iter().map(JobsOut::from).collect(),
        followers: rooms.followers.into_iter().map(FollowerOut::from).collect(),
        realtime: RealtimeOut { clients: rooms.clients },
        index: IndexOut { listings: rooms.index.0, bytes: rooms.index.1 },
        caches: rooms.caches.into_iter().map(CacheOut::from).collect(),
        pages: metrics.pages_felt().into_iter().map(PageOut::from).collect(),
    }))
}

impl RouteOut {
    fn of(RouteTally { method, route, total, recent }: RouteTally, window: i64) -> Self {
        Self {
            method,
            route,
            total,
            requests: recent.requests,
            rate: per_second(recent.requests, window),
            refused: recent.refused,
            errors: recent.failed,
            p50_ms: recent.p50_ms,
            p95_ms: recent.p95_ms,
            p99_ms: recent.p99_ms,
        }
    }
}

impl From<PageFelt> for PageOut {
    fn from(PageFelt { page, views, lcp_ms, inp_ms, cls }: PageFelt) -> Self {
        Self { page, views, lcp_ms, inp_ms, cls }
    }
}

impl From<StorePerformance> for StoreOut {
    fn from(store: StorePerformance) -> Self {
        let (lines, pool) = match store.now {
            StoreBusy::Lines { writes, reads, places } => (Some(LinesOut { writes, reads, places }), None),
            StoreBusy::Pool { open, in_use, waiting, most } => (None, Some(PoolOut { open, in_use, waiting, most })),
        };
        Self {
            engine: store.engine,
            version: store.version,
            writes: store.writes,
            commits: store.commits,
            lines,
            pool,
            wait: store.wait.map(StatementOut::from),
            statements: store.statements.into_iter().map(StatementOut::from).collect(),
        }
    }
}

impl From<StatementTimes> for StatementOut {
    fn from(times: StatementTimes) -> Self {
        let StatementTimes { name, count, errors, total_ms, p50_below_ms, p95_below_ms, p99_below_ms } = times;
        Self { name, count, errors, total_ms, p50_below_ms, p95_below_ms, p99_below_ms }
    }
}

impl From<JobsOfKind> for JobsOut {
    fn from(JobsOfKind { kind, waiting, running, dead }: JobsOfKind) -> Self {
        Self { kind, waiting, running, dead }
    }
}

impl From<FollowerLag> for FollowerOut {
    fn from(FollowerLag { name, behind, waiting_seconds }: FollowerLag) -> Self {
        Self { name, behind, waiting_seconds }
    }
}
