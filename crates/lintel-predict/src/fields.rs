//! Free fields as features: their types inferred from values, what may not be used left out and named.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::fair::{self, Concern};
use lintel_domain::scalar::{Fields, Scalar};
use lintel_domain::text::stated;
use serde::{Deserialize, Serialize};

use crate::learn::table::{Cell, Column, ColumnKind};

/// Why a column was left out, or deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WarningCode {
    /// It speaks of a protected trait of a person; left out.
    ProtectedColumn,
    /// It may stand in for a protected trait.
    ProxyColumn,
    /// It alone determines the label; left out of lead scores.
    LabelLeak,
    /// Nearly every row has a word of its own; left out.
    TooManyValues,
    /// It identifies a person; left out.
    PersonalData,
    /// It identifies a row; left out.
    Identifier,
    /// It holds credit or income data, which must not decide; left out.
    CreditData,
    /// It never varies; left out.
    ConstantColumn,
    /// Nothing is filled in; left out.
    EmptyColumn,
    /// It speaks of a protected trait and is used because that was allowed: the model must not decide about housing.
    NotForHousing,
}

impl WarningCode {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProtectedColumn => "protected_column",
            Self::ProxyColumn => "proxy_column",
            Self::LabelLeak => "label_leak",
            Self::TooManyValues => "too_many_values",
            Self::PersonalData => "personal_data",
            Self::Identifier => "identifier",
            Self::CreditData => "credit_data",
            Self::ConstantColumn => "constant_column",
            Self::EmptyColumn => "empty_column",
            Self::NotForHousing => "not_for_housing",
        }
    }
}

/// Something the trainer should know about a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What kind of thing.
    pub code: WarningCode,
    /// The column.
    pub column: String,
    /// A sentence.
    pub detail: String,
}

/// Whose fields they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A person's: proxies of protected traits, personal data and identifiers are left out.
    Person,
    /// A home's: its place is part of its price, so proxies stay, with a warning.
    Home,
    /// Whatever a table is about: personal data is left out; proxies and numbers that name rows stay, with a warning.
    Table,
}

/// A value of a field, ready to become a [`Cell`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Missing,
    Number(f64),
    Word(Cow<'a, str>),
}

impl Value<'_> {
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Number(number) => Cell::Number(*number),
            Self::Word(word) => Cell::Word(word),
        }
    }

    pub(crate) fn flag(flag: bool) -> Self {
        Self::Number(f64::from(u8::from(flag)))
    }

    pub(crate) fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }
}

/// The columns that free fields become, and what was noticed on the way.
pub(crate) fn infer<'a>(
    rows: impl Iterator<Item = &'a Fields>,
    subject: Subject,
    exclude: &[String],
) -> (Vec<Column>, Vec<Warning>) {
    let mut seen: BTreeMap<&str, Seen<'a>> = BTreeMap::new();
    let mut count = 0;
    for fields in rows {
        count += 1;
        for (name, scalar) in fields {
            seen.entry(name).or_default().add(scalar);
        }
    }
    let mut columns = Vec::new();
    let mut warnings = Vec::new();
    for (name, seen) in &seen {
        if exclude.iter().any(|excluded| excluded == name) {
            continue;
        }
        let numeric = seen.is_numeric();
        let verdict = seen.judge(name, subject, count, numeric);
        let word = !numeric || fair::classify(name) == Some(Concern::Proxy);
        if verdict.used {
            columns.push(if word { Column::word(*name) } else { Column::number(*name) });
        }
        warnings.extend(verdict.warning(name));
    }
    (columns, warnings)
}

/// The value of a field in a column of this kind; text that says nothing is missing.
pub(crate) fn value(kind: ColumnKind, scalar: Option<&Scalar>) -> Value<'_> {
    let Some(scalar) = scalar else {
        return Value::Missing;
    };
    match (kind, scalar) {
        (ColumnKind::Number, Scalar::Number(number)) => Value::Number(*number),
        (ColumnKind::Number, Scalar::Bool(flag)) => Value::flag(*flag),
        (ColumnKind::Number, Scalar::Text(text)) => {
            stated(text).and_then(number_in).map_or(Value::Missing, Value::Number)
        }
        (ColumnKind::Word, Scalar::Text(text)) => {
            stated(text).map_or(Value::Missing, |text| Value::Word(Cow::Borrowed(text)))
        }
        (ColumnKind::Word, Scalar::Number(number)) => Value::Word(Cow::Owned(number.to_string())),
        (ColumnKind::Word, Scalar::Bool(flag)) => Value::Word(Cow::Borrowed(if *flag { "true" } else { "false" })),
    }
}

/// A finite number; a text with a leading zero such as a postal code is none.
fn number_in(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches('-').as_bytes();
    let coded = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let plain = digits.first().is_some_and(|b| b.is_ascii_digit() || *b == b'.');
    (plain && !coded).then(|| text.parse().ok().filter(|n: &f64| n.is_finite())).flatten()
}

/// Distinct texts kept while looking at a column; beyond it the column is counted as too varied.
const DISTINCT: usize = 200_000;

/// What the values of a column look like.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    filled: usize,
    numbers: usize,
    emails: usize,
    phones: usize,
    texts: BTreeSet<&'a str>,
    values: BTreeSet<u64>,
}

/// Whether a column is used, and what is to be said about it.
pub(crate) struct Verdict {
    pub(crate) used: bool,
    said: Option<(WarningCode, Cow<'static, str>)>,
}

impl Verdict {
    const USED: Self = Self { used: true, said: None };
    const LEFT_OUT: Self = Self { used: false, said: None };

