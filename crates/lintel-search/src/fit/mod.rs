//! The fit of a lead's wishes and a listing: one predicate and one score, used in both directions.

pub(crate) mod columns;
mod explain;
pub(crate) mod score;
mod top;
mod view;
pub(crate) mod wishes;

use lintel_domain::{id::ListingId, preference::Aspect};

pub(crate) use score::Values;
pub use view::ListingView;
pub(crate) use view::listed_day;
pub use wishes::Wishes;

/// How well a listing meets wishes, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// 0 (nothing is met) to 1 (everything is).
    pub fit: f64,
    /// Largest contribution first; they add up to `fit`.
    pub reasons: Vec<Reason>,
    /// The soft wishes that are not met, in words.
    pub near_miss: Option<String>,
}

/// One part of a fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it is about.
    pub aspect: FitAspect,
    /// What it adds to the fit.
    pub contribution: f64,
    /// Plain words, such as "3 bedrooms, as asked".
    pub label: String,
}

/// What a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitAspect {
    /// A stated wish.
    Wish(Aspect),
    /// How new the listing is.
    Freshness,
    /// The estimate beside the price.
    EstimateGap,
    /// What was learned of what is liked.
    Taste,
}

impl FitAspect {
    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wish(aspect) => aspect.as_str(),
            Self::Freshness => "freshness",
            Self::EstimateGap => "estimate_gap",
            Self::Taste => "taste",
        }
    }
}

/// A listing that meets the hard wishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Which.
    pub id: ListingId,
    /// How well.
    pub fit: Fit,
}

/// The best listings for somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Matches {
    /// Best first; the id breaks ties.
    pub matches: Vec<Match>,
    /// Listings that meet the hard wishes; exact.
    pub considered: u64,
}
