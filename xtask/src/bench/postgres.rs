//! Databases of a PostgreSQL server that is measured with, made and copied by `psql`.

use anyhow::Result;

use crate::process::{command, read};

/// A database.
pub(crate) struct Postgres {
    /// `postgres://USER@HOST:PORT`, whose user may create databases.
    server: String,
    name: String,
    url: String,
}

impl Postgres {
    pub(crate) fn new(server: &str, name: &str) -> Self {
        let server = server.trim_end_matches('/').to_owned();
        Self { url: format!("{server}/{name}"), server, name: name.to_owned() }
    }

    /// How to connect to it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn exists(&self) -> Result<bool> {
        let found = self.tell(&format!("SELECT 1 FROM pg_database WHERE datname = '{}'", self.name))?;
        Ok(!found.trim().is_empty())
    }

    pub(crate) fn create(&self) -> Result<()> {
        self.tell(&format!("CREATE DATABASE {}", self.name)).map(|_| ())
    }

    /// A copy of it, which whatever had that name makes room for.
    pub(crate) fn copy(&self, name: &str) -> Result<Self> {
        let copy = Self::new(&self.server, name);
        copy.remove()?;
        self.tell(&format!("CREATE DATABASE {name} TEMPLATE {}", self.name))?;
        Ok(copy)
    }

    /// Removes it, if it is there.
    pub(crate) fn remove(&self) -> Result<()> {
        self.tell(&format!("DROP DATABASE IF EXISTS {}", self.name)).map(|_| ())
    }

    /// Runs a statement beside the database.
    fn tell(&self, statement: &str) -> Result<String> {
        let beside = format!("{}/postgres", self.server);
        read(
            command("psql")
                .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
                .args(["--command", statement, &beside]),
        )
    }
}
