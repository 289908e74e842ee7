//! What was measured on: figures mean nothing without it.

use std::fs;

use anyhow::Result;
use serde::Serialize;

use crate::process::{command, read};

#[derive(Serialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    pub(crate) kernel: String,
    /// Commit that was built, with `-changed` when the working tree differs from it.
    pub(crate) commit: String,
}

impl Machine {
    pub(crate) fn look() -> Result<Self> {
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let kibibytes =
            field("/proc/meminfo", "MemTotal").and_then(|text| text.strip_suffix("kB")?.trim().parse().ok());
        let commit = read(command("git").args(["rev-parse", "--short", "HEAD"]))?;
        let changes = read(command("git").args(["status", "--porcelain", "--untracked-files=no"]))?;
        let changed = if changes.trim().is_empty() { "" } else { "-changed" };
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kibibytes.map_or(0.0, |kibibytes: f64| kibibytes / 1024.0 / 1024.0),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            commit: format!("{}{changed}", commit.trim()),
        })
    }
}
