//! `lintel serve`: binds, wires, runs until told to stop, and stops in order.

use std::{net::SocketAddr, pin::pin, time::Duration};

use anyhow::Context as _;
use lintel_app::{App, DEMO_TENANT, DemoRequest, NewUser, Principal, Roles};
use lintel_domain::scope::Role;
use lintel_http::{Edge, Metrics, ServeOptions, Tiles};
use secrecy::ExposeSecret as _;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    cli,
    config::{Config, Server},
    output::{Exit, say},
    part::Part,
    wire,
};

/// New connections that wait to be accepted, at most; the system may allow fewer. What comes when the line is full comes again
/// a second later, so a burst needs a long one, and the usual one is of 128.
const BACKLOG: u32 = 4_096;

/// The address that the demo's user signs in with.
const DEMO_EMAIL: &str = "demo@example.com";

/// Runs the server.
pub(crate) async fn run(config: Config, flags: cli::Serve) -> anyhow::Result<Exit> {
    let roles = Roles::parse(&config.server.roles)
        .context("server.roles: any of api, worker and followers, comma separated")?;
    raise_file_limit(config.server.connections);
    tell_unusual(&config);
    if let Some(folder) = &flags.ui_dir {
        anyhow::ensure!(
            folder.join("index.html").is_file(),
            "--ui-dir: there is no index.html in {}",
            folder.display()
        );
    }
    let tiles = match &flags.basemap {
        Some(file) => Some(Tiles::open(file).await.with_context(|| format!("--basemap: {}", file.display()))?),
        None => None,
    };
    let api = bind(config.server.listen, "server.listen")?;
    let metrics = bind(config.server.metrics_listen, "server.metrics_listen")?;
    let addresses = (api.local_addr()?, metrics.local_addr()?);
    let app = wire::open(&config).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    app.start(roles, &tasks, &stop);
    let counted = Metrics::new(env!("CARGO_PKG_VERSION"), env!("LINTEL_COMMIT"));
    let edge = Edge::new(
        app.clone(),
        lintel_http::Options { ui_dir: flags.ui_dir, tiles, ..edge_options(&config)? },
        counted.clone(),
        tasks.clone(),
    );
    let patience = serve_options(&config.server);
    tasks.spawn(lintel_http::run(vec![api], lintel_http::router(&edge), patience.clone(), stop.clone()));
    tasks.spawn(edge.clone().watch(stop.clone()));
    if roles.api {
        tasks.spawn(edge.clone().keep_warm(stop.clone()));
    }
    tasks.spawn(lintel_http::run(vec![metrics], counted.router(app.clone()), patience, stop.clone()));
    // Before anybody knows that it runs: who asks to stop is heard from now on.
    let mut stopping = pin!(wait_for_stop((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?), &app));
    say(format!("listening http://{} metrics http://{}", addresses.0, addresses.1))?;
    tracing::info!(address = %addresses.0, metrics = %addresses.1, roles = %config.server.roles, "serving");
    let mut stopped = None;
    if flags.demo {
        // Demo data takes a while; whoever asks to stop meanwhile does not wait for it.
        tokio::select! {
            biased;
            failed = &mut stopping => stopped = Some(failed),
            made = make_demo(&app, addresses.0) => made?,
        }
    }
    let failed = match stopped {
        Some(failed) => failed,
        None => stopping.await,
    };
    tracing::info!("stopping");
    stop.cancel();
    tasks.close();
    let patience = Duration::from_secs(config.server.stop_timeout_seconds);
    if timeout(patience, tasks.wait()).await.is_err() {
        tracing::warn!(seconds = patience.as_secs(), "some requests or jobs did not end in time and are given up");
    }
    app.close().await;
    match failed {
        None => Ok(Exit::Done),
        Some(reason) => anyhow::bail!(reason),
    }
}

fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address} ({key})"))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a server that is started again need not wait for the connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Returns when a signal asks to stop, or when the disk failed: then with the reason, since nothing may be acknowledged any more.
async fn wait_for_stop((mut interrupt, mut terminate): (Signal, Signal), app: &App) -> Option<String> {
    tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        reason = app.disk_failed() => Some(reason),
    }
}

