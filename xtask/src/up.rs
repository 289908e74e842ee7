//! `cargo xtask up`: a server with an embedded database and demo data, from nothing.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::lintel::lintel;
use crate::process::{build, root};
use crate::ui;

#[derive(Args)]
pub(crate) struct Options {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Address for metrics
    #[arg(long, default_value = "127.0.0.1:9090")]
    metrics_listen: String,
    /// Where the database is kept
    #[arg(long, default_value = "data")]
    data_dir: PathBuf,
    /// Build with optimisations: slower to build, faster to use
    #[arg(long)]
    release: bool,
    /// Leave the web pages as they are; needs no Node
    #[arg(long)]
    no_ui: bool,
}

/// Builds the server and becomes it; the server fills an empty database and prints address, key and login.
pub(crate) fn up(options: &Options) -> Result<()> {
    if !options.no_ui {
        ui::build().context("`--no-ui` starts the server without building its pages")?;
    }
    println!("building the server; the first time takes minutes");
    let program = build(options.release, &["lintel"])?.join("lintel");
    let data = root().join(&options.data_dir);
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let Options { listen, metrics_listen, .. } = options;
    println!("starting on http://{listen} with {}; the demo data takes a moment the first time", data.display());
    let serve = format!("serve --demo --listen {listen} --metrics-listen {metrics_listen}");
    // The server takes the place of this process, so that signals reach it directly.
    let error = lintel(&program, &serve, &data).exec();
    Err(error).with_context(|| format!("{} does not start", program.display()))
}
