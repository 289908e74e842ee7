//! `lintel learn`: a model from a file with free columns.

use std::io::Write as _;

use anyhow::Context as _;
use clap::{CommandFactory as _, error::ErrorKind};
use lintel_app::{FileTask, LearnFile, LearnedFile, TimeOf, learn_file};

use crate::{
    cli::{Cli, Learn, Names},
    output::{self, Bar, Exit, group, say},
};

/// The rejected rows that are shown to people; machines get all.
const SHOWN: usize = 20;

/// Learns from a file and writes the model.
pub(crate) fn run(flags: Learn) -> anyhow::Result<Exit> {
    if let Some(wrong) = contradiction(&flags) {
        Cli::command().error(ErrorKind::ArgumentConflict, wrong).exit();
    }
    let mapping = match &flags.mapping {
        Some(path) => {
            Some(std::fs::read_to_string(path).with_context(|| format!("cannot read the mapping {}", path.display()))?)
        }
        None => None,
    };
    let all = |lists: Vec<Names>| lists.into_iter().flat_map(|names| names.0).collect::<Vec<_>>();
    let request = LearnFile {
        from: flags.from,
        out: flags.out,
        task: flags.task,
        label: flags.label,
        drop: all(flags.drop),
        time: flags.time.map(|time| if time == "@row" { TimeOf::Row } else { TimeOf::Column(time) }),
        group: flags.group,
        id: flags.id,
        positive: flags.positive,
        allow_protected: all(flags.allow_protected),
        mapping,
        seed: flags.seed,
    };
    let bar = Bar::new();
    let report = learn_file(&request, &bar.progress());
    bar.finish();
    let report = report?;
    for warning in &report.warnings {
        // Nobody is left to be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "warning: {} {}: {}", warning.code, warning.column, warning.detail);
    }
    if flags.json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.rejected.is_empty() { Exit::Done } else { Exit::SomeRejected })
}

/// Arguments that make no sense together.
fn contradiction(flags: &Learn) -> Option<&'static str> {
    if flags.positive.is_some() && flags.task != FileTask::Classify {
        return Some("--positive is for --task classify");
    }
    if !flags.allow_protected.is_empty() && flags.task == FileTask::Price {
        return Some(
            "--allow-protected is never for --task price: a protected trait has no part in the price of a home",
        );
    }
    None
}

fn print(report: &LearnedFile) -> anyhow::Result<()> {
    say(format!(
        "{} {} from {} of {} rows and {} columns: {}",
        report.task,
        report.label,
        group(report.rows_used),
        group(report.rows),
        report.features.len(),
        report.features.join(", ")
    ))?;
    if let Some(positive) = &report.positive {
        say(format!("positive: {positive}"))?;
    }
    say("measured on held-out rows:")?;
    for (name, value) in report.metrics.as_object().into_iter().flatten() {
        if value.is_number() {
            say(format!("  {name:<20} {value}"))?;
        }
    }
    print_rejected(&report.rejected)
}

/// Lists the first rejected rows.
pub(super) fn print_rejected(rejected: &[lintel_domain::import::Rejected]) -> anyhow::Result<()> {
    if !rejected.is_empty() {
        say(format!("{} faults in rows that were left out:", group(rejected.len() as u64)))?;
    }
    for row in rejected.iter().take(SHOWN) {
        let column = row.column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default();
        say(format!("  line {}{column}: {}", row.line, row.reason))?;
    }
    if rejected.len() > SHOWN {
        say(format!("  … and {} more; --json lists them", group((rejected.len() - SHOWN) as u64)))?;
    }
    Ok(())
}