/// Fills the tenant `demo`, makes its user and trains its models, unless they are there.
async fn make_demo(app: &App, address: SocketAddr) -> anyhow::Result<()> {
    let who = app.system(DEMO_TENANT).await?;
    let request =
        DemoRequest { market: "demo".parse()?, listings: 5_000, sales: 10_000, leads: 2_000, days: 365, seed: 1 };
    app.demo(&who, request, |_| {}).await?;
    show_login(app, &who, address).await?;
    app.train_if_untrained(&who).await?;
    say("demo models are trained")
}

/// Makes the user of the demo and says how to sign in.
async fn show_login(app: &App, who: &Principal, address: SocketAddr) -> anyhow::Result<()> {
    let password = lintel_app::make_password()?;
    let user = NewUser { email: DEMO_EMAIL.to_owned(), role: Role::Owner, password: password.clone() };
    match app.user_create(who, user).await {
        Ok(_) => {
            let key = app.key_create(who, lintel_app::NewKey { name: "demo".to_owned(), role: Role::Owner }).await?;
            say(format!(
                "demo data is in (synthetic)\n  pages     http://{address}/\n  API       http://{address}/api-docs\n  tenant    demo\n  e-mail    {DEMO_EMAIL}\n  \
                 password  {}\n  API key   {}\nPassword and key are shown this once; make others with `lintel users create` and `lintel keys create`.",
                password.expose_secret(),
                key.key.expose_secret(),
            ))
        }
        Err(lintel_app::Error::Conflict { .. }) => say(format!(
            "demo data is in (synthetic); pages: http://{address}/ API: http://{address}/api-docs\n\
             Password and key were shown at the first start. Another key: lintel keys create --tenant demo --role owner",
        )),
        Err(error) => Err(error.into()),
    }
}

fn edge_options(config: &Config) -> anyhow::Result<lintel_http::Options> {
    let proxies = config.trusted_proxies.split(',').map(str::trim).filter(|text| !text.is_empty());
    Ok(lintel_http::Options {
        trusted_proxies: proxies.map(str::parse).collect::<Result<_, _>>().context("trusted_proxies")?,
        requests_in_flight: config.server.requests_in_flight,
        requests_per_second: config.server.requests_per_key_per_second,
        adapts: !config.is_without(Part::Admission),
        body_bytes: config.server.body_bytes,
        upload_bytes: config.server.import_bytes,
        ..lintel_http::Options::default()
    })
}

fn serve_options(server: &Server) -> ServeOptions {
    ServeOptions {
        connections: server.connections,
        connections_per_address: server.connections_per_address,
        drain: Duration::from_secs(server.stop_timeout_seconds),
        ..ServeOptions::default()
    }
}

/// Lets the process have as many files as it may, and says so when that is too few for the connections it takes.
fn raise_file_limit(connections: usize) {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < connections as u64 + 256 => {
            tracing::warn!(limit, connections, "the limit of open files is too low for server.connections");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the limit of open files cannot be raised");
        }
    }
}

/// Says which settings have no effect in this version, and which slow the server down.
fn tell_unusual(config: &Config) {
    let secret = |value: &secrecy::SecretString| !value.expose_secret().is_empty();
    let unused = [
        ("llm.anthropic", !config.llm.anthropic.base_url.is_empty() || secret(&config.llm.anthropic.api_key)),
        ("llm.openai", !config.llm.openai.base_url.is_empty() || secret(&config.llm.openai.api_key)),
        ("crm.highlevel.base_url", !config.crm.highlevel.base_url.is_empty()),
        ("egress.allow", !config.egress.allow.is_empty()),
    ];
    for (key, _) in unused.iter().filter(|(_, set)| *set) {
        tracing::warn!(key, "is set but has no effect in this version");
    }
    if !config.measure.without.is_empty() {
        tracing::warn!(parts = config.measure.without, "parts are left out, to measure what they bring");
    }
}
