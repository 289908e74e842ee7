//! Finding things by a few typed words, forgiving typos: how well a short text fits what was typed.

use crate::text::{
    distance::{allowance, within},
    each_word,
};

/// The most different words that count; it bounds the work of a hostile text.
const MOST_WORDS: usize = 8;
/// The fewest digits that are looked for as a telephone number.
const FEWEST_DIGITS: usize = 4;

/// What a word costs that stands there whole, at the beginning of another, inside one, or with a typo.
const WHOLE: u32 = 0;
const BEGINNING: u32 = 1;
const INSIDE: u32 = 2;
const TYPO: u32 = 3;

/// What somebody typed to find something.
#[derive(Clone, Debug)]
pub struct Needle {
    words: Vec<Typed>,
    digits: String,
}

#[derive(Clone, Debug)]
struct Typed {
    word: String,
    letters: Vec<char>,
    mask: u64,
    pairs: u128,
    allowance: usize,
}

impl Needle {
    /// Reads what was typed; none when there is nothing to look for in it.
    pub fn new(typed: &str) -> Option<Self> {
        let mut words: Vec<Typed> = Vec::new();
        each_word(typed, |word| {
            if words.len() < MOST_WORDS && words.iter().all(|known| known.word != word) {
                let (letters, allowance) = (word.chars().collect(), allowance(word));
                let (mask, pairs) = (mask(word), pairs(word));
                words.push(Typed { word: word.to_owned(), letters, mask, pairs, allowance });
            }
        });
        let is_number = !typed.chars().any(char::is_alphabetic);
        let digits = if is_number { digits(typed) } else { String::new() };
        (!words.is_empty()).then_some(Self { words, digits })
    }

    /// How well a text fits: each typed word has to be there, whole, at the beginning of a word, or with a typo; 0 is best.
    pub fn rank(&self, text: &str) -> Option<u32> {
        let mut best = [None::<u32>; MOST_WORDS];
        let best = &mut best[..self.words.len()];
        each_word(text, |word| {
            for (typed, best) in self.words.iter().zip(best.iter_mut()) {
                if let Some(cost) = typed.cost(word) {
                    *best = Some(best.map_or(cost, |known| known.min(cost)));
                }
            }
        });
        best.iter().copied().sum()
    }

    /// Whether [`Self::rank`] can find a text whose letters have this [`mask`]; it says no to most without looking closer.
    pub(crate) fn may_fit(&self, letters: u64) -> bool {
        self.words.iter().all(|typed| (typed.mask & !letters).count_ones() as usize <= typed.allowance)
    }

    /// Whether [`Self::inside`] can find a text with these [`pairs`]; it says no to most without looking closer.
    pub(crate) fn may_be_inside(&self, pairs: u128) -> bool {
        self.words.iter().all(|typed| typed.pairs & !pairs == 0)
    }

    /// Whether every typed word stands somewhere in a text of lower-case letters, also inside of words.
    pub(crate) fn inside(&self, text: &str) -> Option<u32> {
        let all = self.words.iter().all(|typed| text.contains(typed.word.as_str()));
        all.then_some(INSIDE * self.words.len() as u32)
    }

    /// Whether what was typed is a part of a telephone number of these digits.
    pub(crate) fn calls(&self, number: &str) -> Option<u32> {
        let found = self.digits.len() >= FEWEST_DIGITS && number.contains(self.digits.as_str());
        found.then_some(if number.ends_with(self.digits.as_str()) { WHOLE } else { INSIDE })
    }
}

impl Typed {
    fn cost(&self, word: &str) -> Option<u32> {
        if word == self.word {
            return Some(WHOLE);
        }
        if word.starts_with(&self.word) {
            return Some(BEGINNING);
        }
        if self.allowance == 0 {
            return None;
        }
        within(&self.letters, word, self.allowance).map(|distance| TYPO + distance as u32)
    }
}

/// Which letters and digits a text has: one bit for each, letters beyond the alphabet sharing the rest.
pub(crate) fn mask(text: &str) -> u64 {
    let mut mask = 0;
    each_word(text, |word| {
        for letter in word.chars() {
            mask |= 1
                << match letter {
                    'a'..='z' => letter as u32 - 'a' as u32,
                    '0'..='9' => 26 + letter as u32 - '0' as u32,
                    other => 36 + other as u32 % 28,
                };
        }
    });
    mask
}

/// Which pairs of bytes follow each other in a text, several of them sharing a bit: whatever is a part of it has no others.
pub(crate) fn pairs(text: &str) -> u128 {
    text.as_bytes().array_windows().fold(0, |pairs, pair: &[u8; 2]| {
        let hash = u32::from(u16::from_le_bytes(*pair)).wrapping_mul(0x9E37_79B1);
        pairs | 1 << (hash >> 25)
    })
}

/// The digits of a text.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_whole_begun_or_with_a_typo() {
        for (typed, text, expected) in [
            ("ada", "Ada Example", Some(WHOLE)),
            ("exam ada", "Ada Example", Some(BEGINNING)),
            ("Exmaple", "Ada Example", Some(TYPO + 1)),
            ("jonson", "Maria Johnson", Some(TYPO + 1)),
            ("jhonsen", "Maria Johnson", None),
            ("katherin", "Catherine Zoë", Some(TYPO + 2)),
            ("zoe", "Catherine Zoë", Some(WHOLE)),
            ("bob", "Rob", None),
            ("ada bob", "Ada Example", None),
        ] {
            let rank = Needle::new(typed).unwrap().rank(text);
            assert_eq!(rank, expected, "{typed} in {text}");
        }
        assert!(Needle::new(" -- ").is_none());
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (typed, found) in
            [("(206) 555-01", true), ("5550100", true), ("206 999", false), ("206", false), ("a 5550100", false)]
        {
            assert_eq!(Needle::new(typed).unwrap().calls("12065550100").is_some(), found, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_passed_over_by_its_letters_would_not_have_been_found(typed in "[a-zé0-9 ]{1,12}", text in "[A-Zé0-9' ]{0,20}") {
            if let Some(needle) = Needle::new(&typed)
                && needle.rank(&text).is_some()
            {
                prop_assert!(needle.may_fit(mask(&text)));
            }
        }

        #[test]
        fn a_part_of_a_text_has_no_pairs_of_its_own(before in "[a-zé]{0,9}", part in "[a-zé0-9 ]{0,9}", behind in "[a-zé]{0,9}") {
            let all = pairs(&format!("{before}{part}{behind}"));
            prop_assert_eq!(pairs(&part) & !all, 0);
        }

        #[test]
        fn one_wrong_letter_in_a_long_word_is_forgiven(word in "[a-z]{5,12}", at in 0_usize..12, letter in "[a-z]") {
            let at = at % word.len();
            let mut typed = word.clone();
            typed.replace_range(at..=at, &letter);
            prop_assert!(Needle::new(&typed).unwrap().rank(&word).is_some());
        }
    }
}
