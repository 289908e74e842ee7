//! The listing index against a plain reading of what it should do.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod brute;
mod changes;
mod clusters;
mod fit;
mod reverse;
mod roster;
mod search;
mod snapshot;
mod watch;
mod world;
