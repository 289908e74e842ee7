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

/// How long nothing may be at work before a server counts as settled, and the longest wait for it.
const QUIET: Duration = Duration::from_secs(3);
const SETTLING: Duration = Duration::from_mins(30);

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
    /// `HOST:PORT` of the metrics, if it has any.
    metrics: Option<String>,
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
        let mut server = Self { child, started, api: String::new(), metrics: None };
        let mut line = String::new();
        let mut reader = BufReader::new(output);
        while reader.read_line(&mut line)? > 0 {
            if let Some((api, metrics)) = addresses_of(&line) {
                (server.api, server.metrics) = (api.to_owned(), metrics.map(str::to_owned));
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
            pause(LOOK);
        }
    }

    /// Waits until what was set off before is done: for three seconds no job is at work, and every reader is at the end of
    /// the log.
    pub(crate) fn settled(&self) -> Result<()> {
        let (since, mut quiet) = (Instant::now(), Instant::now());
        while quiet.elapsed() < QUIET {
            let metrics = self.metrics.as_ref().and_then(|address| get(address, "/metrics"));
            let metrics = metrics.context("the server tells no metrics")?;
            if is_busy(&String::from_utf8_lossy(&metrics)) {
                quiet = Instant::now();
            }
            ensure!(since.elapsed() < SETTLING, "the server is still busy after {} s", SETTLING.as_secs());
            pause(QUIET / 10);
        }
        Ok(())
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
            pause(LOOK);
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

/// The addresses in `listening http://ADDR metrics http://ADDR`.
fn addresses_of(line: &str) -> Option<(&str, Option<&str>)> {
    let mut words = line.trim().strip_prefix("listening http://")?.split(' ');
    Some((words.next()?, words.find_map(|word| word.strip_prefix("http://"))))
}

/// Whether metrics tell of a job at work or of a reader that is behind the log.
fn is_busy(metrics: &str) -> bool {
    let told = |line: &&str| ["lintel_jobs_running{", "lintel_events_lag{"].iter().any(|name| line.starts_with(name));
    metrics.lines().filter(told).any(|line| !line.ends_with(" 0"))
}

/// The status that a path is answered with, or `None` if there is no answer.
fn status(address: &str, path: &str) -> Option<u16> {
    std::str::from_utf8(get(address, path)?.get(..12)?).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

/// What a path is answered with, head and body.
fn get(address: &str, path: &str) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    // Read to its end: closing on unread bytes would look like a fault to the server.
    let mut answer = Vec::new();
    stream.take(MOST_READ).read_to_end(&mut answer).ok()?;
    Some(answer)
}

#[expect(clippy::disallowed_methods, reason = "another process is looked at again and again; it cannot call back")]
fn pause(time: Duration) {
    thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::process::Command;
    use std::thread;

    use super::{Server, addresses_of, is_busy};

    /// A program that prints the line of a bound server and then runs until it is asked to stop.
    const BOUND: &str = "trap 'kill $!; exit 0' TERM; echo starting; \
        echo \"listening http://$ADDRESS metrics http://$ADDRESS\"; tail -f /dev/null & wait";

    fn program(script: &str, address: &str) -> Command {
        let mut program = Command::new("sh");
        program.args(["-c", script]).env("ADDRESS", address);
        program
    }

    #[test]
    fn the_line_of_a_bound_server_names_its_addresses() {
        let line = "listening http://127.0.0.1:4711 metrics http://127.0.0.1:4712\n";
        assert_eq!(addresses_of(line), Some(("127.0.0.1:4711", Some("127.0.0.1:4712"))));
        assert_eq!(addresses_of("listening http://127.0.0.1:4711\n"), Some(("127.0.0.1:4711", None)));
        assert_eq!(addresses_of("starting"), None);
    }

    #[test]
    fn a_server_is_busy_while_a_job_is_at_work_or_a_reader_is_behind() {
        let waits = "lintel_jobs_queued{kind=\"review_model\"} 3\nlintel_events_lag{follower=\"scorer\"} 0\n";
        assert!(!is_busy(waits));
        assert!(is_busy(&format!("{waits}lintel_jobs_running{{kind=\"rescore_all\"}} 1\n")));
        assert!(is_busy("lintel_events_lag{follower=\"counter\"} 94\n"));
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
