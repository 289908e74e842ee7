//! The store that is measured: filled once for each size, then kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Options;
use crate::lintel::{key, lintel};
use crate::process::run;

const TENANT: &str = "demo";
const MARKET: &str = "demo";

/// Folder of the index snapshots in a data directory.
const SNAPSHOTS: &str = "index";

pub(crate) struct Store {
    program: PathBuf,
    data: PathBuf,
}

/// A store with a synthetic market of the size that is asked for, and models trained on it.
pub(crate) fn prepare(program: &Path, folder: &Path, options: &Options) -> Result<Store> {
    let name = format!("store-{}-{}-{}", options.listings, options.leads, options.sales);
    let store = Store { program: program.to_owned(), data: folder.join(name) };
    let filled = store.data.join("filled");
    if filled.exists() {
        return Ok(store);
    }
    if store.data.exists() {
        fs::remove_dir_all(&store.data).with_context(|| format!("{} cannot be emptied", store.data.display()))?;
    }
    fs::create_dir_all(&store.data).with_context(|| format!("{} cannot be made", store.data.display()))?;
    println!("filling {}; it is kept for the next time", store.data.display());
    let Options { listings, leads, sales, .. } = options;
    let on = format!("--tenant {TENANT} --market {MARKET}");
    run(&mut store.quiet(&format!("demo {on} --listings {listings} --leads {leads} --sales {sales} --seed 1 --json")))?;
    run(&mut store.quiet(&format!("train lead-score --tenant {TENANT} --json")))?;
    run(&mut store.quiet(&format!("train price {on} --json")))?;
    fs::write(&filled, "")?;
    Ok(store)
}

impl Store {
    /// A key to the tenant that was filled.
    pub(crate) fn key(&self) -> Result<String> {
        key(&self.program, &self.data, TENANT)
    }

    /// How to serve it.
    pub(crate) fn serve(&self) -> Command {
        lintel(&self.program, "serve", &self.data)
    }

    /// Whether a start can use a snapshot of the index.
    pub(crate) fn has_snapshot(&self) -> Result<bool> {
        let folder = self.data.join(SNAPSHOTS);
        Ok(folder.exists() && fs::read_dir(folder)?.next().is_some())
    }

    /// Makes the next start build the index from the store.
    pub(crate) fn forget_snapshots(&self) -> Result<()> {
        let folder = self.data.join(SNAPSHOTS);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
        }
        Ok(())
    }

    fn quiet(&self, words: &str) -> Command {
        let mut quiet = lintel(&self.program, words, &self.data);
        quiet.stdout(Stdio::null());
        quiet
    }
}
