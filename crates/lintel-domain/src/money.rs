//! Money: integer hundredths of a currency inside, a number in major units at every border.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An amount in hundredths of its market's currency. Nothing in Lintel adds amounts of two currencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

/// The largest amount taken from outside, in major units: everything up to here is exact in a double.
pub const LARGEST: f64 = 10_000_000_000_000.0;

impl Money {
    /// The amount nearest to `major` units; `None` when it is not finite or larger than [`LARGEST`] either way.
    pub fn from_major(major: f64) -> Option<Self> {
        (major.abs() <= LARGEST).then(|| Self((major * 100.0).round() as i64))
    }

    /// The amount in major units.
    pub fn major(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 100 == 0 { write!(f, "{}", self.0 / 100) } else { write!(f, "{:.2}", self.major()) }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.major()) }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let major = f64::deserialize(deserializer)?;
        Self::from_major(major).ok_or_else(|| D::Error::custom("amount out of range"))
    }
}

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollars.
    pub const USD: Self = Self(*b"USD");

    /// Reads three capital letters.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// An amount in words, as `$628,000`, `−€1,250.50` or `CHF 900`.
    pub fn amount(self, amount: Money) -> String {
        let text = Money(amount.0.saturating_abs()).to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let sign = if amount.0 < 0 { "−" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let (symbol, apart) = match self.code() {
            "USD" => ("$", ""),
            "EUR" => ("€", ""),
            "GBP" => ("£", ""),
            "CAD" => ("CA$", ""),
            "AUD" => ("A$", ""),
            "MXN" => ("MX$", ""),
            code => (code, "\u{a0}"),
        };
        format!("{sign}{symbol}{apart}{}{point}{fraction}", thousands(whole))
    }

    /// The code.
    pub fn code(&self) -> &str {
        // Only capital ASCII letters are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Puts a comma before every third digit from the end.
pub fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_in_its_currency() {
        let written = |code, hundredths| Currency::parse(code).unwrap().amount(Money(hundredths));
        assert_eq!(written("USD", 62_800_000), "$628,000");
        assert_eq!(written("EUR", -125_050), "−€1,250.50");
        assert_eq!(written("CHF", 90_000), "CHF\u{a0}900");
        assert_eq!(written("USD", 0), "$0");
    }

    #[test]
    fn whole_amounts_are_written_without_a_fraction() {
        assert_eq!(serde_json::to_string(&Money(61_200_000)).unwrap(), "612000");
        assert_eq!(serde_json::to_string(&Money(61_200_050)).unwrap(), "612000.5");
        assert_eq!(serde_json::from_str::<Money>("612000.5").unwrap(), Money(61_200_050));
        assert!(serde_json::from_str::<Money>("1e300").is_err());
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!(Currency::parse("EUR").unwrap().code(), "EUR");
        assert!(Currency::parse("eur").is_none() && Currency::parse("EURO").is_none());
    }
}
