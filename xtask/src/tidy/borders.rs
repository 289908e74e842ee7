//! Which crate may hold which third-party crate, and where the environment may be read.

use super::manifest::{Kind, dependencies};
use super::tree::{Tree, crate_of, has_extension};
use super::{Finding, finding};

/// A third-party crate and the only crates of ours that may use it outside of tests.
const BORDERS: [(&str, &[&str]); 16] = [
    ("axum", &["lintel-http", "lintel-load"]),
    ("axum-extra", &["lintel-http"]),
    ("calamine", &["lintel-feed"]),
    ("deadpool-postgres", &["lintel-store"]),
    ("lettre", &["lintel-watch"]),
    ("quick_cache", &["lintel-cache"]),
    ("redis", &["lintel-cache", "lintel-hub"]),
    ("refinery", &["lintel-store"]),
    ("reqwest", &["lintel-feed", "lintel-crm", "lintel-llm"]),
    ("rusqlite", &["lintel-store"]),
    ("sqlx", &[]),
    ("tokio-postgres", &["lintel-store", "lintel-testkit"]),
    ("tokio-postgres-rustls", &["lintel-store"]),
    ("tower-http", &["lintel-http"]),
    ("utoipa", &["lintel-http"]),
    ("utoipa-axum", &["lintel-http"]),
];

/// The functions of `std::env` that read what the operator set.
const READS: [&str; 4] = ["env::var(", "env::var_os(", "env::vars(", "env::vars_os("];

/// Third-party crates stay behind their border, and the environment is read in one place.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, file) in tree.manifests() {
        // An unreadable manifest is reported once, by the rule on arrows.
        for dependency in dependencies(file).unwrap_or_default() {
            if dependency.kind == Kind::Development {
                continue;
            }
            let Some((_, holders)) = BORDERS.iter().find(|(border, _)| *border == dependency.name) else {
                continue;
            };
            if !holders.contains(&name) {
                let only = if holders.is_empty() { "nowhere".to_owned() } else { holders.join(", ") };
                let message =
                    format!("`{}` is used only in {only}; ask that crate for what `{name}` needs", dependency.name);
                findings.push(finding(&file.path, dependency.line, message));
            }
        }
    }
    for file in tree.rust().filter(|file| !may_read_environment(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if !line.trim_start().starts_with("//") && READS.iter().any(|read| line.contains(read)) {
                let message = "the environment is read only in crates/lintel/src/config; take the value as an option";
                findings.push(finding(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// Configuration, build scripts, tests and automation read the environment.
fn may_read_environment(path: &str) -> bool {
    path == "crates/lintel/src/config.rs"
        || path.starts_with("crates/lintel/src/config/")
        || path.ends_with("/build.rs")
        || path.contains("/tests/")
        || matches!(crate_of(path), Some("lintel-testkit" | "xtask") | None)
        || !has_extension(path, "rs")
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn a_driver_outside_the_store_is_found_with_its_line() {
        let manifest = "[dependencies]\nserde.workspace = true\nrusqlite.workspace = true\n";
        let found = messages(check, &[("crates/lintel-app/Cargo.toml", manifest)]);
        assert_eq!(
            found,
            [
                "crates/lintel-app/Cargo.toml:3: `rusqlite` is used only in lintel-store; ask that crate for what `lintel-app` needs"
            ]
        );
        assert!(messages(check, &[("crates/lintel-store/Cargo.toml", manifest)]).is_empty());
    }

    #[test]
    fn tests_may_look_from_outside() {
        let manifest = "[dev-dependencies]\nrusqlite.workspace = true\n";
        assert!(messages(check, &[("crates/lintel/Cargo.toml", manifest)]).is_empty());
    }

    #[test]
    fn the_environment_is_read_in_the_configuration_only() {
        let source = "//! Head.\nfn f() { std::env::var(\"X\"); }\n";
        assert!(messages(check, &[("crates/lintel/src/config.rs", source)]).is_empty());
        assert!(messages(check, &[("crates/lintel/tests/it/main.rs", source)]).is_empty());
        let found = messages(check, &[("crates/lintel-http/src/lib.rs", source)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/lintel-http/src/lib.rs:2: "));
    }
}
