//! `cargo xtask bench models`: our models against those of other libraries, on the same rows and columns.

mod folds;
mod latency;
mod measures;
mod ours;
mod peers;
mod plan;
mod report;
mod series;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Map, Value, json};

use super::machine::Machine;
use crate::process::{build, target};
use measures::{CLASSIFY, PRICE, classify, price};
use ours::{Ours, predictions};
use peers::{LEARNERS, Peers, table_job};
use plan::{Kind, Plan, Task};
use report::{Comparison, OURS, Scores, compare};
use table::Table;

/// The name of the comparison of speed, for `--only`.
const LATENCY: &str = "latency";

#[derive(Args)]
pub(crate) struct Options {
    /// Folder of the files that xtask/src/bench/models/files.toml names
    #[arg(long)]
    data: PathBuf,
    /// Folds of each table
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Compare on these only (names of files.toml, and `latency`)
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The same seed makes the same folds
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compare this program, built before, instead of building one
    #[arg(long)]
    program: Option<PathBuf>,
    /// Write the figures here; those of files that are not compared now stay
    #[arg(long)]
    out: Option<PathBuf>,
}

/// What all comparisons share.
struct Bench {
    data: PathBuf,
    folder: PathBuf,
    ours: Ours,
    peers: Peers,
    machine: Machine,
    versions: BTreeMap<String, String>,
}

/// Compares, prints a table for each file, and writes JSON.
pub(crate) fn models(options: &Options) -> Result<()> {
    let plan = Plan::read()?;
    let names = plan.tables.iter().map(|task| &task.name).chain(plan.series.iter().map(|task| &task.name));
    let known: Vec<&str> = names.map(String::as_str).chain([LATENCY]).collect();
    if let Some(unknown) = options.only.iter().find(|name| !known.contains(&name.as_str())) {
        anyhow::bail!("there is no {unknown}; there are {}", known.join(", "));
    }
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let program = match &options.program {
        Some(program) => fs::canonicalize(program).with_context(|| format!("no program {}", program.display()))?,
        None => build(true, &["lintel"])?.join("lintel"),
    };
    let mut bench = Bench {
        data: fs::canonicalize(&options.data).with_context(|| format!("no folder {}", options.data.display()))?,
        folder: target()?.join("bench/models"),
        ours: Ours { program, seed: options.seed },
        peers: Peers::installed()?,
        machine: Machine::look()?,
        versions: BTreeMap::new(),
    };
    let mut found = Map::new();
    for task in plan.tables.iter().filter(|task| wanted(&task.name)) {
        keep(&mut found, &bench.compared(task, options)?)?;
    }
    for task in plan.series.iter().filter(|task| wanted(&task.name)) {
        keep(&mut found, &series::compared(&mut bench, task)?)?;
    }
    if wanted(LATENCY) {
        found.insert(LATENCY.to_owned(), latency::compared(&mut bench)?);
    }
    match &options.out {
        Some(out) => write(out, &bench, found),
        None => Ok(()),
    }
}

fn keep(found: &mut Map<String, Value>, comparison: &Comparison) -> Result<()> {
    print!("{comparison}");
    found.insert(comparison.name.clone(), serde_json::to_value(comparison)?);
    Ok(())
}

impl Bench {
    fn compared(&mut self, task: &Task, options: &Options) -> Result<Comparison> {
        let table = Table::read(&self.data.join(&task.file))?;
        let label = table.column(&task.label)?;
        let folds = folds::folds(&table, task, options.folds, options.seed)?;
        let folder = self.folder.join(&task.name);
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let out = |fold: usize, method: &str| folder.join(format!("{fold}-{method}.csv"));
        let (mut jobs, mut seconds) = (Vec::new(), BTreeMap::from([(OURS.to_owned(), 0.0)]));
        for (at, fold) in folds.iter().enumerate() {
            let (train, test) = (out(at, "train"), out(at, "test"));
            table.write(&fold.train, None, &train)?;
            table.write(&fold.test, Some(label), &test)?;
            *seconds.entry(OURS.to_owned()).or_default() += self.ours.run(task, &train, &test, &out(at, OURS))?;
            jobs.push(table_job(task, &train, &test, |method| out(at, method)));
        }
        for (method, spent) in self.ask(&jobs)?.answers.into_iter().flatten() {
            *seconds.entry(method).or_default() += spent;
        }
        let (mut scores, mut predicted, mut answered) = (Scores::new(), 0, 0);
        for (at, fold) in folds.iter().enumerate() {
            let ours = predictions(&out(at, OURS), task.kind)?;
            predicted += ours.len();
            answered += ours.iter().flatten().count();
            for method in LEARNERS.iter().copied().chain([OURS]) {
                let said = predictions(&out(at, method), task.kind)?;
                ensure!(said.len() == fold.test.len(), "{method} predicted {} rows of {}", said.len(), fold.test.len());
                let labels = fold.test.iter().map(|row| &table.rows[*row][label]);
                // Everyone is measured where ours has an answer.
                let rows = said
                    .iter()
                    .zip(&ours)
                    .zip(labels)
                    .filter_map(|((said, ours), label)| ours.and(said.as_ref()).map(|said| (*said, label)));
                let measured = match task.kind {
                    Kind::Classify => {
                        classify(&rows.map(|(said, label)| (said.value, is_yes(label))).collect::<Vec<_>>())
                    }
                    Kind::Price => {
                        let rows = rows.map(|(said, label)| Ok((said, label.parse()?)));
                        price(&rows.collect::<Result<Vec<_>>>().context("a price is no number")?)
                    }
                };
                scores.entry(method.to_owned()).or_default().push(measured);
            }
        }
        let measures = compare(if task.kind == Kind::Price { &PRICE } else { &CLASSIFY }, &scores);
        Ok(Comparison {
            name: task.name.clone(),
            commit: self.machine.commit.clone(),
            predicted,
            answered: answered as f64 / predicted as f64,
            seconds,
            no_worse: measures.iter().all(|measure| measure.no_worse != Some(false)),
            measures,
        })
    }

    fn ask(&mut self, jobs: &[Value]) -> Result<peers::Answer> {
        let answer = self.peers.ask(jobs)?;
        self.versions.clone_from(&answer.versions);
        Ok(answer)
    }
}

/// The positive value, as `lintel learn` reads it.
fn is_yes(label: &str) -> bool {
    ["1", "true", "yes", "y"].iter().any(|yes| label.eq_ignore_ascii_case(yes))
}

/// Writes the figures; what an earlier run found on other files stays, each with its commit.
fn write(out: &PathBuf, bench: &Bench, found: Map<String, Value>) -> Result<()> {
    let earlier: Value = match fs::read(out) {
        Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", out.display()))?,
        Err(_) => json!({}),
    };
    let mut files = earlier["files"].as_object().cloned().unwrap_or_default();
    files.extend(found);
    let report = json!({"machine": bench.machine, "versions": bench.versions, "files": files});
    fs::write(out, serde_json::to_string_pretty(&report)? + "\n")
        .with_context(|| format!("{} cannot be written", out.display()))?;
    println!("wrote {}", out.display());
    Ok(())
}
