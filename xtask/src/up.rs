//! `cargo xtask up`: a server with an embedded database and demo data, from nothing.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::lintel::{key, lintel, write_private};
use crate::process::{build, read, root, run};

const TENANT: &str = "demo";

#[derive(Args)]
pub(crate) struct Options {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Address for metrics
    #[arg(long, default_value = "127.0.0.1:9090")]
    metrics_listen: String,
    /// Where the database is kept
    #[arg(long, default_value = "data")]
    data_dir: PathBuf,
    /// Listings, leads and sales of the demo market
    #[arg(long, default_value_t = 2000)]
    size: u32,
    /// Build with optimisations: slower to build, faster to use
    #[arg(long)]
    release: bool,
}

/// How to get in; kept beside the database, readable by its owner only.
#[derive(Serialize, Deserialize)]
struct Access {
    key: String,
    email: String,
    password: String,
}

/// What `lintel users create` prints, once, of a user whose password it made.
#[derive(Deserialize)]
struct User {
    email: String,
    password: String,
}

/// Builds the server, fills an empty database, makes a key and a login, and becomes the server.
pub(crate) fn up(options: &Options) -> Result<()> {
    println!("building the server; the first time takes minutes");
    let program = build(options.release, &["lintel"])?.join("lintel");
    let data = root().join(&options.data_dir);
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be made", data.display()))?;
    let size = options.size;
    println!("filling {} with a synthetic market", data.display());
    let demo = format!("demo --tenant {TENANT} --listings {size} --leads {size} --sales {size} --seed 1 --json");
    run(lintel(&program, &demo, &data).stdout(Stdio::null()))?;
    let Access { key, email, password } = access(&program, &data)?;
    let Options { listen, metrics_listen, .. } = options;
    println!();
    println!("  address  http://{listen}/api/v1, reference http://{listen}/api-docs");
    println!("  key      {key}");
    println!("  login    tenant {TENANT}, e-mail {email}, password {password}");
    println!("  try      curl -H 'Authorization: Bearer {key}' 'http://{listen}/api/v1/leads?limit=3'");
    println!();
    let serve = format!("serve --listen {listen} --metrics-listen {metrics_listen}");
    // The server takes the place of this process, so that signals reach it directly.
    let error = lintel(&program, &serve, &data).exec();
    Err(error).with_context(|| format!("{} does not start", program.display()))
}

/// The access that an earlier run left, or a new key and login.
fn access(program: &Path, data: &Path) -> Result<Access> {
    let file = data.join("demo-access.json");
    if let Ok(text) = fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()));
    }
    let create = format!("users create --tenant {TENANT} --email owner@demo.example --role owner --json");
    let user: User = serde_json::from_str(&read(&mut lintel(program, &create, data))?)
        .context("`lintel users create` printed no user")?;
    let access = Access { key: key(program, data, TENANT)?, email: user.email, password: user.password };
    write_private(&file, &serde_json::to_string_pretty(&access)?)?;
    Ok(access)
}
