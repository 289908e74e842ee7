//! Connecting to PostgreSQL: the connection string, TLS by rustls, the version, settings of every session.

use std::{error::Error as StdError, str::FromStr, sync::Arc, time::Duration};

use deadpool_postgres::{Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::{io, task::JoinHandle};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, Socket,
    config::{SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::TaskTracker;

use crate::{Error, Result, db::Options};

/// How long connecting may take, all hosts together.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a host may leave unacknowledged what was sent before it counts as gone: writes go on elsewhere soon after.
const SILENCE: Duration = Duration::from_secs(5);
/// The oldest server that Lintel runs on, as it numbers itself.
const OLDEST: i32 = 150_000;

/// What a connection says by itself; the connection works as long as this is read.
pub(crate) type Messages = BoxStream<'static, Result<AsyncMessage, tokio_postgres::Error>>;

/// Everything needed to connect.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    /// `None` without TLS: the driver asks it for a name even when it will not be used, and a socket has none.
    tls: Option<MakeRustlsConnect>,
    settings: String,
    tasks: TaskTracker,
}

impl Connector {
    /// Connects to the server that takes writes, where there is more than one.
    pub(crate) fn new(url: &str, options: &Options, tasks: TaskTracker) -> Result<Self> {
        let mut connector = Self::to_replica(url, options, tasks)?;
        if connector.config.get_hosts().len() > 1 || !options.replicas.is_empty() {
            connector.config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(connector)
    }

    /// Connects to whichever host answers.
    pub(super) fn to_replica(url: &str, options: &Options, tasks: TaskTracker) -> Result<Self> {
        // `verify-ca` and `verify-full` are what rustls always does, and `prefer` is only taken when asked for:
        // offering TLS to a server with a certificate that nobody vouches for would end in an error.
        let asked = url.contains("sslmode=");
        let url = url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require");
        // The parser's own words may quote the connection string, so they are not passed on.
        let mut config =
            Config::from_str(&url).map_err(|_| Error::Options("the postgres:// url cannot be read".into()))?;
        if !asked {
            config.ssl_mode(SslMode::Disable);
        }
        if config.get_connect_timeout().is_none() {
            // A host that does not answer must leave time for the others.
            let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(u32::MAX);
            config.connect_timeout(TIMEOUT / hosts.max(1));
        }
        if config.get_application_name().is_none() {
            config.application_name("lintel");
        }
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(SILENCE);
        let tls = if config.get_ssl_mode() == SslMode::Disable { None } else { Some(tls()?) };
        let millis = options.statement_timeout.as_millis();
        // Every statement is meant to go through an index. A plan that was made while a table was new and small would
        // read all of it again and again while an import fills it, until the next ANALYZE.
        let settings = format!(
            "SET statement_timeout = {millis}; SET idle_in_transaction_session_timeout = '60s'; SET timezone = 'UTC'; \
             SET enable_seqscan = off; SET jit = off; SET lintel.tenant = ''"
        );
        Ok(Self { config, tls, settings, tasks })
    }

    /// Statements that begin every session.
    pub(super) fn settings(&self) -> String {
        self.settings.clone()
    }

    /// A connection of one's own, and its messages, which have to be read for it to work.
    pub(crate) async fn connect(&self) -> Result<(Client, Messages)> {
        match tokio::time::timeout(TIMEOUT * 2, self.open(&self.config)).await {
            Ok(connected) => connected.map_err(|e| Error::Unavailable { reason: reason(&e) }),
            Err(_) => Err(Error::Unavailable { reason: "connecting took too long".into() }),
        }
    }

    /// A connection that a task of its own keeps working.
    pub(crate) async fn connect_and_drive(&self) -> Result<(Client, JoinHandle<()>)> {
        let (client, messages) = self.connect().await?;
        Ok((client, self.drive(messages)))
    }

    async fn open(&self, config: &Config) -> Result<(Client, Messages), tokio_postgres::Error> {
        Ok(match &self.tls {
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, messages(connection))
            }
            Some(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                (client, messages(connection))
            }
        })
    }

    fn drive(&self, mut messages: Messages) -> JoinHandle<()> {
        self.tasks.spawn(async move {
            while let Some(message) = messages.next().await {
                if let Err(error) = message {
                    tracing::debug!(error = reason(&error), "a connection ended");
                    return;
                }
            }
        })
    }

    /// The server's version, or [`Error::Version`] when it is too old.
    pub(crate) async fn check_version(&self) -> Result<String> {
        let (client, driving) = self.connect_and_drive().await?;
        let asking = async {
            let number: String = client.query_one("SHOW server_version_num", &[]).await?.try_get(0)?;
            let found: String = client.query_one("SHOW server_version", &[]).await?.try_get(0)?;
            Ok::<_, tokio_postgres::Error>((number, found))
        };
        let answer = asking.await;
        drop(client);
        drop(driving);
        let (number, found) = answer.map_err(|e| Error::Unavailable { reason: reason(&e) })?;
        if number.parse::<i32>().is_ok_and(|number| number >= OLDEST) {
            Ok(found)
        } else {
            Err(Error::Version { found })
        }
    }
}

/// How the pool connects.
impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let config = config.clone();
        Box::pin(async move {
            let (client, messages) = self.open(&config).await?;
            Ok((client, self.drive(messages)))
        })
    }
}

/// A pool of at most `size` connections, for one of which nobody waits longer than `wait`.
pub(super) fn pool(connector: &Connector, size: usize, wait: Duration) -> Result<Pool> {
    let settings = connector.settings();
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_connect(connector.config.clone(), connector.clone(), config))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(wait))
        .create_timeout(Some(TIMEOUT))
        .post_create(Hook::async_fn(move |client, _| {
            let settings = settings.clone();
            Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
        }));
    pool.build().map_err(|e| Error::Options(e.to_string()))
}

fn messages<S>(mut connection: Connection<Socket, S>) -> Messages
where
    S: io::AsyncRead + io::AsyncWrite + Unpin + Send + 'static,
{
    stream::poll_fn(move |cx| connection.poll_message(cx)).boxed()
}

/// An error of the driver with its causes, without the connection string.
pub(super) fn reason(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// TLS that trusts what the operating system trusts.
fn tls() -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err(Error::Options("sslmode asks for TLS, but this machine trusts no certificate".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Options(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
