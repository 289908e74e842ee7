//! ARCHITECTURE.md names every crate and no other; CHANGELOG.md has room for the next change; crates take the lints.

use std::collections::BTreeSet;

use super::tree::Tree;
use super::{Finding, finding};

const MAP: &str = "ARCHITECTURE.md";
const CHANGES: &str = "CHANGELOG.md";

/// The map and the crates agree, and the list of changes has an open section.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let crates: BTreeSet<&str> = tree.manifests().map(|(name, _)| name).collect();
    let map = tree.file(MAP).map_or("", |file| file.text.as_str());
    for name in &crates {
        if !map.contains(&format!("`{name}`")) {
            findings.push(finding(MAP, 1, format!("does not name `{name}`: say in one line what it is for")));
        }
    }
    for (index, line) in map.lines().enumerate() {
        for word in line.split('`').skip(1).step_by(2) {
            if word.starts_with("lintel-")
                && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                && !crates.contains(word)
            {
                findings.push(finding(MAP, index + 1, format!("names `{word}`, which is no crate here")));
            }
        }
    }
    if !tree.file(CHANGES).is_some_and(|file| file.text.lines().any(|line| line.trim() == "## [Unreleased]")) {
        findings.push(finding(CHANGES, 1, "needs a `## [Unreleased]` section for the next change"));
    }
    for (name, file) in tree.manifests() {
        if !file.text.contains("[lints]\nworkspace = true") {
            findings.push(finding(&file.path, 1, format!("`{name}` needs `[lints]` with `workspace = true`")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    const MANIFEST: (&str, &str) = ("crates/lintel-store/Cargo.toml", "[lints]\nworkspace = true\n");
    const CHANGES: (&str, &str) = ("CHANGELOG.md", "# Changes\n\n## [Unreleased]\n");

    #[test]
    fn the_map_names_every_crate_and_no_other() {
        let good = [MANIFEST, CHANGES, ("ARCHITECTURE.md", "- `lintel-store`: all SQL\n")];
        assert!(messages(check, &good).is_empty());
        let missing = [MANIFEST, CHANGES, ("ARCHITECTURE.md", "nothing\n")];
        assert_eq!(messages(check, &missing).len(), 1);
        let invented = [MANIFEST, CHANGES, ("ARCHITECTURE.md", "`lintel-store`\n`lintel-magic`\n")];
        assert_eq!(messages(check, &invented), ["ARCHITECTURE.md:2: names `lintel-magic`, which is no crate here"]);
    }

    #[test]
    fn the_list_of_changes_has_an_open_section() {
        let files = [MANIFEST, ("ARCHITECTURE.md", "`lintel-store`"), ("CHANGELOG.md", "## [0.1.0]\n")];
        assert_eq!(messages(check, &files).len(), 1);
    }

    #[test]
    fn a_crate_that_does_not_take_the_lints_is_found() {
        let files = [("crates/lintel-store/Cargo.toml", "[package]\n"), CHANGES, ("ARCHITECTURE.md", "`lintel-store`")];
        assert_eq!(messages(check, &files).len(), 1);
    }
}
