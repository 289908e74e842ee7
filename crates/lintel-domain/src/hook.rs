//! Events that systems of others send.

use serde::{Deserialize, Serialize};

use crate::contact::words;

/// How far an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookState {
    /// It is on disk. One that changes nothing here stays so.
    Stored,
    /// It had its effect, or was overtaken by a later one.
    Applied,
    /// It could not be applied yet and is tried again.
    Failed,
    /// It cannot be applied as it is.
    Dead,
}

words!(HookState { Stored => "stored", Applied => "applied", Failed => "failed", Dead => "dead" });
