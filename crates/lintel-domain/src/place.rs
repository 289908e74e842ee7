//! Places on the earth: points, distances, boxes and drawn areas.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// The mean radius of the earth in metres (IUGG R1).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// The most corners in one area.
pub const MAX_CORNERS: usize = 10_000;

/// A point, WGS 84, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
}

impl Point {
    /// A point, if both degrees are finite and in range.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude))
            .then_some(Self { latitude, longitude })
    }

    /// Great-circle distance in metres (haversine formula).
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = (lat2 - lat1) / 2.0;
        let half_lon = (other.longitude - self.longitude).to_radians() / 2.0;
        let h = half_lat.sin().powi(2) + lat1.cos() * lat2.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// Within a distance of a point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Distance in metres, more than 0.
    pub radius_m: f64,
}

impl Near {
    /// The middle of the circle.
    pub fn centre(&self) -> Point {
        Point { latitude: self.latitude, longitude: self.longitude }
    }

    /// Whether the degrees are in range and the radius is positive and no larger than the earth.
    pub fn is_valid(&self) -> bool {
        Point::new(self.latitude, self.longitude).is_some() && self.radius_m > 0.0 && self.radius_m <= 20_100_000.0
    }

    /// Whether the point is inside; the edge counts.
    pub fn contains(&self, point: Point) -> bool {
        self.centre().distance_m(point) <= self.radius_m
    }

    /// A box around the circle. At a pole it spans all longitudes.
    pub fn bounds(&self) -> Bounds {
        let dlat = (self.radius_m / EARTH_RADIUS_M).to_degrees() * 1.000_001;
        let (south, north) = (self.latitude - dlat, self.latitude + dlat);
        if south <= -90.0 || north >= 90.0 {
            return Bounds { west: -180.0, south: south.max(-90.0), east: 180.0, north: north.min(90.0) };
        }
        let widest = (dlat.to_radians().sin() / self.latitude.to_radians().cos()).clamp(-1.0, 1.0);
        let dlon = widest.asin().to_degrees();
        let (west, east) = (self.longitude - dlon, self.longitude + dlon);
        if west < -180.0 || east > 180.0 {
            return Bounds { west: -180.0, south, east: 180.0, north };
        }
        Bounds { west, south, east, north }
    }
}

/// A box of degrees; `west > east` means that it crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Least longitude.
    pub west: f64,
    /// Least latitude.
    pub south: f64,
    /// Greatest longitude.
    pub east: f64,
    /// Greatest latitude.
    pub north: f64,
}

impl Bounds {
    /// Whether the point is inside; edges count.
    pub fn contains(&self, point: Point) -> bool {
        let in_longitude = if self.west <= self.east {
            (self.west..=self.east).contains(&point.longitude)
        } else {
            point.longitude >= self.west || point.longitude <= self.east
        };
        in_longitude && (self.south..=self.north).contains(&point.latitude)
    }
}

/// A closed line of corners `[longitude, latitude]`, not repeated at the end.
type Ring = Vec<[f64; 2]>;

/// A drawn area: polygons with holes, on a plane of longitude and latitude. Edges count as inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    polygons: Vec<Vec<Ring>>,
    bounds: Bounds,
}

/// Why an area is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// Too few corners to enclose anything.
    #[error("a ring needs at least 3 different corners")]
    TooFew,
    /// More corners than [`MAX_CORNERS`].
    #[error("an area has at most {MAX_CORNERS} corners")]
    TooMany,
    /// A corner that is not on the earth.
    #[error("corners are [longitude, latitude] in degrees")]
    OffTheEarth,
}

impl Region {
    /// An area of polygons; each has an outer ring and then its holes.
    pub fn new(mut polygons: Vec<Vec<Ring>>) -> Result<Self, RegionError> {
        if polygons.iter().flatten().map(Vec::len).sum::<usize>() > MAX_CORNERS {
            return Err(RegionError::TooMany);
        }
        if polygons.is_empty() || polygons.iter().any(Vec::is_empty) {
            return Err(RegionError::TooFew);
        }
        let mut bounds = Bounds { west: f64::MAX, south: f64::MAX, east: f64::MIN, north: f64::MIN };
        for ring in polygons.iter_mut().flatten() {
            if ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            }
            let mut corners = ring.clone();
            corners.dedup();
            if corners.len() < 3 {
                return Err(RegionError::TooFew);
            }
            for &[longitude, latitude] in ring.iter() {
                Point::new(latitude, longitude).ok_or(RegionError::OffTheEarth)?;
                bounds.west = bounds.west.min(longitude);
                bounds.east = bounds.east.max(longitude);
                bounds.south = bounds.south.min(latitude);
                bounds.north = bounds.north.max(latitude);
            }
        }
        Ok(Self { polygons, bounds })
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Its polygons: of each the outer ring, then the holes; corners are `[longitude, latitude]`, not repeated at the end.
    pub fn polygons(&self) -> &[Vec<Vec<[f64; 2]>>] {
        &self.polygons
    }

