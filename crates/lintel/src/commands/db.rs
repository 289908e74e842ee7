//! `lintel db`: schema, backup and restore.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::{
    cli::Db,
    config::Config,
    output::{self, Exit, say},
    wire,
};

/// Looks after the database.
pub(crate) async fn run(config: Config, command: Db) -> anyhow::Result<Exit> {
    match command {
        Db::Migrate => {
            let app = wire::open(&config).await?;
            say(format!("schema version {}", app.store_status().await?.schema_version))?;
            app.close().await;
        }
        Db::Status { json } => {
            let app = wire::open_as_is(&config).await?;
            let status = app.store_status().await?;
            if json {
                output::json(&json!({
                    "engine": status.engine, "version": status.version, "schema_version": status.schema_version,
                    "log_head": status.log_head,
                }))?;
            } else {
                say(format!(
                    "{} {}, schema version {}, log at {}",
                    status.engine, status.version, status.schema_version, status.log_head
                ))?;
            }
            app.close().await;
        }
        Db::Backup { file } => {
            if file.exists() {
                bail!("{} exists already", file.display());
            }
            let app = wire::open_as_is(&config).await?;
            app.store_backup(file.clone()).await?;
            app.close().await;
            say(format!("written to {}", file.display()))?;
        }
        Db::Restore { file } => restore(&config, &file).await?,
    }
    Ok(Exit::Done)
}

/// Checks the backup, then puts it in place of the database in one rename.
async fn restore(config: &Config, file: &Path) -> anyhow::Result<()> {
    let Some(target) = wire::sqlite_path(config) else {
        bail!("restore is for the embedded database; use pg_restore for PostgreSQL");
    };
    lintel_app::check_backup(file).await.with_context(|| format!("{} is not a usable backup", file.display()))?;
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = target.with_extension("restoring");
    std::fs::copy(file, &new).with_context(|| format!("cannot copy {}", file.display()))?;
    std::fs::File::open(&new)?.sync_all()?;
    lintel_app::replace_database(&new, &target).await.context("is a server still running on it?")?;
    say(format!("{} restored from {}", target.display(), file.display()))
}
