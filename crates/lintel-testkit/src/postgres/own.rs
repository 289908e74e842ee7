//! Servers of a test's own, which it may stop, kill and promote.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    binaries,
    server::{ALONE, Account, FOLLOWED, account, base, init, missing, run, settle, start, watch},
};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A server of one's own, for tests that stop it. Dropping it stops it and removes its files.
#[derive(Debug)]
pub struct Own {
    programs: PathBuf,
    folder: PathBuf,
    account: Option<Account>,
    role: &'static str,
    _using: File,
}

impl Own {
    /// Makes and starts one. `None`, after one line on standard error, when PostgreSQL is not installed.
    ///
    /// # Panics
    /// As [`super::database`] does.
    pub fn start() -> Option<Self> {
        Self::start_as(ALONE)
    }

    /// The same, as a primary that [`Own::replica`] can be called for.
    pub fn start_primary() -> Option<Self> {
        Self::start_as(FOLLOWED)
    }

    fn start_as(role: &'static str) -> Option<Self> {
        let Some(programs) = binaries::folder() else {
            missing();
            return None;
        };
        let own = Self::settled(programs, account(), role);
        init(&own.programs, &own.folder, own.account);
        own.restart();
        Some(own)
    }

    /// A folder of its own, still empty.
    fn settled(programs: PathBuf, account: Option<Account>, role: &'static str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("lintel-testkit-own-{}-{number}", process::id()));
        let using = settle(&folder, account);
        Self { programs, folder, account, role, _using: using }
    }

    /// A streaming replica of this primary, which takes connections already.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn replica(&self) -> Self {
        let replica = Self::settled(self.programs.clone(), self.account, FOLLOWED);
        let (host, data) = (self.folder.to_string_lossy(), replica.folder.join("data"));
        let data = data.to_string_lossy();
        let arguments = ["-h", &host, "-U", "postgres", "-D", &data, "-R", "-X", "stream", "-c", "fast", "--no-sync"];
        run(&binaries::behind_links(&self.programs), self.account, "pg_basebackup", &arguments);
        replica.restart();
        replica
    }

    /// The connection string that names this server and another, whichever takes writes.
    pub fn url_with(&self, other: &Self) -> String {
        let host = |own: &Self| base(&own.folder).replace("postgres://postgres@", "");
        format!("postgres://postgres@{},{}/postgres", host(self), host(other))
    }

    /// Makes a replica a primary, and waits until it is one.
    pub fn promote(&self) {
        let data = self.folder.join("data");
        run(&self.programs, self.account, "pg_ctl", &["promote", "-w", "-D", &data.to_string_lossy()]);
    }

    /// Kills the server with SIGKILL, and with it the processes of its connections, which would answer a little longer.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let first_line = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("the server runs");
        let pid = first_line.lines().next().unwrap_or_default();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        // One that ends by itself meanwhile is as dead.
        let mut arguments = vec!["-c", "kill -KILL \"$@\" || true", "kill", pid];
        arguments.extend(children.split_whitespace());
        run(Path::new("/bin"), self.account, "sh", &arguments);
        fs::remove_file(self.folder.join("data/postmaster.pid")).expect("its folder is ours");
    }

    /// The connection string of its one database.
    pub fn url(&self) -> String {
        format!("{}/postgres", base(&self.folder))
    }

    /// Stops it as a crash would: nothing is flushed, and the next start recovers from the log.
    pub fn stop_immediately(&self) {
        let data = self.folder.join("data");
        let arguments = ["stop", "-w", "-m", "immediate", "-D", &data.to_string_lossy()];
        run(&self.programs, self.account, "pg_ctl", &arguments);
    }

    /// Starts it again after it was stopped, and waits until it takes connections.
    pub fn restart(&self) {
        start(&self.programs, &self.folder, self.account, self.role);
        watch(&self.folder);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if self.folder.join("data/postmaster.pid").exists() {
            self.stop_immediately();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}
