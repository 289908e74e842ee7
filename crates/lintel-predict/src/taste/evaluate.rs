//! Whether taste foretells the next home that is looked at, beside what everybody looks at.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    clock::Time,
    interaction::InteractionKind,
    liking::{Likings, numbers_of},
    listing::ListingFacts,
};

use super::{HALF_LIFE_DAYS, Taste};

/// What can be liked about a home.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// On their scales, in the order of [`lintel_domain::liking::NUMBERS`]; unknown is not a number.
    pub numbers: [f64; 6],
    /// Its type of property.
    pub property_type: Option<String>,
}

impl Home {
    /// What can be liked about a listing.
    pub fn of(facts: &ListingFacts) -> Self {
        Self { numbers: numbers_of(facts), property_type: facts.property_type.clone() }
    }
}

/// Something somebody did with a home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    /// Who, as a number.
    pub who: u32,
    /// What.
    pub kind: InteractionKind,
    /// When.
    pub at: Time,
    /// The home's place among the homes.
    pub home: usize,
}

/// How often the next home that was looked at stood among the first `k`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NextView {
    /// Looks at a home new to a lead of whom something was known.
    pub asked: u64,
    /// Share of them found among the first `k` by taste.
    pub taste: f64,
    /// Share found among the `k` most looked at by everybody, decayed alike.
    pub popularity: f64,
    /// Share that a draw of `k` homes would find.
    pub chance: f64,
}

/// Replays acts in the order of their time: before each first look of somebody at a home, all homes they have not seen are
/// ranked by their taste, and by popularity, as both are known until then. Equal ranks count as found in part.
///
/// Takes time in proportion to acts × homes.
pub fn next_view(acts: &[Act], homes: &[Home], k: usize) -> NextView {
    let mut order: Vec<&Act> = acts.iter().collect();
    order.sort_by_key(|act| act.at);
    let mut people: BTreeMap<u32, (Taste, BTreeSet<usize>)> = BTreeMap::new();
    let mut popularity = Popularity::of(homes.len());
    let mut sums = NextView::default();
    for act in order {
        let (taste, seen) = people.entry(act.who).or_default();
        if act.kind == InteractionKind::ListingView && !seen.contains(&act.home) && taste.weight(act.at) > 0.0 {
            let likings = taste.likings(act.at);
            let unseen = || (0..homes.len()).filter(|home| !seen.contains(home));
            sums.asked += 1;
            sums.taste += found(unseen(), act.home, k, |home| affinity(&likings, &homes[home]));
            sums.popularity += found(unseen(), act.home, k, |home| popularity.count(home));
            sums.chance += (k as f64 / (homes.len() - seen.len()) as f64).min(1.0);
        }
        taste.see(act.kind, act.at, &homes[act.home]);
        seen.insert(act.home);
        if act.kind == InteractionKind::ListingView {
            popularity.add(act.at, act.home);
        }
    }
    let asked = sums.asked.max(1) as f64;
    let [taste, popularity, chance] = [sums.taste, sums.popularity, sums.chance].map(|sum| sum / asked);
    NextView { asked: sums.asked, taste, popularity, chance }
}

pub(super) fn affinity(likings: &Likings, home: &Home) -> f64 {
    likings.affinity(&home.numbers, home.property_type.as_deref())
}

/// Whether a home is among the first `k` by score: 1, 0, or the share of its equals that find room.
fn found(homes: impl Iterator<Item = usize>, home: usize, k: usize, score: impl Fn(usize) -> f64) -> f64 {
    let own = score(home);
    let (mut better, mut equal) = (0usize, 0usize);
    for other in homes {
        let score = score(other);
        better += usize::from(score > own);
        equal += usize::from(score == own);
    }
    (k.saturating_sub(better) as f64 / equal.max(1) as f64).min(1.0)
}

/// Looks at each home, each counted `2^(days since the first of all / half-life)`: the same order as decayed counts.
pub(super) struct Popularity {
    counts: Vec<f64>,
    begun: Option<Time>,
}

impl Popularity {
    pub(super) fn of(homes: usize) -> Self {
        Self { counts: vec![0.0; homes], begun: None }
    }

    pub(super) fn add(&mut self, at: Time, home: usize) {
        let begun = *self.begun.get_or_insert(at);
        self.counts[home] += (at.days_since(begun) / HALF_LIFE_DAYS).exp2();
    }

    pub(super) fn count(&self, home: usize) -> f64 {
        self.counts[home]
    }
}
