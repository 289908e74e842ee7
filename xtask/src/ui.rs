//! The web pages in `ui/`: installing what they are built with, building them, and their tests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::process::{command, present, read, root, run, target};

/// The oldest Node that the tools of the pages run on: major and minor.
const NODE: (u32, u32) = (20, 19);

/// Where Debian and others put Chromium, unless `CHROMIUM` names another place.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Set by continuous integration: what the tests of the pages need must be there.
const REQUIRED: &str = "LINTEL_TEST_REQUIRE_CHROMIUM";

/// What the pages are built from, below `ui/`.
const INPUTS: [&str; 7] =
    ["src", "public", "plugins", "index.html", "vite.config.ts", "tsconfig.json", "package-lock.json"];

/// Installs and builds what has changed since the last time.
pub(crate) fn build() -> Result<()> {
    need_node()?;
    install()?;
    build_stale()
}

/// Types, rules, unit tests, the build and its budgets.
pub(crate) fn check() -> Result<()> {
    if let Err(error) = need_node() {
        if is_required() {
            return Err(error);
        }
        println!("{error:#}\nso the tests of the web pages are left out");
        return Ok(());
    }
    install()?;
    for script in ["typecheck", "lint", "test"] {
        npm(&["run", "--silent", script])?;
    }
    build_stale()?;
    npm(&["run", "--silent", "size"])
}

/// The pages in a browser, against the built server.
pub(crate) fn end_to_end(server: &Path) -> Result<()> {
    if !is_required() {
        if need_node().is_err() {
            println!("left out, since Node is missing");
            return Ok(());
        }
        if !chromium().exists() {
            println!(
                "Chromium is not installed, so the pages are not tried in a browser (Debian: apt-get install chromium)"
            );
            return Ok(());
        }
    }
    let report = target()?.join("e2e-report.txt");
    fs::write(&report, "").with_context(|| format!("{} cannot be written", report.display()))?;
    let ran = run(npm_command(&["run", "--silent", "e2e"]).env("LINTEL_BIN", server).env("LINTEL_E2E_REPORT", &report));
    ran.with_context(|| fs::read_to_string(&report).unwrap_or_default())
}

/// A build that changes nothing would have the server built again, which holds it.
fn build_stale() -> Result<()> {
    if is_stale()? {
        println!("building the web pages");
        npm(&["run", "--silent", "build"])?;
    }
    Ok(())
}

fn is_required() -> bool {
    environment(REQUIRED).is_some_and(|value| value == "1")
}

fn chromium() -> PathBuf {
    environment("CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "the automation is told by its environment what the machine has")]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Fails with what to do when Node is missing or too old.
fn need_node() -> Result<()> {
    let (major, minor) = NODE;
    let how = format!(
        "the web pages need Node {major}.{minor} or newer with npm (Debian 13: apt-get install nodejs npm; others: https://nodejs.org)"
    );
    if !present("node", &["--version"]) || !present("npm", &["--version"]) {
        bail!("{how}; there is none");
    }
    let version = read(Command::new("node").arg("--version"))?;
    if version_of(&version).is_none_or(|found| found < NODE) {
        bail!("{how}; this one is {}", version.trim());
    }
    Ok(())
}

/// Major and minor of `v20.19.2`.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs the packages of the lock file, unless they are those that were installed last.
fn install() -> Result<()> {
    let lock = fs::read(folder().join("package-lock.json")).context("ui/package-lock.json cannot be read")?;
    let installed = folder().join("node_modules/.lintel-lock.json");
    if fs::read(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    println!("installing what the web pages are built with");
    npm(&["ci", "--no-audit", "--no-fund"])?;
    fs::write(&installed, lock).with_context(|| format!("{} cannot be written", installed.display()))
}

/// Whether something that the pages are built from is newer than the build, or there is none.
fn is_stale() -> Result<bool> {
    let Ok(built) = modified(&folder().join("dist/index.html")) else { return Ok(true) };
    for input in INPUTS {
        if newest(&folder().join(input))? > built {
            return Ok(true);
        }
    }
    Ok(false)
}

/// When the newest file of a folder, or the file itself, was changed.
fn newest(path: &Path) -> Result<SystemTime> {
    let mut latest = modified(path)?;
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))? {
            // The route tree is written by each build.
            let entry = entry?.path();
            if entry.file_name().is_none_or(|name| name != "routeTree.gen.ts") {
                latest = latest.max(newest(&entry)?);
            }
        }
    }
    Ok(latest)
}

fn modified(path: &Path) -> Result<SystemTime> {
    let metadata = fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(metadata.modified()?)
}

fn folder() -> PathBuf {
    root().join("ui")
}

fn npm(arguments: &[&str]) -> Result<()> {
    run(&mut npm_command(arguments))
}

fn npm_command(arguments: &[&str]) -> Command {
    let mut npm = command("npm");
    npm.current_dir(folder()).args(arguments).env("npm_config_update_notifier", "false");
    npm
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::{NODE, newest, version_of};

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(version_of("v20.19.2\n"), Some((20, 19)));
        assert!(version_of("v20.9.0") < Some(NODE));
        assert!(version_of("v100.0.0") > Some(NODE));
        assert_eq!(version_of("none"), None);
    }

    #[test]
    fn the_newest_file_of_a_folder_counts_but_for_the_written_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fs::create_dir(folder.path().join("a")).expect("a folder");
        for (name, seconds) in [("a/old.ts", 4_000_000_000), ("routeTree.gen.ts", 5_000_000_000)] {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(at(seconds)).expect("a time");
        }
        assert_eq!(newest(folder.path()).expect("a time"), at(4_000_000_000));
    }
}
