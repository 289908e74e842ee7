//! What somebody likes in homes, learned from what they looked at: plain numbers that rooms can hand to each other.

use crate::{listing::ListingFacts, preference::Aspect};

/// What somebody likes, aspect by aspect.
///
/// Only facts about homes go in, and no place: where somebody looked may stand in for who they are (24 CFR 100.70), so
/// where they want to live is asked, not learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Likings {
    /// How much is known, 0 (nothing) to 1; the likings' share of a fit grows with it.
    pub confidence: f64,
    /// Numbers that are liked, by their place in [`NUMBERS`].
    pub numbers: [Option<Liking>; 6],
    /// What liking for the type of property weighs.
    pub types_weight: f64,
    /// Types of property with how much each is liked, 0 to 1; a type that is not named is at 0.
    pub types: Vec<(String, f64)>,
}

/// The numbers of a home that can be wished for and liked, by their place in an explanation. Money, areas are compared by their logarithm, the others as they are.
pub const NUMBERS: [Aspect; 6] = [
    Aspect::Price,
    Aspect::Bedrooms,
    Aspect::Bathrooms,
    Aspect::LivingAreaSqft,
    Aspect::LotSizeSqft,
    Aspect::YearBuilt,
];

/// A number that is liked: the nearer a home's is to the middle, the better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Liking {
    /// What it weighs beside the other likings; all weights add up to 1.
    pub weight: f64,
    /// Where the homes that were liked are.
    pub liked: Bell,
    /// Where those are that were hidden, and how much they count, 0 to 1.
    pub hidden: Option<(Bell, f64)>,
}

/// Numbers around a middle, on the scale of their aspect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bell {
    /// The middle.
    pub middle: f64,
    /// The distance from it at which half is left.
    pub spread: f64,
}

impl Bell {
    /// `1 / (1 + ((value − middle) / spread)²)`.
    #[inline]
    pub fn at(&self, value: f64) -> f64 {
        let steps = (value - self.middle) / self.spread;
        1.0 / (1.0 + steps * steps)
    }
}

impl Liking {
    /// How much of the liking a number meets, 0 to 1; nothing when it is not a number. The number is on the aspect's scale.
    #[inline]
    pub fn share(&self, value: f64) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        let spared = self.hidden.map_or(1.0, |(bell, strength)| 1.0 - strength * bell.at(value));
        self.liked.at(value) * spared
    }
}

/// A number of a home on the scale on which it is liked: the natural logarithm of prices (in hundredths) and areas, which
/// must be above 0, else the number itself. Unknown is not a number.
#[inline]
pub fn on_scale(aspect: Aspect, value: f64) -> f64 {
    match aspect {
        Aspect::Price | Aspect::LivingAreaSqft | Aspect::LotSizeSqft if value > 0.0 => value.ln(),
        Aspect::Price | Aspect::LivingAreaSqft | Aspect::LotSizeSqft => f64::NAN,
        _ => value,
    }
}

/// A number that stands at a place of the scale.
pub fn off_scale(aspect: Aspect, value: f64) -> f64 {
    match aspect {
        Aspect::Price | Aspect::LivingAreaSqft | Aspect::LotSizeSqft => value.exp(),
        _ => value,
    }
}

/// A home's numbers on their scales, in the order of [`NUMBERS`]; unknown is not a number.
pub fn numbers_of(facts: &ListingFacts) -> [f64; 6] {
    let known = [
        facts.list_price.or(facts.close_price).map(|price| price.0 as f64),
        facts.bedrooms,
        facts.bathrooms,
        facts.living_area_sqft,
        facts.lot_size_sqft,
        facts.year_built.map(f64::from),
    ];
    std::array::from_fn(|at| known[at].map_or(f64::NAN, |value| on_scale(NUMBERS[at], value)))
}

impl Likings {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.confidence <= 0.0
    }

    /// How much a type of property is liked, 0 to 1.
    pub fn type_share(&self, name: Option<&str>) -> f64 {
        let liked = self.types.iter().find(|(known, _)| Some(known.as_str()) == name);
        liked.map_or(0.0, |(_, share)| *share)
    }

    /// How much of what is liked a home has, 0 to 1: the sum over aspects of weight × share.
    pub fn affinity(&self, numbers: &[f64; 6], property_type: Option<&str>) -> f64 {
        let numbers = self.numbers.iter().zip(numbers);
        let met: f64 =
            numbers.filter_map(|(liking, value)| liking.map(|liking| liking.weight * liking.share(*value))).sum();
        met + self.types_weight * self.type_share(property_type)
    }
}
