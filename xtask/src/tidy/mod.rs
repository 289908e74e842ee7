//! `cargo xtask tidy`: the rules of the house that a compiler does not check.

mod arrows;
mod borders;
mod copies;
mod documents;
mod headers;
mod links;
mod manifest;
mod migrations;
mod places;
mod sizes;
mod sql;
mod tree;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use tree::Tree;

/// One broken rule: where, and how to mend it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// Path from the root of the repository.
    path: String,
    /// Line from 1.
    line: usize,
    /// What is wrong and what to do about it.
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A rule looks at all files and says what is wrong.
type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [Rule; 11] = [
    arrows::check,
    borders::check,
    copies::check,
    documents::check,
    headers::check,
    links::check,
    migrations::check,
    places::check,
    sizes::check,
    sql::check,
    words::check,
];

/// Checks every rule and prints what is broken, sorted by place.
pub(crate) fn tidy(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings in {} files", findings.len(), tree.files().len());
    }
    println!("tidy: {} files, {} rules, nothing to mend", tree.files().len(), RULES.len());
    Ok(())
}

/// Whether a Rust documentation example exists anywhere, so that running them is worth a build.
pub(crate) fn documentation_examples(root: &Path) -> Result<bool> {
    Ok(Tree::read(root)?.rust().any(|file| has_example(&file.text)))
}

/// Whether a documentation comment opens a block of Rust.
fn has_example(text: &str) -> bool {
    let mut open = false;
    for line in text.lines().map(str::trim_start) {
        let Some(fence) = line.strip_prefix("/// ```").or_else(|| line.strip_prefix("//! ```")) else {
            continue;
        };
        let rust = fence.is_empty() || ["rust", "no_run", "should_panic"].iter().any(|word| fence.starts_with(word));
        if !open && rust {
            return true;
        }
        open = !open;
    }
    false
}

fn finding(path: &str, line: usize, message: impl Into<String>) -> Finding {
    Finding { path: path.to_owned(), line, message: message.into() }
}

#[cfg(test)]
fn messages(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    rule(&Tree::of(files)).iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::has_example;

    #[test]
    fn only_blocks_of_rust_are_examples() {
        assert!(has_example("/// ```\n/// let a = 1;\n/// ```\n"));
        assert!(has_example("//! ```text\n//! a\n//! ```\n//! ```rust\n"));
        assert!(!has_example("/// ```text\n/// a\n/// ```\n//  ```\n"));
    }
}
