//! Selecting by looking at each listing: what the ways of [`Conditions::select`] are measured against.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Conditions;
use crate::{column::Bits, segment::Segment};

/// Whether this process looks at each listing.
static SCANS: AtomicBool = AtomicBool::new(false);

/// From now on this process finds what passes a filter by looking at each listing, to measure what the index brings. Answers
/// are the same. Words are still found by their sets: listings are not kept as text.
pub fn scan_every_listing() {
    SCANS.store(true, Ordering::Relaxed);
}

pub(super) fn is_on() -> bool {
    SCANS.load(Ordering::Relaxed)
}

impl Conditions {
    /// What [`Conditions::select`] finds.
    pub(super) fn scan(&self, segment: &Segment, live: Option<&Bits>) -> Bits {
        let mut bits = live.map_or_else(|| Bits::full(segment.len()), Bits::clone);
        for word in &self.words {
            let mut hits = Bits::new(segment.len());
            word.or_into(&segment.text, &mut hits);
            bits.and(&hits);
        }
        bits.retain(|slot| {
            let row = segment.row(slot);
            // Words hold already.
            self.values_pass(&row, self.today) && self.rest_passes(&row, |_| true)
        });
        bits
    }
}
