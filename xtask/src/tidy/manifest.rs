//! The dependencies named in a manifest, with their lines.

use toml::{Table, Value};

use super::tree::File;

/// How a crate leans on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// For running or building.
    Normal,
    /// For its tests and benchmarks only.
    Development,
}

/// One dependency of a manifest.
pub(crate) struct Dependency {
    /// Name of the package, not of its alias.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Line of the manifest, from 1.
    pub(crate) line: usize,
}

/// Every dependency of a manifest, target-specific ones included; the line 1 error text if it cannot be read.
pub(crate) fn dependencies(file: &File) -> Result<Vec<Dependency>, String> {
    let manifest: Table = file.text.parse().map_err(|error| format!("the manifest cannot be read: {error}"))?;
    let mut found = Vec::new();
    collect(&manifest, &file.text, &mut found);
    if let Some(Value::Table(targets)) = manifest.get("target") {
        for target in targets.values().filter_map(Value::as_table) {
            collect(target, &file.text, &mut found);
        }
    }
    Ok(found)
}

fn collect(table: &Table, text: &str, found: &mut Vec<Dependency>) {
    let sections =
        [("dependencies", Kind::Normal), ("build-dependencies", Kind::Normal), ("dev-dependencies", Kind::Development)];
    for (section, kind) in sections {
        let Some(Value::Table(entries)) = table.get(section) else {
            continue;
        };
        for (key, value) in entries {
            let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
            found.push(Dependency { name: package.to_owned(), kind, line: line_of(text, section, key) });
        }
    }
}

/// The line where a key stands inside a section, else the first line.
fn line_of(text: &str, section: &str, key: &str) -> usize {
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(heading) = line.strip_prefix('[') {
            let heading = heading.trim_end_matches(']');
            inside = heading.ends_with(section) || heading.ends_with(&format!("{section}.{key}"));
            if heading.ends_with(&format!("{section}.{key}")) {
                return index + 1;
            }
        } else if inside && line.strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '='])) {
            return index + 1;
        }
    }
    1
}
