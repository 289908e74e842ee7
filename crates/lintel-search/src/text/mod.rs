//! The words of a segment's listings, inverted: which listings have which word, in the remarks and in the address.

pub(crate) mod ask;
pub(crate) mod dictionary;
pub(crate) mod distance;
pub(crate) mod gather;
mod hash;
pub(crate) mod words;

pub(crate) use ask::Word;
pub(crate) use dictionary::Dictionary;
pub(crate) use words::{Stems, each_word, is_stop};

use crate::column::{Bits, Sets};

/// A set in eight is about where bits get smaller than one byte per slot.
pub(crate) const DENSITY: usize = 8;

/// The inverted text of a segment.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// The stems; a stem's number is that of its two sets.
    pub(crate) stems: Dictionary,
    /// Listings whose remarks have the stem.
    pub(crate) remarks: Sets,
    /// Listings whose address has the stem.
    pub(crate) address: Sets,
}

impl Text {
    /// Whether a listing of `live` has the stem.
    pub(crate) fn knows(&self, stem: &str, live: &Bits, all_live: bool) -> bool {
        let Some(stem) = self.stems.find(stem) else {
            return false;
        };
        all_live || self.remarks.any_in(stem, live) || self.address.any_in(stem, live)
    }

    /// Adds the listings that have exactly this stem, in remarks or address.
    pub(crate) fn or_into(&self, stem: &str, bits: &mut Bits) {
        if let Some(stem) = self.stems.find(stem) {
            self.remarks.or_into(stem, bits);
            self.address.or_into(stem, bits);
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.stems.memory_bytes() + self.remarks.memory_bytes() + self.address.memory_bytes()
    }
}
