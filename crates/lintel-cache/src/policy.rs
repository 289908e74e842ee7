//! How long and how much a namespace keeps.

/// How long and how much a namespace keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The namespace, in metrics.
    pub name: &'static str,
    /// For how long an answer is as good as a new one, in microseconds.
    pub fresh: i64,
    /// For how long after that it is still given while one caller makes a new one, in microseconds.
    pub stale: i64,
    /// The most memory that keys and values take together, in bytes; what is asked for least goes first.
    pub bytes: u64,
    /// About how many bytes one key and its value take.
    pub entry_bytes: u64,
}
