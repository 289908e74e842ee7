//! No path of one developer's machine stands in the repository.

use super::tree::Tree;
use super::{Finding, finding};

/// Beginnings of paths that exist on one machine only, put together from halves so that this file passes.
const MACHINES: [&str; 6] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/main"),
    concat!("/wo", "rk/shared"),
    concat!("C:\\Us", "ers\\"),
];

/// No file names a folder of one machine.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        for (index, line) in file.text.lines().enumerate() {
            if MACHINES.iter().any(|machine| names(line, machine)) {
                let message = "a path of one machine: make it relative, or take it from the configuration";
                findings.push(finding(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// Whether an absolute path begins here; `a/home/b` and `https://host/home/` do not begin one.
fn names(line: &str, machine: &str) -> bool {
    line.match_indices(machine).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let follows = line[at + machine.len()..].chars().next();
        let begins = before.is_none_or(|c| !(c.is_alphanumeric() || "._-}~/".contains(c)));
        begins && (!machine.ends_with('/') || follows.is_some_and(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let text = format!("data = \"{}ann/houses.csv\"\n", concat!("/ho", "me/"));
        assert_eq!(messages(check, &[("docs/a.md", &text)]).len(), 1);
    }

    #[test]
    fn a_route_that_looks_like_one_passes() {
        let text = format!("GET https://host{}page and a{}b\n", concat!("/ho", "me/"), concat!("/ho", "me/"));
        assert!(messages(check, &[("docs/a.md", &text)]).is_empty());
    }
}
