//! Whether this node can take requests, and why not.

use std::{fmt::Write as _, time::Duration};

use lintel_cache::Stats;
use lintel_store::{
    db::{BOUNDS_MICROS, Disk},
    job::JobState,
};
use tokio::time::timeout;

use crate::{App, Result};

/// How long a part may take to answer before it counts as not well.
const PATIENCE: Duration = Duration::from_secs(2);

/// One thing that readiness depends on.
#[derive(Clone, Debug)]
pub struct Check {
    /// `database`, `disk`, `migrations`, `index`; `redis` where one is configured.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// Why not, or how it is.
    pub detail: String,
}

/// Readiness with its reasons.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// Whether all is well that requests need. Redis is not: without it they take longer.
    pub ready: bool,
    /// The parts.
    pub checks: Vec<Check>,
}

impl App {
    /// Whether this node can take requests.
    pub async fn readiness(&self) -> Readiness {
        let mut checks = Vec::new();
        let (database, detail) = match timeout(PATIENCE, self.0.store.ping()).await {
            Ok(Ok(())) => (true, "answers".to_owned()),
            Ok(Err(error)) => (false, error.to_string()),
            Err(_) => (false, "does not answer".to_owned()),
        };
        checks.push(Check { name: "database", ok: database, detail });
        let disk = self.0.store.disk().borrow().clone();
        checks.push(match disk {
            Disk::Fine => Check { name: "disk", ok: true, detail: "takes writes".to_owned() },
            Disk::Full => Check { name: "disk", ok: false, detail: "full".to_owned() },
            Disk::Failed(reason) => Check { name: "disk", ok: false, detail: reason },
        });
        let loaded = self.0.keeper.is_ready();
        let detail = if loaded { "loaded" } else { "loading" }.to_owned();
        checks.push(Check { name: "index", ok: loaded, detail });
        let ready = checks.iter().all(|check| check.ok);
        if let Some(redis) = self.0.caches.redis() {
            let ok = !redis.is_away();
            let detail = if ok { "answers" } else { "does not answer; answers are made anew" }.to_owned();
            checks.push(Check { name: "redis", ok, detail });
        }
        Readiness { ready, checks }
    }

    /// Whether nothing is under way that a write set off: the index is loaded, no job is at work, and every follower is at the
    /// end of the log.
    pub async fn is_settled(&self) -> Result<bool> {
        let jobs = self.0.store.job_counts().await?;
        let followers = self.0.store.followers().await?;
        let is_idle = !jobs.iter().any(|job| job.state == JobState::Running);
        Ok(self.0.keeper.is_ready() && is_idle && followers.iter().all(|follower| follower.behind == 0))
    }

    /// Counters and gauges of the rooms as Prometheus text, to be put behind the edge's own.
    pub async fn metrics_text(&self) -> String {
        let mut text = String::new();
        self.statement_metrics(&mut text);
        self.replica_metrics(&mut text);
        // A database that does not answer is told by readiness; its gauges are then absent, not zero.
        if let Ok(Ok(counts)) = timeout(PATIENCE, self.0.store.job_counts()).await {
            for (state, name) in [(JobState::Ready, "queued"), (JobState::Running, "running"), (JobState::Dead, "dead")]
            {
                let _ = writeln!(text, "# TYPE lintel_jobs_{name} gauge");
                for count in counts.iter().filter(|count| count.state == state) {
                    let _ = writeln!(text, "lintel_jobs_{name}{{kind=\"{}\"}} {}", count.kind, count.count);
                }
            }
        }
        if let Ok(Ok(followers)) = timeout(PATIENCE, self.0.store.followers()).await {
            let _ = writeln!(text, "# TYPE lintel_events_lag gauge");
            for follower in followers {
                let _ = writeln!(text, "lintel_events_lag{{follower=\"{}\"}} {}", follower.name, follower.behind);
            }
        }
        let _ = writeln!(text, "# TYPE lintel_realtime_clients gauge\nlintel_realtime_clients {}", self.listeners());
        let index = &self.0.keeper.index;
        let listings: usize = index.loaded().iter().map(|(_, _, part)| part.len()).sum();
        let _ = writeln!(text, "# TYPE lintel_index_bytes gauge\nlintel_index_bytes {}", index.memory_bytes());
        let _ = writeln!(text, "# TYPE lintel_index_listings gauge\nlintel_index_listings {listings}");
        self.cache_metrics(&mut text);
        text
    }

