//! What was measured on and what was measured: figures mean nothing without it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::pool::Pool;
use crate::process;
use crate::sample::answer_of;

const MIB: f64 = (1 << 20) as f64;

/// The machine that the load came from, which is the server's too unless that is told apart by its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Model of the processor.
    pub processor: String,
    /// Cores that it has, whether or not they may all be used.
    pub cores: usize,
    /// Memory in gigabytes of 2^30 bytes.
    pub memory_gib: f64,
    /// Version of Linux.
    pub kernel: String,
    /// Version of this program.
    pub generator: String,
}

impl Machine {
    /// This machine.
    pub fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, name: &str| {
            let found = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let total = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
        let kibibytes: f64 = total.trim_end_matches("kB").trim().parse().unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let cores = processors.lines().filter(|line| line.starts_with("processor")).count();
        Self {
            processor: value(&processors, "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: cores.max(1),
            memory_gib: kibibytes / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            generator: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The server that was asked, as far as it tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its version.
    pub version: Option<String>,
    /// The commit that it was built from.
    pub commit: Option<String>,
    /// The engine of its store and that engine's version.
    pub store: Option<String>,
    /// Memory that it used before the load, in megabytes of 2^20 bytes.
    pub memory_mib: Option<f64>,
}

impl Server {
    /// Asks the server; a key that may not know leaves everything open.
    pub(super) async fn ask(pool: &Pool) -> Self {
        let path = "/api/v1/performance/summary".to_owned();
        let Ok(summary) = answer_of::<Value>(pool, Method::GET, path, &Value::Null).await else {
            return Self::default();
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let store = text(&summary["store"]["engine"]);
        let of_store = text(&summary["store"]["version"]).unwrap_or_default();
        Self {
            version: text(&summary["version"]),
            commit: text(&summary["commit"]),
            store: store.map(|engine| format!("{engine} {of_store}").trim().to_owned()),
            memory_mib: summary["memory_bytes"].as_f64().map(|bytes| bytes / MIB),
        }
    }
}

/// The server's memory over the load, in megabytes of 2^20 bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// Resident when measuring began, after the warm-up.
    pub begin_mib: f64,
    /// Resident after the last answer.
    pub end_mib: f64,
    /// The most that it ever had; unknown of a server on another machine.
    pub peak_mib: Option<f64>,
    /// Resident at each second from then on, in the same unit; empty of a server on another machine.
    pub each_second: Vec<f64>,
}

impl MemoryUse {
    /// By how much it grew.
    pub fn growth_mib(&self) -> f64 {
        self.end_mib - self.begin_mib
    }
}

/// A watch over the memory of a process.
pub(super) struct Memory {
    pid: Option<u32>,
    /// Looks that come before measuring begins.
    warm_up: usize,
    seen: Arc<Mutex<Vec<f64>>>,
    /// The task that looks; it ends with the watch.
    _looking: JoinSet<()>,
}

impl Memory {
    /// Looks at a process every second from now on; the first seconds are the warm-up.
    pub(super) fn watch(pid: Option<u32>, warm_up: Duration) -> Self {
        let seen: Arc<Mutex<Vec<f64>>> = Arc::default();
        let mut looking = JoinSet::new();
        if let Some(pid) = pid {
            let seen = Arc::clone(&seen);
            looking.spawn(async move {
                let mut second = interval(Duration::from_secs(1));
                while let Some(bytes) = process::resident(pid) {
                    seen.lock().push(bytes as f64 / MIB);
                    second.tick().await;
                }
            });
        }
        Self { pid, warm_up: warm_up.as_secs() as usize, seen, _looking: looking }
    }

    /// What it saw; without a process here, what the server told before the load and tells now.
    pub(super) async fn end(self, before: &Server, pool: &Pool) -> Option<MemoryUse> {
        let Some(pid) = self.pid else {
            let (begin_mib, end_mib) = (before.memory_mib?, Server::ask(pool).await.memory_mib?);
            return Some(MemoryUse { begin_mib, end_mib, ..MemoryUse::default() });
        };
        let seen = self.seen.lock();
        let each_second = seen.get(self.warm_up..)?.to_vec();
        Some(MemoryUse {
            begin_mib: *each_second.first()?,
            end_mib: process::resident(pid)? as f64 / MIB,
            peak_mib: process::peak(pid).map(|bytes| bytes as f64 / MIB),
            each_second,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, MemoryUse};

    #[test]
    fn this_machine_tells_what_it_is() {
        let machine = Machine::look();
        assert!(machine.cores >= 1 && machine.memory_gib > 0.0 && !machine.kernel.is_empty(), "{machine:?}");
    }

    #[test]
    fn memory_grows_from_its_begin_to_its_end_whatever_its_peak() {
        let memory = MemoryUse { begin_mib: 100.0, end_mib: 90.0, peak_mib: Some(500.0), each_second: Vec::new() };
        assert_eq!(memory.growth_mib(), -10.0);
    }
}
