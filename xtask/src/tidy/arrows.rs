//! Which crate may depend on which: arrows point down, and the rooms do not know each other.

use super::manifest::{Kind, dependencies};
use super::tree::Tree;
use super::{Finding, finding};

/// The rooms: one purpose each, knowing only the vocabulary.
const ROOMS: [&str; 10] = [
    "lintel-cache",
    "lintel-crm",
    "lintel-feed",
    "lintel-hub",
    "lintel-llm",
    "lintel-predict",
    "lintel-rules",
    "lintel-search",
    "lintel-store",
    "lintel-watch",
];

const VOCABULARY: &str = "lintel-domain";

/// Throwaway databases and a named world: any crate's tests may lean on it, nothing else may.
const FOR_TESTS: &str = "lintel-testkit";

/// Every manifest depends on its own crates only as this page of the plan allows.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, file) in tree.manifests() {
        let Some(allowed) = allowed(name) else {
            let message = format!("`{name}` has no place in the house; give it one in xtask/src/tidy/arrows.rs");
            findings.push(finding(&file.path, 1, message));
            continue;
        };
        let found = match dependencies(file) {
            Ok(found) => found,
            Err(message) => {
                findings.push(finding(&file.path, 1, message));
                continue;
            }
        };
        for dependency in found.iter().filter(|dependency| is_ours(&dependency.name)) {
            let to = dependency.name.as_str();
            let fine = allowed.contains(&to) || (to == FOR_TESTS && dependency.kind == Kind::Development);
            if !fine {
                let may = if allowed.is_empty() { "none of our crates".to_owned() } else { allowed.join(", ") };
                let message = format!(
                    "`{name}` must not depend on `{to}` (it may on {may}); a shared type belongs in {VOCABULARY}, \
                     a conversation of two rooms in lintel-app"
                );
                findings.push(finding(&file.path, dependency.line, message));
            }
        }
    }
    findings
}

fn is_ours(name: &str) -> bool {
    name == "lintel" || name.starts_with("lintel-") || name == "xtask"
}

/// What a crate may depend on, or `None` for a crate the plan does not know.
fn allowed(name: &str) -> Option<Vec<&'static str>> {
    Some(match name {
        // `lintel bench` puts the load of the driver on a server of its own.
        "lintel" => [&["lintel-http", "lintel-app", "lintel-load", VOCABULARY], ROOMS.as_slice()].concat(),
        "lintel-http" => vec!["lintel-app", "lintel-hub", "lintel-watch", VOCABULARY],
        "lintel-app" => [&[VOCABULARY], ROOMS.as_slice()].concat(),
        FOR_TESTS | "lintel-load" => vec![VOCABULARY],
        VOCABULARY | "xtask" => Vec::new(),
        room if ROOMS.contains(&room) => vec![VOCABULARY],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn an_arrow_that_points_up_is_found_with_its_line() {
        let manifest =
            "[package]\nname = \"lintel-domain\"\n\n[dependencies]\nserde = \"1\"\nlintel-store.workspace = true\n";
        let found = messages(check, &[("crates/lintel-domain/Cargo.toml", manifest)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .starts_with("crates/lintel-domain/Cargo.toml:6: `lintel-domain` must not depend on `lintel-store`")
        );
    }

    #[test]
    fn rooms_do_not_know_each_other() {
        let manifest = "[dependencies]\nlintel-domain.workspace = true\nlintel-search = { workspace = true }\n";
        let found = messages(check, &[("crates/lintel-predict/Cargo.toml", manifest)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(":3: "), "{found:?}");
    }

    #[test]
    fn tests_may_lean_on_the_testkit_but_the_program_may_not() {
        let tests = "[dev-dependencies]\nlintel-testkit.workspace = true\n";
        assert!(messages(check, &[("crates/lintel-app/Cargo.toml", tests)]).is_empty());
        let program = "[dependencies]\nlintel-testkit.workspace = true\n";
        assert_eq!(messages(check, &[("crates/lintel-app/Cargo.toml", program)]).len(), 1);
    }

    #[test]
    fn dependencies_of_one_target_count_too() {
        let manifest = "[target.'cfg(unix)'.dependencies]\nlintel-app.workspace = true\n";
        assert_eq!(messages(check, &[("crates/lintel-store/Cargo.toml", manifest)]).len(), 1);
    }

    #[test]
    fn an_alias_does_not_hide_a_crate() {
        let manifest = "[dependencies]\nstore = { package = \"lintel-store\", path = \"../lintel-store\" }\n";
        assert_eq!(messages(check, &[("crates/lintel-http/Cargo.toml", manifest)]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_place_is_named() {
        let found = messages(check, &[("crates/lintel-utils/Cargo.toml", "[package]\n")]);
        assert!(found[0].contains("has no place in the house"), "{found:?}");
    }
}
