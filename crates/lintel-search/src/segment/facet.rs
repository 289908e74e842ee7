//! The slots of each value of a property, for counting large results.

use crate::column::{Bits, Gathered, Real, Sets};

/// Counting bits costs the same for every value, counting listed slots one by one: above one slot in 64 bits are cheaper.
const DENSITY: usize = 64;
/// With more different values than this the sets do not pay, and none are kept.
const MOST_VALUES: usize = 128;

/// Slots by value; unknown values are in no set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    values: Vec<f64>,
    sets: Sets,
}

impl Values {
    /// The sets of a column.
    pub(crate) fn new(slots: usize, value: impl Fn(usize) -> f64) -> Self {
        let mut found: Vec<(f64, Gathered)> = Vec::new();
        for slot in 0..slots {
            let value = value(slot);
            if value.is_nan() {
                continue;
            }
            let at = found.partition_point(|(known, _)| *known < value);
            if found.get(at).is_none_or(|(known, _)| *known != value) {
                if found.len() == MOST_VALUES {
                    return Self::default();
                }
                found.insert(at, (value, Gathered::default()));
            }
            found[at].1.push(slot as u32);
        }
        let mut sets = Sets::new(slots, DENSITY);
        for (_, set) in &found {
            sets.push(set);
        }
        sets.shrink();
        Self { values: found.into_iter().map(|(value, _)| value).collect(), sets }
    }

    /// The sets of a column of numbers.
    pub(crate) fn of(column: &Real) -> Self {
        Self::new(column.len(), |slot| column.get(slot))
    }

    /// Calls `f` with each value and how many of `bits` have it; `false` when there are no sets to count with.
    pub(crate) fn count(&self, bits: &Bits, mut f: impl FnMut(f64, usize)) -> bool {
        for (set, value) in self.values.iter().enumerate() {
            let count = self.sets.count_in(set, bits);
            if count > 0 {
                f(*value, count);
            }
        }
        !self.values.is_empty()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.values.capacity() * 8 + self.sets.memory_bytes()
    }
}

/// The first year of a year's decade.
pub(crate) fn decade(year: i32) -> i32 {
    year.div_euclid(10).saturating_mul(10)
}
