//! Finding the listings of a segment that pass, by the cheapest way the conditions allow.

use std::ops::Range;

use super::{Conditions, scan};
use crate::{
    column::{Bits, mask},
    segment::Segment,
};

/// With at most this many candidates an area is asked about each of them, instead of the grid about the area.
const FEW: usize = 512;
/// Below one candidate in this many slots of the runs, candidates are compared one by one instead of 64 at a time.
const SPARSE: usize = 32;

impl Conditions {
    /// The slots that pass. `live` is absent when no listing of the segment was removed.
    ///
    /// The runs of status, type and price come first, for nothing; then words, by decoding their sets; then areas, by the
    /// grid; then the other bounds over what is left of the columns.
    pub(crate) fn select(&self, segment: &Segment, live: Option<&Bits>) -> Bits {
        if scan::is_on() {
            return self.scan(segment, live);
        }
        let runs = self.runs(segment);
        let mut bits = Bits::new(segment.len());
        for run in &runs {
            bits.set_range(run.start, run.end);
        }
        let in_runs: usize = runs.iter().map(Range::len).sum();
        if in_runs == 0 {
            return bits;
        }
        if let Some(live) = live {
            bits.and(live);
        }
        for word in &self.words {
            let mut hits = Bits::new(segment.len());
            word.or_into(&segment.text, &mut hits);
            bits.and(&hits);
        }
        let mut left = if self.words.is_empty() { in_runs } else { bits.count() };
        for area in &self.areas {
            if left <= FEW {
                bits.retain(|slot| segment.point(slot).is_some_and(|at| area.contains(at)));
            } else {
                area.keep(self.statuses, segment.places(), &mut bits, left);
            }
            left = bits.count();
        }
        if left * SPARSE < in_runs {
            bits.retain(|slot| self.bounds_admit(segment, slot));
        } else {
            self.keep(segment, &mut bits);
        }
        bits
    }

    /// The slots of the right status and type, and of the right price where that is asked, as few runs as there are.
    fn runs(&self, segment: &Segment) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for group in &segment.groups {
            let kind = self.kinds.as_ref().is_none_or(|kinds| kinds.binary_search(&group.kind).is_ok());
            if !kind || !self.admits(group.status) {
                continue;
            }
            let slots = match self.price {
                Some((least, most)) => segment.between(group, least, most),
                None => group.slots(),
            };
            match runs.last_mut() {
                Some(last) if last.end == slots.start => last.end = slots.end,
                _ if slots.is_empty() => {}
                _ => runs.push(slots),
            }
        }
        runs
    }

    /// Whether a slot is within the bounds that runs do not settle.
    fn bounds_admit(&self, segment: &Segment, slot: usize) -> bool {
        let columns = [&segment.bedrooms, &segment.bathrooms, &segment.living, &segment.lot];
        self.within(|real| columns[real].get(slot), || segment.year[slot], || segment.days_on_market(slot, self.today))
    }

    /// As [`Conditions::bounds_admit`], for all slots in `bits`.
    fn keep(&self, segment: &Segment, bits: &mut Bits) {
        let columns = [&segment.bedrooms, &segment.bathrooms, &segment.living, &segment.lot];
        for (column, bounds) in columns.iter().zip(self.reals) {
            if let Some((least, most)) = bounds {
                column.keep(bits, least, most);
            }
        }
        if let Some((least, most)) = self.year {
            // The least bound is above the mark for unknown.
            mask::keep(bits, &segment.year, |year| year >= least && year <= most);
        }
        if let Some((least, most)) = self.days {
            let today = self.today.0;
            let mut open = bits.clone();
            open.and(&segment.open);
            bits.and_not(&segment.open);
            mask::keep(bits, &segment.days, |days| days >= least && days <= most);
            mask::keep(&mut open, &segment.days, |day| {
                let days = today.saturating_sub(day).max(0);
                days >= least && days <= most
            });
            bits.or(&open);
        }
    }
}
