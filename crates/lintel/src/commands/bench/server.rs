//! The server that is measured: this program again, as a process of its own, with the settings that ship.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use lintel_load::hooks;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use super::store::Copy;
use crate::{commands::healthcheck, part::Part};

/// Longest wait for a server to be ready or to stop.
const PATIENCE: Duration = Duration::from_mins(5);
/// Time between two looks at a server that is not ready.
const LOOK: Duration = Duration::from_millis(20);

/// A running server; dropped, it is ended.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it on free ports and waits until it says that it is bound. What it logs goes to `server.log` beside its store.
    pub(super) fn start(store: &Copy, without: Option<Part>) -> anyhow::Result<Self> {
        let log = store.log();
        let log_file = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mut serve = Command::new(program);
        // What is set for the real server is not meant for this one.
        serve.env_clear();
        serve.env("LINTEL__CRM__HIGHLEVEL__WEBHOOK_KEYS", hooks::public_key());
        serve.env("LINTEL__MEASURE__WITHOUT", without.map_or("", Part::name));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--data-dir"]);
        serve.arg(store.data()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log_file);
        let mut child = serve.spawn().context("the server does not start")?;
        let output = child.stdout.take().context("the server has no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let bound = lines.by_ref().map_while(Result::ok).find_map(|line| address_in(&line));
        // It must never wait for somebody to read what it says.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let Some(address) = bound else {
            let _ = child.wait();
            bail!("the server ended before it was bound; {} tells why", log.display());
        };
        Ok(Self { child, address })
    }

    /// Waits until it takes requests.
    pub(super) async fn ready(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            match healthcheck::check(self.address).await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => sleep(LOOK).await,
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to stop, and waits until it has.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("the server has no number")?;
        kill_process(pid, Signal::TERM).context("the server cannot be asked to stop")?;
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(ended) = self.child.try_wait()? {
                ensure!(ended.success(), "the server stopped with {ended}");
                return Ok(());
            }
            ensure!(Instant::now() < until, "the server does not stop");
            sleep(LOOK).await;
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

/// The address of the API in `listening http://ADDR metrics http://ADDR`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.strip_prefix("listening http://")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_bound_server_names_its_address() {
        let line = "listening http://127.0.0.1:4711 metrics http://127.0.0.1:4712";
        assert_eq!(address_in(line), Some(SocketAddr::from(([127, 0, 0, 1], 4711))));
        assert_eq!(address_in("listening"), None);
    }
}
