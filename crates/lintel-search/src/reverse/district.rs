//! Districts: squares of the map, of a few sizes, into one of which every area fits.

use lintel_domain::place::Point;

use crate::place::{
    Area,
    world::{FINEST, column_and_row},
};

/// The sizes of districts, finest first, as levels of the world grid: about 10, 40, 160 and 600 km at the equator.
const LEVELS: [u8; 4] = [12, 10, 8, 6];
/// Degrees by which the box of an area is widened: far more than rounding, far less than a bucket.
const MARGIN: f64 = 1e-9;
/// Buckets to a side of a district, as a power of two.
const BUCKETS: u8 = 6;
const LAST: u32 = (1 << FINEST) - 1;

/// The columns and rows of the finest level that hold an area, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) x: (u32, u32),
    pub(super) y: (u32, u32),
}

impl Frame {
    /// Around what is in all of the areas; `None` without an area.
    pub(super) fn around(areas: &[Area]) -> Option<Self> {
        let frames = areas.iter().map(|area| {
            let bounds = area.bounds();
            let corner = |latitude, longitude| column_and_row(Point { latitude, longitude });
            let (west, north) = corner(bounds.north + MARGIN, bounds.west - MARGIN);
            let (east, south) = corner(bounds.south - MARGIN, bounds.east + MARGIN);
            Self { x: (west, east), y: (north, south) }
        });
        frames.reduce(|a, b| Self { x: (a.x.0.max(b.x.0), a.x.1.min(b.x.1)), y: (a.y.0.max(b.y.0), a.y.1.min(b.y.1)) })
    }

    fn is_empty(&self) -> bool {
        self.x.0 > self.x.1 || self.y.0 > self.y.1
    }
}

/// A square of the world grid with a margin of half its side all around, so that whatever is no larger than the square and
/// has its middle in it fits in (a loose quadtree, Ulrich 2000). The whole world is one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct District {
    level: u8,
    x: u32,
    y: u32,
}

impl District {
    const WORLD: Self = Self { level: 0, x: 0, y: 0 };

    /// The smallest that holds a frame; the world when there is none.
    pub(super) fn of(frame: Option<Frame>) -> Self {
        let Some(Frame { x, y }) = frame.filter(|frame| !frame.is_empty()) else { return Self::WORLD };
        let size = (x.1 - x.0).max(y.1 - y.0);
        let level = LEVELS.into_iter().find(|level| size < side(*level));
        level.map_or(Self::WORLD, |level| {
            let shift = FINEST - level;
            Self { level, x: u32::midpoint(x.0, x.1) >> shift, y: u32::midpoint(y.0, y.1) >> shift }
        })
    }

    /// Calls `f` with the districts that a place is in: the world, and of each size as many as four. No frame that holds
    /// the place is in another one.
    pub(super) fn about(place: Option<Point>, mut f: impl FnMut(Self)) {
        f(Self::WORLD);
        let Some((x, y)) = place.map(column_and_row) else { return };
        for level in LEVELS {
            let (half, shift) = (side(level) / 2, FINEST - level);
            let both = |at: u32| (at.saturating_sub(half) >> shift)..=((at + half).min(LAST) >> shift);
            for y in both(y) {
                both(x).for_each(|x| f(Self { level, x, y }));
            }
        }
    }

    /// The bucket of a column or row, of those from one end of the district with its margin to the other; `own` is the
    /// district's own column or row.
    fn bucket(level: u8, own: u32, at: u32) -> u32 {
        let side = i64::from(side(level));
        let from_end = i64::from(at) - i64::from(own) * side + side / 2;
        ((from_end << BUCKETS) / (2 * side)).clamp(0, (1 << BUCKETS) - 1) as u32
    }

    /// The bucket of a column of the world.
    pub(super) fn column(&self, x: u32) -> u32 {
        Self::bucket(self.level, self.x, x)
    }

    /// The bucket of a row of the world.
    pub(super) fn row(&self, y: u32) -> u32 {
        Self::bucket(self.level, self.y, y)
    }
}

/// Cells of the finest level to a side of a square.
fn side(level: u8) -> u32 {
    1 << (FINEST - level)
}

#[cfg(test)]
mod tests {
    use lintel_domain::{place::Near, rng::Rng};

    use super::*;

    #[test]
    fn whatever_is_in_an_area_is_in_its_district_and_buckets() {
        let mut rng = Rng::new(31);
        for _ in 0..20_000 {
            let near = Near {
                latitude: rng.unit() * 180.0 - 90.0,
                longitude: rng.unit() * 360.0 - 180.0,
                radius_m: 10_f64.powf(rng.unit() * 10.0 - 3.0).min(20_000_000.0),
            };
            let area = Area::circle(near);
            let frame = Frame::around(std::slice::from_ref(&area));
            let (district, Some(Frame { x, y })) = (District::of(frame), frame) else { unreachable!() };
            let reach = (near.radius_m / 100_000.0).min(90.0);
            for _ in 0..10 {
                let mut about = |middle: f64| middle + (rng.unit() * 2.0 - 1.0) * reach;
                let place = Point::new(about(near.latitude), about(near.longitude));
                let Some(place) = place.filter(|place| near.contains(*place)) else { continue };
                let mut met = 0;
                District::about(Some(place), |other| met += u32::from(other == district));
                assert_eq!(met, 1, "{near:?} {place:?}");
                let (column, row) = column_and_row(place);
                assert!((district.column(x.0)..=district.column(x.1)).contains(&district.column(column)));
                assert!((district.row(y.0)..=district.row(y.1)).contains(&district.row(row)));
            }
        }
    }
}