    /// Whether the point is inside one of the polygons and not strictly inside one of its holes.
    pub fn contains(&self, point: Point) -> bool {
        let p = [point.longitude, point.latitude];
        self.bounds.contains(point)
            && self.polygons.iter().any(|rings| {
                side(&rings[0], p) != Side::Outside && rings[1..].iter().all(|hole| side(hole, p) != Side::Inside)
            })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Edge,
    Outside,
}

/// Which side of a ring a point is on: counts crossings of the ray to the east (even-odd rule), edges found exactly first.
fn side(ring: &Ring, [x, y]: [f64; 2]) -> Side {
    let mut inside = false;
    let mut previous = ring[ring.len() - 1];
    for &corner in ring {
        let ([x1, y1], [x2, y2]) = (previous, corner);
        previous = corner;
        let cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
        if cross == 0.0 && x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2) {
            return Side::Edge;
        }
        if (y1 > y) != (y2 > y) && (cross > 0.0) == (y2 > y1) {
            inside = !inside;
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// How an area is written: a bare ring, or GeoJSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Ring(Ring),
    GeoJson(GeoJson),
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum GeoJson {
    Polygon(Vec<Ring>),
    MultiPolygon(Vec<Vec<Ring>>),
}

impl<'de> Deserialize<'de> for Region {
    /// Reads a ring `[[longitude, latitude], …]`, closed or not, or a GeoJSON Polygon or MultiPolygon.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer).map_err(|_| {
            D::Error::custom("expected a ring of [longitude, latitude] or a GeoJSON Polygon or MultiPolygon")
        })?;
        let polygons = match written {
            Written::Ring(ring) => vec![vec![ring]],
            Written::GeoJson(GeoJson::Polygon(rings)) => vec![rings],
            Written::GeoJson(GeoJson::MultiPolygon(polygons)) => polygons,
        };
        Self::new(polygons).map_err(D::Error::custom)
    }
}

impl Serialize for Region {
    /// Writes a GeoJSON MultiPolygon with closed rings.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let close = |ring: &Ring| ring.iter().chain(ring.first()).copied().collect();
        let polygons = self.polygons.iter().map(|rings| rings.iter().map(close).collect()).collect();
        GeoJson::MultiPolygon(polygons).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn region(json: &str) -> Region {
        serde_json::from_str(json).unwrap()
    }

    fn at(longitude: f64, latitude: f64) -> Point {
        Point { latitude, longitude }
    }

    #[test]
    fn edges_and_corners_are_inside_and_holes_are_not() {
        let square = region("[[0,0],[4,0],[4,4],[0,4]]");
        assert!(square.contains(at(0.0, 0.0)) && square.contains(at(2.0, 4.0)) && square.contains(at(1.0, 1.0)));
        assert!(!square.contains(at(4.001, 2.0)) && !square.contains(at(-0.001, 0.0)));
        let holed = region(
            r#"{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[3,1],[3,3],[1,3],[1,1]]]}"#,
        );
        assert!(holed.contains(at(0.5, 2.0)) && holed.contains(at(1.0, 2.0)) && !holed.contains(at(2.0, 2.0)));
    }

    #[test]
    fn areas_that_enclose_nothing_or_leave_the_earth_are_refused() {
        for bad in ["[]", "[[0,0],[1,1]]", "[[0,0],[1,1],[0,0]]", "[[0,0],[200,0],[1,1]]", "{}", "[[0,0,0]]"] {
            assert!(serde_json::from_str::<Region>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn distances_are_those_of_the_great_circle() {
        let (seattle, portland) = (at(-122.3321, 47.6062), at(-122.6784, 45.5152));
        assert!((seattle.distance_m(portland) - 233_900.0).abs() < 1000.0);
    }

    proptest! {
        #[test]
        fn the_box_around_a_circle_holds_the_circle(
            lat in -89.0..89.0f64, lon in -180.0..180.0f64, r in 1.0..2_000_000.0f64, bearing in 0.0..std::f64::consts::TAU,
        ) {
            let near = Near { latitude: lat, longitude: lon, radius_m: r };
            let d = r * 0.999_999 / EARTH_RADIUS_M;
            let (lat1, lon1) = (lat.to_radians(), lon.to_radians());
            let lat2 = (lat1.sin() * d.cos() + lat1.cos() * d.sin() * bearing.cos()).clamp(-1.0, 1.0).asin();
            let lon2 = lon1 + (bearing.sin() * d.sin() * lat1.cos()).atan2(d.cos() - lat1.sin() * lat2.sin());
            let lon2 = (lon2.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
            let point = at(lon2, lat2.to_degrees());
            prop_assert!(near.contains(point));
            prop_assert!(near.bounds().contains(point));
        }

        #[test]
        fn a_region_is_read_as_it_was_written(corners in prop::collection::vec((-180.0..180.0f64, -90.0..90.0f64), 3..20)) {
            let ring: Vec<[f64; 2]> = corners.into_iter().map(|(x, y)| [x, y]).collect();
            if let Ok(region) = Region::new(vec![vec![ring]]) {
                let text = serde_json::to_string(&region).unwrap();
                prop_assert_eq!(serde_json::from_str::<Region>(&text).unwrap(), region);
            }
        }
    }
}
