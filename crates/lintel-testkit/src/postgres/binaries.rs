//! Finding PostgreSQL's programs: on the path, where Debian keeps them, or where `pg_config` says.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::settings::setting;

/// The folder that holds `initdb`, `postgres` and `pg_ctl`, if there is one.
pub(super) fn folder() -> Option<PathBuf> {
    on_path().or_else(debian).or_else(by_pg_config)
}

/// The folder of the programs themselves, where the path only has links to some of them.
pub(super) fn behind_links(folder: &Path) -> PathBuf {
    let server = fs::canonicalize(folder.join("postgres"));
    server.ok().and_then(|server| server.parent().map(Path::to_owned)).unwrap_or_else(|| folder.to_owned())
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
}

fn on_path() -> Option<PathBuf> {
    let path = setting("PATH")?;
    env::split_paths(&path).find(|folder| is_complete(folder))
}

/// The newest version below `/usr/lib/postgresql`.
fn debian() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(Result::ok)
        .map(|version| version.path())
        .filter(|version| is_complete(&version.join("bin")))
        .max_by_key(|version| version.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()))
        .map(|version| version.join("bin"))
}

fn by_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    is_complete(&folder).then_some(folder)
}
