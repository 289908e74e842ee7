//! Clusters for the map: what lies in a viewport, cell by cell of a world grid that does not move with it.

mod heap;
mod view;

use std::collections::BTreeMap;

use lintel_domain::{
    clock::Day,
    filter::ListingFilter,
    id::ListingId,
    place::{Bounds, Point},
};

use heap::Heap;
use view::View;

use crate::{Error, Part, column::Bits, place::world::mercator};

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

/// Levels of the grid below the map's zoom: cells of 64 pixels.
const FINER: u8 = 3;

impl Part {
    /// Answers a question for clusters.
    ///
    /// A listing's cell depends on its place and the level alone, and the level on the zoom and the size of the viewport,
    /// so that nothing regroups while the map is moved.
    ///
    /// # Errors
    /// When the viewport is not a box on the earth.
    pub fn clusters(&self, query: &ClusterQuery<'_>) -> Result<Clusters, Error> {
        let Bounds { west, south, east, north } = query.bbox;
        let corners = [(south, west), (north, east)];
        let on_earth = corners.iter().all(|(lat, lon)| Point::new(*lat, *lon).is_some());
        if !on_earth || south > north {
            return Err(Error::NotABox);
        }
        let conditions = self.conditions(query.filter, query.today);
        let level = level(query.zoom, query.bbox);
        let passing: Vec<Option<Bits>> = self
            .pieces
            .iter()
            .map(|piece| {
                let all = conditions.only_statuses();
                (!all).then(|| conditions.select(&piece.segment, piece.live()))
            })
            .collect();
        let mut heaps: BTreeMap<(u32, u32), Heap<'_>> = BTreeMap::new();
        for (piece, passing) in self.pieces.iter().zip(&passing) {
            let mut view = View::new(query, piece, passing.as_ref(), level);
            for world in piece.segment.grid.worlds(conditions.statuses) {
                view.descend(&world, &mut heaps);
            }
        }
        let clusters: Vec<Cluster> =
            heaps.into_iter().map(|((y, x), heap)| heap.cluster(level, x, y, query.metric)).collect();
        Ok(Clusters { total: clusters.iter().map(|cluster| cluster.count).sum(), clusters })
    }
}

/// The level whose cells have 64 pixels, or the next one above at which a viewport of this size can never touch more than
/// [`MAX_CLUSTERS`] cells, wherever it is.
fn level(zoom: f64, view: Bounds) -> u8 {
    let width = (view.east - view.west) / 360.0;
    let width = if width < 0.0 { width + 1.0 } else { width };
    let height = (mercator(view.south) - mercator(view.north)).max(0.0);
    let mut level = (zoom.clamp(0.0, 22.0) as u8) + FINER;
    let cells = |level: u8| {
        let side = f64::from(1u32 << level);
        // A length of n cells and a bit touches at most n + 2; rounding must not decide while the map is moved.
        let touched = |length: f64| ((length * side + 1e-6).floor() + 2.0).min(side);
        touched(width) * touched(height)
    };
    while level > 0 && cells(level) > MAX_CLUSTERS as f64 {
        level -= 1;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_follows_the_zoom_until_the_viewport_is_too_wide() {
        let view = |west, east| Bounds { west, south: 47.0, east, north: 47.2 };
        assert_eq!(level(10.0, view(-122.4, -122.0)), 13);
        assert_eq!(level(10.9, view(-122.4, -122.0)), 13);
        assert!(level(10.0, view(-140.0, -100.0)) < 13);
        assert_eq!(level(10.0, view(179.8, -179.8)), 13);
        let world = Bounds { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
        assert_eq!(level(22.0, world), 4);
        assert_eq!(level(f64::NAN, world), 3);
    }
}
