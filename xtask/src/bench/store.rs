//! The store that is measured: filled once for each size, then kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::Args;

use super::postgres::Postgres;
use crate::lintel::{Place, key, lintel};
use crate::process::{command, run};
use crate::server::Server;

const TENANT: &str = "demo";
const MARKET: &str = "demo";

/// Folder of the index snapshots in a data directory.
const SNAPSHOTS: &str = "index";

/// How much a market holds.
#[derive(Clone, Copy, Args)]
pub(crate) struct Size {
    /// Listings of the market
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) listings: u32,
    /// Leads of the tenant
    #[arg(long, default_value_t = 100_000)]
    pub(crate) leads: u32,
    /// Sales of the market, from which prices are learnt
    #[arg(long, default_value_t = 100_000)]
    pub(crate) sales: u32,
}

pub(crate) struct Store {
    program: PathBuf,
    data: PathBuf,
    /// Where the tables are, when not in the folder.
    database: Option<Postgres>,
}

/// A store with a synthetic market of the size that is asked for, and models trained on it; on a server of PostgreSQL, if one
/// is named.
pub(crate) fn prepare(program: &Path, folder: &Path, size: Size, server: Option<&str>) -> Result<Store> {
    let Size { listings, leads, sales } = size;
    let on_postgres = if server.is_some() { "-postgres" } else { "" };
    let name = format!("store-{listings}-{leads}-{sales}{on_postgres}");
    let database = server.map(|server| Postgres::new(server, &format!("lintel_bench_{listings}_{leads}_{sales}")));
    let store = Store { program: program.to_owned(), data: folder.join(name), database };
    let filled = store.data.join("filled");
    let is_there = match &store.database {
        Some(database) => database.exists()?,
        None => true,
    };
    if filled.exists() && is_there {
        return Ok(store);
    }
    if store.data.exists() {
        fs::remove_dir_all(&store.data).with_context(|| format!("{} cannot be emptied", store.data.display()))?;
    }
    if let Some(database) = &store.database {
        database.remove()?;
        database.create()?;
    }
    fs::create_dir_all(&store.data).with_context(|| format!("{} cannot be made", store.data.display()))?;
    println!("filling {}; it is kept for the next time", store.data.display());
    let on = format!("--tenant {TENANT} --market {MARKET}");
    run(&mut store.quiet(&format!("demo {on} --listings {listings} --leads {leads} --sales {sales} --seed 1 --json")))?;
    run(&mut store.quiet(&format!("train lead-score --tenant {TENANT} --json")))?;
    run(&mut store.quiet(&format!("train price {on} --json")))?;
    println!("waiting until what that set off is done");
    let server = Server::start(store.serve(), &folder.join("server.log"))?;
    server.settled()?;
    server.stop()?;
    fs::write(&filled, "")?;
    Ok(store)
}

impl Store {
    /// A key to the tenant that was filled.
    pub(crate) fn key(&self) -> Result<String> {
        key(&self.program, self.place(), TENANT)
    }

    /// A copy of it in another folder, which whatever was there makes room for.
    pub(crate) fn copy(&self, data: &Path) -> Result<Self> {
        if data.exists() {
            fs::remove_dir_all(data).with_context(|| format!("{} cannot be emptied", data.display()))?;
        }
        run(command("cp").args(["--recursive", "--reflink=auto"]).arg(&self.data).arg(data))?;
        let database = self.database.as_ref().map(|database| database.copy("lintel_bench_copy")).transpose()?;
        Ok(Self { program: self.program.clone(), data: data.to_owned(), database })
    }

    /// Removes it.
    pub(crate) fn remove(self) -> Result<()> {
        if let Some(database) = &self.database {
            database.remove()?;
        }
        fs::remove_dir_all(&self.data).with_context(|| format!("{} cannot be removed", self.data.display()))
    }

    /// How to serve it.
    pub(crate) fn serve(&self) -> Command {
        lintel(&self.program, "serve", self.place())
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

    fn place(&self) -> Place<'_> {
        Place { data: &self.data, store_url: self.database.as_ref().map(Postgres::url) }
    }

    fn quiet(&self, words: &str) -> Command {
        let mut quiet = lintel(&self.program, words, self.place());
        quiet.stdout(Stdio::null());
        quiet
    }
}
