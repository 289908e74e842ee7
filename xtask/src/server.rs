//! A server that is started to be measured or tested, on free ports of the loopback.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;

use crate::process::command;

/// Longest wait for a server to bind, to be ready or to stop.
const PATIENCE: Duration = Duration::from_mins(5);

/// Time between two looks at a server that is not ready.
const LOOK: Duration = Duration::from_millis(2);

/// Most bytes that are read of an answer.
const MOST_READ: u64 = 1 << 20;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    child: Child,
    started: Instant,
    /// `HOST:PORT` of the API.
    pub(crate) api: String,
}

/// Memory of a process, in megabytes of 2^20 bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident_mib: f64,
    /// Resident at the most.
    pub(crate) peak_mib: f64,
}

impl Server {
    /// Starts `lintel serve` made by the caller, with free ports added, and waits until it says that it is bound.
    ///
    /// What it logs goes to the file; standard output holds the line that names its addresses.
    pub(crate) fn start(mut serve: Command, log: &Path) -> Result<Self> {
        serve.args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
        Self::start_as_it_is(serve, log)
    }

    /// The same with any program that says where it listens as `lintel serve` does.
    pub(crate) fn start_as_it_is(mut serve: Command, log: &Path) -> Result<Self> {
        let log_file = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let started = Instant::now();
        let mut child = serve.stdout(Stdio::piped()).stderr(log_file).spawn().context("the server does not start")?;
        let output = child.stdout.take().context("the server has no standard output")?;
        let mut server = Self { child, started, api: String::new() };
        let mut line = String::new();
        let mut reader = BufReader::new(output);
        while reader.read_line(&mut line)? > 0 {
            if let Some(api) = api_of(&line) {
                api.clone_into(&mut server.api);
                // The server must never wait for someone to read what it prints.
                thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
                return Ok(server);
            }
            line.clear();
        }
        let told = fs::read_to_string(log).unwrap_or_default();
        bail!("the server ended before it was bound:\n{told}")
    }

    /// Waits until `/readyz` answers 200 and returns the time since the start.
    pub(crate) fn ready(&mut self) -> Result<Duration> {
        loop {
            if status(&self.api, "/readyz") == Some(200) {
                return Ok(self.started.elapsed());
            }
            if let Some(ended) = self.child.try_wait()? {
                bail!("the server ended with {ended} before it was ready");
            }
            ensure!(self.started.elapsed() < PATIENCE, "the server is not ready after {} s", PATIENCE.as_secs());
            pause();
        }
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the process holds in memory.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
            Some(kibibytes / 1024.0)
        };
        let (resident, peak) = (field("VmRSS:"), field("VmHWM:"));
        let (Some(resident_mib), Some(peak_mib)) = (resident, peak) else { bail!("/proc tells no memory") };
        Ok(Memory { resident_mib, peak_mib })
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = command("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "the server cannot be asked to stop");
        let since = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait()? {
                ensure!(ended.success(), "the server stopped with {ended}");
                return Ok(());
            }
            ensure!(since.elapsed() < PATIENCE, "the server does not stop");
            pause();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Nothing more can be done about a process that cannot be ended.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The API address in `listening http://ADDR metrics http://ADDR`.
fn api_of(line: &str) -> Option<&str> {
    line.trim().strip_prefix("listening http://")?.split_whitespace().next()
}

/// The status that a path is answered with, or `None` if there is no answer.
fn status(address: &str, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    // Read to its end: closing on unread bytes would look like a fault to the server.
    let mut answer = Vec::new();
    stream.take(MOST_READ).read_to_end(&mut answer).ok()?;
    std::str::from_utf8(answer.get(..12)?).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "another process is looked at again and again; it cannot call back")]
fn pause() {
    thread::sleep(LOOK);
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::process::Command;
    use std::thread;

    use super::{Server, api_of};

    /// A program that prints the line of a bound server and then runs until it is asked to stop.
    const BOUND: &str = "trap 'kill $!; exit 0' TERM; echo starting; \
        echo \"listening http://$ADDRESS metrics http://$ADDRESS\"; tail -f /dev/null & wait";

    fn program(script: &str, address: &str) -> Command {
        let mut program = Command::new("sh");
        program.args(["-c", script]).env("ADDRESS", address);
        program
    }

    #[test]
    fn the_line_of_a_bound_server_names_its_address() {
        assert_eq!(api_of("listening http://127.0.0.1:4711 metrics http://127.0.0.1:4712\n"), Some("127.0.0.1:4711"));
        assert_eq!(api_of("starting"), None);
    }

    #[test]
    fn a_server_is_ready_when_it_answers_200_and_stops_when_it_is_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let answering = thread::spawn(move || {
            for status in ["503 Service Unavailable", "200 OK"] {
                let (mut stream, _) = listener.accept().expect("a connection");
                // Read to its end: closing on unread bytes would cut the answer off.
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).expect("a request");
                    request.extend(byte);
                }
                assert!(request.starts_with(b"GET /readyz HTTP/1.1\r\n"));
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").expect("an answer");
            }
        });
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Server::start(program(BOUND, &address), &folder.path().join("log")).expect("a server");
        assert_eq!(server.api, address);
        server.ready().expect("ready");
        answering.join().expect("both answers");
        assert!(server.memory().expect("memory").peak_mib > 0.0);
        server.stop().expect("stopped");
    }

    #[test]
    fn a_server_that_ends_at_once_is_an_error_with_its_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let ended = Server::start(program("echo port taken >&2; exit 1", ""), &folder.path().join("log"));
        let error = ended.err().expect("an error").to_string();
        assert!(error.contains("port taken"), "{error}");
    }
}
