//! A server in a process of its own, on free ports and a store of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use lintel_testkit::postgres::Database;
use tempfile::TempDir;

use crate::client::Client;

/// Where a server keeps its data.
pub(crate) enum Backend {
    Sqlite,
    Postgres(Database),
}

/// A folder and a database that servers and commands share.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) backend: Backend,
}

impl Home {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), backend }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program on this home.
    pub(crate) fn lintel(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lintel"));
        command.args(args).arg("--data-dir").arg(self.data_dir()).env("LINTEL__LOG__FILTER", "warn");
        if let Backend::Postgres(database) = &self.backend {
            command.arg("--store-url").arg(database.url());
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.lintel(args).output().unwrap()
    }

    /// Runs a command that has to succeed and reads the JSON it prints.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A new owner's key of a tenant.
    pub(crate) fn key(&self, tenant: &str) -> String {
        let grant = self.json(&["keys", "create", "--tenant", tenant, "--role", "owner", "--json"]);
        grant["key"].as_str().unwrap().to_owned()
    }

    /// Starts a server and waits until it is bound.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self)
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Server {
    fn start(home: &Home) -> Self {
        let mut command = home.lintel(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut addresses = line.split(' ').filter_map(|word| word.trim().strip_prefix("http://")?.parse().ok());
        let (Some(address), Some(metrics)) = (addresses.next(), addresses.next()) else {
            let _ = child.kill();
            panic!("the server did not say where it listens: {line:?}");
        };
        Self { child, address, metrics }
    }

    pub(crate) fn client(&self, key: &str) -> Client {
        Client::connect(self.address, key).unwrap()
    }

    /// Waits until the server is ready and says how long that took.
    pub(crate) fn wait_ready(&self) -> Duration {
        let begun = Instant::now();
        loop {
            if self.client("").get("/readyz").is_ok_and(|answer| answer.status == 200) {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not get ready");
            std::thread::yield_now();
        }
    }

    /// Kills the server as a power cut would: no signal handler, no flush.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the server to stop and waits for it; whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        resident_bytes(Path::new(&format!("/proc/{}/status", self.child.id())), "VmRSS:")
    }

    /// The most memory that was resident at once, in bytes.
    pub(crate) fn peak_bytes(&self) -> u64 {
        resident_bytes(Path::new(&format!("/proc/{}/status", self.child.id())), "VmHWM:")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resident_bytes(status: &Path, field: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Runs a test on both engines; PostgreSQL is passed over, with a line that says so, where it is not installed.
#[macro_export]
macro_rules! on_each_engine {
    ($($name:ident;)+) => {
        mod sqlite { $(#[test] fn $name() { super::$name($crate::server::Home::new($crate::server::Backend::Sqlite)); })+ }
        mod postgres { $(#[test] fn $name() {
            if let Some(database) = lintel_testkit::postgres::database() {
                super::$name($crate::server::Home::new($crate::server::Backend::Postgres(database)));
            }
        })+ }
    };
}
