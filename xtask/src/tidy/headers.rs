//! Every Rust file opens with one sentence about what lives there.

use super::tree::Tree;
use super::{Finding, finding};

/// Letters a header needs to say anything.
const SHORTEST: usize = 12;

/// The first line of every Rust file is a `//!` sentence.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| !opens_with_a_sentence(&file.text))
        .map(|file| finding(&file.path, 1, "open the file with `//! ` and one sentence about what lives there"))
        .collect()
}

fn opens_with_a_sentence(text: &str) -> bool {
    let Some(first) = text.lines().next().and_then(|line| line.strip_prefix("//! ")) else {
        return false;
    };
    first.trim().len() >= SHORTEST
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn a_file_without_a_sentence_is_found() {
        let files = [
            ("crates/a/src/lib.rs", "//! What a crate called a is for.\n"),
            ("crates/a/src/b.rs", "use std::fmt;\n"),
            ("crates/a/src/c.rs", "//! x\n"),
            ("crates/a/src/d.rs", ""),
        ];
        let found = messages(check, &files);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("crates/a/src/b.rs:1: "));
    }
}
