//! The arguments of the program.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lintel_load::arrivals::Arrivals;
use lintel_load::operation::Operation;
use lintel_load::play::baseline::Share;

#[derive(Parser)]
#[command(name = "lintel-load", version, about = "Open-loop load on a Lintel server")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Find the most answers a second, by more and more connections that never rest
    Probe {
        #[command(flatten)]
        load: Load,
        /// Seconds for each number of connections
        #[arg(long, default_value_t = 2.0)]
        step: f64,
    },
    /// Send at a rate and measure latency from the intended time of each request
    Run {
        #[command(flatten)]
        load: Load,
        /// Requests a second
        #[arg(long)]
        rate: f64,
        /// Seconds that are measured
        #[arg(long, default_value_t = 30.0)]
        seconds: f64,
        /// Seconds before measuring begins
        #[arg(long, default_value_t = 3.0)]
        warm_up: f64,
        /// poisson or fixed
        #[arg(long, default_value = "poisson")]
        arrivals: Arrivals,
    },
    /// Run the limit server: it parses requests, verifies what is signed, and answers as many bytes as it is asked for
    Limit {
        /// Where it listens; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// Compare a server with the limit server, both on this machine: the same requests, turn by turn
    Compare {
        #[command(flatten)]
        load: Load,
        /// Process of the server
        #[arg(long)]
        pid: u32,
        /// Address of the limit server
        #[arg(long)]
        limit_url: String,
        /// Process of the limit server
        #[arg(long)]
        limit_pid: u32,
        /// Turns of each
        #[arg(long, default_value_t = 3)]
        turns: usize,
        /// Seconds of each turn
        #[arg(long, default_value_t = 2.0)]
        turn: f64,
    },
    /// Play a scenario file, phase by phase, and judge it: ends with 0 only if every line was kept
    Scenario(Play),
    /// Print the public key of signed events: LINTEL__CRM__HIGHLEVEL__WEBHOOK_KEYS of a server that is measured
    WebhookKey,
    /// Open many sockets that all hear of new leads, write leads, and measure from the write to each socket
    Realtime {
        /// Server to load
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        url: String,
        /// File that holds an API key
        #[arg(long)]
        key_file: PathBuf,
        /// Sockets
        #[arg(long, default_value_t = 10_000)]
        clients: usize,
        /// Leads to write
        #[arg(long, default_value_t = 50)]
        writes: usize,
        /// Leads a second
        #[arg(long, default_value_t = 2.0)]
        rate: f64,
        /// Process of the server, when it runs here: tells its memory for each socket
        #[arg(long)]
        pid: Option<u32>,
    },
}

#[derive(Args)]
pub(crate) struct Load {
    /// Server to load
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// File that holds an API key
    #[arg(long)]
    pub(crate) key_file: PathBuf,
    /// Market to ask about
    #[arg(long, default_value = "demo")]
    pub(crate) market: String,
    /// One operation to ask for
    #[arg(long, conflicts_with = "scenario", required_unless_present = "scenario")]
    pub(crate) operation: Option<Operation>,
    /// File with a weighted list of operations
    #[arg(long)]
    pub(crate) scenario: Option<PathBuf>,
    /// Connections at most
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Seconds to wait for one answer
    #[arg(long, default_value_t = 10.0)]
    pub(crate) patience: f64,
    /// Different requests made ahead; they are sent in turn
    #[arg(long, default_value_t = 5000)]
    pub(crate) requests: usize,
    /// Decides what is asked and when
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Args)]
pub(crate) struct Play {
    /// The scenario, such as crates/lintel-load/scenarios/normal.toml
    pub(crate) file: PathBuf,
    /// Server to load
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// File that holds an API key
    #[arg(long)]
    pub(crate) key_file: PathBuf,
    /// Market to ask about
    #[arg(long, default_value = "demo")]
    pub(crate) market: String,
    /// Process of the server, when it runs here: its memory is told
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Write the result as JSON
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Write the result as a page
    #[arg(long)]
    pub(crate) html: Option<PathBuf>,
    /// Hold the result beside an earlier one, as --json wrote it
    #[arg(long)]
    pub(crate) baseline: Option<PathBuf>,
    /// The share by which a 99th percentile or the goodput of an operation may be worse than in the baseline
    #[arg(long, default_value = "10%", requires = "baseline")]
    pub(crate) max_regression: Share,
    /// Make each phase so many times as long
    #[arg(long, conflicts_with = "seconds")]
    pub(crate) time_scale: Option<f64>,
    /// Make each phase at most so many seconds long
    #[arg(long)]
    pub(crate) seconds: Option<f64>,
    /// Seconds to wait for one answer
    #[arg(long, default_value_t = 10.0)]
    pub(crate) patience: f64,
    /// Decides what is asked and when
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}
