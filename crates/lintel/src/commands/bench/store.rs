//! The store that is measured on: a synthetic market, filled and learnt from once, kept for the next time and copied for each
//! playing, which writes into it.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use lintel_app::{App, DemoRequest, NewKey, Principal, Roles};
use lintel_domain::{market::MarketSlug, scope::Role};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::note;
use crate::{commands::block_on, config, output::Bar, wire};

const TENANT: &str = "bench";
/// The market that is asked about.
pub(super) const MARKET: &str = "bench";

/// How long nothing may be under way before what filling set off counts as done, and the longest wait for it.
const QUIET: Duration = Duration::from_secs(2);
const SETTLING: Duration = Duration::from_mins(30);

/// How much the market holds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Size {
    pub(super) listings: u64,
    pub(super) sales: u64,
    pub(super) leads: u64,
}

/// A filled store.
pub(super) struct Store {
    data: PathBuf,
    key: String,
}

/// A copy of it.
pub(super) struct Copy(PathBuf);

/// Has the folder for this command alone, until what it returns is dropped.
pub(super) fn lock(folder: &Path) -> anyhow::Result<File> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    file.try_lock().with_context(|| format!("another `lintel bench` runs on {}", folder.display()))?;
    Ok(file)
}

/// The store of a size, filled if it is not there yet.
pub(super) fn prepare(folder: &Path, size: Size) -> anyhow::Result<Store> {
    let Size { listings, sales, leads } = size;
    let data = folder.join(format!("store-{listings}-{sales}-{leads}"));
    let key_file = data.join("key");
    if let Ok(key) = fs::read_to_string(&key_file) {
        return Ok(Store { data, key });
    }
    remove(&data)?;
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    note(&format!("filling {}; it is kept for the next time", data.display()));
    let key = block_on(fill(&data, size))?;
    // At the end: a filling that was cut off is begun anew.
    write_private(&key_file, &key).with_context(|| format!("{} cannot be written", key_file.display()))?;
    Ok(Store { data, key })
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

async fn fill(data: &Path, size: Size) -> anyhow::Result<String> {
    let mut config = config::shipped(data)?;
    // Nobody waits for these.
    config.store.slow_statement_ms = 60_000;
    let app = wire::open(&config).await?;
    let who = app.system(TENANT).await?;
    let market: MarketSlug = MARKET.parse()?;
    let Size { listings, sales, leads } = size;
    let bar = Bar::new();
    let request = DemoRequest { market, listings, sales, leads, days: 365, seed: 1 };
    app.demo(&who, request, |progress| bar.show(progress)).await?;
    bar.finish();
    note("learning from it");
    app.train_if_untrained(&who).await?;
    let key = make_key(&app, &who).await?;
    settle(&app).await?;
    app.close().await;
    Ok(key)
}

async fn make_key(app: &App, who: &Principal) -> anyhow::Result<String> {
    let grant = app.key_create(who, NewKey { name: "bench".to_owned(), role: Role::Owner }).await?;
    Ok(grant.key.expose_secret().to_owned())
}

/// Does what filling and learning set off: index, scores, figures.
async fn settle(app: &App) -> anyhow::Result<()> {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    app.start(Roles::ALL, &tasks, &stop);
    let (since, mut quiet) = (Instant::now(), Instant::now());
    while quiet.elapsed() < QUIET {
        if !app.is_settled().await? {
            quiet = Instant::now();
        }
        ensure!(since.elapsed() < SETTLING, "the store is still busy after {} minutes", SETTLING.as_secs() / 60);
        sleep(QUIET / 10).await;
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(())
}

impl Store {
    /// A key to its tenant.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// A copy beside it, in place of one that a cut playing left.
    pub(super) fn copy(&self) -> anyhow::Result<Copy> {
        let copy = self.data.with_extension("copy");
        remove(&copy)?;
        copy_folder(&self.data, &copy).with_context(|| format!("{} cannot be copied", self.data.display()))?;
        Ok(Copy(copy))
    }
}

impl Copy {
    /// The data directory.
    pub(super) fn data(&self) -> &Path {
        &self.0
    }

    /// Where its server logs.
    pub(super) fn log(&self) -> PathBuf {
        self.0.with_file_name("server.log")
    }

    /// Removes it.
    pub(super) fn remove(self) -> anyhow::Result<()> {
        remove(&self.0)
    }
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            match fs::copy(entry.path(), target) {
                // SQLite's last connection takes its log away as it closes; all that it held is in the database by then.
                Err(gone) if gone.kind() == ErrorKind::NotFound => {}
                copied => drop(copied?),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        assert!(lock(folder.path()).unwrap_err().to_string().contains("another"));
        drop(first);
        lock(folder.path()).unwrap();
    }

    #[test]
    fn a_copy_has_all_files_and_leaves_the_store_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("store-1-2-3");
        fs::create_dir_all(data.join("index")).unwrap();
        fs::write(data.join("key"), "k").unwrap();
        fs::write(data.join("index/part"), "p").unwrap();
        let store = prepare(folder.path(), Size { listings: 1, sales: 2, leads: 3 }).unwrap();
        assert_eq!(store.key(), "k");
        let copy = store.copy().unwrap();
        assert_eq!(fs::read_to_string(copy.data().join("index/part")).unwrap(), "p");
        let again = store.copy().unwrap();
        again.remove().unwrap();
        assert!(!copy.data().exists());
        assert_eq!(fs::read_to_string(data.join("index/part")).unwrap(), "p");
    }
}
