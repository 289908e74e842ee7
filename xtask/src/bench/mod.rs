//! `cargo xtask bench`: latency at half of saturation, start and memory, on a large synthetic market; scenarios of load; and our models beside others.

mod load;
mod machine;
mod models;
mod postgres;
mod report;
pub(crate) mod scenarios;
mod store;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};

use crate::lintel::write_private;
use crate::process::{build, command, present, read, target};
use crate::server::Server;
use load::Driver;
use report::{Report, Start};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    size: store::Size,
    /// Seconds that each operation is measured
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Share of saturation at which latency is measured
    #[arg(long, default_value_t = 0.5)]
    share: f64,
    /// Measure these only
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Beside each operation what a bare server does that parses the same requests and answers as many bytes, in turns
    #[arg(long)]
    limits: bool,
    /// Let the scheduler place server and load driver, instead of giving the driver a core of its own
    #[arg(long)]
    unpinned: bool,
    /// Write the results here too
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Measurements of something other than a server.
#[derive(Subcommand)]
enum Other {
    /// Compare our models with LightGBM, CatBoost and statsforecast on the same rows (needs Python 3)
    Models(models::Options),
    /// Play the scenarios of crates/lintel-load, each on a fresh server and a copy of the store, and judge them
    Scenarios(scenarios::Options),
}

/// What can be measured on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Time to ready, from the snapshot and from the store
    Start,
    Search,
    Match,
    Clusters,
    Score,
    Estimate,
    /// First pages of smart lists by any filter and order
    Leads,
    /// Signed events of HighLevel, on disk when they are acknowledged
    Webhook,
    /// All operations together, by the weights of crates/lintel-load/scenarios/mixed.toml
    Mixed,
}

const PARTS: [Part; 9] = [
    Part::Start,
    Part::Search,
    Part::Match,
    Part::Clusters,
    Part::Score,
    Part::Estimate,
    Part::Leads,
    Part::Mixed,
    // Last, since it makes leads.
    Part::Webhook,
];

/// Builds, fills a store once, measures, prints a table and writes the figures as JSON.
pub(crate) fn bench(options: &Options) -> Result<()> {
    match &options.other {
        Some(Other::Models(options)) => return models::models(options),
        Some(Other::Scenarios(options)) => return scenarios::scenarios(options),
        None => {}
    }
    let programs = build(true, &["lintel", "lintel-load"])?;
    let folder = target()?.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let store = store::prepare(&programs.join("lintel"), &folder, options.size, None)?;
    let key_file = folder.join("key");
    write_private(&key_file, &store.key()?)?;
    let cores = if options.unpinned { None } else { split_cores()? };
    let load = programs.join("lintel-load");
    let placed = |plain: std::process::Command| match &cores {
        Some((server, _)) => pinned(&plain, server),
        None => plain,
    };
    let signed_by = read(command(&load).arg("webhook-key"))?;
    let serve = || {
        let mut serve = placed(store.serve());
        serve.env("LINTEL__CRM__HIGHLEVEL__WEBHOOK_KEYS", signed_by.trim());
        serve
    };
    let log = folder.join("server.log");
    let wanted = |part: Part| options.only.is_empty() || options.only.contains(&part);
    let mut report = Report::new(options, cores.as_ref())?;
    if wanted(Part::Start) {
        store.forget_snapshots()?;
        let mut server = Server::start(serve(), &log)?;
        report.start_from_store = Some(Start { seconds: server.ready()?.as_secs_f64(), memory: server.memory()? });
        server.stop()?;
    }
    let had_snapshot = store.has_snapshot()?;
    let mut server = Server::start(serve(), &log)?;
    let ready = server.ready()?.as_secs_f64();
    if wanted(Part::Start) && had_snapshot {
        report.start_from_snapshot = Some(Start { seconds: ready, memory: server.memory()? });
    }
    let mut bare = command(&load);
    bare.arg("limit");
    let limit = options.limits.then(|| Server::start_as_it_is(placed(bare), &folder.join("limit.log"))).transpose()?;
    let driver = Driver {
        program: load.clone(),
        server: server.pid(),
        limit: limit.as_ref().map(|limit| (format!("http://{}", limit.api), limit.pid())),
        cores: cores.as_ref().map(|(_, driver)| driver.clone()),
        url: format!("http://{}", server.api),
        key_file: key_file.clone(),
    };
    for part in PARTS.into_iter().filter(|part| *part != Part::Start && wanted(*part)) {
        let measured = driver.measure(part, options)?;
        println!("{}", measured.line());
        report.operations.push(measured);
    }
    report.memory_under_load = Some(server.memory()?);
    server.stop()?;
    fs::remove_file(&key_file)?;
    print!("{report}");
    let text = serde_json::to_string_pretty(&report)? + "\n";
    let kept = folder.join(format!("{}.json", report.machine.commit));
    for file in [Some(&kept), options.out.as_ref()].into_iter().flatten() {
        fs::write(file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
        println!("wrote {}", file.display());
    }
    Ok(())
}

/// Cores of the server and of the load driver: the driver has the last one to itself. `None` on one core.
fn split_cores() -> Result<Option<(String, String)>> {
    let cores = std::thread::available_parallelism()?.get();
    if cores < 2 || !present("taskset", &["--version"]) {
        return Ok(None);
    }
    let last = cores - 1;
    Ok(Some((if last == 1 { "0".to_owned() } else { format!("0-{}", last - 1) }, last.to_string())))
}

/// The same command on some cores only.
fn pinned(plain: &std::process::Command, cores: &str) -> std::process::Command {
    let mut pinned = command("taskset");
    pinned.args(["--cpu-list", cores]).arg(plain.get_program()).args(plain.get_args());
    pinned
}
