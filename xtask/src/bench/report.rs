//! The figures of one run: a table to read, JSON to keep.

use std::fmt;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::Options;
use super::machine::Machine;
use crate::server::Memory;

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) listings: u32,
    pub(crate) leads: u32,
    pub(crate) sales: u32,
    /// Cores of the server and of the load driver, if they were kept apart.
    pub(crate) cores: Option<(String, String)>,
    pub(crate) start_from_store: Option<Start>,
    pub(crate) start_from_snapshot: Option<Start>,
    pub(crate) memory_under_load: Option<Memory>,
    pub(crate) operations: Vec<Measured>,
}

/// One start of the server.
#[derive(Serialize)]
pub(crate) struct Start {
    /// From the start of the process until `/readyz` answered 200.
    pub(crate) seconds: f64,
    pub(crate) memory: Memory,
}

/// One operation: what the load driver printed of its two loops.
#[derive(Serialize)]
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) saturation_per_second: f64,
    pub(crate) probe: Value,
    pub(crate) run: Value,
    /// The server beside the limit server, if that was asked for.
    pub(crate) limit: Option<Value>,
}

impl Report {
    pub(crate) fn new(options: &Options, cores: Option<&(String, String)>) -> Result<Self> {
        Ok(Self {
            machine: Machine::look()?,
            listings: options.size.listings,
            leads: options.size.leads,
            sales: options.size.sales,
            cores: cores.cloned(),
            start_from_store: None,
            start_from_snapshot: None,
            memory_under_load: None,
            operations: Vec::new(),
        })
    }
}

impl Measured {
    /// One line for each operation that was asked for, in milliseconds.
    pub(crate) fn line(&self) -> String {
        let report = &self.run["report"];
        let mut lines = Vec::new();
        for figures in report["operations"].as_array().into_iter().flatten() {
            let operation = figures["operation"].as_str().unwrap_or_default();
            let name = if self.name == operation { operation.to_owned() } else { format!("{} {operation}", self.name) };
            let latency = |field: &str| figures["latency_us"][field].as_f64().unwrap_or(f64::NAN) / 1000.0;
            let useful = &self.run["useful"][operation];
            lines.push(format!(
                "{name:<16} {:>9.0} {:>9.0} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>7} {:>7}",
                self.saturation_per_second,
                report["answered_per_second"].as_f64().unwrap_or(f64::NAN),
                latency("p50"),
                latency("p95"),
                latency("p99"),
                latency("max"),
                report["errors"],
                format!("{}/{}", useful["useful"], useful["asked"]),
            ));
        }
        lines.extend(self.limit.as_ref().map(|limit| {
            let compared = &limit["compared"];
            let of = |place: &str| compared.pointer(place).and_then(Value::as_f64).unwrap_or(f64::NAN);
            format!(
                "{:<16} {:>9.0} of {:.0} a second ({:.0} %), {:.0} of {:.0} us of processor ({:.0} %), {:.0} bytes",
                format!("{} limit", self.name),
                of("/server/per_second"),
                of("/limit/per_second"),
                100.0 * of("/share_of_rate"),
                of("/limit/cpu_us"),
                of("/server/cpu_us"),
                100.0 * of("/share_of_cpu"),
                of("/answer_bytes"),
            )
        }));
        lines.join("\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let machine = &self.machine;
        writeln!(
            f,
            "\n{} listings, {} leads, {} sales on {} ({} cores, {:.0} GiB, Linux {}), commit {}",
            self.listings,
            self.leads,
            self.sales,
            machine.processor,
            machine.cores,
            machine.memory_gib,
            machine.kernel,
            machine.commit
        )?;
        for (from, start) in [("store", &self.start_from_store), ("snapshot", &self.start_from_snapshot)] {
            if let Some(Start { seconds, memory }) = start {
                writeln!(f, "ready from the {from} in {seconds:.2} s, {:.0} MiB resident", memory.resident_mib)?;
            }
        }
        if let Some(memory) = &self.memory_under_load {
            writeln!(f, "under load {:.0} MiB resident, at most {:.0} MiB", memory.resident_mib, memory.peak_mib)?;
        }
        if !self.operations.is_empty() {
            writeln!(
                f,
                "{:<16} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7}",
                "operation", "saturated", "answered", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors", "useful"
            )?;
        }
        self.operations.iter().try_for_each(|measured| writeln!(f, "{}", measured.line()))
    }
}
