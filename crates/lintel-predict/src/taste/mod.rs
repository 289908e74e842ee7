//! What a lead likes in homes, learned from what they look at, save, hide and search for; forgotten as time passes.

mod evaluate;
mod evidence;
mod held_out;
mod words;

use lintel_domain::{
    clock::Time,
    filter::ListingFilter,
    interaction::InteractionKind,
    liking::{Bell, Liking, Likings, NUMBERS, on_scale},
    listing::ListingFacts,
    range::Range,
};

pub use evaluate::{Act, Home, NextView, next_view};
use evidence::{Evidence, Moments};
pub use held_out::{Found, HeldOut, TasteScore, held_out};
pub use words::Reason;

/// Days after which what somebody did counts half.
pub const HALF_LIFE_DAYS: f64 = 30.0;

/// What one search counts beside one look at a home.
const SEARCH: f64 = 0.5;
/// As many looks as this count as much as what is assumed of everybody.
const PRIOR: f64 = 2.0;
/// With this much evidence, in looks, a taste is half known.
const HALF_KNOWN: f64 = 5.0;
/// Less evidence than this says nothing about a number.
const LEAST: f64 = 0.25;
/// A normal distribution's distance from its middle, in standard deviations, at which half is left: √(2 ln 2).
const HALF_WIDTH: f64 = 1.177_410_022_515_474_7;

/// What each number weighs when nothing else tells them apart, and how far homes that one person likes are usually apart:
/// standard deviations on the scale of the aspect. Both are judgements.
const NUMBERS_PRIOR: [(f64, f64); 6] = [(3.0, 0.35), (2.0, 0.9), (1.25, 0.75), (1.5, 0.3), (0.75, 0.8), (0.5, 25.0)];
/// What the type of property weighs.
const TYPES_PRIOR: f64 = 1.5;

/// The taste of one lead: decayed sums over what they did. It takes the same memory however much that was, and time
/// enters only through the age of each act: the order in which acts of one time arrive does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taste {
    /// The time that the sums are decayed to; absent before the first act.
    as_of: Option<Time>,
    liked: Evidence,
    hidden: Evidence,
}

/// What one act of a kind counts, in looks, and whether it speaks against the home; `None` when it tells nothing of taste.
fn worth(kind: InteractionKind) -> Option<(f64, bool)> {
    match kind {
        InteractionKind::ListingView => Some((1.0, false)),
        InteractionKind::ListingShare => Some((3.0, false)),
        InteractionKind::ListingSave => Some((4.0, false)),
        InteractionKind::ShowingRequested | InteractionKind::Showing => Some((5.0, false)),
        InteractionKind::Offer => Some((6.0, false)),
        InteractionKind::ListingHide => Some((3.0, true)),
        _ => None,
    }
}

/// What is left of something after a time, `2^(−days / half-life)`; never more than all.
fn left(from: Time, to: Time) -> f64 {
    (-to.days_since(from).max(0.0) / HALF_LIFE_DAYS).exp2()
}

