//! What is wrong with an event.

/// The result of reading an event.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an event cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no JSON object as RFC 8259 has it, is nested too deep, or repeats a key.
    #[error("{0}")]
    Malformed(String),
    /// A field is missing or is not what it should be.
    #[error("{pointer}: {detail}")]
    Field {
        /// JSON pointer of the field.
        pointer: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
}

impl Error {
    pub(crate) fn field(pointer: &'static str, detail: &'static str) -> Self {
        Self::Field { pointer, detail }
    }
}
