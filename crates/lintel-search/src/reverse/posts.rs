//! The words under which searches are found: of each search that asks for words, one.

use std::collections::HashMap;

use crate::text::{Word, ask::PREFIX_LETTERS, distance};

/// The number of no word.
pub(super) const NO_WORD: u32 = 0;

/// The words under which searches are found, by number.
#[derive(Debug, Default)]
pub(super) struct Posts {
    by_stem: HashMap<Box<str>, Post>,
    /// Words by their first letter and how many they have, to be found with a typo.
    alike: HashMap<(char, usize), Vec<Alike>>,
    /// Numbers that were given and are free again, and the last that was given.
    free: Vec<u32>,
    last: u32,
}

/// A word under which searches are found.
#[derive(Debug)]
struct Post {
    number: u32,
    /// How many.
    searches: u32,
}

/// A word by its letters.
#[derive(Debug)]
struct Alike {
    number: u32,
    mask: u64,
    stem: Box<str>,
    letters: Box<[char]>,
    /// The most letters that some search lets be wrong.
    allowance: usize,
}

impl Posts {
    pub(super) fn is_empty(&self) -> bool {
        self.by_stem.is_empty()
    }

    /// The number of the word under which the fewest searches are found, now one more; [`NO_WORD`] without words.
    pub(super) fn take(&mut self, words: &[Word]) -> u32 {
        let searches = |word: &&Word| self.by_stem.get(word.stem.as_str()).map_or(0, |post| post.searches);
        let Some(word) = words.iter().min_by_key(searches) else { return NO_WORD };
        let (count, mask) = letters(&word.stem);
        let alike = first(&word.stem).map(|first| self.alike.entry((first, count)).or_default());
        if let Some(post) = self.by_stem.get_mut(word.stem.as_str()) {
            post.searches += 1;
            for known in alike.into_iter().flatten().filter(|known| known.number == post.number) {
                known.allowance = known.allowance.max(word.allowance);
            }
            return post.number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        let stem: Box<str> = word.stem.as_str().into();
        self.by_stem.insert(stem.clone(), Post { number, searches: 1 });
        if let Some(all) = alike {
            let letters = stem.chars().collect();
            all.push(Alike { number, mask, stem: stem.clone(), letters, allowance: word.allowance });
        }
        number
    }

    /// One search fewer is found under the word of this number, which is one of `words`.
    pub(super) fn give_back(&mut self, words: &[Word], number: u32) {
        for word in words {
            let Some(post) = self.by_stem.get_mut(word.stem.as_str()).filter(|post| post.number == number) else {
                continue;
            };
            post.searches -= 1;
            if post.searches > 0 {
                return;
            }
            self.by_stem.remove(word.stem.as_str());
            self.free.push(number);
            let (Some(first), (count, _)) = (first(&word.stem), letters(&word.stem)) else { return };
            if let Some(all) = self.alike.get_mut(&(first, count)) {
                all.retain(|known| known.number != number);
                if all.is_empty() {
                    self.alike.remove(&(first, count));
                }
            }
            return;
        }
    }

    /// Adds to `hit` the numbers of the words that a listing with this stem may have: the stem, and of the words that it
    /// begins with or that it is with a typo those that nobody `knows`.
    pub(super) fn hit_by(&self, stem: &str, mut knows: impl FnMut(&str) -> bool, hit: &mut Vec<u32>) {
        let (count, mask) = letters(stem);
        for (end, _) in stem.char_indices().skip(PREFIX_LETTERS) {
            if let Some((begin, post)) = self.by_stem.get_key_value(&stem[..end])
                && !knows(begin)
            {
                hit.push(post.number);
            }
        }
        hit.extend(self.by_stem.get(stem).map(|post| post.number));
        let Some(first) = first(stem) else { return };
        for count in count.saturating_sub(MOST_WRONG)..=count + MOST_WRONG {
            for known in self.alike.get(&(first, count)).into_iter().flatten() {
                // A wrong letter takes at most one letter from either word that the other does not have.
                let differ = (known.mask & !mask).count_ones().max((mask & !known.mask).count_ones()) as usize;
                if known.allowance > 0
                    && differ <= known.allowance
                    && *known.stem != *stem
                    && distance::within(&known.letters, stem, known.allowance).is_some()
                    && !knows(&known.stem)
                {
                    hit.push(known.number);
                }
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let stems = self.by_stem.keys().map(|stem| 2 * stem.len()).sum::<usize>();
        let letters = self.alike.values().flatten().map(|known| known.letters.len() * 4).sum::<usize>();
        let alike = letters + self.alike.values().map(|all| all.capacity() * size_of::<Alike>()).sum::<usize>();
        self.by_stem.capacity() * 8 / 7 * (size_of::<(Box<str>, Post)>() + 1) + stems + alike
    }
}

/// The most letters that may be wrong in any word.
const MOST_WRONG: usize = 2;

fn first(stem: &str) -> Option<char> {
    stem.chars().next()
}

/// How many letters a word has, and which, as bits that some share.
fn letters(stem: &str) -> (usize, u64) {
    stem.chars().fold((0, 0), |(count, mask), letter| (count + 1, mask | 1 << (letter as u32 % 64)))
}
