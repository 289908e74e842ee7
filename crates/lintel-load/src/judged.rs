//! `lintel-load scenario`: plays a file, prints what came of it, writes it down, and ends by the verdicts.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use lintel_load::play::baseline::{self, Comparison};
use lintel_load::play::{self, Options, Report, page};
use lintel_load::pool::{Pool, Target};
use lintel_load::scenario::{Length, Scenario};
use serde::Serialize;

use crate::cli::Play;
use crate::seconds_of;

/// What is written as JSON: a report, and what a baseline says to it. A baseline is read from the same.
#[derive(Serialize)]
struct Written<'a> {
    holds: bool,
    report: &'a Report,
    comparison: Option<&'a Comparison>,
}

pub(crate) async fn scenario(flags: &Play) -> Result<ExitCode> {
    let scenario = Scenario::parse(&read(&flags.file)?)?;
    // Before the load: a baseline that cannot be read should not cost its time.
    let baseline = flags.baseline.as_deref().map(read_report).transpose()?;
    let target = Target::new(&flags.url, read(&flags.key_file)?.trim())?;
    let pool = Pool::new(target, scenario.connections, seconds_of(flags.patience)?);
    let options = Options { market: &flags.market, length: length(flags)?, pid: flags.pid, seed: flags.seed };
    let report = play::play(&pool, &scenario, options, |next| eprintln!("{next}")).await?;
    print!("{report}");
    let comparison = baseline.map(|before| baseline::compare(&before, &report, flags.max_regression)).transpose()?;
    if let Some(comparison) = &comparison {
        print!("{comparison}");
    }
    let holds = report.holds() && !comparison.as_ref().is_some_and(Comparison::is_worse);
    if let Some(file) = &flags.json {
        let written = Written { holds, report: &report, comparison: comparison.as_ref() };
        write(file, &(serde_json::to_string(&written)? + "\n"))?;
    }
    if let Some(file) = &flags.html {
        write(file, &page::of(&report, comparison.as_ref()))?;
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn length(flags: &Play) -> Result<Length> {
    let positive = |number: f64| {
        anyhow::ensure!(number > 0.0 && number.is_finite(), "{number} makes no phase");
        Ok(number)
    };
    Ok(match (flags.time_scale, flags.seconds) {
        (Some(factor), _) => Length::Scaled(positive(factor)?),
        (None, Some(most)) => Length::AtMost(positive(most)?),
        (None, None) => Length::Whole,
    })
}

fn read_report(file: &Path) -> Result<Report> {
    let not_one = || format!("{} is no result of a scenario", file.display());
    let mut written: serde_json::Value = serde_json::from_str(&read(file)?).with_context(not_one)?;
    serde_json::from_value(written["report"].take()).with_context(not_one)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("wrote {}", file.display());
    Ok(())
}
