//! The same code does not stand in two crates.

use std::collections::{HashMap, HashSet};

use super::tree::{Tree, crate_of};
use super::{Finding, finding};

/// Meaningful lines in a row that make a copy.
const RUN: usize = 12;

/// No run of meaningful lines stands in the sources of two crates.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut seen: HashMap<Vec<&str>, (&str, &str, usize)> = HashMap::new();
    let mut reported: HashSet<(&str, &str)> = HashSet::new();
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.contains("/src/")) {
        let Some(owner) = crate_of(&file.path) else {
            continue;
        };
        let lines = meaningful(&file.text);
        for window in lines.windows(RUN) {
            let key: Vec<&str> = window.iter().map(|(_, text)| *text).collect();
            let line = window[0].0;
            match seen.get(&key) {
                None => {
                    seen.insert(key, (owner, &file.path, line));
                }
                Some((other, path, at)) if *other != owner && reported.insert((&file.path, path)) => {
                    let message = format!("the same code stands at {path}:{at}: keep it once, in a crate both may use");
                    findings.push(finding(&file.path, line, message));
                }
                Some(_) => {}
            }
        }
    }
    findings
}

/// Lines that do something: no blanks, comments, imports, attributes, lone brackets or fields of a type, which edges may share.
fn meaningful(text: &str) -> Vec<(usize, &str)> {
    let says = |line: &str| {
        !line.starts_with("//")
            && !line.starts_with("use ")
            && !line.starts_with("#[")
            && line.contains(['(', '=', '{', '.', '?'])
            && line.chars().filter(|c| c.is_alphanumeric()).count() > 2
    };
    text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())).filter(|(_, line)| says(line)).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::messages;
    use super::{RUN, check};

    fn source(lines: usize, extra: &str) -> String {
        let mut text = format!("//! Head of a file.\n{extra}\n");
        for line in 0..lines {
            writeln!(text, "    let value_{line} = call_{line}();\n").expect("writing to a string");
        }
        text
    }

    #[test]
    fn a_copy_in_another_crate_is_found_once() {
        let (first, second) = (source(RUN + 5, "fn a() {"), source(RUN + 5, "fn b() {"));
        let files = [("crates/lintel-a/src/lib.rs", first.as_str()), ("crates/lintel-b/src/lib.rs", second.as_str())];
        let found = messages(check, &files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("crates/lintel-b/src/lib.rs:3: the same code stands at crates/lintel-a/src/lib.rs:3")
        );
    }

    #[test]
    fn types_with_the_same_fields_pass() {
        let fields = "    pub name: Option<String>,\n    pub email: String,\n".repeat(RUN);
        let text = format!("//! Head of a file.\n{fields}");
        assert!(
            messages(check, &[("crates/a/src/lib.rs", text.as_str()), ("crates/b/src/lib.rs", text.as_str())])
                .is_empty()
        );
    }

    #[test]
    fn a_short_likeness_and_a_copy_within_one_crate_pass() {
        let short = source(RUN - 1, "");
        assert!(
            messages(check, &[("crates/a/src/lib.rs", short.as_str()), ("crates/b/src/lib.rs", short.as_str())])
                .is_empty()
        );
        let long = source(RUN + 5, "");
        assert!(
            messages(check, &[("crates/a/src/x.rs", long.as_str()), ("crates/a/src/y.rs", long.as_str())]).is_empty()
        );
    }
}
