//! `lintel bench`: a scenario of load on a throwaway server of this machine, with everything and without some parts.

mod cores;
mod flags;
mod server;
mod store;
mod table;

use std::{io::Write as _, iter, path::Path, time::Duration};

use anyhow::Context as _;
use clap::{CommandFactory as _, error::ErrorKind};
use lintel_load::{
    play::{self, Machine, Options, Report},
    pool::{Pool, Target},
    process::cpu_seconds,
    realtime,
    scenario::{Length, Scenario},
};
use serde::Serialize;
use tokio::runtime;

use crate::{
    cli::Cli,
    config::{self, Overrides},
    output::{self, Exit, say},
    part::Part,
    telemetry,
};
use cores::Cores;
pub(crate) use flags::Flags;
use server::Server;
use store::{MARKET, Size, Store};

/// How long one answer is waited for, and the last messages of a scenario of sockets.
const PATIENCE: Duration = Duration::from_secs(10);
/// The scenario of sockets: how many, and how often they are told something.
const SOCKETS: realtime::Plan =
    realtime::Plan { clients: 10_000, writes: 50, rate: 2.0, patience: PATIENCE, pid: None };
/// Its name; the others are those of [`Scenario::shipped`].
const REALTIME: &str = "realtime";

/// What is played.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// Requests.
    Load(Box<Scenario>),
    /// Sockets that hear of changes.
    Realtime,
}

/// What is told to machines.
#[derive(Serialize)]
struct Told<'a> {
    scenario: &'a str,
    machine: Machine,
    store: Size,
    runs: &'a [Run],
}

/// One playing.
#[derive(Serialize)]
struct Run {
    /// What was left out.
    without: Option<&'static str>,
    /// Processor time of the server for each request that was due, in milliseconds.
    cpu_ms_per_request: Option<f64>,
    #[serde(flatten)]
    came: Came,
}

/// What came of it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Came {
    Report(Box<Report>),
    Realtime(Box<realtime::Report>),
}

impl Play {
    /// The scenario of a name, or of a file.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if name == REALTIME {
            return Ok(Self::Realtime);
        }
        let scenario = match Scenario::shipped(name) {
            Some(scenario) => scenario,
            None if Path::new(name).extension().is_some_and(|ending| ending == "toml") => {
                let text = std::fs::read_to_string(name).map_err(|error| error.to_string())?;
                Scenario::parse(&text)
            }
            None => {
                let names: Vec<&str> = Scenario::SHIPPED.iter().map(|(name, _)| *name).chain([REALTIME]).collect();
                return Err(format!("it is one of {}, or a file that ends in .toml", names.join(", ")));
            }
        };
        scenario.map(|scenario| Self::Load(Box::new(scenario))).map_err(|error| error.to_string())
    }
}

/// Plays the scenario with everything, then once without each part that is named.
pub(crate) fn run(flags: &Flags, overrides: &Overrides) -> anyhow::Result<Exit> {
    if matches!(flags.scenario, Play::Realtime) && flags.seconds.is_some() {
        let wrong = "--seconds: the scenario realtime has no phases";
        Cli::command().error(ErrorKind::ArgumentConflict, wrong).exit();
    }
    let (config, _) = config::load(overrides)?;
    telemetry::start(&config.log, false)?;
    let size = Size { listings: flags.listings, sales: flags.sales, leads: flags.leads };
    let folder = config.data_dir.join("bench");
    // Two at once would measure each other, and play on the same copy.
    let _alone = store::lock(&folder)?;
    let store = store::prepare(&folder, size)?;
    // A connection is a file; where fewer are allowed than a scenario opens, it tells of those that were not made.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let cores = Cores::split();
    let mut runs = Vec::new();
    for without in iter::once(None).chain(flags.without.iter().copied().map(Some)) {
        note(&without.map_or_else(|| "with everything".to_owned(), |part| format!("without {}", part.name())));
        runs.push(one(&flags.scenario, flags.seconds, &store, &cores, without)?);
    }
    let scenario = match &flags.scenario {
        Play::Load(scenario) => &scenario.name,
        Play::Realtime => REALTIME,
    };
    if flags.json {
        output::json(&Told { scenario, machine: Machine::look(), store: size, runs: &runs })?;
        return Ok(Exit::Done);
    }
    if let Some(Came::Report(report)) = runs.first().map(|run| &run.came) {
        say(report.to_string().trim())?;
    }
    say(table::of(&runs))?;
    Ok(Exit::Done)
}

/// Plays once, on a fresh server and a copy of the store.
fn one(play: &Play, seconds: Option<f64>, store: &Store, cores: &Cores, without: Option<Part>) -> anyhow::Result<Run> {
    let copy = store.copy()?;
    let server = cores.of_server(|| Server::start(&copy, without))?;
    let pid = server.pid();
    // One thread, on a core of its own: what makes the load does not take from what is measured.
    let (came, cpu_seconds) = cores.of_driver(|| -> anyhow::Result<(Came, f64)> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start the driver")?;
        runtime.block_on(async {
            server.ready().await?;
            let before = cpu_seconds(pid)?;
            let target = Target::new(&format!("http://{}", server.address()), store.key())?;
            let came = match play {
                Play::Load(scenario) => {
                    let pool = Pool::new(target, scenario.connections, PATIENCE);
                    let length = seconds.map_or(Length::Whole, Length::AtMost);
                    let options = Options { market: MARKET, length, pid: Some(pid), seed: 1 };
                    let report = play::play(&pool, scenario, options, |next| note(&format!("  {next}"))).await?;
                    Came::Report(Box::new(report))
                }
                Play::Realtime => {
                    let plan = realtime::Plan { pid: Some(pid), ..SOCKETS };
                    Came::Realtime(Box::new(realtime::run(&target, plan).await?))
                }
            };
            let took = cpu_seconds(pid)? - before;
            server.stop().await?;
            Ok((came, took))
        })
    })?;
    copy.remove()?;
    let due = match &came {
        Came::Report(report) => report.stretches().map(|played| played.due).sum(),
        Came::Realtime(report) => report.due,
    };
    let cpu_ms_per_request = (due > 0).then(|| cpu_seconds * 1_000.0 / due as f64);
    Ok(Run { without: without.map(Part::name), cpu_ms_per_request, came })
}

/// Says on standard error what happens next. Nobody is left to be told when it is gone.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
