//! Counting the values of a result: with sets where the result is large, row by row where it is small.

use std::{collections::BTreeMap, ops::Range};

use lintel_domain::{listing::Status, money::Money};

use super::prices;
use crate::{
    Facet, FacetCount, FacetCounts, FacetValue, PriceBin,
    column::{Bits, Real},
    part::Kinds,
    segment::{Group, NO_DAY, NONE, Segment, Values, decade},
    sort::ASCENDING,
};

/// Results below one slot in this many are counted row by row.
const SPARSE: usize = 32;

/// The counts of one facet over the pieces seen so far.
#[derive(Debug)]
pub(crate) struct Tally {
    facet: Facet,
    /// Counts by value: the status's place, the type's number, the number's bits in order, the range's place.
    counts: BTreeMap<u64, u64>,
    unknown: u64,
}

impl Tally {
    pub(crate) fn new(facet: Facet) -> Self {
        Self { facet, counts: BTreeMap::new(), unknown: 0 }
    }

    /// Counts the slots of `bits`, which are `count`.
    pub(crate) fn add(&mut self, segment: &Segment, bits: &Bits, count: usize) {
        let facet = self.facet;
        match facet {
            Facet::Status => self.groups(segment, bits, |group| Some(group.status as u64)),
            Facet::PropertyType => {
                self.groups(segment, bits, |group| (group.kind != 0).then_some(u64::from(group.kind)));
            }
            Facet::Price => {
                each_range(segment, bits, &prices::FACET, |range, count| self.give(range as u64, count));
                for group in &segment.groups {
                    self.unknown += bits.count_range(group.priced as usize, group.to as usize) as u64;
                }
            }
            Facet::Bedrooms if self.by_sets(&segment.rooms[0], segment, bits, count) => {}
            Facet::Bathrooms if self.by_sets(&segment.rooms[1], segment, bits, count) => {}
            Facet::YearBuilt if self.by_sets(&segment.rooms[2], segment, bits, count) => {}
            Facet::Bedrooms => self.rooms(&segment.bedrooms, bits, count),
            Facet::Bathrooms => self.rooms(&segment.bathrooms, bits, count),
            Facet::YearBuilt => self.decades(&segment.year, bits, count),
        }
    }

    /// The counts with their values.
    pub(crate) fn finish(self, kinds: &Kinds) -> FacetCounts {
        let facet = self.facet;
        let value = |key: u64| match facet {
            Facet::Status => FacetValue::Status(Status::ALL[key as usize]),
            Facet::PropertyType => FacetValue::Text(kinds.names[key as usize].clone()),
            Facet::Bedrooms | Facet::Bathrooms => FacetValue::Number(ASCENDING.number(key)),
            Facet::Price => {
                let (min, max) = prices::bounds(&prices::FACET, key as usize);
                FacetValue::Price { min, max }
            }
            Facet::YearBuilt => {
                let min = ASCENDING.number(key) as i32;
                FacetValue::Year { min, max: min.saturating_add(9) }
            }
        };
        let mut values: Vec<FacetCount> =
            self.counts.iter().map(|(key, count)| FacetCount { value: value(*key), count: *count }).collect();
        if facet == Facet::PropertyType {
            let name = |count: &FacetCount| match &count.value {
                FacetValue::Text(name) => name.clone(),
                _ => String::new(),
            };
            values.sort_by_cached_key(name);
        }
        FacetCounts { facet, values, unknown: self.unknown }
    }

    fn give(&mut self, key: u64, count: usize) {
        if count > 0 {
            *self.counts.entry(key).or_default() += count as u64;
        }
    }

    fn groups(&mut self, segment: &Segment, bits: &Bits, key: impl Fn(&Group) -> Option<u64>) {
        for group in &segment.groups {
            let count = bits.count_range(group.from as usize, group.to as usize);
            match key(group) {
                Some(key) => self.give(key, count),
                None => self.unknown += count as u64,
            }
        }
    }

