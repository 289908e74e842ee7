//! SQL is constant text: values are parameters, never part of the statement.

use super::tree::Tree;
use super::{Finding, finding};

const STORE: &str = "crates/lintel-store/src/";
const MACROS: [&str; 4] = ["format!(", "write!(", "writeln!(", "format_args!("];

/// Beginnings of SQL clauses as they stand in statements, in capitals and followed by a blank.
const CLAUSES: [&str; 11] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "FROM ",
    "WHERE ",
    "ALTER ",
    "CREATE ",
    "DROP ",
    "ORDER BY ",
    "VALUES ",
];

/// A comment that begins so, directly above, says why a statement that is put together is safe.
const REASON: &str = "// sql: ";

/// How many lines above a statement its reason may begin.
const REACH: usize = 4;

/// No formatting macro of the store holds SQL unless the lines above say why that is safe.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| file.path.starts_with(STORE)) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(at) = MACROS.iter().filter_map(|name| line.find(name)).min() else {
                continue;
            };
            let call = call_text(&lines, index, at);
            let reasoned =
                lines[index.saturating_sub(REACH)..index].iter().any(|above| above.trim_start().starts_with(REASON));
            if CLAUSES.iter().any(|clause| call.contains(clause)) && !reasoned {
                let message = format!(
                    "SQL in a formatting macro: pass values as parameters; if only constants are put together, \
                     say so above with `{REASON}reason`"
                );
                findings.push(finding(&file.path, index + 1, message));
            }
        }
    }
    findings
}

/// The text from the macro to its closing parenthesis.
fn call_text(lines: &[&str], first: usize, at: usize) -> String {
    let mut depth = 0_i32;
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate().skip(first) {
        let part = if index == first { &line[at..] } else { line };
        for c in part.chars() {
            text.push(c);
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return text;
                    }
                }
                _ => {}
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    const PATH: &str = "crates/lintel-store/src/lead.rs";

    #[test]
    fn a_value_formatted_into_a_statement_is_found() {
        let source = "//! Head.\nlet sql = format!(\n    \"SELECT id FROM lead WHERE name = '{name}'\"\n);\n";
        let found = messages(check, &[(PATH, source)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/lintel-store/src/lead.rs:2: "));
    }

    #[test]
    fn a_stated_reason_and_ordinary_messages_pass() {
        let reasoned = "// sql: the column comes from a closed enum\nlet sql = format!(\"SELECT id FROM lead ORDER BY {column}\");\n";
        assert!(messages(check, &[(PATH, reasoned)]).is_empty());
        let message = "let text = format!(\"lead {id} is gone\"); const Q: &str = \"SELECT 1\";\n";
        assert!(messages(check, &[(PATH, message)]).is_empty());
    }

    #[test]
    fn other_crates_have_no_sql_to_look_for() {
        let source = "let text = format!(\"SELECT a home FROM {n}\");\n";
        assert!(messages(check, &[("crates/lintel-http/src/lib.rs", source)]).is_empty());
    }
}
