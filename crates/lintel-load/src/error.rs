//! What can go wrong before or between requests; failed requests are measurements, not errors.

/// Why a load could not be put on the server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address of the server cannot be used.
    #[error("{0:?} is no address like http://127.0.0.1:8080")]
    Address(String),
    /// A key holds characters that no header may.
    #[error("the key holds characters that cannot be sent")]
    Key,
    /// The server did not answer a question that the load is made from.
    #[error("{path} answered {answer}")]
    Answer {
        /// Path that was asked.
        path: String,
        /// Status and beginning of the body, or what broke.
        answer: String,
    },
    /// The market holds nothing to ask about.
    #[error("market {market:?} has no {what}; fill it with `lintel demo` or `lintel import`")]
    Empty {
        /// Market that was looked at.
        market: String,
        /// What is missing.
        what: &'static str,
    },
    /// A scenario file cannot be used.
    #[error("the scenario cannot be used: {0}")]
    Scenario(String),
    /// The limit server cannot serve, or a process cannot be looked at.
    #[error("{0}")]
    Limit(String),
    /// A rate or duration makes no load.
    #[error("{0}")]
    Plan(&'static str),
}
