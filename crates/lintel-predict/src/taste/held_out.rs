//! Whether taste finds the homes that somebody turned to last, beside what everybody looks at.

use lintel_domain::{clock::Time, liking::Likings};

use super::evaluate::{Home, Popularity, affinity};
use crate::lead::Paired;

/// The latest homes of somebody, held out, with what was known before the first of them.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// When the first of them was turned to; nothing from then on is known.
    pub at: Time,
    /// What was liked until then.
    pub likings: Likings,
    /// The places of the homes that they knew by then, in order: they are not ranked.
    pub known: Vec<usize>,
    /// The places of the homes held out, at least one, none of them known.
    pub homes: Vec<usize>,
}

/// How well a ranking finds what was held out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// Mean share of somebody's held-out homes among the first `k`.
    pub recall: f64,
    /// Mean discounted cumulative gain of the first `k`, `Σ 1 / log₂(rank + 1)` over the held-out homes, beside that of
    /// the best ranking there is (Järvelin and Kekäläinen 2002).
    pub ndcg: f64,
}

/// Rankings by taste, by popularity and by chance on the same homes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TasteScore {
    /// How many people were asked about.
    pub people: usize,
    /// Homes that were held out.
    pub homes: usize,
    /// How many of the first homes count.
    pub k: usize,
    /// By the taste of each.
    pub taste: Found,
    /// By how often everybody looked at a home until then, decayed as taste is.
    pub popularity: Found,
    /// In any order.
    pub chance: Found,
    /// The nDCG of taste less that of popularity.
    pub gain: f64,
    /// Its standard error over the people.
    pub standard_error: f64,
}

/// Ranks all homes that somebody did not know, for everybody asked about. `looks` are all looks at homes, by time and
/// place. Homes that rank alike count as in any order. The order of the people and of the looks does not matter.
///
/// `None` without anybody. Takes time in proportion to people × homes.
pub fn held_out(people: &[HeldOut], looks: &[(Time, usize)], homes: &[Home], k: usize) -> Option<TasteScore> {
    let mut looks = looks.to_vec();
    looks.sort_unstable();
    let mut people: Vec<&HeldOut> = people.iter().collect();
    people.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.homes.cmp(&b.homes)).then_with(|| a.known.cmp(&b.known)));
    let mut popularity = Popularity::of(homes.len());
    let gains = Gains::first(k);
    let mut seen = looks.into_iter().peekable();
    let mut found: [Vec<Found>; 3] = Default::default();
    for one in &people {
        while let Some((at, home)) = seen.next_if(|(at, _)| *at < one.at) {
            popularity.add(at, home);
        }
        let ranked: Vec<usize> = (0..homes.len()).filter(|home| one.known.binary_search(home).is_err()).collect();
        found[0].push(gains.of(&ranked, &one.homes, |home| affinity(&one.likings, &homes[home])));
        found[1].push(gains.of(&ranked, &one.homes, |home| popularity.count(home)));
        found[2].push(gains.of(&ranked, &one.homes, |_| 0.0));
    }
    let n = people.len() as f64;
    let mean = |found: &[Found]| Found {
        recall: found.iter().map(|one| one.recall).sum::<f64>() / n,
        ndcg: found.iter().map(|one| one.ndcg).sum::<f64>() / n,
    };
    let [taste, popular, chance] = found.each_ref().map(|found| mean(found));
    let missed = |found: &[Found]| found.iter().map(|one| 1.0 - one.ndcg).collect::<Vec<f64>>();
    let groups: Vec<u64> = (0..people.len() as u64).collect();
    let standard_error = Paired::of(&missed(&found[1]), &missed(&found[0]), &groups).standard_error;
    (n > 0.0).then(|| TasteScore {
        people: people.len(),
        homes: people.iter().map(|one| one.homes.len()).sum(),
        k,
        taste,
        popularity: popular,
        chance,
        gain: taste.ndcg - popular.ndcg,
        standard_error,
    })
}

/// Sums of the gains of the first ranks: of none, of the first, of the first two, and so on up to `k`.
struct Gains(Vec<f64>);

impl Gains {
    fn first(k: usize) -> Self {
        let mut sums = vec![0.0];
        sums.extend((1..=k).scan(0.0, |sum, rank| {
            *sum += 1.0 / (rank as f64 + 1.0).log2();
            Some(*sum)
        }));
        Self(sums)
    }

    fn up_to(&self, rank: usize) -> f64 {
        self.0[rank.min(self.0.len() - 1)]
    }

    /// How well an order by score, the highest first, finds the held-out homes among the ranked ones.
    fn of(&self, ranked: &[usize], held_out: &[usize], score: impl Fn(usize) -> f64) -> Found {
        let k = self.0.len() - 1;
        let scores: Vec<f64> = ranked.iter().map(|home| score(*home)).collect();
        let (mut recall, mut gain) = (0.0, 0.0);
        for home in held_out {
            let own = score(*home);
            let better = scores.iter().filter(|score| **score > own).count();
            let equal = scores.iter().filter(|score| **score == own).count().max(1);
            // Each of the ranks that its equals share is as likely as the others.
            recall += k.saturating_sub(better).min(equal) as f64 / equal as f64;
            gain += (self.up_to(better + equal) - self.up_to(better)) / equal as f64;
        }
        let n = held_out.len();
        Found { recall: recall / n as f64, ndcg: gain / self.up_to(n) }
    }
}
