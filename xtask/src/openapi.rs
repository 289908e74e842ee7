//! docs/api/openapi.json: the document that the program prints, laid out for reading and for diffs.

use std::path::Path;

use anyhow::{Context, Result};

use crate::generated::{Options, place};
use crate::process::{command, read};

/// Where the document is committed.
pub(crate) const PATH: &str = "docs/api/openapi.json";

/// Writes or compares the document of the program in this folder.
pub(crate) fn openapi(programs: &Path, options: Options) -> Result<()> {
    let printed = read(command(programs.join("lintel")).arg("openapi"))?;
    let document: serde_json::Value = serde_json::from_str(&printed).context("`lintel openapi` printed no JSON")?;
    let text = serde_json::to_string_pretty(&document)? + "\n";
    place(PATH, &text, options, "openapi")
}
