//! The town of a made-up market: neighbourhoods with a price level, an age and a density of their own.

use lintel_domain::place::Point;
use lintel_domain::rng::Rng;

/// Neighbourhoods of a town.
const COUNT: usize = 24;
/// The middle of the town, on dry land: a grid of streets goes out in every direction.
const MIDDLE: Point = Point { latitude: 39.74, longitude: -104.98 };
/// Degrees of latitude that neighbourhoods spread from the middle (one standard deviation, about 9 km).
const SPREAD: f64 = 0.08;
/// A degree of longitude is this much of a degree of latitude here: the cosine of the latitude.
const LONGITUDE: f64 = 0.769;

const NAMES: [&str; COUNT] = [
    "Alder Park",
    "Birchfield",
    "Cedar Heights",
    "Dovecote",
    "Eastlake",
    "Fernhill",
    "Granary",
    "Harbour Row",
    "Ironworks",
    "Juniper Flats",
    "Kingsmead",
    "Larkspur",
    "Millrace",
    "Northgate",
    "Old Orchard",
    "Paper Mill",
    "Quarry Hill",
    "Riverbend",
    "Stonebridge",
    "Tanglewood",
    "Upper Meadow",
    "Vinegar Hill",
    "Westfield",
    "Yarrow",
];
const STREETS: [&str; 20] = [
    "Maple", "Oak", "Juniper", "Willow", "Lantern", "Market", "Mill", "Chapel", "Foundry", "Orchard", "Prairie",
    "Summit", "Canal", "Garden", "Heron", "Juno", "Linden", "Meridian", "Poplar", "Saddle",
];
const WAYS: [&str; 6] = ["St", "Ave", "Ln", "Ct", "Way", "Pl"];

/// All neighbourhoods.
#[derive(Debug, Clone)]
pub(super) struct Town {
    places: Vec<Place>,
}

/// A neighbourhood.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) postal_code: String,
    pub(super) centre: Point,
    /// How much dearer than the town's average, in logarithms.
    pub(super) level: f64,
    /// The year most of it was built.
    pub(super) built: f64,
    /// Share of flats, 0 to 1.
    pub(super) flats: f64,
}

impl Town {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let places = NAMES.iter().enumerate().map(|(i, name)| {
            let (north, east) = (rng.normal() * SPREAD, rng.normal() * SPREAD);
            let from_middle = (north * north + east * east).sqrt() / SPREAD;
            Place {
                name,
                postal_code: format!("00{:03}", 100 + i * 7),
                centre: Point { latitude: MIDDLE.latitude + north, longitude: MIDDLE.longitude + east / LONGITUDE },
                level: 0.12 - 0.14 * from_middle + 0.22 * rng.normal(),
                built: (1938.0 + 24.0 * from_middle + 14.0 * rng.normal()).clamp(1890.0, 2016.0),
                flats: (0.55 - 0.22 * from_middle + 0.08 * rng.normal()).clamp(0.04, 0.8),
            }
        });
        Self { places: places.collect() }
    }

    pub(super) fn place(&self, index: usize) -> &Place {
        &self.places[index % COUNT]
    }

    /// A neighbourhood; those at the head of the list have more homes.
    pub(super) fn draw(rng: &mut Rng) -> usize {
        let (a, b) = (rng.below(COUNT as u64), rng.below(COUNT as u64));
        a.min(b) as usize
    }
}

impl Place {
    /// A point in the neighbourhood, some 700 m around its centre.
    pub(super) fn point(&self, rng: &mut Rng) -> Point {
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Point {
            latitude: round(self.centre.latitude + rng.normal() * 0.0065),
            longitude: round(self.centre.longitude + rng.normal() * 0.0065 / LONGITUDE),
        }
    }
}

/// Street and number.
pub(super) fn address_line(rng: &mut Rng) -> String {
    let street = STREETS[rng.below(STREETS.len() as u64) as usize];
    let way = WAYS[rng.below(WAYS.len() as u64) as usize];
    format!("{} {street} {way}", 100 + rng.below(9_800))
}
