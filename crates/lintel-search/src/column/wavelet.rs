//! Numbers in a fixed order, of which the k-th smallest of any run is found without a look at its members.

use std::ops::Range;

use super::ranked::Ranked;

/// Bits of a number.
const BITS: usize = u64::BITS as usize;

/// A wavelet matrix (Claude, Navarro and Ordóñez 2015) over numbers, some of which may be unknown.
///
/// Level by level, from the first bit in which the numbers differ, it holds that bit of each number; then those with a 0
/// move before those with a 1, in the order they had. A run of the sequence is a run of each level again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wavelet {
    /// The places whose number is known; absent when all are.
    known: Option<Ranked>,
    /// The bit of highest value first, each with how many numbers have a 0 there.
    levels: Vec<(Ranked, usize)>,
    /// The least number that has the bits which all have in common.
    least: u64,
}

/// A run of a sequence of known numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    numbers: &'a Wavelet,
    from: usize,
    to: usize,
}

impl Wavelet {
    /// The numbers in their order.
    pub(crate) fn new(numbers: impl ExactSizeIterator<Item = Option<u64>> + Clone) -> Self {
        let all = numbers.clone().all(|number| number.is_some());
        let known = (!all).then(|| Ranked::new(numbers.clone().map(|number| number.is_some())));
        let mut order: Vec<u64> = numbers.flatten().collect();
        let (least, most) = order.iter().fold((u64::MAX, 0), |(least, most), v| (least.min(*v), most.max(*v)));
        let bits = if order.is_empty() { 0 } else { differing(least, most) };
        let mut ones: Vec<u64> = Vec::with_capacity(order.len());
        let levels = (0..bits).rev().map(|bit| {
            let ranked = Ranked::new(order.iter().map(|number| has(*number, bit)));
            let mut zeros = 0;
            for at in 0..order.len() {
                let number = order[at];
                if has(number, bit) {
                    ones.push(number);
                } else {
                    order[zeros] = number;
                    zeros += 1;
                }
            }
            order[zeros..].copy_from_slice(&ones);
            ones.clear();
            (ranked, zeros)
        });
        Self { known, levels: levels.collect(), least: clear(least, bits) }
    }

    /// The known numbers of a run of places.
    pub(crate) fn run(&self, places: Range<usize>) -> Run<'_> {
        let place = |at: usize| self.known.as_ref().map_or(at, |known| known.rank(at));
        Run { numbers: self, from: place(places.start), to: place(places.end) }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let levels = self.levels.iter().map(|(bits, _)| bits.memory_bytes() + 8);
        self.known.as_ref().map_or(0, Ranked::memory_bytes) + levels.sum::<usize>()
    }
}

impl Run<'_> {
    pub(crate) fn len(&self) -> usize {
        self.to - self.from
    }

    /// The members whose `bit` is 0 and those whose is 1, when all higher bits of all members are the same.
    #[inline]
    fn split(self, bit: usize) -> [Self; 2] {
        let (numbers, levels) = (self.numbers, &self.numbers.levels);
        let none = Self { to: self.from, ..self };
        if bit >= levels.len() {
            return if has(numbers.least, bit) { [none, self] } else { [self, none] };
        }
        let (bits, zeros) = &levels[levels.len() - 1 - bit];
        let (from, to) = (bits.rank(self.from), bits.rank(self.to));
        [
            Self { numbers, from: self.from - from, to: self.to - to },
            Self { numbers, from: zeros + from, to: zeros + to },
        ]
    }
}

/// The numbers that stand at `places`, ascending, when the members of all `runs` and of `more` but not those of `less` are
/// sorted. `more` and `less` are sorted, and each of `less` is a member of a run.
pub(crate) fn at_places(runs: Vec<Run<'_>>, more: &[u64], less: &[u64], places: &[usize]) -> Vec<u64> {
    let ends = runs.iter().map(|run| {
        let least = run.numbers.least;
        (least, least | !(u64::MAX.checked_shl(run.numbers.levels.len() as u32).unwrap_or(0)))
    });
    let ends = ends.chain(more.first().copied().zip(more.last().copied()));
    let (least, most) = ends.fold((u64::MAX, 0), |(a, b), (least, most)| (a.min(least), b.max(most)));
    let bits = differing(least, most);
    let mut descent = Descent { all: runs, found: Vec::with_capacity(places.len()) };
    let number = clear(least, bits);
    descent.down(Node { runs: 0..descent.all.len(), more, less, number, before: 0 }, bits, places);
    descent.found
}

