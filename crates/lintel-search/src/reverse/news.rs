//! The words of changed listings, listing by listing, and what the market knows of the words of searches.

use std::collections::HashMap;

use super::posts::Posts;
use crate::{Changed, segment::Segment, text::Word};

/// Changed listings, with what was asked of their market.
#[derive(Debug)]
pub(super) struct News<'a> {
    changed: &'a Changed,
    /// Stems that were asked for, and whether a listing of the market has them.
    known: HashMap<Box<str>, bool>,
}

/// The words of one listing.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    /// Numbers of its stems in its segment, ascending.
    stems: Vec<u32>,
    /// Numbers of the words of searches that it may have, ascending.
    pub(super) posts: Vec<u32>,
}

impl<'a> News<'a> {
    pub(super) fn new(changed: &'a Changed) -> Self {
        Self { changed, known: HashMap::new() }
    }

    /// The words of the listings of a segment, by slot.
    pub(super) fn texts(&mut self, segment: &Segment, posts: &Posts) -> Vec<Text> {
        let mut texts = vec![Text::default(); segment.len()];
        if posts.is_empty() {
            return texts;
        }
        let text = &segment.text;
        let mut hit = Vec::new();
        for stem in 0..text.stems.len() {
            hit.clear();
            posts.hit_by(text.stems.get(stem), |word| self.knows(word), &mut hit);
            for sets in [&text.remarks, &text.address] {
                sets.each(stem, |slot| {
                    texts[slot].stems.push(stem as u32);
                    texts[slot].posts.extend(&hit);
                });
            }
        }
        for Text { stems, posts } in &mut texts {
            stems.dedup();
            posts.sort_unstable();
            posts.dedup();
        }
        texts
    }

    /// Whether a listing of a segment has a word of a search.
    pub(super) fn has(&mut self, segment: &Segment, text: &Text, word: &Word) -> bool {
        let here = |stem: usize| text.stems.binary_search(&(stem as u32)).is_ok();
        if segment.text.stems.find(&word.stem).is_some_and(here) {
            return true;
        }
        if self.knows(&word.stem) {
            return false;
        }
        let mut has = false;
        word.clone().widened().each_widened(&segment.text, |stem, _| has |= here(stem));
        has
    }

    fn knows(&mut self, stem: &str) -> bool {
        if let Some(known) = self.known.get(stem) {
            return *known;
        }
        let known = self.changed.knows(stem);
        self.known.insert(stem.into(), known);
        known
    }
}
