//! Links between pages lead somewhere: the file exists, and so does the heading.

use super::tree::{File, Tree, has_extension};
use super::{Finding, finding};

/// Every relative link of every page resolves.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in tree.files().iter().filter(|file| has_extension(&file.path, "md")) {
        for (line, target) in links(&page.text) {
            if let Some(message) = broken(tree, page, target) {
                findings.push(finding(&page.path, line, message));
            }
        }
    }
    findings
}

/// Why a link leads nowhere, or `None` if it leads somewhere or out of the repository.
fn broken(tree: &Tree, page: &File, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let full = if path.is_empty() { page.path.clone() } else { resolve(&page.path, path)? };
    if !tree.holds(&full) {
        return Some(format!("`{target}` leads to {full}, which does not exist"));
    }
    if heading.is_empty() {
        return None;
    }
    let found = tree.file(&full).is_none_or(|file| headings(&file.text).iter().any(|known| known == heading));
    (!found).then(|| format!("`{target}`: {full} has no heading #{heading}"))
}

/// The path from the root of what a page names relative to itself; `None` when it leads out of the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The targets of `[text](target)` outside of code, with their lines from 1.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Even pieces between back-ticks are prose, odd ones are code.
        for prose in line.split('`').step_by(2) {
            for (at, _) in prose.match_indices("](") {
                let rest = &prose[at + 2..];
                if let Some(end) = rest.find(')') {
                    found.push((index + 1, rest[..end].split_whitespace().next().unwrap_or("")));
                }
            }
        }
    }
    found
}

/// The anchors of a page's headings as code forges make them: lower case, blanks to hyphens, punctuation gone.
fn headings(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            found.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn a_link_to_nothing_is_found_with_its_line() {
        let files = [("docs/a.md", "# A\n\nSee [b](b.md) and [c](../c.md#two-words).\n"), ("c.md", "## Two words\n")];
        let found = messages(check, &files);
        assert_eq!(found, ["docs/a.md:3: `b.md` leads to docs/b.md, which does not exist"]);
    }

    #[test]
    fn a_heading_that_is_gone_is_found() {
        let files = [("a.md", "[x](b.md#gone)\n[y](#here)\n# Here\n"), ("b.md", "# Other\n")];
        assert_eq!(messages(check, &files), ["a.md:1: `b.md#gone`: b.md has no heading #gone"]);
    }

    #[test]
    fn folders_outside_addresses_and_code_pass() {
        let files =
            [("a.md", "[d](docs/) [w](https://example.org/x) `[n](no.md)`\n```\n[n](no.md)\n```\n"), ("docs/b.md", "")];
        assert!(messages(check, &files).is_empty(), "{:?}", messages(check, &files));
    }
}