    /// Counts a large result by the sets of its values; `false` when it is small, or there are no sets.
    fn by_sets(&mut self, sets: &Values, segment: &Segment, bits: &Bits, count: usize) -> bool {
        if count * SPARSE <= segment.len() {
            return false;
        }
        let mut known = 0;
        let counted = sets.count(bits, |value, count| {
            known += count;
            self.give(ASCENDING.real(value), count);
        });
        self.unknown += if counted { (count - known) as u64 } else { 0 };
        counted
    }

    /// Counts rooms one slot at a time.
    fn rooms(&mut self, column: &Real, bits: &Bits, count: usize) {
        if let Real::Quarters(codes) = column {
            let mut counts = [0usize; 256];
            bits.each(|slot| counts[codes[slot] as usize] += 1);
            for (code, count) in counts[..255].iter().enumerate() {
                self.give(ASCENDING.real(code as f64 / 4.0), *count);
            }
            self.unknown += counts[255] as u64;
        } else {
            self.sorted(count, bits.iter().map(|slot| column.get(slot)).filter(|value| !value.is_nan()).collect());
        }
    }

    /// Counts decades one slot at a time. Of years that are none of our age there are few.
    fn decades(&mut self, years: &[i32], bits: &Bits, count: usize) {
        const AGE: Range<i32> = 1_500..2_140;
        let (mut counts, mut others) = ([0usize; AGE.end as usize / 10], Vec::new());
        bits.each(|slot| match years[slot] {
            NO_DAY => {}
            year if AGE.contains(&year) => counts[year as usize / 10] += 1,
            year => others.push(f64::from(decade(year))),
        });
        for (decade, count) in counts.iter().enumerate() {
            self.give(ASCENDING.real((decade * 10) as f64), *count);
        }
        let found = counts.iter().sum::<usize>();
        self.sorted(count - found, others);
    }

    /// Counts known values; slots are `count`.
    fn sorted(&mut self, count: usize, mut values: Vec<f64>) {
        self.unknown += (count - values.len()) as u64;
        values.sort_unstable_by(f64::total_cmp);
        for run in values.chunk_by(|a, b| a == b) {
            self.give(ASCENDING.real(run[0]), run.len());
        }
    }
}

/// Counts prices for a slider.
#[derive(Debug)]
pub(crate) struct Bars(Vec<u64>);

impl Default for Bars {
    fn default() -> Self {
        Self(vec![0; prices::SLIDER.len()])
    }
}

impl Bars {
    pub(crate) fn add(&mut self, segment: &Segment, bits: &Bits) {
        each_range(segment, bits, &prices::SLIDER, |range, count| self.0[range] += count as u64);
    }

    /// Every bar from the first to the last that is not empty.
    pub(crate) fn finish(&self) -> Vec<PriceBin> {
        let first = self.0.iter().position(|count| *count > 0);
        let last = self.0.iter().rposition(|count| *count > 0);
        let (Some(first), Some(last)) = (first, last) else {
            return Vec::new();
        };
        let bar = |range: usize| {
            let (min, max): (Money, Money) = prices::bounds(&prices::SLIDER, range);
            PriceBin { min, max, count: self.0[range] }
        };
        (first..=last).map(bar).collect()
    }
}

/// Calls `f` with ranges of prices and how many of `bits` are in each. Prices ascend within a group, so a range is a run.
fn each_range(segment: &Segment, bits: &Bits, edges: &[i64], mut f: impl FnMut(usize, usize)) {
    for group in &segment.groups {
        let priced: Range<usize> = group.priced();
        let mut from = priced.start;
        while let Some(slot) = bits.next_from(from).filter(|slot| *slot < priced.end) {
            let range = prices::range_of(edges, segment.price[slot]);
            let rest = &segment.price[slot..priced.end];
            let to = match edges.get(range + 1) {
                Some(next) => slot + rest.partition_point(|price| price < next),
                None => priced.end,
            };
            debug_assert!(segment.price[slot] != NONE);
            f(range, bits.count_range(slot, to));
            from = to;
        }
    }
}
