//! Clusters for the map: what lies in a viewport, cell by cell of a world grid that does not move with it.

use lintel_domain::{clock::Day, filter::ListingFilter, id::ListingId, place::Bounds};

/// The most clusters in one answer.
pub const MAX_CLUSTERS: usize = 500;

/// A question for clusters.
#[derive(Clone, Debug)]
pub struct ClusterQuery<'a> {
    /// The viewport; `west > east` crosses the antimeridian.
    pub bbox: Bounds,
    /// The map's zoom with tiles of 512 pixels; fractions are cut off.
    pub zoom: f64,
    /// Conditions that all hold.
    pub filter: &'a ListingFilter,
    /// What `value` is.
    pub metric: Metric,
    /// The present day, for days on the market.
    pub today: Day,
}

/// What is told of each cluster beside its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Median price in major units.
    MedianPrice,
    /// The count itself.
    Count,
    /// Median price per square foot of living area, in major units.
    PricePerSqft,
    /// Median of (estimate − price) / price.
    EstimateGap,
}

impl Metric {
    /// Every metric.
    pub const ALL: &'static [Self] = &[Self::MedianPrice, Self::Count, Self::PricePerSqft, Self::EstimateGap];

    /// The name in queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MedianPrice => "median_price",
            Self::Count => "count",
            Self::PricePerSqft => "price_per_sqft",
            Self::EstimateGap => "estimate_gap",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.as_str() == name)
    }
}

/// Clusters whose counts add up to `total`.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// At most [`MAX_CLUSTERS`], in the order of their cells.
    pub clusters: Vec<Cluster>,
    /// Listings in the viewport that pass the filter.
    pub total: u64,
}

/// The listings of one cell of the grid that are in the viewport.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The cell's name, `level/x/y`; the same wherever the viewport is.
    pub id: String,
    /// Mean latitude of its listings.
    pub latitude: f64,
    /// Mean longitude of its listings.
    pub longitude: f64,
    /// Listings.
    pub count: u64,
    /// The metric; `None` when no listing has what it needs.
    pub value: Option<f64>,
    /// The metric's 10th percentile.
    pub p10: Option<f64>,
    /// The metric's 90th percentile.
    pub p90: Option<f64>,
    /// The cell.
    pub bbox: Bounds,
    /// The listing, when there is only one.
    pub listing_id: Option<ListingId>,
}
