//! The program: reads the command line and the configuration, does the command, and says how it went.

mod cli;
mod commands;
mod config;
mod output;
mod part;
mod serve;
mod telemetry;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            commands::report(&error);
            ExitCode::FAILURE
        }
    }
}
