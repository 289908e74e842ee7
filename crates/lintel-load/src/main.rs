//! The load driver as a program: `probe` finds saturation, `run` measures at a rate; both print one JSON object.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on the terminal")]

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use lintel_load::arrivals::Arrivals;
use lintel_load::hooks::{self, Hooks};
use lintel_load::limit::{self, Side};
use lintel_load::open::{self, Plan};
use lintel_load::operation::{Operation, Prepared};
use lintel_load::pool::{Pool, Target};
use lintel_load::sample::Sample;
use lintel_load::scenario::Scenario;
use lintel_load::{preflight, probe, realtime};
use serde_json::json;

#[derive(Parser)]
#[command(name = "lintel-load", version, about = "Open-loop load on a Lintel server")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
struct Load {
    /// Server to load
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// File that holds an API key
    #[arg(long)]
    key_file: PathBuf,
    /// Market to ask about
    #[arg(long, default_value = "demo")]
    market: String,
    /// One operation to ask for
    #[arg(long, conflicts_with = "scenario", required_unless_present = "scenario")]
    operation: Option<Operation>,
    /// File with a weighted list of operations
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Connections at most
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds to wait for one answer
    #[arg(long, default_value_t = 10.0)]
    patience: f64,
    /// Different requests made ahead; they are sent in turn
    #[arg(long, default_value_t = 5000)]
    requests: usize,
    /// Decides what is asked and when
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Questions asked one by one before measuring.
const PREFLIGHT: usize = 50;

/// Requests that may wait for a connection before further ones are not sent.
const WAITING: usize = 20_000;

fn main() -> ExitCode {
    match load(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lintel-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn load(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Probe { load, step } => {
                let (scenario, pool, requests) = prepare(&load).await?;
                let useful = preflight::check(&pool, &requests, PREFLIGHT).await?;
                let step = seconds_of(step)?;
                let found = probe::saturate(&pool, &requests, load.connections, step).await?;
                println!("{}", json!({"scenario": scenario.name, "useful": useful, "saturation": found}));
            }
            Command::Run { load, rate, seconds, warm_up, arrivals } => {
                let (scenario, pool, requests) = prepare(&load).await?;
                let plan = Plan {
                    rate,
                    arrivals,
                    warm_up: seconds_of(warm_up)?,
                    measured: seconds_of(seconds)?,
                    waiting: WAITING,
                    seed: load.seed,
                };
                let useful = preflight::check(&pool, &requests, PREFLIGHT).await?;
                let report = open::run(&pool, &requests, plan).await?;
                println!("{}", json!({"scenario": scenario.name, "useful": useful, "report": report}));
            }
            Command::Limit { listen } => limit::serve(listen, |bound| println!("listening http://{bound}")).await?,
            Command::Compare { load, pid, limit_url, limit_pid, turns, turn } => {
                let (scenario, pool, requests) = prepare(&load).await?;
                let useful = preflight::check(&pool, &requests, PREFLIGHT).await?;
                let target = Target::new(&limit_url, "limit")?;
                let limit =
                    Side { pool: Pool::new(target, load.connections, seconds_of(load.patience)?), pid: limit_pid };
                let plan = limit::Plan { connections: load.connections, turns, turn: seconds_of(turn)? };
                let found = limit::compare(&Side { pool, pid }, &limit, plan, &requests).await?;
                println!("{}", json!({"scenario": scenario.name, "useful": useful, "compared": found}));
            }
            Command::WebhookKey => println!("{}", hooks::public_key()?),
            Command::Realtime { url, key_file, clients, writes, rate, pid } => {
                let key =
                    fs::read_to_string(&key_file).with_context(|| format!("{} cannot be read", key_file.display()))?;
                let plan = realtime::Plan { clients, writes, rate, patience: Duration::from_secs(10), pid };
                let report = realtime::run(&Target::new(&url, key.trim())?, plan).await?;
                println!("{}", json!(report));
            }
        }
        Ok(())
    })
}

async fn prepare(load: &Load) -> Result<(Scenario, Arc<Pool>, Vec<Arc<Prepared>>)> {
    let scenario = match (&load.scenario, load.operation) {
        (Some(file), _) => {
            let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            Scenario::parse(&text)?
        }
        (None, Some(operation)) => Scenario::of(operation),
        (None, None) => anyhow::bail!("name an operation or a scenario"),
    };
    let key =
        fs::read_to_string(&load.key_file).with_context(|| format!("{} cannot be read", load.key_file.display()))?;
    let target = Target::new(&load.url, key.trim())?;
    let pool = Pool::new(target, load.connections, seconds_of(load.patience)?);
    let mut sample = Sample::read(&pool, &load.market).await?;
    if scenario.weights.contains_key(&Operation::Webhook) {
        sample.hooks = Some(Arc::new(Hooks::connect(&pool).await?));
    }
    let requests = scenario.prepare(&sample, load.requests, load.seed)?;
    Ok((scenario, pool, requests))
}

fn seconds_of(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).with_context(|| format!("{seconds} is no number of seconds"))
}
