//! A store on a database of its own, on either engine; each contract test runs on both.

use std::ops::Deref;

use lintel_domain::{clock::Time, id::TenantId, rng::Ids};
use lintel_store::{Options, Store, migrate};
use lintel_testkit::postgres;
use uuid::Uuid;

/// The instant at which tests begin: 2026-06-01T00:00:00Z.
pub(crate) const START: Time = Time(1_780_272_000_000_000);

/// An open store and where it lives.
pub(crate) struct Backend {
    store: Store,
    url: String,
    pub(crate) ids: Ids,
    home: Home,
}

/// Removed when dropped.
enum Home {
    Sqlite { _folder: tempfile::TempDir },
    Postgres(postgres::Database),
}

impl Backend {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("lintel.db").display());
        Self::open(url, Home::Sqlite { _folder: folder }).await
    }

    /// `None` when PostgreSQL is not installed.
    pub(crate) async fn postgres() -> Option<Self> {
        let database = postgres::database(&migrate::fingerprint(), async |url| {
            Store::open(Options::at(url)).await.unwrap().close().await;
        })
        .await?;
        Some(Self::open(database.url(), Home::Postgres(database)).await)
    }

    async fn open(url: String, home: Home) -> Self {
        let store = Store::open(options(&url)).await.unwrap();
        Self { store, url, ids: Ids::seeded(1), home }
    }

    /// Another store on the same database, as another process has one.
    pub(crate) async fn another(&self) -> Store {
        Store::open(options(&self.url)).await.unwrap()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file, on SQLite.
    pub(crate) fn file(&self) -> Option<&str> {
        self.url.strip_prefix("sqlite:")
    }

    /// The database, on PostgreSQL.
    pub(crate) fn database(&self) -> Option<&postgres::Database> {
        match &self.home {
            Home::Sqlite { .. } => None,
            Home::Postgres(database) => Some(database),
        }
    }

    /// A client beside the store, on PostgreSQL. It sees every tenant's rows.
    pub(crate) async fn client(&self) -> Option<tokio_postgres::Client> {
        let url = self.database()?.url();
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the connection ends with its client")]
        tokio::spawn(async { drop(connection.await) });
        Some(client)
    }

    pub(crate) fn id(&self) -> Uuid {
        self.ids.next(START)
    }
}

fn options(url: &str) -> Options {
    Options { connections: 8, readers: 2, ..Options::at(url) }
}

impl Deref for Backend {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// A tenant that is the same wherever it has the same number.
pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! on_each_backend {
    ($($(#[$doc:meta])* async fn $name:ident($backend:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs every name")]
            use super::*;

            async fn check($backend: crate::backend::Backend) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                check(crate::backend::Backend::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(backend) = crate::backend::Backend::postgres().await {
                    check(backend).await;
                }
            }
        }
    )+};
}
