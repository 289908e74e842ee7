//! The load driver as a program: `probe` finds saturation, `run` measures at a rate, `scenario` plays a file and judges it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on the terminal")]

mod cli;
mod judged;

use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser as _;
use cli::{Cli, Command, Load};
use lintel_load::hooks;
use lintel_load::limit::{self, Side};
use lintel_load::open::{self, Plan};
use lintel_load::operation::Prepared;
use lintel_load::play::read_market;
use lintel_load::pool::{Pool, Target};
use lintel_load::scenario::Scenario;
use lintel_load::{preflight, probe, realtime};
use serde_json::json;

/// Questions asked one by one before measuring.
const PREFLIGHT: usize = 50;

/// Requests that may wait for a connection before further ones are not sent.
const WAITING: usize = 20_000;

fn main() -> ExitCode {
    match load(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lintel-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn load(cli: Cli) -> Result<ExitCode> {
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
            Command::Scenario(play) => return judged::scenario(&play).await,
            Command::WebhookKey => println!("{}", hooks::public_key()),
            Command::Realtime { url, key_file, clients, writes, rate, pid } => {
                let key =
                    fs::read_to_string(&key_file).with_context(|| format!("{} cannot be read", key_file.display()))?;
                let plan = realtime::Plan { clients, writes, rate, patience: Duration::from_secs(10), pid };
                let report = realtime::run(&Target::new(&url, key.trim())?, plan).await?;
                println!("{}", json!(report));
            }
        }
        Ok(ExitCode::SUCCESS)
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
    let sample = read_market(&pool, &scenario, &load.market).await?;
    let requests = scenario.prepare(&sample, load.requests, load.seed)?;
    Ok((scenario, pool, requests))
}

fn seconds_of(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).with_context(|| format!("{seconds} is no number of seconds"))
}
