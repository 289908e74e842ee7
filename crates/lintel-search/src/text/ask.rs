//! Asking a segment for words: exact, or widened when nobody uses the word as it was typed.

use super::{Stems, Text, distance, each_word, is_stop};
use crate::column::Bits;

/// The most different words of a query that count; it bounds the work of a hostile one.
const MOST_WORDS: usize = 32;
/// The fewest letters from which a word is widened to those that begin with it.
pub(crate) const PREFIX_LETTERS: usize = 3;

/// What a hit is worth for relevance: the word itself in the address, in the remarks, a longer word, a word with a typo.
const ADDRESS: u8 = 4;
const REMARKS: u8 = 3;
const LONGER: u8 = 2;
const TYPO: u8 = 1;

/// One word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its stem.
    pub(crate) stem: String,
    /// How many letters may be wrong when it is widened.
    pub(crate) allowance: usize,
    /// Whether no listing has it, so that longer words that begin with it and words with a typo count as hits.
    pub(crate) widened: bool,
}

/// The different words of a text, in the order of their first appearance, none of them widened.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let stems = Stems::new();
    let mut words: Vec<Word> = Vec::new();
    each_word(text, |word| {
        if is_stop(word) {
            return;
        }
        let stem = stems.stem(word);
        if words.len() < MOST_WORDS && words.iter().all(|known| known.stem != stem) {
            words.push(Word { allowance: distance::allowance(word), stem: stem.into_owned(), widened: false });
        }
    });
    words
}

impl Word {
    /// The word as it counts where no listing has it.
    pub(crate) fn widened(self) -> Self {
        Self { widened: true, ..self }
    }

    /// What a stem of a listing is worth for this word; `None` when it is no hit. `address` says where the stem stands.
    pub(crate) fn worth(&self, letters: &[char], stem: &str, address: bool) -> Option<u8> {
        if !self.widened {
            return (stem == self.stem).then_some(if address { ADDRESS } else { REMARKS });
        }
        if letters.len() >= PREFIX_LETTERS && stem.starts_with(&self.stem) {
            return Some(LONGER);
        }
        let near = self.allowance > 0
            && stem.chars().next() == letters.first().copied()
            && distance::within(letters, stem, self.allowance).is_some();
        near.then_some(TYPO)
    }

    /// Adds the listings of a segment that have the word to `bits`.
    pub(crate) fn or_into(&self, text: &Text, bits: &mut Bits) {
        if !self.widened {
            text.or_into(&self.stem, bits);
            return;
        }
        self.each_widened(text, |stem, _| {
            text.remarks.or_into(stem, bits);
            text.address.or_into(stem, bits);
        });
    }

    /// Raises, for each listing of a segment that has the word, what the word is worth there.
    pub(crate) fn raise(&self, text: &Text, worth: &mut [u8]) {
        let mut raise = |sets: &crate::column::Sets, stem, to: u8| {
            sets.each(stem, |slot| worth[slot] = worth[slot].max(to));
        };
        if self.widened {
            self.each_widened(text, |stem, to| {
                raise(&text.remarks, stem, to);
                raise(&text.address, stem, to);
            });
        } else if let Some(stem) = text.stems.find(&self.stem) {
            raise(&text.remarks, stem, REMARKS);
            raise(&text.address, stem, ADDRESS);
        }
    }

    /// Calls `f` with the stems that a widened word hits and what each is worth. A typo in the first letter is not
    /// forgiven, so only the stems with that letter are looked at.
    pub(crate) fn each_widened(&self, text: &Text, mut f: impl FnMut(usize, u8)) {
        let letters: Vec<char> = self.stem.chars().collect();
        let Some(first) = letters.first() else {
            return;
        };
        let mut buffer = [0; 4];
        for stem in text.stems.beginning(first.encode_utf8(&mut buffer)) {
            if let Some(worth) = self.worth(&letters, text.stems.get(stem), false) {
                f(stem, worth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widened_word_hits_longer_words_and_typos() {
        let check = |typed: &str, written: &str, expected: Option<u8>| {
            let mut word = words(typed).remove(0);
            word.widened = true;
            let letters: Vec<char> = word.stem.chars().collect();
            let stem = words(written).remove(0).stem;
            assert_eq!(word.worth(&letters, &stem, false), expected, "{typed} {written}");
        };
        check("swimm", "swimming", Some(TYPO));
        check("water", "waterfront", Some(LONGER));
        check("garrage", "garages", Some(TYPO));
        check("fierplcae", "fireplace", Some(TYPO));
        check("kichen", "kitchen", Some(TYPO));
        check("itchen", "kitchen", None);
        check("spo", "spa", None);
        check("98103", "98104", None);
        check("981", "98104", Some(LONGER));
    }

    #[test]
    fn a_text_has_each_word_once() {
        let stems: Vec<String> = words("Pools, a pool & the POOL; views").into_iter().map(|w| w.stem).collect();
        assert_eq!(stems, ["pool", "view"]);
        assert!(words("the of 🏠").is_empty());
        let long: Vec<String> = (0..100).map(|i| format!("w{i}")).collect();
        assert_eq!(words(&long.join(" ")).len(), MOST_WORDS);
    }
}
