//! The commands: one file each.

pub(crate) mod bench;
mod db;
mod demo;
mod docs;
mod doctor;
mod evaluate;
mod export;
mod forecast;
mod healthcheck;
mod import;
mod keys;
mod learn;
mod predict;
mod train;
mod users;

use std::io::Write as _;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::{
    cli::{Cli, Command},
    config::{self, Overrides},
    output::{Exit, say},
    serve, telemetry,
};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Exit> {
    let overrides = cli.global.overrides();
    match cli.command {
        Command::Openapi => docs::openapi(),
        Command::Docs { what, json } => docs::pages(what, json),
        Command::Forecast(flags) => forecast::run(flags),
        Command::Version => {
            say(format!("lintel {} ({})", env!("CARGO_PKG_VERSION"), env!("LINTEL_COMMIT")))?;
            Ok(Exit::Done)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "lintel", &mut script);
            say(String::from_utf8_lossy(&script).trim_end())?;
            Ok(Exit::Done)
        }
        Command::Bench(flags) => bench::run(&flags, &overrides),
        Command::Learn(flags) => learn::run(flags),
        Command::Predict(flags) => predict::run(flags),
        command => block_on(with_config(command, overrides)),
    }
}

async fn with_config(command: Command, mut overrides: Overrides) -> anyhow::Result<Exit> {
    if let Command::Serve(flags) = &command {
        overrides.listen = flags.listen;
        overrides.metrics_listen = flags.metrics_listen;
        overrides.roles.clone_from(&flags.roles);
    }
    let (config, settings) = config::load(&overrides)?;
    match command {
        Command::Healthcheck { address } => return healthcheck::run(address.unwrap_or(config.server.listen)).await,
        Command::Doctor { json } => return doctor::run(config, settings, json).await,
        _ => telemetry::start(&config.log, matches!(command, Command::Serve(_)))?,
    }
    match command {
        Command::Serve(flags) => serve::run(config, flags).await,
        Command::Demo(flags) => demo::run(config, flags).await,
        Command::Import(flags) => import::run(config, flags).await,
        Command::Export(flags) => export::run(config, flags).await,
        Command::Keys(command) => keys::run(config, command).await,
        Command::Users(command) => users::run(config, command).await,
        Command::Train(flags) => train::run(config, flags).await,
        Command::Evaluate(flags) => evaluate::run(config, flags).await,
        Command::Db(command) => db::run(config, command).await,
        Command::Bench(_)
        | Command::Learn(_)
        | Command::Predict(_)
        | Command::Forecast(_)
        | Command::Openapi
        | Command::Docs { .. }
        | Command::Version
        | Command::Completions { .. }
        | Command::Healthcheck { .. }
        | Command::Doctor { .. } => Ok(Exit::Done),
    }
}

/// Threads for what blocks: writes on PostgreSQL (bounded by its pool), files, and computations (bounded by the cores).
const BLOCKING: usize = 128;

/// After so many turns of tasks a core looks for what came over sockets, and lets those run that stepped back for it. An answer
/// takes about half a millisecond of computing, so the usual 61 turns could be 30 ms.
const TURNS_BETWEEN_SOCKETS: u32 = 8;

/// Runs a command, or a part of it, on a runtime of its own.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING)
        .event_interval(TURNS_BETWEEN_SOCKETS)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(work)
}

/// Says on standard error why a command failed, from the outside in.
pub(crate) fn report(error: &anyhow::Error) {
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "lintel: {error:#}");
}
