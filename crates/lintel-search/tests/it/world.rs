//! Random listings, filters and preferences, small enough in their values that ties and empty results are common.

use lintel_domain::{
    clock::{DAY, Day, Time},
    filter::ListingFilter,
    id::ListingId,
    listing::{Listing, ListingFacts, Provenance, Status},
    money::Money,
    place::{Near, Point, Region},
    preference::{Aspect, Preferences},
    range::Range,
    rng::Rng,
};
use lintel_search::{Cursor, Part};
use uuid::Uuid;

pub(crate) const TODAY: Day = Day(20_000);
pub(crate) const TYPES: [&str; 4] = ["Condominium", "Land", "Single Family Residence", "Townhouse"];
const WORDS: [&str; 24] = [
    "kitchen",
    "kitchens",
    "garage",
    "garden",
    "pool",
    "pools",
    "poolside",
    "waterfront",
    "water",
    "views",
    "fireplace",
    "renovated",
    "renovation",
    "quartz",
    "marble",
    "deck",
    "Señorial",
    "O'Brien",
    "98103",
    "98104",
    "bright",
    "spacious",
    "swimming",
    "elevator",
];
const CITIES: [&str; 4] = ["Ballard", "Garden City", "Fremont", "Pool Hill"];
const TYPED: [&str; 14] = [
    "kicthen",
    "pool",
    "gardn",
    "waterfrnt",
    "Pools",
    "renovating",
    "fireplac",
    "swim",
    "quarzt",
    "98103",
    "the",
    "zzzz",
    "elevaters",
    "981",
];

/// Where a world lies: the middle of its listings.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// Numbers that no narrow column holds.
    pub(crate) odd: bool,
}

pub(crate) const SEATTLE: World = World { latitude: 47.6, longitude: -122.3, odd: false };
pub(crate) const TAVEUNI: World = World { latitude: -16.8, longitude: 180.0, odd: true };

impl World {
    pub(crate) fn point(self, rng: &mut Rng) -> Point {
        let mut offset = || {
            let spread = if rng.chance(0.02) { 20.0 } else { 0.3 };
            let offset = (rng.unit() - 0.5) * spread;
            // Many listings stand on a lattice, where they meet the edges of areas and each other.
            if rng.chance(0.4) { (offset * 40.0).round() / 40.0 } else { offset }
        };
        let longitude = self.longitude + offset();
        Point {
            latitude: (self.latitude + offset()).clamp(-90.0, 90.0),
            longitude: if longitude > 180.0 { longitude - 360.0 } else { longitude },
        }
    }

