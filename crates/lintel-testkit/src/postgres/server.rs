//! Starting the server that all tests share, and having it stopped when nobody uses it any more.

use std::{
    env,
    fs::{self, File},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use super::binaries;
use crate::settings::setting;

/// The server, kept running while this value or a clone of it lives.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// The connection string up to the name of the database.
    base: String,
    folder: PathBuf,
    /// Held shared: somebody uses the server.
    _using: Arc<File>,
}

/// Takes the server down once `users.lock` has been free at fifteen looks in a row, one a second. It holds the lock
/// while doing so: a test that comes meanwhile waits, and then starts the next server.
const WATCH: &str = r#"
folder=$1 pid=$2 free=0
exec 9>>"$folder/users.lock"
while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if flock -n -x 9; then
        free=$((free + 1))
        if [ "$free" -ge 15 ]; then
            kill -INT "$pid"
            while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
            rm -rf "$folder/data"
            exit 0
        fi
        flock -u 9
    else
        free=0
    fi
done
"#;

/// How a server begins that has no replicas, and one that may have some.
pub(super) const ALONE: &str = "-c max_wal_senders=0 -c wal_level=minimal";
pub(super) const FOLLOWED: &str = "-c max_wal_senders=5 -c wal_level=replica";

/// Somebody who may run the server: PostgreSQL refuses to run as root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

/// The shared server, started when no test has started it. `None` when PostgreSQL is not installed.
pub(super) async fn shared() -> Option<Server> {
    let given = setting("LINTEL_TEST_POSTGRES_URL");
    let programs = binaries::folder();
    if programs.is_none() && given.is_none() {
        missing();
        return None;
    }
    let account = account();
    let folder = folder();
    let using = settle(&folder, account);
    let base = given.unwrap_or_else(|| base(&folder));
    let server = Server { base, folder, _using: Arc::new(using) };
    let starting = server.lock("start.lock");
    if let Err(error) = super::connect(&server.url("postgres")).await {
        let programs = programs.unwrap_or_else(|| panic!("LINTEL_TEST_POSTGRES_URL: {error}"));
        init(&programs, &server.folder, account);
        start(&programs, &server.folder, account, ALONE);
        watch(&server.folder);
    }
    drop(starting);
    Some(server)
}

impl Server {
    pub(super) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base.trim_end_matches('/'))
    }

    /// Held until dropped; one holder in all processes.
    pub(super) fn lock(&self, name: &str) -> File {
        let file = open(&self.folder, name);
        file.lock().expect("files can be locked");
        file
    }
}

/// Makes the folder of a server, and the lock that says somebody uses it.
pub(super) fn settle(folder: &Path, account: Option<Account>) -> File {
    fs::create_dir_all(folder).expect("the temporary folder takes folders");
    if let Some(Account { uid, gid }) = account {
        chown(folder, Some(uid), Some(gid)).expect("root may give folders away");
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("the folder is ours");
    let using = open(folder, "users.lock");
    using.lock_shared().expect("files can be locked");
    using
}

/// The connection string of the server in a folder, up to the name of the database.
pub(super) fn base(folder: &Path) -> String {
    let host = folder.to_str().expect("the temporary folder has a plain name").replace('/', "%2F");
    format!("postgres://postgres@{host}")
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests has to learn that some were skipped")]
pub(super) fn missing() {
    let message = "PostgreSQL is not installed: install the package postgresql (15 or newer) to run its tests";
    assert!(!super::is_required(), "{message}");
    eprintln!("skipped: {message}");
}

fn open(folder: &Path, name: &str) -> File {
    let mut options = File::options();
    options.read(true).append(true).create(true).open(folder.join(name)).expect("the folder takes files")
}

/// One folder per user, so that two users' tests do not meet.
fn folder() -> PathBuf {
    let uid = fs::metadata("/proc/self").map_or(0, |process| process.uid());
    env::temp_dir().join(format!("lintel-testkit-{uid}"))
}

/// The account `postgres`, else `nobody`, when these tests run as root.
pub(super) fn account() -> Option<Account> {
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() != 0) {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse::<u32>);
        Some(Account { uid: ids.next()?.ok()?, gid: ids.next()?.ok()? })
    };
    find("postgres").or_else(|| find("nobody"))
}

/// Runs one of PostgreSQL's programs to its end.
pub(super) fn run(programs: &Path, account: Option<Account>, program: &str, arguments: &[&str]) {
    let mut command = Command::new(programs.join(program));
    command.args(arguments).current_dir("/").stdin(Stdio::null());
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    let output = command.output().expect("PostgreSQL's programs can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {said}");
}

/// Makes an empty cluster.
pub(super) fn init(programs: &Path, folder: &Path, account: Option<Account>) {
    let data = folder.join("data");
    let _ = fs::remove_dir_all(&data);
    let data = data.to_string_lossy();
    let arguments = ["-D", &data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    run(programs, account, "initdb", &arguments);
}

/// Starts the cluster of a folder and waits until it takes connections.
pub(super) fn start(programs: &Path, folder: &Path, account: Option<Account>, role: &str) {
    let (data, log) = (folder.join("data"), folder.join("server.log"));
    // Durable like a real server; LINTEL_TEST_POSTGRES_FSYNC=off trades that for speed.
    let fsync = setting("LINTEL_TEST_POSTGRES_FSYNC").filter(|value| value == "off").map_or("on", |_| "off");
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync={fsync} -c max_connections=300 \
         -c shared_buffers=64MB {role} -c log_min_messages=error",
        folder.display()
    );
    let arguments = ["start", "-w", "-D", &data.to_string_lossy(), "-l", &log.to_string_lossy(), "-o", &options];
    run(programs, account, "pg_ctl", &arguments);
}

/// Starts the watching process, which outlives this one.
#[expect(clippy::zombie_processes, reason = "it is meant to outlive whoever starts it")]
pub(super) fn watch(folder: &Path) {
    let first_line = fs::read_to_string(folder.join("data/postmaster.pid")).expect("a running server has a pid file");
    let pid = first_line.lines().next().unwrap_or_default().to_owned();
    Command::new("/bin/sh")
        .args(["-c", WATCH, "watch"])
        .arg(folder)
        .arg(pid)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell can be started");
}