/// The way down, with the runs of every node on it.
struct Descent<'a> {
    all: Vec<Run<'a>>,
    found: Vec<u64>,
}

/// The numbers that agree in some leading bits.
struct Node<'a> {
    /// Where its runs are among those of the descent.
    runs: Range<usize>,
    more: &'a [u64],
    less: &'a [u64],
    /// The least number with these bits.
    number: u64,
    /// How many numbers are smaller.
    before: usize,
}

impl Descent<'_> {
    /// Finds the numbers at `places`, all of which are in the node; `bits` of its members may differ.
    fn down(&mut self, node: Node<'_>, bits: usize, places: &[usize]) {
        if places.is_empty() {
            return;
        }
        let Some(bit) = bits.checked_sub(1) else {
            self.found.extend(places.iter().map(|_| node.number));
            return;
        };
        // The parts with a 0, then those with a 1, go behind the runs of the node.
        let (first, count) = (self.all.len(), node.runs.len());
        self.all.extend_from_within(node.runs.clone());
        for (at, of) in (first..).zip(node.runs) {
            let [zeros, ones] = self.all[of].split(bit);
            self.all[at] = zeros;
            self.all.push(ones);
        }
        let halves = |sorted: &[u64]| sorted.partition_point(|number| !has(*number, bit));
        let (more, less) = (node.more.split_at(halves(node.more)), node.less.split_at(halves(node.less)));
        let zeros: usize = self.all[first..first + count].iter().map(Run::len).sum();
        let before = node.before + zeros + more.0.len() - less.0.len();
        let (low, high) = places.split_at(places.partition_point(|place| *place < before));
        let number = node.number | 1 << bit;
        self.down(Node { runs: first..first + count, more: more.0, less: less.0, ..node }, bit, low);
        self.down(
            Node { runs: first + count..first + 2 * count, more: more.1, less: less.1, number, before },
            bit,
            high,
        );
        self.all.truncate(first);
    }
}

fn has(number: u64, bit: usize) -> bool {
    number >> bit & 1 == 1
}

/// How many low bits there are up to the highest in which the numbers from `least` to `most` differ.
fn differing(least: u64, most: u64) -> usize {
    BITS - (least ^ most).leading_zeros() as usize
}

/// Clears the lowest bits.
fn clear(number: u64, bits: usize) -> u64 {
    number & u64::MAX.checked_shl(bits as u32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn numbers_at_places_are_those_of_the_sorted_union() {
        let mut rng = Rng::new(6);
        for round in 0..400 {
            let base = [0, 1 << 63, 1 << 40, u64::MAX - 5000][round % 4];
            let spread = [1, 3, 40, 5000][rng.below(4) as usize];
            let sequences: Vec<Vec<Option<u64>>> = (0..=rng.below(3))
                .map(|_| {
                    let (len, shift) = (rng.below(300), rng.below(1 << 20));
                    let mut number = || base ^ rng.below(spread) ^ if spread == 40 { shift } else { 0 };
                    let numbers: Vec<u64> = (0..len).map(|_| number()).collect();
                    numbers.into_iter().map(|number| (!rng.chance(0.1)).then_some(number)).collect()
                })
                .collect();
            let wavelets: Vec<Wavelet> =
                sequences.iter().map(|numbers| Wavelet::new(numbers.iter().copied())).collect();
            let (mut runs, mut union, mut less) = (Vec::new(), Vec::new(), Vec::new());
            for (wavelet, numbers) in wavelets.iter().zip(&sequences) {
                let to = rng.below(numbers.len() as u64 + 1) as usize;
                let from = rng.below(to as u64 + 1) as usize;
                runs.push(wavelet.run(from..to));
                for number in numbers[from..to].iter().flatten() {
                    if rng.chance(0.2) {
                        less.push(*number);
                    } else {
                        union.push(*number);
                    }
                }
            }
            let mut more: Vec<u64> = (0..rng.below(20)).map(|_| rng.bits() >> (rng.below(64) as u32)).collect();
            union.extend(&more);
            union.sort_unstable();
            more.sort_unstable();
            less.sort_unstable();
            let mut places: Vec<usize> =
                (0..6).filter(|_| !union.is_empty()).map(|_| rng.below(union.len() as u64) as usize).collect();
            places.sort_unstable();
            let expected: Vec<u64> = places.iter().map(|place| union[*place]).collect();
            assert_eq!(at_places(runs, &more, &less, &places), expected);
        }
    }
}
