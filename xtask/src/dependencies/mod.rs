//! Licences and banned crates of everything that is linked, by the lists of deny.toml.

mod licence;

use std::collections::{BTreeSet, HashSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process::{cargo, command, present, read, root, run};

#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

/// Fails on a licence that deny.toml does not allow and on a crate that it bans; lets `cargo deny` look too if it is there.
pub(crate) fn dependencies() -> Result<()> {
    let text = fs::read_to_string(root().join("deny.toml")).context("deny.toml cannot be read")?;
    let rules: Rules = toml::from_str(&text).context("deny.toml cannot be read")?;
    let version = read(command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut metadata = cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", host]);
    let metadata: Metadata = serde_json::from_str(&read(&mut metadata)?).context("cargo metadata is unexpected")?;
    let findings = findings(&rules, &metadata);
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("dependencies: {} findings against deny.toml", findings.len());
    }
    println!("dependencies: {} packages, licences allowed, nothing banned", metadata.resolve.nodes.len());
    if present("cargo", &["deny", "--version"]) {
        run(&mut cargo(&["deny", "check", "licenses", "bans"]))
    } else {
        println!(
            "dependencies: cargo-deny is not installed, so only this look was taken (cargo install cargo-deny --locked)"
        );
        Ok(())
    }
}

fn findings(rules: &Rules, metadata: &Metadata) -> Vec<String> {
    let linked: HashSet<&str> = metadata.resolve.nodes.iter().map(|node| node.id.as_str()).collect();
    let mut findings = Vec::new();
    for package in metadata.packages.iter().filter(|package| linked.contains(package.id.as_str())) {
        let shown = format!("{} {}", package.name, package.version);
        if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == package.name) {
            findings.push(format!("{shown}: banned, {} (cargo tree -i {})", ban.reason, package.name));
        }
        match &package.license {
            None => findings.push(format!("{shown}: names no licence")),
            Some(text) => match licence::allowed(text, &rules.licenses.allow) {
                Some(true) => {}
                Some(false) => findings.push(format!("{shown}: licence `{text}` is not allowed by deny.toml")),
                None => findings.push(format!("{shown}: licence `{text}` cannot be read")),
            },
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Metadata, Rules, findings};

    const RULES: &str =
        "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"openssl-sys\", reason = \"one provider\" }]\n";

    fn found(packages: &str, nodes: &str) -> Vec<String> {
        let rules: Rules = toml::from_str(RULES).expect("rules");
        let json = format!("{{\"packages\":[{packages}],\"resolve\":{{\"nodes\":[{nodes}]}}}}");
        let metadata: Metadata = serde_json::from_str(&json).expect("metadata");
        findings(&rules, &metadata)
    }

    #[test]
    fn a_banned_crate_and_a_strange_licence_are_found() {
        let banned = r#"{"id":"a","name":"openssl-sys","version":"1.0.0","license":"MIT"}"#;
        assert_eq!(
            found(banned, r#"{"id":"a"}"#),
            ["openssl-sys 1.0.0: banned, one provider (cargo tree -i openssl-sys)"]
        );
        let strange = r#"{"id":"a","name":"x","version":"1.0.0","license":"GPL-3.0-only"}"#;
        assert_eq!(found(strange, r#"{"id":"a"}"#).len(), 1);
        let silent = r#"{"id":"a","name":"x","version":"1.0.0","license":null}"#;
        assert_eq!(found(silent, r#"{"id":"a"}"#), ["x 1.0.0: names no licence"]);
    }

    #[test]
    fn what_is_not_linked_here_does_not_count() {
        let strange = r#"{"id":"a","name":"x","version":"1.0.0","license":"GPL-3.0-only"}"#;
        assert!(found(strange, "").is_empty());
    }
}
