//! `lintel doctor`: every setting with its origin, and every connection tried.

use std::net::TcpListener;

use serde_json::json;

use crate::{
    config::{Config, Setting},
    output::{self, Exit, say},
    wire,
};

/// One thing that was tried.
struct Tried {
    what: &'static str,
    ok: bool,
    detail: String,
}

/// Shows the settings and tries the connections; fails when one of them does not work.
pub(crate) async fn run(config: Config, settings: Vec<Setting>, as_json: bool) -> anyhow::Result<Exit> {
    let mut tried = vec![try_data_dir(&config), try_store(&config).await];
    for (what, address) in
        [("server.listen", config.server.listen), ("server.metrics_listen", config.server.metrics_listen)]
    {
        tried.push(match TcpListener::bind(address) {
            Ok(_) => Tried { what, ok: true, detail: format!("{address} is free") },
            Err(error) => Tried { what, ok: false, detail: format!("{address}: {error} (fine while the server runs)") },
        });
    }
    if as_json {
        let settings: Vec<_> =
            settings.iter().map(|s| json!({ "key": s.key, "value": s.value, "origin": s.origin })).collect();
        let checks: Vec<_> = tried.iter().map(|t| json!({ "check": t.what, "ok": t.ok, "detail": t.detail })).collect();
        output::json(&json!({ "settings": settings, "checks": checks }))?;
    } else {
        for setting in &settings {
            say(format!("{:<42} {:<28} {}", setting.key, setting.value, setting.origin))?;
        }
        for one in &tried {
            say(format!("{} {:<22} {}", if one.ok { "ok  " } else { "FAIL" }, one.what, one.detail))?;
        }
    }
    let needed = tried.iter().filter(|one| !one.what.starts_with("server.")).all(|one| one.ok);
    if needed { Ok(Exit::Done) } else { anyhow::bail!("not everything works") }
}

fn try_data_dir(config: &Config) -> Tried {
    let written = std::fs::create_dir_all(&config.data_dir).and_then(|()| tempfile_in(&config.data_dir));
    match written {
        Ok(()) => Tried { what: "data_dir", ok: true, detail: format!("{} can be written", config.data_dir.display()) },
        Err(error) => Tried { what: "data_dir", ok: false, detail: format!("{}: {error}", config.data_dir.display()) },
    }
}

fn tempfile_in(folder: &std::path::Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&path, b"ok")?;
    std::fs::remove_file(path)
}

async fn try_store(config: &Config) -> Tried {
    let status = async {
        let app = wire::open_as_is(config).await?;
        let status = app.store_status().await?;
        app.close().await;
        anyhow::Ok(status)
    };
    match status.await {
        Ok(s) => Tried {
            what: "store",
            ok: true,
            detail: format!("{} {}, schema version {}", s.engine, s.version, s.schema_version),
        },
        Err(error) => Tried { what: "store", ok: false, detail: format!("{error:#}") },
    }
}
