//! Files stay small enough to read at one sitting.

use super::tree::Tree;
use super::{Finding, finding};

/// Lines a Rust file may have.
const LIMIT: usize = 500;

/// Lines no Rust file may have, whatever the reason.
const NEVER: usize = 800;

/// Files that may be longer than the limit, each with its reason.
const LONGER: [(&str, &str); 0] = [];

/// Rust files keep to the limit, and the list of exceptions holds nothing that is not one.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    measure(tree, &LONGER)
}

fn measure(tree: &Tree, longer: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        let excepted = longer.iter().any(|(path, _)| *path == file.path);
        if lines > NEVER {
            let message = format!("{lines} lines; {NEVER} is the end: split the file by what it is about");
            findings.push(finding(&file.path, NEVER + 1, message));
        } else if lines > LIMIT && !excepted {
            let message =
                format!("{lines} lines, {LIMIT} at most: split the file, or give a reason in xtask/src/tidy/sizes.rs");
            findings.push(finding(&file.path, LIMIT + 1, message));
        } else if lines <= LIMIT && excepted {
            let message = "within the limit again: take it off the list in xtask/src/tidy/sizes.rs";
            findings.push(finding(&file.path, 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::{LIMIT, NEVER, measure};

    fn count(lines: usize, longer: &[(&str, &str)]) -> usize {
        let text = "//! A file.\n".repeat(lines);
        measure(&Tree::of(&[("crates/a/src/lib.rs", &text)]), longer).len()
    }

    #[test]
    fn a_long_file_needs_a_reason_and_a_very_long_one_has_none() {
        let reason = [("crates/a/src/lib.rs", "a table of codes")];
        assert_eq!(count(LIMIT, &[]), 0);
        assert_eq!(count(LIMIT + 1, &[]), 1);
        assert_eq!(count(LIMIT + 1, &reason), 0);
        assert_eq!(count(NEVER + 1, &reason), 1);
    }

    #[test]
    fn an_exception_that_is_none_any_more_is_found() {
        assert_eq!(count(LIMIT, &[("crates/a/src/lib.rs", "was long once")]), 1);
    }
}
