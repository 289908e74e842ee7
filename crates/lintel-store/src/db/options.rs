//! How a store is opened: where it is, how many connections, how long to wait.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use super::tx::Emitted;
use crate::{Error, Result};

/// How a store is opened. The defaults suit one machine with two cores.
#[derive(Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…` (several hosts allowed).
    pub url: String,
    /// PostgreSQL: the connection strings of its read replicas.
    pub replicas: Vec<String>,
    /// Bring the schema up to date when opening; when false, an old schema is an error.
    pub migrate: bool,
    /// The longest a read may run, and the longest one statement of a write on PostgreSQL.
    pub statement_timeout: Duration,
    /// The longest a call waits for a free connection or a place in line.
    pub wait_timeout: Duration,
    /// Statements slower than this are logged, without parameters.
    pub slow_statement: Duration,
    /// SQLite: threads that read.
    pub readers: usize,
    /// SQLite: connections for reads of a few indexed rows on the caller's own thread.
    pub inline_readers: usize,
    /// Places in the line before the SQLite writer, and in the line before its readers.
    pub queue: usize,
    /// SQLite: the most writes that share one commit.
    pub group_writes: usize,
    /// SQLite: no further write joins a commit that has been open this long.
    pub group_time: Duration,
    /// SQLite: the page cache of the writer, in bytes; each reader has a small part of it.
    pub cache_bytes: usize,
    /// PostgreSQL: connections for writes and for reads of many rows.
    pub connections: usize,
    /// PostgreSQL: connections that many callers share for reads of a few indexed rows, pipelined.
    pub shared_connections: usize,
    /// How often the log is looked at for writes by other processes, when no wake-up came.
    pub poll: Duration,
    /// Hears of every write of this process.
    pub on_commit: OnCommit,
}

/// Hears of the events of a commit of this process: after they can be read, and before whoever wrote is told so. It holds up
/// the writer of SQLite, so it must be quick.
#[derive(Clone, Default)]
pub struct OnCommit(Option<Arc<Hear>>);

type Hear = dyn Fn(&[Emitted]) + Send + Sync;

impl OnCommit {
    /// Calls `hear` with the events of each commit that has any.
    pub fn new(hear: impl Fn(&[Emitted]) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    pub(super) fn tell(&self, events: &[Emitted]) {
        if let Self(Some(hear)) = self {
            hear(events);
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "sqlite:lintel.db".to_owned(),
            replicas: Vec::new(),
            migrate: true,
            statement_timeout: Duration::from_secs(30),
            wait_timeout: Duration::from_secs(5),
            slow_statement: Duration::from_millis(50),
            readers: 4,
            inline_readers: 4,
            queue: 16_384,
            group_writes: 512,
            group_time: Duration::from_millis(4),
            cache_bytes: 64 << 20,
            connections: 16,
            shared_connections: 2,
            poll: Duration::from_millis(200),
            on_commit: OnCommit::default(),
        }
    }
}

/// The engine that a connection string names.
#[derive(Debug)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Options {
    /// The defaults, for the database at `url`.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    pub(crate) fn target(&self) -> Result<Target> {
        if self.readers == 0 || self.connections == 0 || self.queue == 0 || self.group_writes == 0 {
            return Err(Error::Options("sizes must be at least 1".into()));
        }
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" {
                return Err(Error::Options("sqlite: needs the path of a file".into()));
            }
            if !self.replicas.is_empty() {
                return Err(Error::Options("read replicas are of PostgreSQL, and the database is SQLite".into()));
            }
            return Ok(Target::Sqlite(PathBuf::from(path)));
        }
        if is_postgres(&self.url) {
            if !self.replicas.iter().all(|url| is_postgres(url)) {
                return Err(Error::Options("the url of a replica must begin with postgres:".into()));
            }
            return Ok(Target::Postgres(self.url.clone()));
        }
        Err(Error::Options("the url must begin with sqlite: or postgres://".into()))
    }

    /// The url without user, password and query: what may be shown and logged.
    pub fn redacted_url(&self) -> String {
        redacted(&self.url)
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// A url without user, password and query.
pub(super) fn redacted(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.starts_with("sqlite:") { url.to_owned() } else { "…".to_owned() };
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{rest}")
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("url", &self.redacted_url())
            .field("migrate", &self.migrate)
            .field("readers", &self.readers)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_shown_without_its_secrets() {
        let shown = |url: &str| format!("{:?}", Options::at(url));
        assert!(!shown("postgres://ann:s3cret@db:5432/lintel?sslpassword=s3cret").contains("s3cret"));
        assert!(!shown("postgres://ann:s3@cret@db/lintel").contains("s3"));
        assert!(!shown("mysql:s3cret").contains("s3cret"));
        assert!(shown("postgres://ann:s3cret@db:5432/lintel").contains("postgres://db:5432/lintel"));
    }

    #[test]
    fn the_url_names_the_engine() {
        assert!(matches!(Options::at("sqlite:a/b.db").target(), Ok(Target::Sqlite(p)) if p.to_str() == Some("a/b.db")));
        assert!(matches!(Options::at("sqlite:///a.db").target(), Ok(Target::Sqlite(p)) if p.to_str() == Some("/a.db")));
        assert!(matches!(Options::at("postgresql://h/d").target(), Ok(Target::Postgres(_))));
        assert!(Options::at("sqlite:").target().is_err());
        assert!(Options::at("mysql://h/d").target().is_err());
    }

    #[test]
    fn replicas_are_of_postgres() {
        let with =
            |url: &str, replica: &str| Options { replicas: vec![replica.to_owned()], ..Options::at(url) }.target();
        assert!(with("postgres://h/d", "postgresql://r/d").is_ok());
        assert!(with("postgres://h/d", "sqlite:a.db").is_err());
        assert!(with("sqlite:a.db", "postgres://r/d").is_err());
    }
}
