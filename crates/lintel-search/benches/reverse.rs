//! What it costs to find the searches that find a changed listing, with more and more searches in one market.
//!
//! `cargo bench -p lintel-search --bench reverse` ends with 1,000,000 searches;
//! `cargo bench -p lintel-search --bench reverse -- 100000` with that many.
//!
//! The market is made up: towns in a county, prices by size, remarks of 40 words drawn by Zipf's law. Nine searches in ten
//! bound the price, three in four the bedrooms, more than half an area; one in eight asks for words, some of them mistyped.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "figures go to the terminal, and a failure ends it")]

use std::{env, time::Instant};

use lintel_domain::{
    clock::{DAY, Day, Time},
    filter::ListingFilter,
    id::{ListingId, SavedSearchId},
    listing::{Listing, ListingFacts, Provenance, Status},
    money::Money,
    place::{Near, Point, Region},
    range::Range,
    rng::Rng,
};
use lintel_search::{Changed, Cursor, Part, Watchers};
use uuid::Uuid;

const TODAY: Day = Day(20_000);
const TYPES: [&str; 4] = ["Single Family Residence", "Condominium", "Townhouse", "Land"];
const LISTINGS: u64 = 100_000;
/// Changes that are measured.
const CHANGES: usize = 2_000;
/// Searches asked one by one, for comparison.
const ASKED: usize = 10_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let most = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let mut world = World::new();
    let mut builder = Part::builder();
    for number in 0..LISTINGS {
        builder.push(&world.listing(number)).unwrap();
    }
    let market = builder.finish(Cursor(1, 1));
    let before = resident();
    let mut watchers = Watchers::new();
    for count in [most / 100, most / 10, most] {
        let (mut putting, from) = (0.0, watchers.len());
        for number in from..count {
            let filter = world.filter();
            let start = Instant::now();
            watchers.put(search(number), &filter);
            putting += start.elapsed().as_secs_f64();
        }
        let (megabytes, put) = (watchers.memory_bytes() / 1_000_000, putting * 1e6 / (count - from).max(1) as f64);
        println!(
            "{count:>9} searches: {megabytes} MB by their own count, {} MB more resident; {put:.1} µs to put one",
            resident().saturating_sub(before)
        );
        measure(&watchers, &market, &mut world, count);
    }
    asked_one_by_one(&market, &mut world);
    let start = Instant::now();
    (0..most).filter(|number| number % 10 == 0).for_each(|number| assert!(watchers.remove(search(number))));
    println!("{:.1} µs to remove one", start.elapsed().as_secs_f64() * 1e6 / (most / 10).max(1) as f64);
}

fn search(number: usize) -> SavedSearchId {
    SavedSearchId(Uuid::from_u128(0x0190_0000 << 96 | number as u128))
}

/// Changes listings one by one.
fn measure(watchers: &Watchers, market: &Part, world: &mut World, count: usize) {
    let (mut preparing, mut finding, mut finds, mut each) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CHANGES {
        let number = world.rng.below(LISTINGS);
        let listing = world.listing(number);
        let start = Instant::now();
        let changed = Changed::new(std::slice::from_ref(&listing), Some(market)).unwrap();
        preparing.push(start.elapsed().as_secs_f64() * 1e3);
        let (start, mut found) = (Instant::now(), 0_u64);
        watchers.find(&changed, TODAY, |_, _| found += 1);
        let took = start.elapsed().as_secs_f64();
        finding.push(took * 1e3);
        finds.push(found as f64);
        each.push(took * 1e6 / found.max(1) as f64);
    }
    print(&format!("{count:>9} searches, ms to find those of a change"), finding, 3);
    print(&format!("{count:>9} searches, ms to make a change ready"), preparing, 3);
    print(&format!("{count:>9} searches, how many find a change"), finds, 0);
    print(&format!("{count:>9} searches, µs for each of them"), each, 3);
}

/// What asking each search costs, by a sample of them.
fn asked_one_by_one(market: &Part, world: &mut World) {
    let filters: Vec<ListingFilter> = (0..ASKED).map(|_| world.filter()).collect();
    let changed = Changed::new(&[world.listing(0)], Some(market)).unwrap();
    let start = Instant::now();
    let found: usize = filters.iter().map(|filter| changed.found_by(filter, TODAY).len()).sum();
    let each = start.elapsed().as_secs_f64() * 1e6 / ASKED as f64;
    println!("{each:.2} µs to ask one search by itself, {found} of {ASKED} find the change");
}

fn print(what: &str, mut values: Vec<f64>, digits: usize) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    println!("{what:<52} p50 {:>9.digits$} p99 {:>9.digits$} max {:>9.digits$}", at(0.5), at(0.99), at(1.0));
}

/// Megabytes of memory that the process holds, where the system tells it.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024 / 1_000_000
}

struct World {
    rng: Rng,
    words: Vec<String>,
    towns: Vec<(Point, f64)>,
}

impl World {
    fn new() -> Self {
        let mut rng = Rng::new(1);
        let syllables =
            ["ba", "co", "den", "fi", "gra", "hol", "in", "ka", "lo", "mer", "nu", "pi", "ro", "sta", "ti", "vu"];
        let word = |rng: &mut Rng| {
            let count = 2 + rng.below(3);
            (0..count).filter_map(|_| rng.pick(&syllables).copied()).collect::<String>()
        };
        let words = (0..30_000).map(|_| word(&mut rng)).collect();
        let towns = (0..40)
            .map(|_| {
                let at = Point { latitude: 47.2 + rng.unit() * 0.6, longitude: -122.5 + rng.unit() };
                (at, 0.01 + rng.unit() * 0.05)
            })
            .collect();
        Self { rng, words, towns }
    }

