//! Redis servers of a test's own, to be stopped, frozen and started again, with replicas and a sentinel if wanted.

use std::{
    cell::RefCell,
    env, fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use crate::settings::{is_required, setting};

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Kills the server once the test's process is no more, however it ended.
const WATCH: &str =
    r#"while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 1; done; kill -KILL "$2" 2>/dev/null"#;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A server of one's own that keeps nothing on disk. Dropping it stops it.
#[derive(Debug)]
pub struct Own {
    folder: PathBuf,
    port: u16,
    role: Role,
    server: RefCell<Running>,
}

/// What a server is there for; with the port of the one that it copies or watches.
#[derive(Clone, Copy, Debug)]
enum Role {
    Alone,
    ReplicaOf(u16),
    SentinelOf(u16),
}

/// The name under which a sentinel knows the server that it watches.
pub const WATCHED: &str = "main";

/// The server, and who looks after it.
#[derive(Debug)]
struct Running {
    server: Child,
    watch: Child,
}

impl Running {
    fn end(&mut self) {
        for child in [&mut self.server, &mut self.watch] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Own {
    /// Starts one on a free port. `None`, after one line on standard error, when Redis is not installed.
    ///
    /// # Panics
    /// When it cannot be started; and when Redis is not installed although `LINTEL_TEST_REQUIRE_REDIS` is set.
    pub fn start() -> Option<Self> {
        Self::start_as(Role::Alone)
    }

    /// One that copies everything from this one.
    ///
    /// # Panics
    /// As [`Own::start`] does.
    #[must_use]
    pub fn replica(&self) -> Self {
        Self::start_as(Role::ReplicaOf(self.port)).expect("Redis is installed")
    }

    /// One that watches this one as [`WATCHED`], and soon has a replica take over from it when it is gone.
    ///
    /// # Panics
    /// As [`Own::start`] does.
    #[must_use]
    pub fn sentinel(&self) -> Self {
        Self::start_as(Role::SentinelOf(self.port)).expect("Redis is installed")
    }

    fn start_as(role: Role) -> Option<Self> {
        let is_there = |folder: PathBuf| folder.join("redis-server").is_file();
        if !setting("PATH").is_some_and(|path| env::split_paths(&path).any(is_there)) {
            missing();
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("lintel-testkit-redis-{}-{number}", process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder takes folders");
        // Somebody else may take the port between the look and the start; then there is another one.
        for _ in 0..5 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
            let port = free.local_addr().expect("it is bound").port();
            drop(free);
            if let Some(server) = run(&folder, port, role) {
                return Some(Self { folder, port, role, server: RefCell::new(server) });
            }
        }
        panic!("redis-server does not start on any port");
    }

    /// The connection string; of a sentinel, that of the server that it watches.
    pub fn url(&self) -> String {
        match self.role {
            Role::Alone | Role::ReplicaOf(_) => format!("redis://127.0.0.1:{}", self.port),
            Role::SentinelOf(_) => format!("redis-sentinel://127.0.0.1:{}#{WATCHED}", self.port),
        }
    }

    /// Stops its process in the middle of whatever it does: connections stay, and nothing is answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Kills it.
    pub fn kill(&self) {
        self.server.borrow_mut().end();
    }

    /// Starts it again, on the same port and empty.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        let mut server = self.server.borrow_mut();
        server.end();
        *server = run(&self.folder, self.port, self.role).expect("the port is still free");
    }

    /// What it answers to a command of plain words, as it is sent; nothing when it does not answer.
    pub fn ask(&self, words: &[&str]) -> String {
        ask(self.port, words).unwrap_or_default()
    }

    /// The value of a field of `INFO`, when it is a number.
    pub fn info(&self, field: &str) -> Option<u64> {
        self.ask(&["INFO", "everything"])
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':')?.parse().ok())
    }

    fn signal(&self, signal: &str) {
        let pid = self.server.borrow().server.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().expect("there is a kill");
        assert!(sent.success(), "kill {signal} {pid}");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts a server and waits until it answers; `None` when it ends instead.
fn run(folder: &Path, port: u16, role: Role) -> Option<Running> {
    let port_text = port.to_string();
    let mut command = Command::new("redis-server");
    match role {
        Role::Alone => {}
        Role::ReplicaOf(port) => {
            command.args(["--replicaof", "127.0.0.1", &port.to_string()]);
        }
        Role::SentinelOf(port) => {
            let file = folder.join("sentinel.conf");
            // It begins to look for replicas at once, and needs nobody to agree with it.
            let watch = format!(
                "sentinel monitor {WATCHED} 127.0.0.1 {port} 1\nsentinel down-after-milliseconds {WATCHED} 300\n\
                 sentinel failover-timeout {WATCHED} 1500\n"
            );
            fs::write(&file, watch).expect("the folder is ours");
            command.arg(file).arg("--sentinel");
        }
    }
    command.args(["--port", &port_text, "--bind", "127.0.0.1"]);
    if !matches!(role, Role::SentinelOf(_)) {
        command.args(["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]);
    }
    let server =
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let watch = ["-c", WATCH, "watch", &process::id().to_string(), &server.id().to_string()].map(str::to_owned);
    let watch = Command::new("sh")
        .args(watch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell");
    let mut running = Running { server, watch };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if running.server.try_wait().ok()?.is_some() {
            break;
        }
        // Whoever else answers at the port is not this one.
        let own = format!("process_id:{}\r", running.server.id());
        if ask(port, &["INFO", "server"]).is_some_and(|answer| answer.lines().any(|line| format!("{line}\r") == own)) {
            return Some(running);
        }
        std::thread::yield_now();
    }
    running.end();
    None
}

fn ask(port: u16, words: &[&str]) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        command.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
    }
    // It closes the connection behind the answer; a sentinel does not know the word.
    command += "*1\r\n$4\r\nQUIT\r\n";
    stream.write_all(command.as_bytes()).ok()?;
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece).ok()?;
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        if read == 0 || text.contains("-ERR unknown command 'QUIT'") {
            return Some(text.into_owned());
        }
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests has to learn that some were skipped")]
fn missing() {
    let message = "Redis is not installed: install the package redis-server to run its tests";
    assert!(!is_required("LINTEL_TEST_REQUIRE_REDIS"), "{message}");
    eprintln!("skipped: {message}");
}
