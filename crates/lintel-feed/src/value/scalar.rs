//! Values of free columns: a number or truth value where the text says so beyond doubt, else the text exactly.

use lintel_domain::scalar::Scalar;

/// Digits beyond this are an identifier rather than a quantity, and a double could not keep them.
const EXACT_DIGITS: usize = 15;

/// Reads a free value; `None` when the text is blank.
///
/// A number is digits with at most one point and at most one leading minus, without a needless leading zero (`007` and
/// `+1` are texts); `true` and `false` in any case are truth values. All other text is kept exactly, spaces included.
pub fn scalar(text: &str) -> Option<Scalar> {
    if text.is_empty() || text.trim().is_empty() {
        return None;
    }
    if is_number(text)
        && let Ok(value) = text.parse::<f64>()
        && value.is_finite()
    {
        return Some(Scalar::Number(value + 0.0));
    }
    if text.eq_ignore_ascii_case("true") {
        return Some(Scalar::Bool(true));
    }
    if text.eq_ignore_ascii_case("false") {
        return Some(Scalar::Bool(false));
    }
    Some(Scalar::Text(text.to_owned()))
}

fn is_number(text: &str) -> bool {
    let bytes = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let Some((first, rest)) = bytes.split_first() else { return false };
    if !first.is_ascii_digit() || (*first == b'0' && rest.first().is_some_and(|b| *b != b'.')) {
        return false;
    }
    let mut points = 0;
    let mut whole = 1;
    for byte in rest {
        match byte {
            b'0'..=b'9' => whole += usize::from(points == 0),
            b'.' => points += 1,
            _ => return false,
        }
    }
    points <= 1 && whole <= EXACT_DIGITS && bytes.last() != Some(&b'.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_undoubted_numbers_and_truth_values_are_typed() {
        assert_eq!(scalar("12"), Some(Scalar::Number(12.0)));
        assert_eq!(scalar("-0.50"), Some(Scalar::Number(-0.5)));
        assert_eq!(scalar("TRUE"), Some(Scalar::Bool(true)));
        assert_eq!(scalar("  "), None);
        for text in ["007", "+1", "1,5", "1e5", "NaN", "12345678901234567", " 1", "1.2.3", "=1+1", "yes", "5."] {
            assert_eq!(scalar(text), Some(Scalar::Text(text.to_owned())), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_is_kept_exactly_or_is_a_finite_number(text in "\\PC{1,12}") {
            match scalar(&text) {
                Some(Scalar::Text(kept)) => prop_assert_eq!(kept, text),
                Some(Scalar::Number(n)) => prop_assert!(n.is_finite() && text.parse::<f64>().is_ok()),
                Some(Scalar::Bool(_)) | None => {}
            }
        }
    }
}
