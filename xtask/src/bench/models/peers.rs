//! The peers: one Python process for each file, spoken to in JSON.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::plan::{Cut, SeriesTask, Task};
use crate::process::{command, root};
use crate::venv::environment;

pub(crate) const LEARNERS: [&str; 2] = ["lightgbm", "catboost"];
pub(crate) const FORECASTERS: [&str; 2] = ["holt", "theta"];

const FOLDER: &str = "xtask/peers";

pub(crate) struct Peers {
    python: PathBuf,
}

/// What the script answers, one entry a job.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) answers: Vec<BTreeMap<String, f64>>,
}

impl Peers {
    /// Installs them when they are missing.
    pub(crate) fn installed() -> Result<Self> {
        let folder = root().join(FOLDER);
        Ok(Self { python: environment("venv-peers", &folder.join("requirements.txt"))?.join("python") })
    }

    pub(crate) fn ask(&self, jobs: &[Value]) -> Result<Answer> {
        let mut script = command(&self.python);
        script.arg(root().join(FOLDER).join("peers.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        // One thread for everyone, also in libraries that do not ask.
        script.envs([("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")]);
        let mut child = script.spawn().context("python does not start")?;
        let mut input = child.stdin.take().context("python takes no input")?;
        input.write_all(&serde_json::to_vec(jobs)?)?;
        drop(input);
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "peers.py ended with {}", output.status);
        serde_json::from_slice(&output.stdout).context("peers.py printed something unexpected")
    }
}

/// Learning from one part of a table and predicting the other.
pub(crate) fn table_job(task: &Task, train: &Path, test: &Path, out: impl Fn(&str) -> PathBuf) -> Value {
    json!({
        "kind": "table", "task": task.kind, "label": task.label, "id": task.id, "drop": task.drop,
        "time": task.time, "date": task.date, "ordered": task.cut != Cut::Stratified,
        "train": train, "test": test, "out": files(&LEARNERS, out),
    })
}

/// Forecasting a wide file.
pub(crate) fn series_job(task: &SeriesTask, from: &Path, out: impl Fn(&str) -> PathBuf) -> Value {
    let (year, horizon) = (task.year, task.horizon);
    json!({"kind": "series", "from": from, "year": year, "horizon": horizon, "out": files(&FORECASTERS, out)})
}

fn files(names: &[&str], out: impl Fn(&str) -> PathBuf) -> BTreeMap<String, PathBuf> {
    names.iter().map(|name| ((*name).to_owned(), out(name))).collect()
}
