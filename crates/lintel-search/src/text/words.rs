//! Cutting text into words, and words into stems.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// The most letters of a word that count.
const LONGEST: usize = 40;

/// Words that say nothing about a home; they are neither kept nor asked for.
const STOP: [&str; 34] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "has", "have", "if", "in", "into", "is",
    "it", "its", "of", "on", "or", "our", "that", "the", "their", "this", "to", "was", "will", "with", "you", "your",
    "we",
];

/// Whether a word says nothing about a home.
pub(crate) fn is_stop(word: &str) -> bool {
    STOP.contains(&word)
}

/// Stems words as English (Porter's second stemmer, Snowball). Words with a digit stay as they are.
pub(crate) struct Stems(Stemmer);

impl Stems {
    pub(crate) fn new() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }

    /// The stem of a word as [`each_word`] gives it.
    pub(crate) fn stem<'a>(&self, word: &'a str) -> Cow<'a, str> {
        if word.bytes().any(|b| b.is_ascii_digit()) {
            return Cow::Borrowed(word);
        }
        self.0.stem(word)
    }
}

impl std::fmt::Debug for Stems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stems")
    }
}

/// Calls `f` with each word: a run of letters and digits in lower case, Latin accents and apostrophes taken off
/// ("Owner's" is `owner`, "Señor" is `senor`). The words of [`is_stop`] are the caller's to leave out.
pub(crate) fn each_word(text: &str, mut f: impl FnMut(&str)) {
    let mut word = String::new();
    let mut letters = 0;
    let mut give = |word: &mut String| {
        let stem = word.strip_suffix("'s").unwrap_or(word);
        if stem.contains('\'') {
            let joined: String = stem.chars().filter(|c| *c != '\'').collect();
            if !joined.is_empty() {
                f(&joined);
            }
        } else if !stem.is_empty() {
            f(stem);
        }
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if letters < LONGEST {
                word.push(c.to_ascii_lowercase());
                letters += 1;
            }
        } else if c == '\'' || c == '\u{2019}' {
            if letters > 0 && letters < LONGEST {
                word.push('\'');
                letters += 1;
            }
        } else if ('\u{300}'..='\u{36f}').contains(&c) {
            // An accent written as a letter of its own belongs to the letter before it.
        } else if !c.is_ascii() && c.is_alphanumeric() {
            for lower in c.to_lowercase() {
                if letters < LONGEST && !('\u{300}'..='\u{36f}').contains(&lower) {
                    fold(lower, &mut word);
                    letters += 1;
                }
            }
        } else if letters > 0 {
            give(&mut word);
            letters = 0;
        }
    }
    if letters > 0 {
        give(&mut word);
    }
}

/// Adds a lower-case letter without its Latin accent.
fn fold(c: char, word: &mut String) {
    let plain = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ř' => 'r',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ß' => {
            word.push('s');
            's'
        }
        'æ' => {
            word.push('a');
            'e'
        }
        'œ' => {
            word.push('o');
            'e'
        }
        other => other,
    };
    word.push(plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_what_is_neither_letter_nor_digit() {
        let check = |text: &str, expected: &[&str]| {
            let mut words = Vec::new();
            each_word(text, |word| {
                if !is_stop(word) {
                    words.push(word.to_owned());
                }
            });
            assert_eq!(words, expected, "{text}");
        };
        check("", &[]);
        check("The POOL, and a 2-car garage!", &["pool", "2", "car", "garage"]);
        check("Owner's suite; owners' den; rock'n'roll", &["owner", "suite", "owners", "den", "rocknroll"]);
        check("owner\u{2019}s", &["owner"]);
        check("Señor Café Straße", &["senor", "cafe", "strasse"]);
        check("Cafe\u{301} İzmir", &["cafe", "izmir"]);
        check("Größe 浴室 дом", &["grosse", "浴室", "дом"]);
        check("''' -- 🏠 '", &[]);
        check(&"x".repeat(90), &[&"x".repeat(40)]);
    }

    #[test]
    fn words_of_one_stem_are_one_word() {
        let stems = Stems::new();
        let check = |a: &str, b: &str| assert_eq!(stems.stem(a), stems.stem(b), "{a} {b}");
        check("pools", "pool");
        check("swimming", "swim");
        check("renovated", "renovation");
        check("garages", "garage");
        check("windows", "window");
        check("remodeling", "remodeled");
        assert_eq!(stems.stem("98103"), "98103");
        assert_eq!(stems.stem("1990s"), "1990s");
    }
}
