//! `lintel learn`, `lintel predict` and `lintel forecast`, as a user runs them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::measures::Interval;
use super::plan::{Cut, Kind, Task};
use super::table::Table;
use crate::process::command;

/// The program under comparison, and the seed it learns with.
pub(crate) struct Ours {
    pub(crate) program: PathBuf,
    pub(crate) seed: u64,
}

impl Ours {
    /// Learns from one file and predicts another into `out`; returns the seconds that learning took.
    pub(crate) fn run(&self, task: &Task, train: &Path, test: &Path, out: &Path) -> Result<f64> {
        let model = out.with_extension("model");
        let mut learn = command(&self.program);
        learn.arg("learn").arg("--from").arg(train).args(["--label", &task.label, "--json"]);
        learn.args(["--task", if task.kind == Kind::Price { "price" } else { "classify" }]);
        learn.args(["--seed", &self.seed.to_string()]).arg("--out").arg(&model);
        for (flag, names) in [("--drop", &task.drop), ("--allow-protected", &task.allow_protected)] {
            for name in names {
                learn.args([flag, name]);
            }
        }
        let time = if task.cut == Cut::Tails { Some("@row") } else { task.time.as_deref() };
        for (flag, value) in [("--id", &task.id.as_deref()), ("--time", &time), ("--mapping", &task.mapping.as_deref())]
        {
            if let Some(value) = value {
                learn.args([flag, value]);
            }
        }
        let start = Instant::now();
        finished(&mut learn)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut predict = command(&self.program);
        predict.arg("predict").arg("--model").arg(&model).arg("--from").arg(test).arg("--out").arg(out);
        finished(&mut predict)?;
        Ok(seconds)
    }

    /// Forecasts every series of a wide file.
    pub(crate) fn forecast(&self, from: &Path, horizon: usize, out: &Path) -> Result<f64> {
        let mut forecast = command(&self.program);
        forecast.arg("forecast").arg("--from").arg(from).args(["--layout", "wide", "--horizon", &horizon.to_string()]);
        let start = Instant::now();
        finished(forecast.arg("--out").arg(out))?;
        Ok(start.elapsed().as_secs_f64())
    }
}

/// Runs to the end; 3 says that some rows have no answer, which is measured, not an error.
fn finished(command: &mut std::process::Command) -> Result<()> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().context("lintel does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(matches!(output.status.code(), Some(0 | 3)), "{command:?} ended with {}: {said}", output.status);
    Ok(())
}

/// What stands in a file of predictions for each row; `None` where there is no answer. Probabilities have no interval.
pub(crate) fn predictions(path: &Path, kind: Kind) -> Result<Vec<Option<Interval>>> {
    let table = Table::read(path)?;
    if kind == Kind::Classify {
        let probability = |value: f64| Interval { value, in80: [value; 2], in95: [value; 2] };
        return Ok(table.numbers("probability")?.into_iter().map(|value| value.map(probability)).collect());
    }
    let columns = ["prediction", "lower80", "upper80", "lower95", "upper95"];
    let columns: Vec<_> = columns.iter().map(|name| table.numbers(name)).collect::<Result<_>>()?;
    let row = |at: usize| {
        let value = |column: usize| columns[column][at];
        let (in80, in95) = ([value(1)?, value(2)?], [value(3)?, value(4)?]);
        Some(Interval { value: value(0)?, in80, in95 })
    };
    Ok((0..table.rows.len()).map(row).collect())
}
