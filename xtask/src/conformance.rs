//! `cargo xtask conformance`: schemathesis asks a real server for everything that docs/api/openapi.json promises.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result};
use clap::Args;

use crate::lintel::{key, lintel};
use crate::openapi;
use crate::process::{build, command, root, run, target};
use crate::server::Server;
use crate::venv::environment;

const FOLDER: &str = "conformance";
const TENANT: &str = "conformance";

#[derive(Args)]
pub(crate) struct Options {
    /// Test cases for each operation and phase
    #[arg(long, default_value_t = 50)]
    max_examples: u32,
    /// The same seed asks the same questions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Test operations whose path matches this regular expression only
    #[arg(long)]
    only: Option<String>,
}

/// Starts a server on a fresh store and fails if any answer contradicts the document.
pub(crate) fn conformance(options: &Options) -> Result<()> {
    let schemathesis = environment("venv", &root().join(FOLDER).join("requirements.txt"))?.join("schemathesis");
    let programs = build(false, &["lintel"])?;
    openapi::openapi(&programs, crate::generated::Options { check: true })?;
    let folder = target()?.join("conformance");
    let data = folder.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("{} cannot be emptied", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let program = programs.join("lintel");
    // Answers about nothing prove little: the store holds a small market.
    let demo = format!("demo --tenant {TENANT} --listings 300 --leads 100 --sales 300 --seed 1 --json");
    run(lintel(&program, &demo, &data).stdout(Stdio::null()))?;
    let key = key(&program, &data, TENANT)?;
    let mut server = Server::start(lintel(&program, "serve", &data), &folder.join("server.log"))?;
    server.ready()?;
    let mut tests = command(schemathesis);
    tests.env("LINTEL_CONFORMANCE_KEY", &key);
    tests.args(["--config-file", &format!("{FOLDER}/schemathesis.toml"), "run", openapi::PATH]);
    // The paths of the document begin with /api/v1 or its servers do; either way they are appended to the origin.
    tests.args(["--origin", &format!("http://{}", server.api)]);
    tests.args(["--max-examples", &options.max_examples.to_string(), "--seed", &options.seed.to_string()]);
    tests.arg("--report-dir").arg(folder.join("report"));
    if let Some(only) = &options.only {
        tests.args(["--include-path-regex", only]);
    }
    let tested = run(&mut tests);
    let memory = server.memory()?;
    println!("conformance: the server held at most {:.0} MiB", memory.peak_mib);
    server.stop()?;
    tested.with_context(|| format!("the log of the server is {}", folder.join("server.log").display()))
}