    fn but(self, code: WarningCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { said: Some((code, detail.into())), ..self }
    }

    pub(crate) fn warning(self, column: &str) -> Option<Warning> {
        self.said.map(|(code, detail)| Warning { code, column: column.to_owned(), detail: detail.into_owned() })
    }
}

impl<'a> Seen<'a> {
    fn add(&mut self, scalar: &'a Scalar) {
        match scalar {
            Scalar::Bool(flag) => self.add_number(f64::from(u8::from(*flag))),
            Scalar::Number(number) => self.add_number(*number),
            Scalar::Text(text) => self.add_text(text),
        }
    }

    pub(crate) fn add_text(&mut self, text: &'a str) {
        let Some(text) = stated(text) else { return };
        if self.texts.len() < DISTINCT {
            self.texts.insert(text);
        }
        if let Some(number) = number_in(text) {
            self.add_number(number);
            return;
        }
        self.filled += 1;
        self.emails += usize::from(looks_like_email(text));
        self.phones += usize::from(looks_like_phone(text));
    }

    pub(crate) fn add_number(&mut self, number: f64) {
        if number.is_finite() {
            self.filled += 1;
            self.numbers += 1;
            if self.values.len() < DISTINCT {
                self.values.insert(number.to_bits());
            }
        }
    }

    /// Whether nearly all values are numbers.
    fn is_numeric(&self) -> bool {
        self.numbers * 100 >= self.filled * 95
    }

    /// The protected trait that a column speaks of, and a sentence.
    pub(crate) fn protected(&self, name: &str) -> Option<String> {
        if let Some(Concern::Protected(trait_)) = fair::classify(name) {
            return Some(format!("speaks of {trait_}"));
        }
        let by_values = || fair::classify_values(self.texts.iter().copied());
        let trait_ = if self.texts.len() <= 1000 { by_values() } else { None };
        trait_.map(|trait_| format!("has values that speak of {trait_}"))
    }

    /// Whether a column of numbers, or of words, may be used; `rows` counts all rows.
    pub(crate) fn judge(&self, name: &str, subject: Subject, rows: usize, numeric: bool) -> Verdict {
        if let Some(why) = self.protected(name) {
            return Verdict::LEFT_OUT.but(WarningCode::ProtectedColumn, format!("{why} and is not used"));
        }
        self.judge_open(name, subject, rows, numeric)
    }

    /// The same for a column whose trait is none, or allowed.
    pub(crate) fn judge_open(&self, name: &str, subject: Subject, rows: usize, numeric: bool) -> Verdict {
        let words = fair::words_of(name);
        let has = |word: &str| words.iter().any(|w| w == word);
        if (has("credit") && (has("score") || has("rating"))) || has("fico") || (has("income") && has("verification")) {
            return Verdict::LEFT_OUT.but(WarningCode::CreditData, "credit and income data are not used");
        }
        if self.filled == 0 {
            let empty = Verdict::LEFT_OUT;
            let told = subject == Subject::Table;
            return if told { empty.but(WarningCode::EmptyColumn, "has no value and is not used") } else { empty };
        }
        let distinct = self.texts.len().max(self.values.len());
        if distinct <= 1 && self.filled == rows {
            return Verdict::LEFT_OUT.but(WarningCode::ConstantColumn, "has a single value");
        }
        if subject != Subject::Home && self.is_personal(&words, numeric) {
            return Verdict::LEFT_OUT.but(WarningCode::PersonalData, "identifies a person and is not used");
        }
        let last = words.last().map_or("", String::as_str);
        let key = ["id", "uuid", "guid", "key", "number", "no", "ref", "reference"].contains(&last);
        if key && distinct * 10 >= self.filled * 9 && self.filled >= 20 {
            if numeric && subject == Subject::Table {
                let detail = "is a number of its own in nearly every row: drop it unless its order means something";
                return Verdict::USED.but(WarningCode::Identifier, detail);
            }
            return Verdict::LEFT_OUT.but(WarningCode::Identifier, "is different in nearly every row");
        }
        let proxy = fair::classify(name) == Some(Concern::Proxy);
        let stands_in = "may stand in for a protected trait";
        if proxy && subject == Subject::Person {
            return Verdict::LEFT_OUT.but(WarningCode::ProxyColumn, stands_in);
        }
        if (!numeric || proxy) && self.texts.len() > 50 && self.texts.len() * 2 > self.filled {
            return Verdict::LEFT_OUT.but(WarningCode::TooManyValues, "nearly every row has a text of its own");
        }
        if proxy { Verdict::USED.but(WarningCode::ProxyColumn, stands_in) } else { Verdict::USED }
    }

    fn is_personal(&self, words: &[String], numeric: bool) -> bool {
        let has = |word: &str| words.iter().any(|w| w == word);
        let addressed = (self.emails + self.phones) * 2 > self.filled;
        let named = has("email")
            || has("phone")
            || has("mobile")
            || (has("name")
                && ["first", "last", "full", "middle", "family", "given", "contact", "sur"].iter().any(|w| has(w)))
            || words == ["name"]
            || has("surname")
            || has("firstname")
            || has("lastname");
        addressed || (named && !numeric && self.texts.len() > 10)
    }
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !text.contains(' '))
}

fn looks_like_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let other = text.bytes().all(|b| b.is_ascii_digit() || b"+-() ./x".contains(&b));
    other && (7..=15).contains(&digits)
}
