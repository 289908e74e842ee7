//! Our own program as a child: its commands on one data directory, and keys to a server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::{command, read};

/// `lintel` with these words, parted by blanks, as arguments on this data directory.
pub(crate) fn lintel(program: &Path, words: &str, data: &Path) -> Command {
    let mut lintel = command(program);
    lintel.args(words.split_whitespace()).arg("--data-dir").arg(data);
    lintel
}

/// A new owner key of a tenant, which is created if it is new.
pub(crate) fn key(program: &Path, data: &Path, tenant: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Created {
        key: String,
    }
    let create = format!("keys create --tenant {tenant} --role owner --name xtask --json");
    let printed = read(&mut lintel(program, &create, data))?;
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
