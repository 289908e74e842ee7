//! The log.

/// Why something is written: the event that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The event's id.
    pub event: i64,
    /// How many causes stand before it.
    pub depth: i64,
}

crate::sql! {
    /// The newest event.
    HEAD "log.head" = "SELECT txid, id FROM events ORDER BY txid DESC, id DESC LIMIT 1";
}
