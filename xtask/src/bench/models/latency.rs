//! One row at a time: ours against LightGBM as Python calls it.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Bench;
use crate::process::{cargo, read};

/// What both are timed at.
const ROWS: usize = 16_861;
const COLUMNS: usize = 20;
const TREES: usize = 300;
const LEAVES: usize = 24;

pub(crate) fn compared(bench: &mut Bench) -> Result<Value> {
    let mut timed = cargo(&["run", "--quiet", "--release", "--locked", "--package", "lintel-predict"]);
    timed.args(["--example", "learner_speed", "--"]).args([ROWS, COLUMNS, TREES].map(|number| number.to_string()));
    let printed = read(&mut timed)?;
    let figure = |name: &str| -> Result<f64> {
        let line = printed.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
        word.and_then(|word| word.parse().ok()).with_context(|| format!("learner_speed printed no `{name}`"))
    };
    let ours = json!({
        "one_row_us": figure("one row:")?,
        "one_row_with_contributions_us": figure("one row with contributions:")?,
        "batch_rows_per_second": figure("batch:")?,
    });
    let job = json!({"kind": "latency", "rows": ROWS, "columns": COLUMNS, "trees": TREES, "leaves": LEAVES});
    let mut answer = bench.ask(&[job])?;
    let theirs = answer.answers.pop().context("peers.py timed nothing")?;
    println!(
        "\nlatency of {TREES} trees × {LEAVES} leaves, {COLUMNS} columns, one thread: lintel, LightGBM from Python"
    );
    for (name, theirs) in &theirs {
        println!("{name:<32} {:>12.1} {theirs:>12.1}", ours[name].as_f64().unwrap_or(f64::NAN));
    }
    Ok(json!({
        "commit": bench.machine.commit, "columns": COLUMNS, "trees": TREES, "leaves": LEAVES,
        "lintel": ours, "lightgbm_from_python": theirs,
    }))
}
