//! What can go wrong in a use case, as clients may learn it. One file at the edge turns it into a status.

use lintel_store::Error as StoreError;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One field that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer of the field, such as `/market`.
    pub pointer: String,
    /// A word for programs, such as `unknown`.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

impl FieldError {
    /// A refusal of the field at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields that cannot be accepted.
    #[error("{}", .0.first().map_or("a field was refused", |field| field.detail.as_str()))]
    Invalid(Vec<FieldError>),
    /// A cursor that is damaged or belongs to another list or tenant.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// Nobody, or nobody known.
    #[error("sign in or present a valid key")]
    Unauthorized,
    /// Known, but not allowed.
    #[error("the role {0} may not do this")]
    Forbidden(lintel_domain::scope::Role),
    /// There is no such thing in this tenant.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// It contradicts what is there: a taken key, another version.
    #[error("{detail}")]
    Conflict {
        /// A word for programs, such as `external_id_taken`.
        code: &'static str,
        /// A sentence for people.
        detail: String,
    },
    /// The lead was merged into another one, which is meant now.
    #[error("the lead was merged into {into}")]
    Merged {
        /// The other one.
        into: lintel_domain::id::LeadId,
    },
    /// Too many tries; come again.
    #[error("too many attempts")]
    TooMany {
        /// In how many seconds.
        retry_after: u32,
    },
    /// Not now: starting, stopping, overloaded, disk full.
    #[error("{0}")]
    Unavailable(&'static str),
    /// A file that cannot be read at all.
    #[error("{0}")]
    File(String),
    /// A fault of ours or of the machine. Clients learn nothing but its request id.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A single refused field.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// Whether the same call may succeed later without anything being changed.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::TooMany { .. } => true,
            Self::Internal(source) => source.downcast_ref::<StoreError>().is_some_and(StoreError::is_transient),
            _ => false,
        }
    }

    /// A price model without its market.
    pub(crate) fn market_missing() -> Self {
        Self::invalid("/market", "missing", "a price model is of one market")
    }

    /// A market that the tenant does not have.
    pub(crate) fn unknown_market() -> Self {
        Self::invalid("/market", "unknown", "there is no such market")
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::Unavailable("the disk is full"),
            StoreError::DiskFailed { .. } => Self::Unavailable("the disk failed"),
            StoreError::CursorGone => Self::Cursor,
            error if error.is_transient() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database is not available");
                Self::Unavailable("the database is not available")
            }
            error => Self::internal(error),
        }
    }
}

/// An error with what caused it, from the outside in.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
