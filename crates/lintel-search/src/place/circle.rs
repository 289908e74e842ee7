//! A circle made ready: the same answer as the domain's, mostly without its sines.

use lintel_domain::place::{Bounds, EARTH_RADIUS_M, Near, Point};

use super::{Lies, middle};

/// Radians of latitude and longitude within which the earth is taken for a plane.
const SMALL: f64 = 0.05;
/// Degrees of latitude beyond which it never is.
const POLAR: f64 = 80.0;
/// How far the square of a distance may be off on the plane, as a share of it.
const DOUBT: f64 = 2e-3;

/// The points within a distance of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circle {
    near: Near,
    /// Of the latitude of its middle.
    sine: f64,
    cosine: f64,
}

impl Circle {
    pub(crate) fn new(near: Near) -> Self {
        let (sine, cosine) = near.latitude.to_radians().sin_cos();
        Self { near, sine, cosine }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.near.bounds()
    }

    /// Whether a point is within, as [`Near::contains`].
    ///
    /// With all angles at most 0.05, half of one squared is its sine squared but for 2 parts in 10,000, the arc of a chord
    /// the chord but for as little, and the second-order cosine of the point's latitude right to 2 parts in 100,000 of the
    /// unit, below 2 in 10,000 of itself up to 80 degrees. So the squared distance on the plane is right to one part in a
    /// thousand, and only points closer to the edge are asked for exactly.
    #[inline]
    pub(crate) fn contains(&self, point: Point) -> bool {
        let north = (point.latitude - self.near.latitude).to_radians();
        let east = (point.longitude - self.near.longitude).to_radians();
        if north.abs() <= SMALL && east.abs() <= SMALL && self.near.latitude.abs() <= POLAR {
            let narrowed = self.cosine * (self.cosine * (1.0 - north * north / 2.0) - self.sine * north);
            let square = (north * north + narrowed * east * east) * (EARTH_RADIUS_M * EARTH_RADIUS_M);
            let radius = self.near.radius_m * self.near.radius_m;
            if (square - radius).abs() > radius * DOUBT {
                return square < radius;
            }
        }
        self.near.contains(point)
    }

    /// Where a cell lies. From the cell's middle to any of its points there is a way along the parallel and then
    /// the meridian, so no point is farther from it than `reach`; the triangle inequality does the rest.
    pub(crate) fn lies(&self, cell: Bounds) -> Lies {
        let near = &self.near;
        let middle = middle(cell);
        let along = ((cell.east - cell.west) / 2.0).to_radians() * middle.latitude.to_radians().cos();
        let up = (cell.north - middle.latitude).max(middle.latitude - cell.south).to_radians();
        // A thousandth of a metre, and a millionth, cover the rounding of distances and cells.
        let reach = EARTH_RADIUS_M * (along.abs() + up) * 1.000_001 + 0.001;
        let distance = near.centre().distance_m(middle);
        let slack = distance * 1e-6;
        if distance - slack - reach > near.radius_m {
            Lies::Outside
        } else if distance + slack + reach < near.radius_m {
            Lies::Inside
        } else {
            Lies::Across
        }
    }
}
