//! `lintel users`: making users on the machine itself.

use std::io::Read as _;

use anyhow::Context as _;
use lintel_app::NewUser;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::{
    cli::Users,
    config::Config,
    output::{self, Exit, say},
    wire,
};

/// Makes a user; without a password on standard input one is made up and shown this once.
pub(crate) async fn run(config: Config, command: Users) -> anyhow::Result<Exit> {
    let Users::Create { tenant, email, role, password_stdin, json } = command;
    let app = wire::open(&config).await?;
    let who = app.system(&tenant).await?;
    let (password, made_up) =
        if password_stdin { (read_password()?, false) } else { (lintel_app::make_password()?, true) };
    let user = app.user_create(&who, NewUser { email, role, password: password.clone() }).await?;
    let shown = made_up.then(|| password.expose_secret());
    if json {
        output::json(
            &json!({ "id": user.id, "tenant": tenant, "email": user.email, "role": user.role, "password": shown }),
        )?;
    } else {
        say(format!("User {} ({}) for tenant {tenant}, role {}.", user.email, user.id, user.role))?;
        if let Some(password) = shown {
            say(format!("Password, not shown again: {password}"))?;
        }
    }
    app.close().await;
    Ok(Exit::Done)
}

fn read_password() -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("cannot read the password from standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}
