//! `lintel keys`: making keys on the machine itself.

use lintel_app::NewKey;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    cli::Keys,
    config::Config,
    output::{self, Exit, say},
    wire,
};

/// Makes a key and shows it this once. Works on an empty data folder and while a server runs.
pub(crate) async fn run(config: Config, command: Keys) -> anyhow::Result<Exit> {
    let Keys::Create { tenant, role, name, json } = command;
    let app = wire::open(&config).await?;
    let who = app.system(&tenant).await?;
    let grant = app.key_create(&who, NewKey { name, role }).await?;
    let key = grant.key.expose_secret();
    if json {
        output::json(&json!({ "key": key, "id": grant.id, "tenant": tenant, "role": grant.role }))?;
    } else {
        say(format!("{key}\n\nKey {} for tenant {tenant}, role {}. It is not shown again.", grant.id, grant.role))?;
    }
    app.close().await;
    Ok(Exit::Done)
}
