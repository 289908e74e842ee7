//! One PostgreSQL server for all tests, and for each test a database of its own, copied from a prepared template.
//!
//! Every test may be a process of its own, so the server belongs to none of them. The first test starts it below the
//! temporary folder; each test holds a shared lock on `users.lock` for as long as its process lives; a small watching
//! process takes the server down and removes its files once nobody has held that lock for some seconds. Tests that are
//! killed release the lock like any other. `LINTEL_TEST_POSTGRES_URL` names another server to use instead.

mod binaries;
mod own;
mod server;

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use self::server::Server;
use crate::settings;

pub use self::own::Own;

/// A database of one's own. Dropping it removes it, with whoever is still connected.
#[derive(Debug)]
pub struct Database {
    server: Server,
    name: String,
}

/// The role that programs and tests have in their databases, which it owns: row security does not hold for superusers.
const ROLE: &str = "lintel_test";

static SERVER: OnceCell<Option<Server>> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A new database with what `prepare` put into the template of that name. `prepare` runs once for all tests and gets
/// the template's url; it must have disconnected when it returns. A template is kept as long as the server, so its name
/// has to change with its contents.
///
/// `None`, after one line on standard error, when PostgreSQL is not installed: the test then passes as skipped.
///
/// # Panics
/// When the server cannot be started or used; and when PostgreSQL is not installed although
/// `LINTEL_TEST_REQUIRE_POSTGRES` is set.
pub async fn database(template: &str, prepare: impl AsyncFnOnce(String)) -> Option<Database> {
    let server = SERVER.get_or_init(server::shared).await.clone()?;
    let template = format!("template_{}", template.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
    let admin = connect(&server.url("postgres")).await.expect("the test server takes connections");
    make_template(&server, &admin, &template, prepare).await;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", process::id());
    run(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    run(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {ROLE}")).await;
    Some(Database { server, name })
}

impl Database {
    /// The connection string.
    pub fn url(&self) -> String {
        as_role(&self.server.url(&self.name))
    }

    /// Ends every connection to the database, as a restart of the server would.
    pub async fn disconnect_all(&self) {
        let admin = connect(&self.server.url("postgres")).await.expect("the test server takes connections");
        let ended = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        run(&admin, &ended).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (url, name) = (self.server.url("postgres"), self.name.clone());
        // A runtime cannot be entered from within another, so the removal has a thread of its own.
        let removing = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                if let Ok(admin) = connect(&url).await {
                    let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                }
            });
        });
        let _ = removing.join();
    }
}

/// The connection string for what the ordinary role may do.
fn as_role(url: &str) -> String {
    format!("{url}{}options=-c%20role%3D{ROLE}", if url.contains('?') { '&' } else { '?' })
}

/// Makes the template if no test has made it yet. It counts as made once the server knows it as a template.
async fn make_template(server: &Server, admin: &Client, template: &str, prepare: impl AsyncFnOnce(String)) {
    let made = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate";
    let is_made = async || !admin.query(made, &[&template]).await.expect("the test server answers").is_empty();
    if is_made().await {
        return;
    }
    let _alone = server.lock("template.lock");
    if is_made().await {
        return;
    }
    run(admin, &format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)")).await;
    if admin.query("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&ROLE]).await.expect("the server answers").is_empty()
    {
        run(admin, &format!("CREATE ROLE {ROLE}")).await;
    }
    run(admin, &format!("CREATE DATABASE {template} OWNER {ROLE}")).await;
    prepare(as_role(&server.url(template))).await;
    let ended = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'");
    run(admin, &ended).await;
    run(admin, &format!("ALTER DATABASE {template} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")).await;
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    #[expect(clippy::disallowed_methods, reason = "the connection ends with its client; tests have no task tracker")]
    tokio::spawn(async { drop(connection.await) });
    Ok(client)
}

async fn run(admin: &Client, sql: &str) {
    if let Err(error) = admin.batch_execute(sql).await {
        panic!("{sql}: {error:?}");
    }
}

/// Whether tests that need PostgreSQL have to fail when it is missing.
fn is_required() -> bool {
    settings::is_required("LINTEL_TEST_REQUIRE_POSTGRES")
}
