//! Generated files are committed: written here, or compared with what would be written.

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::process::root;

/// Whether to write or to compare.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Write nothing; fail if a committed file differs
    #[arg(long)]
    pub(crate) check: bool,
}

/// Writes a generated file, or fails when the committed one differs from it.
pub(crate) fn place(path: &str, text: &str, options: Options, command: &str) -> Result<()> {
    let file = root().join(path);
    let committed = fs::read_to_string(&file).unwrap_or_default();
    if committed == text {
        return Ok(());
    }
    if options.check {
        let line = first_difference(&committed, text);
        bail!("{path}:{line}: differs from what `cargo xtask {command}` writes; run it and commit the result");
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("wrote {path}");
    Ok(())
}

/// The first line, from 1, on which two texts differ.
fn first_difference(a: &str, b: &str) -> usize {
    let same = a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count();
    same + 1
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), 2);
        assert_eq!(first_difference("", "a\n"), 1);
        assert_eq!(first_difference("a\n", "a\nb\n"), 2);
    }
}
