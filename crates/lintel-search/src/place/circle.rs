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
        if self.is_flat(north, east) {
            let square = square(north, self.narrowed(north), east);
            let radius = self.near.radius_m * self.near.radius_m;
            if (square - radius).abs() > radius * DOUBT {
                return square < radius;
            }
        }
        self.near.contains(point)
    }

    /// Whether the earth may be taken for a plane that far from the middle.
    #[inline]
    fn is_flat(&self, north: f64, east: f64) -> bool {
        north.abs() <= SMALL && east.abs() <= SMALL && self.near.latitude.abs() <= POLAR
    }

    /// The cosine of the middle's latitude times that of the latitude so much farther north, to the second order.
    #[inline]
    fn narrowed(&self, north: f64) -> f64 {
        self.cosine * (self.cosine * (1.0 - north * north / 2.0) - self.sine * north)
    }

    /// Where a cell lies.
    pub(crate) fn lies(&self, cell: Bounds) -> Lies {
        // A listing's cell is found with rounding, so a cell is taken a little larger than its edges.
        const MARGIN: f64 = 1e-9;
        let near = &self.near;
        let south = (cell.south - near.latitude - MARGIN).to_radians();
        let north = (cell.north - near.latitude + MARGIN).to_radians();
        let west = (cell.west - near.longitude - MARGIN).to_radians();
        let east = (cell.east - near.longitude + MARGIN).to_radians();
        if self.is_flat(south, west) && self.is_flat(north, east) {
            self.lies_flat([south, north], [west, east])
        } else {
            self.lies_round(cell)
        }
    }

    /// Where a cell lies on the plane, from the bounds of what [`Circle::contains`] computes for its points. The narrowing is
    /// concave, so it is least at an end, and nowhere greater than the greater end by more than an eighth of its second
    /// derivative times the square of the length.
    fn lies_flat(&self, [south, north]: [f64; 2], [west, east]: [f64; 2]) -> Lies {
        let least = |from: f64, to: f64| if from > 0.0 { from } else { (-to).max(0.0) };
        let most = |from: f64, to: f64| from.abs().max(to.abs());
        let ends = [self.narrowed(south), self.narrowed(north)];
        let bulge = self.cosine * self.cosine * (north - south) * (north - south) / 8.0;
        let nearest = square(least(south, north), ends[0].min(ends[1]), least(west, east));
        let farthest = square(most(south, north), ends[0].max(ends[1]) + bulge, most(west, east));
        let radius = self.near.radius_m * self.near.radius_m;
        if nearest > radius * (1.0 + DOUBT) {
            Lies::Outside
        } else if farthest < radius * (1.0 - DOUBT) {
            Lies::Inside
        } else {
            Lies::Across
        }
    }

    /// Where a cell lies on the globe. From the cell's middle to any of its points there is a way along the parallel and then
    /// the meridian, so no point is farther from it than `reach`; the triangle inequality does the rest.
    fn lies_round(&self, cell: Bounds) -> Lies {
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

/// The square of a distance on the plane, in square metres.
#[inline]
fn square(north: f64, narrowed: f64, east: f64) -> f64 {
    (north * north + narrowed * east * east) * (EARTH_RADIUS_M * EARTH_RADIUS_M)
}