impl Taste {
    /// The kinds of interaction that tell of taste.
    pub const KINDS: &'static [InteractionKind] = &[
        InteractionKind::ListingView,
        InteractionKind::ListingSave,
        InteractionKind::ListingHide,
        InteractionKind::ListingShare,
        InteractionKind::ShowingRequested,
        InteractionKind::Showing,
        InteractionKind::Offer,
    ];

    /// Takes in what the lead did with a home. Other kinds than [`Taste::KINDS`] change nothing.
    pub fn act(&mut self, kind: InteractionKind, at: Time, home: &ListingFacts) {
        let home = Home::of(home);
        self.see(kind, at, &home);
    }

    /// As [`Taste::act`], of a home of which only what can be liked is known.
    pub fn see(&mut self, kind: InteractionKind, at: Time, home: &Home) {
        let Some((worth, against)) = worth(kind) else { return };
        let worth = worth * self.advance(at);
        let evidence = if against { &mut self.hidden } else { &mut self.liked };
        evidence.add(worth, &home.numbers, home.property_type.as_deref());
    }

    /// Takes in what the lead searched for: a number counts by the middle of its bounds, or by the only one. Where they
    /// searched, and for which words, is left out.
    pub fn search(&mut self, at: Time, filter: &ListingFilter) {
        let year =
            filter.year_built.map(|range| Range { min: range.min.map(f64::from), max: range.max.map(f64::from) });
        let price =
            filter.price.map(|range| Range { min: range.min.map(|v| v.0 as f64), max: range.max.map(|v| v.0 as f64) });
        let ranges = [price, filter.bedrooms, filter.bathrooms, filter.living_area_sqft, filter.lot_size_sqft, year];
        let numbers = std::array::from_fn(|place| {
            let bound = |bound: Option<f64>| bound.map(|bound| on_scale(NUMBERS[place], bound)).filter(|v| !v.is_nan());
            match ranges[place].map(|range| (bound(range.min), bound(range.max))) {
                Some((Some(min), Some(max))) => f64::midpoint(min, max),
                Some((Some(only), None) | (None, Some(only))) => only,
                _ => f64::NAN,
            }
        });
        let types = &filter.property_types;
        if numbers.iter().all(|number| number.is_nan()) && types.is_empty() {
            return;
        }
        let worth = SEARCH * self.advance(at);
        self.liked.add(worth, &numbers, None);
        for name in types {
            self.liked.add_type(worth / types.len() as f64, name);
        }
    }

    /// Moves on to a time when it is later; what an act of that time counts.
    fn advance(&mut self, at: Time) -> f64 {
        let now = *self.as_of.get_or_insert(at);
        if at <= now {
            return left(at, now);
        }
        let left = left(now, at);
        self.liked.decay(left);
        self.hidden.decay(left);
        self.as_of = Some(at);
        1.0
    }

    /// How much was seen that speaks for homes, in looks, as of a time not before the last act.
    pub fn weight(&self, as_of: Time) -> f64 {
        self.as_of.map_or(0.0, |seen| self.liked.weight * left(seen, as_of))
    }

    /// What is liked, as of a time not before the last act.
    ///
    /// The middle of a number is the decayed mean of the homes liked; its spread is the decayed deviation, drawn towards
    /// the usual one by [`PRIOR`] looks. A number weighs more the more is known of it and the closer together it lies.
    pub fn likings(&self, as_of: Time) -> Likings {
        let Some(seen) = self.as_of else { return Likings::default() };
        let left = left(seen, as_of);
        let mut numbers = [None; 6];
        for (place, number) in numbers.iter_mut().enumerate() {
            *number = liking(place, &self.liked.numbers[place], &self.hidden.numbers[place], left);
        }
        let types = self.liked.types_without(&self.hidden);
        let all: f64 = types.iter().map(|(_, weight)| weight).sum();
        let most = types.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        // Herfindahl's index: 1 when all homes liked are of one type.
        let alike: f64 = types.iter().map(|(_, weight)| (weight / all).powi(2)).sum();
        let mut types_weight = TYPES_PRIOR * alike * known(all * left);
        let total = numbers.iter().flatten().map(|liking: &Liking| liking.weight).sum::<f64>() + types_weight;
        if total <= 0.0 {
            return Likings::default();
        }
        numbers.iter_mut().flatten().for_each(|liking| liking.weight /= total);
        types_weight /= total;
        let weight = self.liked.weight * left;
        Likings {
            confidence: weight / (weight + HALF_KNOWN),
            numbers,
            types_weight,
            types: types.into_iter().map(|(name, weight)| (name, weight / most)).collect(),
        }
    }
}

/// How much some evidence counts beside what is assumed of everybody, 0 to 1.
fn known(weight: f64) -> f64 {
    weight / (weight + PRIOR)
}

/// The liking for the number at a place of [`NUMBERS`]; its weight is not yet scaled.
fn liking(place: usize, liked: &Moments, hidden: &Moments, left: f64) -> Option<Liking> {
    let (importance, usual) = NUMBERS_PRIOR[place];
    let weight = liked.weight * left;
    if weight < LEAST {
        return None;
    }
    let bell = |moments: &Moments, left: f64| {
        let weight = moments.weight * left;
        let variance = (PRIOR * usual * usual + weight * moments.variance()) / (PRIOR + weight);
        Bell { middle: moments.mean(place), spread: variance.sqrt() * HALF_WIDTH }
    };
    let liked = bell(liked, left);
    let against = hidden.weight * left;
    let narrow = usual / (usual + liked.spread / HALF_WIDTH);
    Some(Liking {
        weight: importance * known(weight) * narrow,
        liked,
        hidden: (against >= LEAST).then(|| (bell(hidden, left), against / (against + weight + PRIOR))),
    })
}