    /// A word by Zipf's law with exponent 1.
    fn word(&mut self) -> String {
        let top = self.words.len() as f64;
        self.words[(top.powf(self.rng.unit()) - 1.0) as usize % self.words.len()].clone()
    }

    fn point(&mut self) -> Point {
        let (town, spread) = self.towns[self.rng.below(40) as usize];
        Point {
            latitude: town.latitude + self.rng.normal() * spread,
            longitude: town.longitude + self.rng.normal() * spread * 1.4,
        }
    }

    /// From `least` to `most`, as many in every octave.
    fn scaled(&mut self, least: f64, most: f64) -> f64 {
        least * (most / least).powf(self.rng.unit())
    }

    fn listing(&mut self, number: u64) -> Listing {
        let status = match self.rng.below(100) {
            0..60 => Status::Active,
            60..65 => Status::ComingSoon,
            65..80 => Status::Pending,
            _ => Status::Closed,
        };
        let mut facts = ListingFacts::new("bench", number.to_string(), status, Provenance::Synthetic);
        let bedrooms = 1 + self.rng.below(3) + self.rng.below(3);
        let area = 400.0 + bedrooms as f64 * 450.0 + (self.rng.unit() * 800.0).round();
        let price = Money((area * (200.0 + self.rng.unit() * 500.0)).round() as i64 * 100);
        facts.property_type = Some(TYPES[(self.rng.below(10) as usize).saturating_sub(6).min(3)].to_owned());
        facts.list_price = Some(price);
        facts.close_price = Some(price);
        facts.listed_at = Some(Time((i64::from(TODAY.0) - 180) * DAY + self.rng.below(180 * DAY as u64) as i64));
        facts.close_date = (status == Status::Closed).then_some(TODAY);
        facts.bedrooms = Some(bedrooms as f64);
        facts.bathrooms = Some(1.0 + self.rng.below(12) as f64 / 4.0);
        facts.living_area_sqft = Some(area);
        facts.lot_size_sqft = Some((1000.0 + self.rng.unit() * 9000.0).round());
        facts.year_built = Some(1900 + self.rng.below(124) as i32);
        facts.place = Some(self.point());
        facts.remarks = Some((0..40).map(|_| self.word()).collect::<Vec<_>>().join(" "));
        facts.address.line = Some(format!("{} {} st", self.rng.below(20_000), self.word()));
        facts.address.postal_code = Some(format!("{}", 98_000 + self.rng.below(80)));
        Listing {
            id: ListingId(Uuid::from_u128(u128::from(number))),
            market: "bench".parse().unwrap(),
            facts,
            version: 1,
            created_at: Time(0),
            updated_at: Time(0),
        }
    }

    fn filter(&mut self) -> ListingFilter {
        let status = match self.rng.below(10) {
            0..7 => Vec::new(),
            7 => vec![Status::Active, Status::ComingSoon],
            8 => vec![Status::Active, Status::Pending],
            _ => vec![Status::Closed],
        };
        let types = self.rng.below(5).saturating_sub(2);
        let mut filter = ListingFilter {
            status,
            property_types: (0..types).map(|_| TYPES[self.rng.below(4) as usize].to_owned()).collect(),
            price: self.rng.chance(0.9).then(|| self.budget()),
            bedrooms: self.rng.chance(0.75).then(|| at_least(1.0 + self.rng.below(4) as f64)),
            bathrooms: self.rng.chance(0.45).then(|| at_least(1.0 + self.rng.below(5) as f64 / 2.0)),
            living_area_sqft: self.rng.chance(0.35).then(|| at_least(600.0 + self.rng.below(16) as f64 * 100.0)),
            lot_size_sqft: self.rng.chance(0.12).then(|| at_least(self.rng.below(12) as f64 * 500.0)),
            year_built: self.rng.chance(0.12).then(|| at_least(1940 + self.rng.below(80) as i32)),
            days_on_market: self.rng.chance(0.03).then(|| at_least(self.rng.below(90) as i32)),
            text: self.rng.chance(0.12).then(|| self.typed()),
            ..ListingFilter::default()
        };
        match self.rng.below(20) {
            0..7 => {
                let at = self.point();
                let radius_m = self.scaled(1_000.0, 15_000.0);
                filter.near = Some(Near { latitude: at.latitude, longitude: at.longitude, radius_m });
            }
            7..12 => filter.polygon = Some(self.polygon()),
            _ => {}
        }
        filter
    }

    /// One or two words, one in twelve with a letter left out.
    fn typed(&mut self) -> String {
        let words = (0..=self.rng.below(2)).map(|_| {
            let mut word = self.word();
            if self.rng.chance(1.0 / 12.0) {
                word.remove(1);
            }
            word
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// A star of 8 to 20 corners, 2 to 20 km wide.
    fn polygon(&mut self) -> Region {
        let (at, corners) = (self.point(), 8 + self.rng.below(13));
        let size = self.scaled(0.01, 0.1);
        let ring = (0..corners)
            .map(|corner| {
                let angle = corner as f64 * std::f64::consts::TAU / corners as f64;
                let radius = size * (0.6 + self.rng.unit() * 0.4);
                [at.longitude + angle.cos() * radius * 1.4, at.latitude + angle.sin() * radius]
            })
            .collect();
        Region::new(vec![vec![ring]]).unwrap()
    }

    fn budget(&mut self) -> Range<Money> {
        let most = (self.scaled(150.0, 1_800.0) / 25.0).ceil() * 25.0;
        let least =
            self.rng.chance(0.6).then(|| Money((most * (0.5 + self.rng.unit() * 0.35)).round() as i64 * 100_000));
        Range { min: least, max: Some(Money(most as i64 * 100_000)) }
    }
}

fn at_least<T>(min: T) -> Range<T> {
    Range { min: Some(min), max: None }
}
