//! Licence expressions as crates write them: names with AND, OR, WITH and brackets.

use std::collections::BTreeSet;

/// Whether one of the ways to read the expression takes allowed licences only; `None` if it cannot be read.
pub(crate) fn allowed(expression: &str, allowed: &BTreeSet<String>) -> Option<bool> {
    // Old manifests write a slash for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let fine = reader.either()?;
    reader.words.is_empty().then_some(fine)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn either(&mut self) -> Option<bool> {
        let mut fine = self.both()?;
        while self.take("OR") {
            fine |= self.both()?;
        }
        Some(fine)
    }

    fn both(&mut self) -> Option<bool> {
        let mut fine = self.one()?;
        while self.take("AND") {
            fine &= self.one()?;
        }
        Some(fine)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let fine = self.either()?;
            return self.take(")").then_some(fine);
        }
        let name = self.word()?;
        if matches!(name, "AND" | "OR" | "WITH" | ")") {
            return None;
        }
        if self.take("WITH") {
            let exception = self.word()?;
            // An exception only grants more than the licence does.
            let full = format!("{name} WITH {exception}");
            return Some(self.allowed.contains(name) || self.allowed.contains(&full));
        }
        Some(self.allowed.contains(name))
    }

    fn word(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.words.first() == Some(&word);
        if taken {
            self.words = &self.words[1..];
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    fn check(expression: &str, expected: Option<bool>) {
        let list = ["MIT", "Apache-2.0", "ISC"].map(str::to_owned).into();
        assert_eq!(allowed(expression, &list), expected, "{expression}");
    }

    #[test]
    fn expressions_read_as_their_authors_meant_them() {
        check("MIT", Some(true));
        check("GPL-3.0-only", Some(false));
        check("MIT/GPL-3.0-only", Some(true));
        check("MIT AND GPL-3.0-only", Some(false));
        check("GPL-3.0-only OR MIT AND ISC", Some(true));
        check("(GPL-3.0-only OR MIT) AND Unicode-3.0", Some(false));
        check("Apache-2.0 WITH LLVM-exception", Some(true));
        check("GPL-2.0-only WITH Classpath-exception-2.0", Some(false));
    }

    #[test]
    fn what_is_no_expression_is_not_guessed_at() {
        for wrong in ["", "MIT OR", "(MIT", "MIT)", "AND MIT", "MIT ISC"] {
            check(wrong, None);
        }
    }
}
