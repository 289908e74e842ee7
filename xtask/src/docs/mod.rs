//! Pages made from the program: its configuration, its error codes and its model card.

mod configuration;
mod errors;

use std::path::Path;

use anyhow::Result;

use crate::generated::{Options, place};
use crate::process::{command, read};

const MODEL_CARD: &str = "docs/model-card.md";

/// Writes or compares every generated page.
pub(crate) fn docs(programs: &Path, options: Options) -> Result<()> {
    configuration::page(options)?;
    errors::pages(programs, options)?;
    let card = read(command(programs.join("lintel")).args(["docs", "model-card"]))?;
    place(MODEL_CARD, &format!("{}\n", card.trim_end()), options, "docs")
}
