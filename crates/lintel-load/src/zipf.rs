//! Popularity as of words and web pages: the item of rank r is asked for as often as 1 / r^s (Zipf 1949).

use lintel_domain::rng::Rng;

/// Ranks drawn by their popularity.
#[derive(Clone, Debug)]
pub(crate) struct Zipf {
    /// For each rank the share of draws that fall on it or on a more popular one; the last is 1.
    cumulative: Vec<f64>,
}

impl Zipf {
    /// A number of ranks; the greater the exponent, the more draws fall on the first ones. 0 makes all alike.
    pub(crate) fn new(ranks: usize, exponent: f64) -> Self {
        let weights = (1..=ranks).map(|rank| (rank as f64).powf(-exponent));
        let total: f64 = weights.clone().sum();
        let running = weights.scan(0.0, |sum, weight| {
            *sum += weight / total;
            Some(*sum)
        });
        Self { cumulative: running.collect() }
    }

    /// A rank from 0; `None` when there are none.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Option<usize> {
        let last = self.cumulative.len().checked_sub(1)?;
        let ticket = rng.unit();
        // Sums of fractions may end a little below 1.
        Some(self.cumulative.partition_point(|share| *share <= ticket).min(last))
    }
}

/// In how many ways a popular item is asked about.
const WAYS: u64 = 3;

/// One of the items, and a generator for the details: its own when some are popular, so that the same is asked again.
pub(crate) fn one_of<'a, T>(items: &'a [T], popular: Option<&Zipf>, rng: &mut Rng) -> Option<(&'a T, Rng)> {
    match popular {
        None => Some((rng.pick(items)?, Rng::new(rng.bits()))),
        Some(zipf) => {
            let rank = zipf.draw(rng)?;
            Some((items.get(rank)?, Rng::new(rank as u64 * WAYS + rng.below(WAYS))))
        }
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::Zipf;

    fn counts(ranks: usize, exponent: f64) -> Vec<f64> {
        let (zipf, mut rng) = (Zipf::new(ranks, exponent), Rng::new(5));
        let mut counts = vec![0.0; ranks];
        for _ in 0..100_000 {
            counts[zipf.draw(&mut rng).expect("a rank")] += 1.0;
        }
        counts
    }

    #[test]
    fn the_first_rank_comes_twice_as_often_as_the_second_and_ten_times_as_often_as_the_tenth() {
        let counts = counts(1000, 1.0);
        assert!((counts[0] / counts[1] - 2.0).abs() < 0.15, "{:?}", &counts[..2]);
        assert!((counts[0] / counts[9] - 10.0).abs() < 1.0, "{:?}", &counts[..10]);
    }

    #[test]
    fn an_exponent_of_0_makes_all_ranks_alike() {
        assert!(counts(10, 0.0).iter().all(|count| (9_000.0..11_000.0).contains(count)));
    }

    #[test]
    fn of_nothing_nothing_is_drawn_and_of_one_always_the_one() {
        let mut rng = Rng::new(1);
        assert_eq!(Zipf::new(0, 1.0).draw(&mut rng), None);
        assert_eq!(Zipf::new(1, 1.0).draw(&mut rng), Some(0));
    }
}
