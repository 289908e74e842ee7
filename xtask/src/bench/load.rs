//! The load driver as a child: it finds saturation, then measures at a share of it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum as _;
use serde_json::Value;

use super::report::Measured;
use super::{Options, Part, pinned};
use crate::process::{command, read};

const MIXED: &str = "crates/lintel-load/scenarios/mixed.toml";

pub(crate) struct Driver {
    pub(crate) program: PathBuf,
    pub(crate) cores: Option<String>,
    pub(crate) url: String,
    pub(crate) key_file: PathBuf,
    /// The server's process.
    pub(crate) server: u32,
    /// The limit server, by its address and its process.
    pub(crate) limit: Option<(String, u32)>,
}

/// Events are sent once each, so there have to be as many as are sent.
const EVENTS: &str = "150000";

impl Driver {
    /// Saturation by a closed loop, then latency by an open one.
    pub(crate) fn measure(&self, part: Part, options: &Options) -> Result<Measured> {
        let probed = self.ask(part, &["probe"])?;
        let saturation = probed["saturation"]["per_second"].as_f64().context("the load driver found no saturation")?;
        let rate = (saturation * options.share).max(1.0);
        let run = ["run", "--rate", &rate.to_string(), "--seconds", &options.seconds.to_string()];
        let measured = self.ask(part, &run)?;
        let limit = self.limit.as_ref().map(|(url, pid)| {
            let compare =
                ["compare", "--pid", &self.server.to_string(), "--limit-url", url, "--limit-pid", &pid.to_string()];
            self.ask(part, &compare)
        });
        Ok(Measured {
            name: name(part),
            saturation_per_second: saturation,
            probe: probed,
            run: measured,
            limit: limit.transpose()?,
        })
    }

    fn ask(&self, part: Part, arguments: &[&str]) -> Result<Value> {
        let mut driver = command(&self.program);
        driver.args(arguments).args(["--url", &self.url]).arg("--key-file").arg(&self.key_file);
        match part {
            Part::Mixed => driver.args(["--scenario", MIXED]),
            Part::Webhook => driver.args(["--operation", &name(part), "--requests", EVENTS]),
            part => driver.args(["--operation", &name(part)]),
        };
        let printed = read(&mut self.placed(driver))?;
        serde_json::from_str(&printed).context("the load driver printed no JSON")
    }

    fn placed(&self, driver: Command) -> Command {
        match &self.cores {
            Some(cores) => pinned(&driver, cores),
            None => driver,
        }
    }
}

fn name(part: Part) -> String {
    part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
