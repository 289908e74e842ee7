//! A server in a process of its own, on free ports and a store of its own.

use std::{
    cell::Cell,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use lintel_store::{Options, Store, migrate};
use lintel_testkit::postgres::{self, Database, Own};
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;

/// Where a server keeps its data.
pub(crate) enum Backend {
    Sqlite,
    Postgres(Database),
    /// On a PostgreSQL server that the test may stop.
    Own(Own),
    /// On a primary and its replica, either of which the test may stop.
    Pair(Own, Own),
}

impl Backend {
    /// A database with the schema in it; `None` when PostgreSQL is not installed.
    pub(crate) fn postgres() -> Option<Self> {
        let prepare = async |url: String| Store::open(Options::at(url)).await.unwrap().close().await;
        wait_for(postgres::database(&migrate::fingerprint(), prepare)).map(Self::Postgres)
    }

    /// A primary and its replica; `None` when PostgreSQL is not installed.
    pub(crate) fn pair() -> Option<Self> {
        let primary = Own::start_primary()?;
        let replica = primary.replica();
        Some(Self::Pair(primary, replica))
    }
}

/// Waits for work of the crates that are called in these tests' own process.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Asks again and again until there is an answer; how long it took.
pub(crate) fn eventually<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> (T, Duration) {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return (answer, begun.elapsed());
        }
        assert!(begun.elapsed() < within, "{what}: not within {within:?}");
        std::thread::yield_now();
    }
}

/// A folder and a database that servers and commands share.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) backend: Backend,
    logs: Cell<u32>,
}

impl Home {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), backend, logs: Cell::new(0) }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the data folder and says where it is.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A command of the program on this home.
    pub(crate) fn lintel(&self, args: &[&str]) -> Command {
        self.lintel_in(&self.data_dir(), args)
    }

    fn lintel_in(&self, data_dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lintel"));
        command.args(args).arg("--data-dir").arg(data_dir).env("LINTEL__LOG__FILTER", "warn");
        match &self.backend {
            Backend::Sqlite => {}
            Backend::Postgres(database) => drop(command.arg("--store-url").arg(database.url())),
            Backend::Own(own) => drop(command.arg("--store-url").arg(own.url())),
            Backend::Pair(primary, replica) => {
                command.arg("--store-url").arg(primary.url_with(replica));
                command.env("LINTEL__STORE__REPLICAS", replica.url());
            }
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.lintel(args).output().unwrap()
    }

    /// Runs a command that has to end with this code, and reads the JSON it prints.
    pub(crate) fn json_with(&self, code: i32, args: &[&str]) -> Value {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs a command that has to succeed, and reads the JSON it prints.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        self.json_with(0, args)
    }

    /// Runs a command that has to end with this code, and reads what it says on standard error.
    pub(crate) fn complaint(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        said
    }

    /// A new owner's key of a tenant.
    pub(crate) fn key(&self, tenant: &str) -> String {
        let grant = self.json(&["keys", "create", "--tenant", tenant, "--role", "owner", "--json"]);
        grant["key"].as_str().unwrap().to_owned()
    }

    /// Starts a server and waits until it is bound.
    pub(crate) fn serve(&self) -> Server {
        self.serve_in("data")
    }

    /// Starts another server on the same database, with a data folder of its own.
    pub(crate) fn serve_in(&self, data_dir: &str) -> Server {
        self.serve_with(data_dir, &[])
    }

    /// The same with further flags.
    pub(crate) fn serve_with(&self, data_dir: &str, flags: &[&str]) -> Server {
        self.logs.set(self.logs.get() + 1);
        let log = self.path(&format!("server-{}.log", self.logs.get()));
        let serve = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
        Server::start(self.lintel_in(&self.path(data_dir), &[&serve[..], flags].concat()), log)
    }

    /// Whether the embedded database is whole, to its last page.
    pub(crate) fn check_integrity(&self) {
        if matches!(self.backend, Backend::Sqlite) {
            wait_for(lintel_store::check_backup(self.data_dir().join("lintel.db"))).unwrap();
        }
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    begun: Instant,
    log: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Server {
    fn start(mut command: Command, log: PathBuf) -> Self {
        command.env("LINTEL__LOG__FILTER", "info").stderr(File::create(&log).unwrap()).stdout(Stdio::piped());
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut addresses = line.split(' ').filter_map(|word| word.trim().strip_prefix("http://")?.parse().ok());
        let (Some(address), Some(metrics)) = (addresses.next(), addresses.next()) else {
            let _ = child.kill();
            panic!("the server did not say where it listens: {line:?}, {}", fs::read_to_string(&log).unwrap());
        };
        Self { child, begun, log, address, metrics }
    }

    pub(crate) fn client(&self, key: &str) -> Client {
        Client::connect(self.address, key).unwrap()
    }

    /// Waits until the server is ready; how long it took since the process was started.
    pub(crate) fn wait_ready(&self) -> Duration {
        eventually("the server is ready", Duration::from_mins(1), || self.is_ready().then_some(()));
        self.begun.elapsed()
    }

    /// Whether it says that it can take requests.
    pub(crate) fn is_ready(&self) -> bool {
        let asked = Client::connect(self.address, "").and_then(|mut client| client.get("/readyz"));
        asked.is_ok_and(|answer| answer.status == 200)
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Kills the server as a power cut would: no signal handler, no flush.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the server to stop.
    pub(crate) fn tell_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Asks the server to stop and waits for it; whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        self.tell_to_stop();
        self.child.wait().unwrap().success()
    }

    /// Resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most memory that was resident at once, in bytes, since [`Server::forget_peak`].
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// Begins to measure the peak of memory anew.
    pub(crate) fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// How many of its threads have this name.
    pub(crate) fn threads(&self, name: &str) -> usize {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        // A thread may end while it is looked at.
        let names = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        names.filter(|found| found.trim_end() == name).count()
    }

    fn memory(&self, field: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a test on both engines; PostgreSQL is passed over, with a line that says so, where it is not installed.
macro_rules! on_each_engine {
    ($($(#[$doc:meta])* fn $name:ident($home:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports, reason = "not every test needs every name")]
            use super::*;

            fn check($home: &crate::server::Home) $body

            #[test]
            fn on_sqlite() {
                check(&crate::server::Home::new(crate::server::Backend::Sqlite));
            }

            #[test]
            fn on_postgres() {
                if let Some(backend) = crate::server::Backend::postgres() {
                    check(&crate::server::Home::new(backend));
                }
            }
        }
    )+};
}
