//! `cargo xtask bench scenarios`: each scenario of the load driver on a fresh server and a copy of the store.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::store::{Size, Store};
use super::{pinned, split_cores, store};
use crate::lintel::write_private;
use crate::process::{build, command, root, target};
use crate::server::Server;

const FOLDER: &str = "crates/lintel-load/scenarios";

/// Those that are played when none is named.
const USUAL: [&str; 5] = ["normal", "campaign", "stress", "burst", "soak"];

/// A market that is filled and learnt from within a few seconds.
const SMALL: Size = Size { listings: 800, leads: 300, sales: 800 };

#[derive(Args)]
pub(crate) struct Options {
    /// Play these: files of crates/lintel-load/scenarios without their ending
    #[arg(value_delimiter = ',')]
    names: Vec<String>,
    #[command(flatten)]
    size: Size,
    /// Whether scenarios work at all: the smoke scenario on a small market and a debug build
    #[arg(long, conflicts_with = "names")]
    smoke: bool,
    /// Fill and copy databases of this server instead of the embedded one: postgres://USER@HOST:PORT, of a user who may create
    /// them (needs psql)
    #[arg(long, conflicts_with = "smoke")]
    postgres: Option<String>,
    /// Let the server share what it remembers in this Redis: redis://HOST:PORT
    #[arg(long)]
    redis: Option<String>,
    /// Make each phase at most so many seconds long
    #[arg(long)]
    seconds: Option<f64>,
    /// Write NAME.json and NAME.html of each into this folder; beside the store when absent
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder with NAME.json of an earlier playing, to be held beside
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// The share by which a figure may be worse than in the baseline
    #[arg(long, default_value = "10%")]
    max_regression: String,
    /// Let the scheduler place server and load driver, instead of giving the driver a core of its own
    #[arg(long)]
    unpinned: bool,
}

/// Plays them one after the other and fails with the names of those whose lines were not all kept.
pub(crate) fn scenarios(options: &Options) -> Result<()> {
    play(options, &build(!options.smoke, &["lintel", "lintel-load"])?)
}

/// Plays the smoke scenario with the programs of this folder.
pub(crate) fn smoke(programs: &Path) -> Result<()> {
    let options = Options {
        names: Vec::new(),
        size: SMALL,
        smoke: true,
        postgres: None,
        redis: None,
        seconds: None,
        out: None,
        baseline: None,
        max_regression: "10%".to_owned(),
        unpinned: true,
    };
    play(&options, programs)
}

fn play(options: &Options, programs: &Path) -> Result<()> {
    let folder = target()?.join("bench");
    let out = options.out.clone().unwrap_or_else(|| folder.join("scenarios"));
    for made in [&folder, &out] {
        fs::create_dir_all(made).with_context(|| format!("{} cannot be made", made.display()))?;
    }
    let size = if options.smoke { SMALL } else { options.size };
    let store = store::prepare(&programs.join("lintel"), &folder, size, options.postgres.as_deref())?;
    let key_file = folder.join("key");
    write_private(&key_file, &store.key()?)?;
    let stage = Stage {
        driver: programs.join("lintel-load"),
        copy: folder.join("scenario-store"),
        log: folder.join("server.log"),
        cores: if options.unpinned || options.smoke { None } else { split_cores()? },
        key_file,
        out,
    };
    let names: Vec<&str> = match (options.smoke, options.names.as_slice()) {
        (true, _) => vec!["smoke"],
        (false, []) => USUAL.to_vec(),
        (false, names) => names.iter().map(String::as_str).collect(),
    };
    let mut missed = Vec::new();
    for name in names {
        if !stage.play(&store, name, options)? {
            missed.push(name);
        }
    }
    fs::remove_file(&stage.key_file)?;
    if !missed.is_empty() {
        bail!("not every line was kept: {}", missed.join(", "));
    }
    Ok(())
}

/// Where scenarios are played.
struct Stage {
    driver: PathBuf,
    /// Where the store is copied to: scenarios write, and each should find what the one before found.
    copy: PathBuf,
    log: PathBuf,
    /// Cores of the server and of the driver.
    cores: Option<(String, String)>,
    key_file: PathBuf,
    out: PathBuf,
}

impl Stage {
    /// Whether every line was kept.
    fn play(&self, store: &Store, name: &str, options: &Options) -> Result<bool> {
        let file = Path::new(FOLDER).join(format!("{name}.toml"));
        if !root().join(&file).exists() {
            bail!("{} does not exist", file.display());
        }
        let copy = store.copy(&self.copy)?;
        let serve = copy.serve();
        let mut serve = match &self.cores {
            Some((cores, _)) => pinned(&serve, cores),
            None => serve,
        };
        if let Some(redis) = &options.redis {
            serve.env("LINTEL__CACHE__REDIS_URL", redis);
        }
        let mut server = Server::start(serve, &self.log)?;
        server.ready()?;
        let mut driver = command(&self.driver);
        driver.arg("scenario").arg(&file).arg("--key-file").arg(&self.key_file);
        driver.args(["--url", &format!("http://{}", server.api), "--pid", &server.pid().to_string()]);
        driver.arg("--json").arg(self.out.join(format!("{name}.json")));
        driver.arg("--html").arg(self.out.join(format!("{name}.html")));
        if let Some(seconds) = options.seconds {
            driver.args(["--seconds", &seconds.to_string()]);
        }
        let baseline = options.baseline.as_ref().map(|folder| folder.join(format!("{name}.json")));
        if let Some(baseline) = baseline.filter(|baseline| baseline.exists()) {
            driver.arg("--baseline").arg(baseline).args(["--max-regression", &options.max_regression]);
        }
        if let Some((_, cores)) = &self.cores {
            driver = pinned(&driver, cores);
        }
        let status = driver.status().context("the load driver does not start")?;
        server.stop()?;
        copy.remove()?;
        Ok(status.success())
    }
}
