//! Automation of the repository: set-up, checks, generated files, measurements.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on the terminal")]

mod bench;
mod ci;
mod conformance;
mod dependencies;
mod docs;
mod generated;
mod lintel;
mod openapi;
mod process;
mod server;
mod tidy;
mod ui;
mod up;
mod venv;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "Automation of the repository")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the server and start it with an embedded database and demo data
    Up(up::Options),
    /// Everything that must hold before a change goes in
    Ci,
    /// The rules of the house that a compiler does not check
    Tidy,
    /// Licences and banned crates of everything that is linked
    Dependencies,
    /// Write docs/api/openapi.json from the program
    Openapi(generated::Options),
    /// Write docs/configuration.md, docs/errors and docs/model-card.md from the program
    Docs(generated::Options),
    /// Measure latency at half of saturation, start and memory on a large synthetic market
    Bench(bench::Options),
    /// Test a running server against docs/api/openapi.json with schemathesis
    Conformance(conformance::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Up(options) => up::up(&options),
        Command::Ci => ci::ci(),
        Command::Tidy => tidy::tidy(process::root()),
        Command::Dependencies => dependencies::dependencies(),
        Command::Openapi(options) => openapi::openapi(&process::build(false, &["lintel"])?, options),
        Command::Docs(options) => docs::docs(&process::build(false, &["lintel"])?, options),
        Command::Bench(options) => bench::bench(&options),
        Command::Conformance(options) => conformance::conformance(&options),
    }
}
