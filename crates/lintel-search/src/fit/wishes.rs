//! Wishes made ready: bounds as numbers, words as stems, importance as shares.

use std::sync::{Arc, LazyLock};

use lintel_domain::{
    clock::Day,
    liking::{self, Likings},
    listing::Status,
    place::Near,
    preference::{Aspect, Preferences},
    range::Range,
};

use crate::{
    place::Area,
    plan::{self, Conditions},
    text::ask,
};

/// Statuses that match unless something else is asked for.
pub(super) const MATCHING: [Status; 2] = [Status::Active, Status::ComingSoon];

/// The most keywords that count.
const MOST_KEYWORDS: usize = 64;

/// What a fit is made of: its place in a list of contributions, its importance before these are scaled to add up to 1.
///
/// The importance of a wish that was not stated is 0; freshness and estimate gap always count; a taste counts as far as it
/// is known.
pub(crate) const PARTS: usize = 13;
pub(crate) const FRESHNESS: usize = 10;
pub(crate) const GAP: usize = 11;
pub(crate) const TASTE: usize = 12;
const IMPORTANCE: [f64; PARTS] = [3.0, 2.0, 1.25, 1.5, 0.75, 0.5, 1.5, 1.5, 1.5, 1.5, 0.4, 0.3, 2.5];

/// A wish for a number: from `least` to `most`, one step of loss for each `below` under it or `above` over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) below: f64,
    pub(crate) above: f64,
    pub(crate) hard: bool,
}

/// A wish for words.
#[derive(Clone, Debug)]
pub(crate) struct Keyword {
    /// As it was written.
    pub(crate) text: String,
    /// Stems that a listing must all have.
    pub(crate) stems: Vec<String>,
}

/// Wishes, made ready for many comparisons.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Price (in hundredths), bedrooms, bathrooms, living area, lot size, year of construction.
    pub(crate) bounds: [Option<Bound>; 6],
    /// Any of these types; all when empty.
    pub(crate) types: Vec<String>,
    pub(crate) near: Option<Near>,
    /// The drawn area and the circle, whichever are stated.
    pub(crate) areas: Vec<Area>,
    pub(crate) keywords: Vec<Keyword>,
    pub(crate) keywords_hard: bool,
    /// What is liked beside what is wished for.
    pub(crate) likings: Arc<Likings>,
    /// What each part adds when it is wholly met; they add up to 1.
    pub(crate) weights: [f64; PARTS],
    /// Whether bounds are crossed, so that nothing can be wanted.
    pub(crate) impossible: bool,
}

/// Nothing is known of what is liked. Shared, because many have wishes and few have shown a taste.
static NOTHING: LazyLock<Arc<Likings>> = LazyLock::new(Arc::default);

impl Wishes {
    /// Makes preferences ready.
    pub fn new(preferences: &Preferences) -> Self {
        Self::ready(preferences, Arc::clone(&NOTHING))
    }

    /// Makes preferences ready, and what is liked beside them.
    pub fn with_likings(preferences: &Preferences, likings: &Likings) -> Self {
        Self::ready(preferences, Arc::new(likings.clone()))
    }

    fn ready(preferences: &Preferences, likings: Arc<Likings>) -> Self {
        let p = preferences;
        let year = p.year_built.map(|range| Range { min: range.min.map(f64::from), max: range.max.map(f64::from) });
        let price = p.price.map(|range| Range {
            min: range.min.map(|price| price.0 as f64),
            max: range.max.map(|price| price.0 as f64),
        });
        let ranges = [price, p.bedrooms, p.bathrooms, p.living_area_sqft, p.lot_size_sqft, year];
        // How far beyond a bound costs half of what a miss leaves: a share of the bound, at least a fixed step.
        let steps = [(0.1, 100_000.0), (0.0, 1.0), (0.0, 1.0), (0.15, 50.0), (0.25, 200.0), (0.0, 10.0)];
        let mut bounds = [None; 6];
        for (at, range) in ranges.iter().enumerate() {
            let (share, least_step) = steps[at];
            let step = |bound: Option<f64>| bound.map_or(1.0, |bound| (bound.abs() * share).max(least_step));
            bounds[at] = range.filter(|range| !range.is_open()).map(|range| Bound {
                least: range.min.unwrap_or(f64::NEG_INFINITY),
                most: range.max.unwrap_or(f64::INFINITY),
                below: step(range.min),
                above: step(range.max),
                hard: p.is_hard(liking::NUMBERS[at]),
            });
        }
        let keywords: Vec<Keyword> = p
            .keywords
            .iter()
            .map(|text| Keyword {
                text: text.trim().to_owned(),
                stems: ask::words(text).into_iter().map(|word| word.stem).collect(),
            })
            .filter(|keyword| !keyword.stems.is_empty())
            .take(MOST_KEYWORDS)
            .collect();
        let circle = p.near.map(Area::circle);
        let drawn = p.polygon.as_ref().map(Area::drawn);
        let stated = [
            bounds[0].is_some(),
            bounds[1].is_some(),
            bounds[2].is_some(),
            bounds[3].is_some(),
            bounds[4].is_some(),
            bounds[5].is_some(),
            !p.property_types.is_empty(),
            p.near.is_some(),
            p.polygon.is_some(),
            !keywords.is_empty(),
            true,
            true,
            !likings.is_empty(),
        ];
        let importance = |at: usize| match at {
            _ if !stated[at] => 0.0,
            TASTE => IMPORTANCE[at] * likings.confidence,
            _ => IMPORTANCE[at],
        };
        let total: f64 = (0..PARTS).map(importance).sum();
        let weights = std::array::from_fn(|at| importance(at) / total);
        Self {
            impossible: ranges.iter().flatten().any(Range::is_empty),
            bounds,
            types: p.property_types.clone(),
            near: p.near,
            areas: drawn.into_iter().chain(circle).collect(),
            keywords_hard: p.is_hard(Aspect::Keywords),
            keywords,
            likings,
            weights,
        }
    }

    /// What a home must have, but for keywords. `kind` gives the number of a type of property, if any listing has it.
    pub(crate) fn must(&self, kind: impl Fn(&str) -> Option<u32>, today: Day) -> Conditions {
        let hard = self.bounds.map(|bound| bound.filter(|bound| bound.hard).map(|bound| (bound.least, bound.most)));
        let [price, bedrooms, bathrooms, living, lot, year] = hard;
        let mut conditions = Conditions::of_status(&MATCHING, today);
        conditions.kinds = plan::kinds(&self.types, kind);
        conditions.areas.clone_from(&self.areas);
        // Bounds come from whole numbers or are infinite, casting saturates, and the least number means unknown.
        conditions.price = price.map(|(least, most)| ((least as i64).max(i64::MIN + 1), most as i64));
        conditions.reals = [bedrooms, bathrooms, living, lot];
        conditions.year = year.map(|(least, most)| ((least as i32).max(i32::MIN + 1), most as i32));
        conditions
    }

    /// The most that a fit of what is wished for can become once a taste counts beside it: that of a home which somebody whose
    /// taste is wholly known likes in everything.
    pub(crate) fn fit_at_most(&self, fit: f64) -> f64 {
        let wished = IMPORTANCE[FRESHNESS] / self.weights[FRESHNESS];
        (fit * wished + IMPORTANCE[TASTE]) / (wished + IMPORTANCE[TASTE])
    }
}
