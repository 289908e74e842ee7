//! Pages made from the program: its configuration and its error codes.

mod configuration;
mod errors;

use std::path::Path;

use anyhow::Result;

use crate::generated::Options;

/// Writes or compares every generated page.
pub(crate) fn docs(programs: &Path, options: Options) -> Result<()> {
    configuration::page(options)?;
    errors::pages(programs, options)
}
