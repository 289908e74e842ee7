//! What can go wrong between Lintel and its database.

use std::error::Error as StdError;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which rule of the schema a write would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A value that must be unique is there already.
    Unique,
    /// A row that is referred to is missing, or is still referred to.
    Reference,
    /// A value is outside its bounds.
    Check,
    /// A value is missing.
    NotNull,
}

/// Everything that the store reports. `Display` never repeats the source and never holds parameters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The options make no sense.
    #[error("bad database options: {0}")]
    Options(String),
    /// The database cannot be reached now; trying again later may help.
    #[error("the database cannot be reached: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// The waiting line for the database is full; trying again later helps.
    #[error("the database is busy: {what}")]
    Busy {
        /// Which line was full.
        what: &'static str,
    },
    /// No space is left on the disk; reads go on, and writes again when there is space.
    #[error("the disk is full")]
    DiskFull,
    /// The disk refused a write that had to be durable. Nothing is acknowledged any more; the process has to be restarted.
    #[error("the disk failed: {reason}")]
    DiskFailed {
        /// What the engine said.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A statement ran longer than the statement timeout.
    #[error("{statement} took too long")]
    Timeout {
        /// The statement's name.
        statement: &'static str,
    },
    /// A rule of the schema was broken.
    #[error("{statement} breaks a rule of the schema ({rule:?})")]
    Rule {
        /// The statement's name.
        statement: &'static str,
        /// Which kind of rule.
        rule: Rule,
        /// The engine's words, without values.
        detail: String,
    },
    /// The engine refused a statement.
    #[error("{statement} failed")]
    Statement {
        /// The statement's name.
        statement: &'static str,
        /// The engine's words.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A column is missing or of another type than asked for.
    #[error("column {index}: {message}")]
    Column {
        /// Counted from 0.
        index: usize,
        /// What is wrong.
        message: String,
    },
    /// One row was asked for and there is none.
    #[error("{statement} found no row")]
    NoRow {
        /// The statement's name.
        statement: &'static str,
    },
    /// A write went on after one of its statements had failed; nothing of it was kept.
    #[error("a write went on after {statement} had failed in it")]
    WentOn {
        /// The statement that failed.
        statement: &'static str,
    },
    /// A write panicked; nothing of it was kept.
    #[error("a write panicked")]
    Panicked,
    /// Others changed the same rows again and again; nothing was kept.
    #[error("the write collided with others {attempts} times")]
    Collided {
        /// How often it was tried.
        attempts: u32,
    },
    /// The connection broke while committing: the write may or may not have been kept.
    #[error("the connection broke while committing")]
    Unknown {
        /// What broke.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The schema cannot be brought up to date, or is not.
    #[error("migration: {reason}")]
    Migration {
        /// Why.
        reason: String,
    },
    /// The database server is too old.
    #[error("PostgreSQL {found} is too old; version 15 or newer is needed")]
    Version {
        /// What the server calls itself.
        found: String,
    },
    /// A stored document does not read as what it should be.
    #[error("stored {what} cannot be read")]
    Decode {
        /// What it should have been.
        what: &'static str,
        /// What the reader said.
        source: serde_json::Error,
    },
    /// Events after this cursor have been removed; whoever reads from here must rebuild from the tables.
    #[error("the log begins after this cursor")]
    CursorGone,
    /// Somebody else moved the follower's cursor; what was done in this write has been done by them.
    #[error("follower {name} was moved by somebody else")]
    FollowerMoved {
        /// Whose cursor.
        name: String,
    },
    /// The lease on a job or an idempotency key ran out and somebody else took it over.
    #[error("the lease on {what} was lost")]
    LeaseLost {
        /// What was held.
        what: &'static str,
    },
}

impl Error {
    /// Whether the same call may succeed later without anything being changed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::Busy { .. }
                | Self::DiskFull
                | Self::Timeout { .. }
                | Self::Collided { .. }
                | Self::Unknown { .. }
        )
    }

    /// Whether a value that must be unique was there already.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Rule { rule: Rule::Unique, .. })
    }
}
