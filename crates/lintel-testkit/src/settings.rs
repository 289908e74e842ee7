//! What the test run is told by the environment.

use std::env;

/// A setting of the test run.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what the machine offers")]
pub(crate) fn setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether tests have to fail when what they need is missing.
pub(crate) fn is_required(name: &str) -> bool {
    setting(name).is_some_and(|value| value != "0")
}
