//! Numbers and amounts of money, with the separators and currency signs that spreadsheets write.

use std::borrow::Cow;

use lintel_domain::money::Money;

use super::Reason;

const NOT_A_NUMBER: Reason = "not a number";
const TOO_LARGE: Reason = "the number is out of range";

/// Reads a finite number.
///
/// Separators: a comma before groups of exactly three digits separates thousands (`1,234,567.5`), any other single comma
/// is a decimal comma (`2,25`); repeated points separate thousands (`1.234.567,89`), a single one is the decimal point.
/// Spaces (also no-break ones) and apostrophes between digits separate thousands. A currency sign or code before or
/// after is let through. `NaN` and infinities are no numbers.
pub fn number(text: &str) -> Result<f64, Reason> {
    let text = text.trim();
    if is_plain(text) {
        return finite(text);
    }
    let bare = without_currency(text);
    let (minus, digits) = match bare.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(bare)),
    };
    let digits = without_currency(digits);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return Err(NOT_A_NUMBER);
    }
    let joined = joined(digits).ok_or(NOT_A_NUMBER)?;
    let plain = plain(&joined).ok_or(NOT_A_NUMBER)?;
    let value = finite(&plain)?;
    Ok(if minus { -value } else { value })
}

/// Reads an amount, kept in hundredths; more decimals are rounded half away from zero.
pub fn money(text: &str) -> Result<Money, Reason> {
    let major = number(text)?;
    Money::from_major(major).ok_or(TOO_LARGE)
}

/// Whether a text is written as most programs write numbers, so that the standard parser can decide.
fn is_plain(text: &str) -> bool {
    let mut digits = false;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits = true,
            b'.' | b'-' | b'+' => {}
            b'e' | b'E' if digits => {}
            _ => return false,
        }
    }
    digits && text.bytes().filter(|b| *b == b'.').count() < 2
}

fn finite(plain: &str) -> Result<f64, Reason> {
    let value: f64 = plain.parse().map_err(|_| NOT_A_NUMBER)?;
    if value.is_finite() { Ok(value + 0.0) } else { Err(TOO_LARGE) }
}

/// Without one currency sign or three-letter code at either end, and the space beside it.
fn without_currency(text: &str) -> &str {
    const SIGNS: &[&str] =
        &["US$", "A$", "C$", "NZ$", "$", "€", "£", "¥", "₹", "CHF", "USD", "EUR", "GBP", "AUD", "CAD", "NZD"];
    let stripped = SIGNS.iter().find_map(|sign| text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)));
    stripped.unwrap_or(text).trim()
}

/// Without spaces and apostrophes between digits.
fn joined(text: &str) -> Option<Cow<'_, str>> {
    let gap = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    if !text.contains(gap) {
        return Some(Cow::Borrowed(text));
    }
    let mut groups = text.split(gap);
    let first = groups.next()?;
    let mut out = String::with_capacity(text.len());
    out.push_str(first);
    if first.is_empty() || first.len() > 3 || !first.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    for group in groups {
        let whole = group.bytes().take_while(u8::is_ascii_digit).count();
        if whole != 3 {
            return None;
        }
        out.push_str(group);
    }
    Some(Cow::Owned(out))
}

/// With a decimal point only.
fn plain(text: &str) -> Option<String> {
    let commas = text.matches(',').count();
    let points = text.matches('.').count();
    let (thousands, decimal) = match (commas, points) {
        (0, 0 | 1) => (None, Some('.')),
        (0, _) => (Some('.'), None),
        (_, 0) if is_grouped(text, ',') => (Some(','), None),
        (1, 0) => (None, Some(',')),
        (_, 0) => return None,
        _ if text.rfind(',') > text.rfind('.') => (Some('.'), Some(',')),
        _ => (Some(','), Some('.')),
    };
    let (whole, fraction) = match decimal.and_then(|d| text.rsplit_once(d)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if let Some(separator) = thousands
        && !is_grouped(whole, separator)
    {
        return None;
    }
    let mut out: String = whole.chars().filter(|c| Some(*c) != thousands).collect();
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    let parses = out.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    (parses && out.bytes().any(|b| b.is_ascii_digit())).then_some(out)
}

/// Whether a text is one to three digits and then groups of three after each separator.
fn is_grouped(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let digits = |g: &str| g.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && digits(g));
    first && groups.all(|g| g.len() == 3 && digits(g))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_and_currencies_are_understood() {
        let cases = [
            ("1234.5", 1234.5),
            ("1,234,567.89", 1_234_567.89),
            ("1.234.567,89", 1_234_567.89),
            ("1.234.567", 1_234_567.0),
            ("1,234", 1234.0),
            ("2,25", 2.25),
            ("$1,200", 1200.0),
            ("-$1,200.50", -1200.5),
            ("€ 1 200", 1200.0),
            ("1\u{a0}200,5 €", 1200.5),
            ("1'250'000 CHF", 1_250_000.0),
            ("USD 450000", 450_000.0),
            ("1.5e3", 1500.0),
            (" 7 ", 7.0),
            ("+3", 3.0),
            (".5", 0.5),
            ("-0", 0.0),
        ];
        for (text, value) in cases {
            assert_eq!(number(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_refused() {
        for text in [
            "",
            "-",
            "abc",
            "NaN",
            "inf",
            "-Infinity",
            "1e400",
            "12 34",
            "1,23,456",
            "1.2.3",
            "12x",
            "0x10",
            "--1",
            "1-2",
            "$",
            "e5",
            "1,2,3",
            "$-",
            "٣",
        ] {
            assert!(number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_hundredths_in_range() {
        assert_eq!(money("612,000.505"), Ok(Money(61_200_051)));
        assert_eq!(money("1e15"), Err(TOO_LARGE));
    }

    proptest! {
        #[test]
        fn a_number_is_read_back_as_written(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            prop_assert_eq!(number(&value.to_string()), Ok(value + 0.0));
            prop_assert_eq!(number(&format!("{value:e}")), Ok(value + 0.0));
        }

        #[test]
        fn grouped_amounts_are_read_back(cents in 0i64..1_000_000_000_000) {
            let (whole, part) = ((cents / 100).to_string(), cents % 100);
            let mut grouped = String::new();
            for (i, digit) in whole.chars().enumerate() {
                if i > 0 && (whole.len() - i) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            prop_assert_eq!(money(&format!("${grouped}.{part:02}")), Ok(Money(cents)));
        }

        #[test]
        fn no_text_is_read_as_something_infinite(text in "\\PC{0,20}") {
            if let Ok(value) = number(&text) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
