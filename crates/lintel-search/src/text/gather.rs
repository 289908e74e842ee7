//! Gathering the words of listings while a segment is built.

use std::collections::HashMap;

use lintel_domain::listing::ListingFacts;

use super::{DENSITY, Dictionary, Stems, Text, each_word, hash::Folding, is_stop};
use crate::column::{Gathered, Sets};

const NOTHING: u32 = u32::MAX;

/// The words of listings by the order in which they came.
#[derive(Debug)]
pub(crate) struct Words {
    stems: Stems,
    /// Number of the stem of each word seen, [`NOTHING`] of those that are left out.
    known: HashMap<Box<str>, u32, Folding>,
    /// Number of each stem seen.
    numbers: HashMap<Box<str>, u32, Folding>,
    /// Stem and place (`number * 2 + address`) of all words of all listings, one listing after another.
    hits: Vec<u32>,
    /// Where each listing's words end.
    ends: Vec<u64>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            stems: Stems::new(),
            known: HashMap::default(),
            numbers: HashMap::default(),
            hits: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl Words {
    /// Adds the words of the next listing.
    pub(crate) fn push(&mut self, facts: &ListingFacts) {
        let from = self.hits.len();
        if let Some(remarks) = &facts.remarks {
            self.add(remarks, 0);
        }
        let address = &facts.address;
        for text in [&address.line, &address.city, &address.region, &address.postal_code].into_iter().flatten() {
            self.add(text, 1);
        }
        self.hits[from..].sort_unstable();
        let mut kept = from;
        for at in from..self.hits.len() {
            if at == from || self.hits[at] != self.hits[at - 1] {
                self.hits[kept] = self.hits[at];
                kept += 1;
            }
        }
        self.hits.truncate(kept);
        self.ends.push(kept as u64);
    }

    fn add(&mut self, text: &str, address: u32) {
        let Self { stems, known, numbers, hits, .. } = self;
        each_word(text, |word| {
            let number = known.get(word).copied().unwrap_or_else(|| {
                if is_stop(word) {
                    known.insert(word.into(), NOTHING);
                    return NOTHING;
                }
                let stem = stems.stem(word);
                let next = numbers.len() as u32;
                let number = *numbers.entry(stem.as_ref().into()).or_insert(next);
                known.insert(word.into(), number);
                number
            });
            if number != NOTHING {
                hits.push(number * 2 + address);
            }
        });
    }

    /// The inverted text of a segment whose slots are the listings `order`, by the order in which they came.
    pub(crate) fn invert(self, order: &[u32]) -> Text {
        let mut sets = vec![Gathered::default(); self.numbers.len() * 2];
        for (slot, &came) in order.iter().enumerate() {
            let came = came as usize;
            let from = if came == 0 { 0 } else { self.ends[came - 1] };
            for &hit in &self.hits[from as usize..self.ends[came] as usize] {
                sets[hit as usize].push(slot as u32);
            }
        }
        let mut stems: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        stems.sort_unstable();
        let pairs = stems.iter().map(|(stem, number)| {
            let at = *number as usize * 2;
            (stem.as_ref(), &sets[at], &sets[at + 1])
        });
        assemble(order.len(), pairs)
    }
}

/// The text of `slots` listings from stems in ascending order, each with its sets in remarks and address. Stems without a
/// listing are left out.
pub(crate) fn assemble<'a>(slots: usize, stems: impl Iterator<Item = (&'a str, &'a Gathered, &'a Gathered)>) -> Text {
    let mut text =
        Text { stems: Dictionary::default(), remarks: Sets::new(slots, DENSITY), address: Sets::new(slots, DENSITY) };
    for (stem, remarks, address) in stems {
        if !remarks.is_empty() || !address.is_empty() {
            text.stems.push(stem);
            text.remarks.push(remarks);
            text.address.push(address);
        }
    }
    text.stems.shrink();
    text.remarks.shrink();
    text.address.shrink();
    text
}
