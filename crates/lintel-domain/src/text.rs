//! Rules for text and names that come from outside.

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It has a NUL character, which one of the two databases cannot keep.
    #[error("must not contain the character NUL")]
    Nul,
    /// It is longer than allowed.
    #[error("must have at most {0} bytes")]
    TooLong(usize),
    /// It is empty.
    #[error("must not be empty")]
    Empty,
    /// It is not a slug.
    #[error("must be 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit")]
    NotASlug,
}

/// Checks a text of at most `max` bytes.
pub fn check(text: &str, max: usize) -> Result<(), TextError> {
    if text.len() > max {
        return Err(TextError::TooLong(max));
    }
    if text.as_bytes().contains(&0) {
        return Err(TextError::Nul);
    }
    Ok(())
}

/// Checks a name that appears in addresses: of a tenant or a market.
pub fn check_slug(slug: &str) -> Result<(), TextError> {
    let first = slug.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let rest = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if first && rest && slug.len() <= 64 { Ok(()) } else { Err(TextError::NotASlug) }
}

/// Words that stand for "not filled in" in the files of others, in lower case.
const SILENT: &[&str] = &["", "select", "null", "none", "nan", "n/a", "na", "-", "unknown", "?"];

/// The text without space around it, or `None` when it only says that nothing was filled in.
pub fn stated(text: &str) -> Option<&str> {
    let text = text.trim();
    let silent = text.len() <= 7 && SILENT.iter().any(|word| text.eq_ignore_ascii_case(word));
    (!silent).then_some(text)
}
