//! A question to the listing index, and its answer.

use lintel_domain::{
    clock::Day, filter::ListingFilter, id::ListingId, listing::Status, money::Money, page::Key, place::Point,
    preference::Preferences,
};

use crate::Sort;

/// A search: which listings, in which order, and what to count over all of them.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Conditions that all hold.
    pub filter: &'a ListingFilter,
    /// The order.
    pub sort: Sort,
    /// What `fit` is measured against.
    pub preferences: Option<&'a Preferences>,
    /// What `distance` is measured from; the centre of the filter's `near` when absent.
    pub origin: Option<Point>,
    /// What to count over the whole result.
    pub facets: &'a [Facet],
    /// Whether to count prices for a slider.
    pub histogram: bool,
    /// Rows behind this one; from the first when absent.
    pub after: Option<&'a Key>,
    /// The most rows in the page.
    pub limit: usize,
    /// The present day, for days on the market and freshness.
    pub today: Day,
}

impl<'a> Query<'a> {
    /// The first 50, newest first, nothing counted but the total.
    pub fn new(filter: &'a ListingFilter, today: Day) -> Self {
        Self {
            filter,
            sort: Sort::default(),
            preferences: None,
            origin: None,
            facets: &[],
            histogram: false,
            after: None,
            limit: lintel_domain::page::DEFAULT_LIMIT as usize,
            today,
        }
    }
}

/// The answer to a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The page, in order.
    pub ids: Vec<ListingId>,
    /// How many listings pass the filter; exact.
    pub total: u64,
    /// The counts asked for, in the order they were asked for.
    pub facets: Vec<FacetCounts>,
    /// Prices of the listings that pass everything but the filter's price bound, when asked for: every bin from the first
    /// to the last that is not empty.
    pub histogram: Option<Vec<PriceBin>>,
    /// The key of the last row when more follow.
    pub next: Option<Key>,
}

/// A property whose values are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Facet {
    /// Status.
    Status,
    /// Type of property.
    PropertyType,
    /// Bedrooms.
    Bedrooms,
    /// Bathrooms.
    Bathrooms,
    /// Price, in ranges.
    Price,
    /// Year of construction, by decade.
    YearBuilt,
}

impl Facet {
    /// Every facet.
    pub const ALL: &'static [Self] =
        &[Self::Status, Self::PropertyType, Self::Bedrooms, Self::Bathrooms, Self::Price, Self::YearBuilt];

    /// The name in queries and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::PropertyType => "property_type",
            Self::Bedrooms => "bedrooms",
            Self::Bathrooms => "bathrooms",
            Self::Price => "price",
            Self::YearBuilt => "year_built",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|facet| facet.as_str() == name)
    }
}

/// How often each value of a facet occurs in the whole result.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetCounts {
    /// What was counted.
    pub facet: Facet,
    /// Values that occur, in ascending order (statuses in the order of their declaration).
    pub values: Vec<FacetCount>,
    /// Listings whose value is unknown. All counts and this one add up to the total.
    pub unknown: u64,
}

/// One value and how often it occurs.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetCount {
    /// The value.
    pub value: FacetValue,
    /// Listings that have it.
    pub count: u64,
}

/// A value of a facet. Ranges have inclusive bounds, so that they can be sent back as a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum FacetValue {
    /// A status.
    Status(Status),
    /// A type of property.
    Text(String),
    /// A number of rooms.
    Number(f64),
    /// Prices from `min` to `max`.
    Price {
        /// The least price.
        min: Money,
        /// The greatest price.
        max: Money,
    },
    /// Years from `min` to `max`, a decade.
    Year {
        /// The first year.
        min: i32,
        /// The last year.
        max: i32,
    },
}

/// One bar of the price histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceBin {
    /// The least price in it.
    pub min: Money,
    /// The greatest price in it.
    pub max: Money,
    /// Listings in it.
    pub count: u64,
}