    pub(crate) fn listing(self, rng: &mut Rng, id: u64) -> Listing {
        let status = match rng.below(10) {
            0..5 => Status::Active,
            5 => Status::ComingSoon,
            6 | 7 => Status::Closed,
            _ => *rng.pick(Status::ALL).unwrap(),
        };
        let mut facts = ListingFacts::new("test", id.to_string(), status, Provenance::Synthetic);
        let real = |rng: &mut Rng, most: u64, step: f64| {
            let whole = rng.below(most) as f64 * step;
            let odd = self.odd && rng.chance(0.1);
            rng.chance(0.93).then_some(if odd { whole * 1.1 + 0.3 } else { whole })
        };
        facts.property_type = rng.chance(0.9).then(|| rng.pick(&TYPES).unwrap().to_string());
        let price = |rng: &mut Rng| {
            let price = 100_000 + rng.below(90) as i64 * 10_000;
            rng.chance(0.95).then_some(Money(price * 100 + if rng.chance(0.1) { 33 } else { 0 }))
        };
        facts.list_price = price(rng);
        facts.close_price = price(rng);
        facts.close_date = (status == Status::Closed || rng.chance(0.05)).then(|| Day(TODAY.0 - rng.below(200) as i32));
        facts.listed_at = rng.chance(0.93).then(|| {
            let day = i64::from(TODAY.0) - rng.below(120) as i64 + 3;
            Time(day * DAY + if rng.chance(0.5) { rng.below(DAY as u64) as i64 } else { 0 })
        });
        facts.days_on_market = rng.chance(0.5).then(|| rng.below(90) as i32);
        facts.bedrooms = real(rng, 7, 1.0);
        facts.bathrooms = real(rng, 14, 0.25);
        facts.living_area_sqft = real(rng, 60, 50.0);
        facts.lot_size_sqft = real(rng, 60, 250.0);
        facts.year_built = rng.chance(0.9).then(|| 1890 + rng.below(135) as i32);
        facts.place = rng.chance(0.93).then(|| self.point(rng));
        facts.remarks = rng.chance(0.95).then(|| text(rng, &WORDS, 12));
        facts.address.line = Some(format!("{} {}", rng.below(50), rng.pick(&WORDS).unwrap()));
        facts.address.city = rng.pick(&CITIES).map(|city| (*city).to_owned());
        Listing {
            // Ids do not follow the order in which listings come.
            id: ListingId(Uuid::from_u128(u128::from(id.wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 32 | u128::from(id))),
            market: "test".parse().unwrap(),
            facts,
            version: 1,
            created_at: Time(0),
            updated_at: Time(0),
        }
    }

    pub(crate) fn listings(self, rng: &mut Rng, count: u64) -> Vec<Listing> {
        (0..count).map(|id| self.listing(rng, id)).collect()
    }

    pub(crate) fn region(self, rng: &mut Rng) -> Region {
        loop {
            let mut ring = |corners: u64| {
                (0..3 + rng.below(corners)).map(|_| self.point(rng)).map(|at| [at.longitude, at.latitude]).collect()
            };
            let polygons = vec![vec![ring(6), ring(3)], vec![ring(4)]];
            if let Ok(region) = Region::new(polygons) {
                return region;
            }
        }
    }

    pub(crate) fn near(self, rng: &mut Rng) -> Near {
        let at = self.point(rng);
        Near { latitude: at.latitude, longitude: at.longitude, radius_m: 1.0 + rng.unit() * 20_000.0 }
    }

    pub(crate) fn filter(self, rng: &mut Rng) -> ListingFilter {
        let statuses = rng.below(4);
        ListingFilter {
            status: (0..statuses)
                .map(|_| *rng.pick(Status::ALL).unwrap())
                .chain((statuses > 1).then_some(Status::Active))
                .collect(),
            property_types: types(rng),
            price: maybe(rng, 0.4, |rng| range(rng, |rng| Money(rng.below(100) as i64 * 1_000_000))),
            bedrooms: maybe(rng, 0.3, |rng| range(rng, |rng| rng.below(7) as f64)),
            bathrooms: maybe(rng, 0.2, |rng| range(rng, |rng| rng.below(30) as f64 / 8.0)),
            living_area_sqft: maybe(rng, 0.2, |rng| range(rng, |rng| rng.below(3000) as f64)),
            lot_size_sqft: maybe(rng, 0.1, |rng| range(rng, |rng| rng.below(15_000) as f64 + 0.3)),
            year_built: maybe(rng, 0.2, |rng| range(rng, |rng| 1880 + rng.below(150) as i32)),
            days_on_market: maybe(rng, 0.2, |rng| range(rng, |rng| rng.below(120) as i32)),
            text: maybe(rng, 0.35, |rng| {
                let words: &[&str] = if rng.chance(0.5) { &TYPED } else { &WORDS };
                text(rng, words, 2)
            }),
            polygon: maybe(rng, 0.25, |rng| self.region(rng)),
            near: maybe(rng, 0.2, |rng| self.near(rng)),
        }
    }

    pub(crate) fn preferences(self, rng: &mut Rng) -> Preferences {
        let mut must = Aspect::ALL.to_vec();
        must.retain(|_| rng.chance(0.25));
        Preferences {
            price: maybe(rng, 0.7, |rng| range(rng, |rng| Money(rng.below(110) as i64 * 1_000_000))),
            bedrooms: maybe(rng, 0.5, |rng| range(rng, |rng| rng.below(7) as f64)),
            bathrooms: maybe(rng, 0.4, |rng| range(rng, |rng| rng.below(14) as f64 / 4.0)),
            living_area_sqft: maybe(rng, 0.3, |rng| range(rng, |rng| rng.below(3000) as f64)),
            lot_size_sqft: maybe(rng, 0.2, |rng| range(rng, |rng| rng.below(15_000) as f64)),
            year_built: maybe(rng, 0.3, |rng| range(rng, |rng| 1880 + rng.below(150) as i32)),
            property_types: types(rng),
            near: maybe(rng, 0.15, |rng| self.near(rng)),
            polygon: maybe(rng, 0.15, |rng| self.region(rng)),
            keywords: (0..rng.below(4)).map(|_| text(rng, &WORDS, 1)).collect(),
            must,
        }
    }
}

/// A part of these listings, built at once or grown by changes.
pub(crate) fn part(listings: &[Listing], grown: bool) -> Part {
    let mut builder = Part::builder();
    let at_once = if grown { listings.len() * 3 / 5 } else { listings.len() };
    for listing in &listings[..at_once] {
        builder.push(listing).unwrap();
    }
    let mut part = builder.finish(Cursor(1, 0));
    for (at, batch) in listings[at_once..].chunks(listings.len() / 9 + 1).enumerate() {
        part = part.with(batch, &[], Cursor(2, at as i64)).unwrap();
    }
    part
}

fn types(rng: &mut Rng) -> Vec<String> {
    let count = rng.below(4).saturating_sub(1);
    (0..count).map(|_| rng.pick(&["Condominium", "Land", "Townhouse", "Castle"]).unwrap().to_string()).collect()
}

fn text(rng: &mut Rng, words: &[&str], most: u64) -> String {
    let words: Vec<&str> = (0..=rng.below(most)).map(|_| *rng.pick(words).unwrap()).collect();
    words.join(if rng.chance(0.5) { " " } else { ", " })
}

fn maybe<T>(rng: &mut Rng, chance: f64, make: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    if rng.chance(chance) { Some(make(rng)) } else { None }
}

/// A range; rarely open or crossed.
fn range<T: PartialOrd + Copy>(rng: &mut Rng, mut bound: impl FnMut(&mut Rng) -> T) -> Range<T> {
    let (a, b) = (bound(rng), bound(rng));
    let (min, max) = if a <= b || rng.chance(0.03) { (a, b) } else { (b, a) };
    Range { min: rng.chance(0.7).then_some(min), max: rng.chance(0.6).then_some(max) }
}
