//! A first look at a JSON body, byte by byte: how deep it is, how much it holds, whether a text may hold NUL.

use crate::{
    error::{Error, Result},
    problem::Code,
};

/// The deepest nesting.
pub(super) const MAX_DEPTH: u32 = 64;
/// The most values in one body. Without it ten megabytes of `{}` would grow to hundreds in memory.
pub(super) const MAX_VALUES: u32 = 250_000;

/// Looks through the bytes. True when a text may hold the escape of NUL. Whether the syntax is right is left to the reader.
pub(super) fn scan(bytes: &[u8]) -> Result<bool> {
    let (mut depth, mut values, mut nul) = (0u32, 0u32, false);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = skip_text(bytes, at, &mut nul),
            b'{' | b'[' => {
                depth += 1;
                values += 1;
                if depth > MAX_DEPTH {
                    return Err(Error::new(Code::MalformedJson, format!("nested deeper than {MAX_DEPTH} levels")));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MAX_VALUES {
            return Err(Error::new(Code::TooManyValues, format!("the body holds more than {MAX_VALUES} values")));
        }
    }
    Ok(nul)
}

/// The index behind the closing quote of the text that begins at `at`.
fn skip_text(bytes: &[u8], mut at: usize, nul: &mut bool) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        *nul |= bytes[at..].starts_with(b"\\u0000");
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_texts_do_not_count() {
        let deep = format!("[\"{}\\\"[\"]", "[".repeat(1000));
        assert!(!scan(deep.as_bytes()).unwrap());
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(scan(nested(64).as_bytes()).is_ok());
        assert_eq!(scan(nested(65).as_bytes()).unwrap_err().code(), Code::MalformedJson);
        assert_eq!(scan(nested(100_000).as_bytes()).unwrap_err().code(), Code::MalformedJson);
        let many = format!("[{}{{}}]", "{},".repeat(300_000));
        assert_eq!(scan(many.as_bytes()).unwrap_err().code(), Code::TooManyValues);
    }

    #[test]
    fn only_the_escape_of_nul_is_suspicious() {
        assert!(scan(br#"{"a":"x\u0000"}"#).unwrap());
        assert!(!scan(br#"{"a":"\\u0000"}"#).unwrap());
        assert!(!scan(br#"{"a":"\u0001"}"#).unwrap());
    }
}
