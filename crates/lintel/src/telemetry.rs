//! Log records: to standard error, as text for people or JSON for machines.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Log, LogFormat};

/// Starts writing log records. Called once. A command that people wait for tells no more than warnings, unless the filter
/// was set.
pub(crate) fn start(log: &Log, serving: bool) -> anyhow::Result<()> {
    let filter = if !serving && log.filter == "info" { "warn" } else { &log.filter };
    let filter = EnvFilter::try_new(filter).context("log.filter is not a filter")?;
    let base = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    match log.format {
        LogFormat::Text => registry.with(base.with_ansi(std::io::stderr().is_terminal())).try_init()?,
        LogFormat::Json => registry.with(base.json().flatten_event(true)).try_init()?,
    }
    Ok(())
}