    fn cache_metrics(&self, text: &mut String) {
        let caches = self.0.caches.stats();
        let _ = writeln!(text, "# TYPE lintel_cache_requests_total counter");
        for (name, stats) in &caches {
            let outcomes =
                [("hit", stats.hits), ("stale", stats.stale), ("joined", stats.joined), ("miss", stats.misses)];
            for (outcome, count) in outcomes {
                let labels = format!("namespace=\"{name}\",tier=\"memory\",outcome=\"{outcome}\"");
                let _ = writeln!(text, "lintel_cache_requests_total{{{labels}}} {count}");
            }
        }
        if let Some((name, stats)) = self.0.caches.second_stats() {
            let outcomes = [
                ("hit", stats.hits),
                ("joined", stats.joined),
                ("miss", stats.misses),
                ("outdated", stats.wrong),
                ("failed", stats.vain),
            ];
            for (outcome, count) in outcomes {
                let labels = format!("namespace=\"{name}\",tier=\"redis\",outcome=\"{outcome}\"");
                let _ = writeln!(text, "lintel_cache_requests_total{{{labels}}} {count}");
            }
            let labels = format!("namespace=\"{name}\",tier=\"redis\"");
            for (metric, count) in [
                ("lintel_cache_kept_total", stats.kept),
                ("lintel_cache_lost_total", stats.lost),
                ("lintel_cache_plain_bytes_total", stats.bytes),
                ("lintel_cache_packed_bytes_total", stats.packed),
            ] {
                let _ = writeln!(text, "# TYPE {metric} counter\n{metric}{{{labels}}} {count}");
            }
        }
        if let Some(redis) = self.0.caches.redis() {
            let stats = redis.stats();
            let _ = writeln!(text, "# TYPE lintel_redis_up gauge\nlintel_redis_up {}", u8::from(stats.here));
            for (metric, count) in
                [("lintel_redis_connects_total", stats.tries), ("lintel_redis_failures_total", stats.failures)]
            {
                let _ = writeln!(text, "# TYPE {metric} counter\n{metric} {count}");
            }
        }
        let mut each = |metric: &str, kind: &str, of: fn(&Stats) -> u64| {
            let _ = writeln!(text, "# TYPE {metric} {kind}");
            for (name, stats) in &caches {
                let _ = writeln!(text, "{metric}{{namespace=\"{name}\",tier=\"memory\"}} {}", of(stats));
            }
        };
        each("lintel_cache_filled_total", "counter", |stats| stats.filled);
        each("lintel_cache_evictions_total", "counter", |stats| stats.evicted);
        each("lintel_cache_bytes", "gauge", |stats| stats.bytes);
    }

    /// Nothing is told of replicas where there are none.
    fn replica_metrics(&self, text: &mut String) {
        let replicas = self.0.store.replicas();
        if replicas.configured == 0 {
            return;
        }
        let figures = [
            ("gauge", "replicas", replicas.configured as u64),
            ("gauge", "replicas_used", replicas.used as u64),
            ("counter", "replica_reads_total", replicas.reads),
            ("counter", "replica_ejections_total", replicas.ejections),
        ];
        for (kind, name, figure) in figures {
            let _ = writeln!(text, "# TYPE lintel_store_{name} {kind}\nlintel_store_{name} {figure}");
        }
    }

    fn statement_metrics(&self, text: &mut String) {
        let name = "lintel_store_query_duration_seconds";
        let _ = writeln!(text, "# TYPE {name} histogram");
        for stats in self.0.store.statement_stats().iter().filter(|stats| stats.count() > 0) {
            let query = stats.name;
            let mut below = 0;
            for (bound, count) in BOUNDS_MICROS.iter().zip(&stats.buckets) {
                below += count;
                let _ = writeln!(text, "{name}_bucket{{query=\"{query}\",le=\"{}\"}} {below}", *bound as f64 / 1e6);
            }
            let _ = writeln!(text, "{name}_bucket{{query=\"{query}\",le=\"+Inf\"}} {}", stats.count());
            let _ = writeln!(text, "{name}_sum{{query=\"{query}\"}} {}", stats.nanos as f64 / 1e9);
            let _ = writeln!(text, "{name}_count{{query=\"{query}\"}} {}", stats.count());
        }
    }
}
