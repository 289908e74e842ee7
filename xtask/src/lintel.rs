//! Our own program as a child: its commands on one data directory, and keys to a server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::{command, read};

/// Where a command finds its data.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The data directory.
    pub(crate) data: &'a Path,
    /// The database, when the tables are not in that directory.
    pub(crate) store_url: Option<&'a str>,
}

impl<'a, P: AsRef<Path> + ?Sized> From<&'a P> for Place<'a> {
    fn from(data: &'a P) -> Self {
        Self { data: data.as_ref(), store_url: None }
    }
}

/// `lintel` with these words, parted by blanks, as arguments on this data.
pub(crate) fn lintel<'a>(program: &Path, words: &str, on: impl Into<Place<'a>>) -> Command {
    let Place { data, store_url } = on.into();
    let mut lintel = command(program);
    lintel.args(words.split_whitespace()).arg("--data-dir").arg(data);
    if let Some(url) = store_url {
        lintel.args(["--store-url", url]);
    }
    lintel
}

/// A new owner key of a tenant, which is created if it is new.
pub(crate) fn key<'a>(program: &Path, on: impl Into<Place<'a>>, tenant: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Created {
        key: String,
    }
    let create = format!("keys create --tenant {tenant} --role owner --name xtask --json");
    let printed = read(&mut lintel(program, &create, on))?;
    let created: Created = serde_json::from_str(&printed).context("`lintel keys create` printed no key")?;
    Ok(created.key)
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written", file.display()))
}
