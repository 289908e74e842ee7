//! Percentiles of many values, by counting instead of sorting.

/// The most buckets to count in.
const BUCKETS: usize = 1024;
/// With fewer values than this they are sorted.
const FEW: usize = 64;

/// The places before and behind the 10th, 50th and 90th percentile of `count` sorted values, ascending, and how far behind
/// the first each percentile is. Linear between neighbours (Hyndman and Fan 1996, type 7).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) around: [usize; 6],
    behind: [f64; 3],
}

impl Places {
    /// `None` of no values.
    pub(crate) fn new(count: usize) -> Option<Self> {
        let last = count.checked_sub(1)?;
        let places = [0.1, 0.5, 0.9].map(|share| last as f64 * share);
        let around = places.map(|place| [place as usize, (place as usize + 1).min(last)]);
        let mut flat = [0; 6];
        flat.copy_from_slice(around.as_flattened());
        Some(Self { around: flat, behind: places.map(f64::fract) })
    }

    /// The percentiles, given the numbers at the places.
    pub(crate) fn between(self, numbers: [f64; 6]) -> [f64; 3] {
        std::array::from_fn(|at| {
            let (low, high) = (numbers[at * 2], numbers[at * 2 + 1]);
            low + (high - low) * self.behind[at]
        })
    }
}

/// The values that would be at these places if all were sorted.
///
/// Values are counted by their leading bits; then the places are selected among those of the buckets that hold one.
pub(crate) fn at_places(values: &[u64], places: &[usize]) -> Vec<u64> {
    if values.len() < FEW {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        return places.iter().map(|place| sorted[*place]).collect();
    }
    let (least, most) = values.iter().fold((u64::MAX, 0), |(a, b), v| (a.min(*v), b.max(*v)));
    // A few values to a bucket, so that neither counting nor what is left to sort costs much.
    let buckets = (values.len() / 4).next_power_of_two().min(BUCKETS);
    let shift = (u64::BITS - (most - least).leading_zeros()).saturating_sub(buckets.ilog2());
    let bucket = |value: u64| ((value - least) >> shift) as usize;
    let mut counts = [0u32; BUCKETS];
    for value in values {
        counts[bucket(*value)] += 1;
    }
    // Whether a bucket holds a place, and how many values of other buckets stand before it.
    let mut holds = [false; BUCKETS];
    let mut skipped = Vec::with_capacity(places.len());
    let (mut before, mut others, mut next) = (0, 0, 0);
    for (at, count) in counts[..buckets].iter().enumerate() {
        let count = *count as usize;
        holds[at] = places[next..].first().is_some_and(|place| *place < before + count);
        if !holds[at] {
            others += count;
        }
        while next < places.len() && places[next] < before + count {
            skipped.push(others);
            next += 1;
        }
        before += count;
    }
    let mut kept: Vec<u64> = values.iter().copied().filter(|value| holds[bucket(*value)]).collect();
    let left: Vec<usize> = places.iter().zip(skipped).map(|(place, skipped)| place - skipped).collect();
    let mut found = Vec::with_capacity(places.len());
    select(&mut kept, 0, &left, &mut found);
    found
}

/// Adds the values that would be at `places`, ascending, if all were sorted; `before` values stand before these. One place
/// is selected in time linear in the values; what is before and behind it has the others.
fn select(values: &mut [u64], before: usize, places: &[usize], found: &mut Vec<u64>) {
    let Some(place) = places.get(places.len() / 2) else {
        return;
    };
    let lower = places.partition_point(|other| other < place);
    let upper = places.partition_point(|other| other <= place);
    let (less, value, more) = values.select_nth_unstable(place - before);
    let value = *value;
    select(less, before, &places[..lower], found);
    found.resize(found.len() + upper - lower, value);
    select(more, place + 1, &places[upper..], found);
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;
    use crate::sort::ASCENDING;

    #[test]
    fn percentiles_are_those_of_the_sorted_values() {
        assert!(Places::new(0).is_none());
        let mut rng = Rng::new(2);
        for count in (1..40).chain([63, 64, 65, 129, 1000, 20_000]) {
            for spread in [1, 20, 1_000_000] {
                let mut plain: Vec<f64> = (0..count).map(|_| rng.below(spread) as f64 * 0.7 - 8.0).collect();
                let values: Vec<u64> = plain.iter().map(|v| ASCENDING.real(*v)).collect();
                plain.sort_by(f64::total_cmp);
                let expected = [0.1, 0.5, 0.9].map(|share| {
                    let at = share * (plain.len() as f64 - 1.0);
                    let low = plain[at as usize];
                    let high = plain.get(at as usize + 1).copied().unwrap_or(low);
                    low + (high - low) * at.fract()
                });
                let places = Places::new(count).unwrap();
                let found = at_places(&values, &places.around);
                let numbers = std::array::from_fn(|at| ASCENDING.number(found[at]));
                assert_eq!(places.between(numbers), expected, "{count} {spread}");
            }
        }
    }
}
