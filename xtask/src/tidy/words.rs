//! Words that mean "not finished": they do not get in.

use super::tree::{Tree, has_extension};
use super::{Finding, finding};

/// What to look for and what to do instead. The words are put together from halves, so that this file passes.
const UNFINISHED: [(&str, &str); 7] = [
    (concat!("TO", "DO"), "finish it, or open an issue and leave it out of the code"),
    (concat!("FIX", "ME"), "mend it, or open an issue and leave it out of the code"),
    (concat!("XX", "X"), "say what is meant"),
    (concat!("db", "g!"), "take the debugging print out"),
    (concat!("to", "do!"), "write the code, or leave the function out"),
    (concat!("unimplem", "ented!"), "write the code, or leave the function out"),
    (concat!("#[ign", "ore"), "mend the test or delete it; a test that never runs proves nothing"),
];

const TEXTS: [&str; 9] = ["rs", "md", "toml", "sh", "py", "sql", "ts", "tsx", "yml"];

/// No file holds a word of unfinished work.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().iter().filter(|file| TEXTS.iter().any(|extension| has_extension(&file.path, extension))) {
        for (index, line) in file.text.lines().enumerate() {
            for (word, advice) in UNFINISHED {
                if has_word(line, word) {
                    findings.push(finding(&file.path, index + 1, format!("`{word}`: {advice}")));
                }
            }
        }
    }
    findings
}

/// Whether the word stands in the line with no letter or digit grown onto it.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let grown = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let open_start = !word.starts_with(char::is_alphanumeric) || !grown(before);
        let open_end = !word.ends_with(char::is_alphanumeric) || !grown(after) || word.starts_with('#');
        open_start && open_end
    })
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::check;

    #[test]
    fn words_of_unfinished_work_are_found_with_their_line() {
        let text = format!("//! Head.\n// {}: later\nfn f() {{ {}!(1) }}\n", concat!("TO", "DO"), concat!("db", "g"));
        let found = messages(check, &[("crates/a/src/lib.rs", &text)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains(":2: "));
        assert!(found[1].contains(":3: "));
    }

    #[test]
    fn an_ignored_test_is_found_with_or_without_a_reason() {
        for attribute in [concat!("#[ign", "ore]"), concat!("#[ign", "ore = \"slow\"]")] {
            assert_eq!(messages(check, &[("crates/a/src/lib.rs", attribute)]).len(), 1);
        }
    }

    #[test]
    fn other_words_pass() {
        let text = format!("method {}S and {}LIST\n", concat!("TO", "DO"), concat!("MY_TO", "DO"));
        assert!(messages(check, &[("docs/a.md", &text)]).is_empty());
    }
}
