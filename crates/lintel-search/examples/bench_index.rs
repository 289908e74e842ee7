//! Measures the listing index: `cargo run --release -p lintel-search --example bench_index -- 1000000`.
//!
//! The market is made up: towns in a county, prices by place and size, remarks of 40 words drawn by Zipf's law from 30,000.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measuring program prints, and stops at the first error"
)]

use std::{collections::BTreeMap, time::Instant};

use lintel_domain::{
    clock::{DAY, Day, Time},
    filter::ListingFilter,
    id::ListingId,
    listing::{Listing, ListingFacts, Provenance, Status},
    money::Money,
    place::{Bounds, Near, Point, Region},
    preference::{Aspect, Preferences},
    range::Range,
    rng::Rng,
};
use lintel_search::{ClusterQuery, Cursor, Facet, Metric, Part, Query, Sort};
use uuid::Uuid;

const TODAY: Day = Day(20_000);
const TYPES: [&str; 4] = ["Single Family Residence", "Condominium", "Townhouse", "Land"];
const WORDS: [&str; 24] = [
    "kitchen",
    "garage",
    "garden",
    "pool",
    "waterfront",
    "views",
    "fireplace",
    "renovated",
    "quartz",
    "deck",
    "bright",
    "spacious",
    "bedroom",
    "bathroom",
    "living",
    "home",
    "floors",
    "yard",
    "new",
    "open",
    "light",
    "storage",
    "schools",
    "park",
];

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
        let mut words: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        words.extend((0..30_000).map(|_| {
            let count = 2 + rng.below(3);
            (0..count).filter_map(|_| rng.pick(&syllables).copied()).collect::<String>()
        }));
        let towns = (0..40)
            .map(|_| {
                let at = Point { latitude: 47.2 + rng.unit() * 0.6, longitude: -122.5 + rng.unit() };
                (at, 0.01 + rng.unit() * 0.05)
            })
            .collect();
        Self { rng, words, towns }
    }

    /// A rank by Zipf's law with exponent 1.
    fn word(&mut self) -> usize {
        let top = self.words.len() as f64;
        (top.powf(self.rng.unit()) - 1.0) as usize % self.words.len()
    }

    fn point(&mut self) -> Point {
        let (town, spread) = self.towns[self.rng.below(40) as usize];
        Point {
            latitude: town.latitude + self.rng.normal() * spread,
            longitude: town.longitude + self.rng.normal() * spread * 1.4,
        }
    }

    fn listing(&mut self, number: u64) -> Listing {
        let status = match self.rng.below(100) {
            0..60 => Status::Active,
            60..63 => Status::ComingSoon,
            63..75 => Status::Pending,
            _ => Status::Closed,
        };
        let mut facts = ListingFacts::new("bench", number.to_string(), status, Provenance::Synthetic);
        let bedrooms = 1 + self.rng.below(3) + self.rng.below(3);
        let area = 400.0 + bedrooms as f64 * 450.0 + (self.rng.unit() * 800.0).round();
        let price = Money(((area * (200.0 + self.rng.unit() * 500.0)) / 100.0).round() as i64 * 10_000);
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
        let words: Vec<&str> =
            (0..40).map(|_| self.word()).collect::<Vec<_>>().into_iter().map(|at| self.words[at].as_str()).collect();
        facts.remarks = Some(words.join(" "));
        facts.address.line =
            Some(format!("{} {} st", self.rng.below(20_000), self.words[self.rng.below(3000) as usize]));
        facts.address.city = Some(format!("Town {}", self.rng.below(40)));
        facts.address.postal_code = Some(format!("{}", 98_000 + self.rng.below(80)));
        Listing {
            id: ListingId(Uuid::from_u128(u128::from(number) << 64 | u128::from(self.rng.bits()))),
            market: "bench".parse().expect("a slug"),
            facts,
            version: 1,
            created_at: Time(0),
            updated_at: Time(0),
        }
    }

    /// A star of 12 corners, some 20 km wide.
    fn polygon(&mut self) -> Region {
        let at = self.point();
        let ring = (0..12)
            .map(|corner| {
                let angle = f64::from(corner) * std::f64::consts::TAU / 12.0;
                let radius = 0.05 + self.rng.unit() * 0.1;
                [at.longitude + angle.cos() * radius * 1.4, at.latitude + angle.sin() * radius]
            })
            .collect();
        Region::new(vec![vec![ring]]).expect("a star")
    }

    fn budget(&mut self) -> Range<Money> {
        let least = 20_000_000 + self.rng.below(60) as i64 * 1_000_000;
        Range { min: Some(Money(least)), max: Some(Money(least + 20_000_000)) }
    }
}

fn at_least<T>(min: T) -> Range<T> {
    Range { min: Some(min), max: None }
}

/// Runs `ask` often and prints how long it took.
fn measure(name: &str, times: usize, mut ask: impl FnMut(usize) -> u64) {
    let mut took: Vec<f64> = Vec::with_capacity(times);
    let mut found = 0;
    for round in 0..times {
        let start = Instant::now();
        found += ask(round);
        took.push(start.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((times - 1) as f64 * share) as usize];
    println!(
        "{name:<44} p50 {:>8.3} ms  p99 {:>8.3} ms  max {:>8.3} ms  mean found {:>9}",
        at(0.5),
        at(0.99),
        at(1.0),
        found / times as u64
    );
}

/// A line of the process's status in megabytes, where the system tells it.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    kilobytes * 1024 / 1_000_000
}

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut world = World::new();
    let (mut builder, mut building) = (Part::builder(), 0.0);
    for number in 0..count {
        let listing = world.listing(number);
        let start = Instant::now();
        builder.push(&listing).expect("room");
        building += start.elapsed().as_secs_f64();
    }
    let start = Instant::now();
    let part = builder.finish(Cursor(1, 1));
    building += start.elapsed().as_secs_f64();
    let per = part.memory_bytes() as f64 / count as f64;
    println!("most resident while building {} MB", status("VmHWM:"));
    println!(
        "{count} listings: built in {building:.2} s, {:.0} MB, {per:.0} bytes each",
        part.memory_bytes() as f64 / 1e6
    );
    let start = Instant::now();
    let mut bytes = Vec::new();
    part.write_snapshot(&mut bytes).expect("memory");
    let wrote = start.elapsed().as_secs_f64();
    drop(part);
    let start = Instant::now();
    let part = Part::read_snapshot(&mut bytes.as_slice()).expect("a whole snapshot");
    println!(
        "snapshot {:.0} MB, written in {wrote:.2} s, loaded in {:.2} s; resident {} MB beside it",
        bytes.len() as f64 / 1e6,
        start.elapsed().as_secs_f64(),
        status("VmRSS:").saturating_sub(bytes.len() as u64 / 1_000_000)
    );
    drop(bytes);
    questions(&part, &mut world);
    changes(part, &mut world, count);
}

fn questions(part: &Part, world: &mut World) {
    let ask = |filter: &ListingFilter, sort: &str, facets: &[Facet]| {
        let sort = Sort::parse(sort).expect("a sort");
        let origin = Some(Point { latitude: 47.5, longitude: -122.0 });
        part.search(&Query { sort, facets, origin, ..Query::new(filter, TODAY) }).expect("an answer").total
    };
    let everything = ListingFilter::default();
    for sort in ["newest", "price", "-price", "-living_area_sqft", "distance"] {
        measure(&format!("all active, {sort}"), 200, |_| ask(&everything, sort, &[]));
    }
    let plain: Vec<ListingFilter> = (0..500)
        .map(|_| ListingFilter {
            price: Some(world.budget()),
            bedrooms: Some(at_least(3.0)),
            bathrooms: Some(at_least(2.0)),
            living_area_sqft: Some(at_least(1500.0)),
            ..ListingFilter::default()
        })
        .collect();
    measure("plain filters, newest", 500, |at| ask(&plain[at], "newest", &[]));
    measure("plain filters, price", 500, |at| ask(&plain[at], "price", &[]));
    let five = &Facet::ALL[1..];
    measure("all active, five facets", 200, |_| ask(&everything, "newest", five));
    measure("plain filters, five facets", 500, |at| ask(&plain[at], "newest", five));
    let words: Vec<String> = (0..500).map(|at| WORDS[at % 24].to_owned()).collect();
    let drawn: Vec<ListingFilter> = (0..500)
        .map(|at| ListingFilter {
            text: Some(words[at].clone()),
            polygon: Some(world.polygon()),
            ..ListingFilter::default()
        })
        .collect();
    measure("five facets + polygon + text", 500, |at| ask(&drawn[at], "newest", five));
    measure("five facets + polygon + text, relevance", 500, |at| ask(&drawn[at], "relevance", five));
    let areas: Vec<ListingFilter> = drawn.iter().map(|filter| ListingFilter { text: None, ..filter.clone() }).collect();
    measure("five facets + polygon", 500, |at| ask(&areas[at], "newest", five));
    let days = ListingFilter { days_on_market: Some(at_least(20)), ..ListingFilter::default() };
    measure("days on market, newest", 200, |_| ask(&days, "newest", &[]));
    let typos: Vec<ListingFilter> = ["kicthen", "waterfrontt", "fireplacce gardenn"]
        .map(|text| ListingFilter { text: Some(text.into()), ..ListingFilter::default() })
        .to_vec();
    measure("text with typos", 300, |at| ask(&typos[at % 3], "newest", five));
    let fit: Vec<Preferences> = (0..500).map(|_| wishes(world)).collect();
    let mut considered = BTreeMap::new();
    measure("match, soft price beds baths area", 500, |at| {
        let found = part.match_top(&fit[at], 20, TODAY);
        *considered.entry(found.matches.len()).or_insert(0) += 1;
        found.considered
    });
    let variant = |change: &dyn Fn(&mut Preferences)| {
        let mut all = fit.clone();
        all.iter_mut().for_each(change);
        all
    };
    let must = variant(&|wishes| wishes.must = vec![Aspect::Price, Aspect::Bedrooms]);
    measure("match, must price and beds", 500, |at| part.match_top(&must[at], 20, TODAY).considered);
    let near = variant(&|wishes| wishes.near = Some(Near { latitude: 47.5, longitude: -122.0, radius_m: 5000.0 }));
    measure("match, near", 500, |at| part.match_top(&near[at], 20, TODAY).considered);
    let words = variant(&|wishes| wishes.keywords = vec!["pool".into(), "waterfront".into()]);
    measure("match, keywords", 500, |at| part.match_top(&words[at], 20, TODAY).considered);
    let wordy = variant(&|wishes| wishes.keywords = WORDS.map(String::from).to_vec());
    measure("match, 24 keywords", 200, |at| part.match_top(&wordy[at], 20, TODAY).considered);
    measure("all active, fit", 200, |at| {
        let sort = Sort::parse("fit").expect("a sort");
        let query = Query { sort, preferences: Some(&fit[at]), ..Query::new(&everything, TODAY) };
        part.search(&query).expect("an answer").total
    });
    let hopeless = variant(&|wishes| wishes.bedrooms = Some(at_least(9.0)));
    measure("match, nothing fits wholly", 200, |at| part.match_top(&hopeless[at], 20, TODAY).considered);
    measure("match, no wishes", 200, |_| part.match_top(&Preferences::default(), 20, TODAY).considered);
    let active = part.search(&Query { limit: usize::MAX, ..Query::new(&everything, TODAY) }).expect("an answer").ids;
    let estimates: Vec<(ListingId, Option<Money>)> =
        active.into_iter().map(|id| (id, Some(Money(20_000_000 + world.rng.below(80_000_000) as i64)))).collect();
    let estimated = part.with_estimates(&estimates);
    measure("match, with estimates", 500, |at| estimated.match_top(&fit[at], 20, TODAY).considered);
    drop(estimates);
    clusters("", part, world, &plain);
    clusters("with estimates: ", &estimated, world, &plain);
}

/// Clusters of a viewport as wide as the county, then of towns.
fn clusters(of: &str, part: &Part, world: &mut World, plain: &[ListingFilter]) {
    let everything = ListingFilter::default();
    let ask = |metric: Metric, zoom: f64, bbox: Bounds, filter: &ListingFilter| {
        let query = ClusterQuery { bbox, zoom, filter, metric, today: TODAY };
        part.clusters(&query).expect("a box").total
    };
    let whole = Bounds { west: -123.0, south: 46.9, east: -121.0, north: 48.1 };
    for metric in Metric::ALL {
        let name = format!("{of}clusters, county, all active, {}", metric.as_str());
        measure(&name, 200, |_| ask(*metric, 8.0, whole, &everything));
        if !plain.is_empty() {
            let name = format!("{of}clusters, county, plain filters, {}", metric.as_str());
            measure(&name, 300, |at| ask(*metric, 8.0, whole, &plain[at]));
        }
    }
    // As wide as a screen, at zooms from a region to a few streets.
    for zoom in 9..15 {
        let tile = 360.0 / f64::from(1 << zoom);
        let views: Vec<Bounds> = (0..300)
            .map(|_| {
                let Point { longitude, latitude } = world.point();
                let (wide, high) = (tile * 2.5, tile * 1.5);
                Bounds {
                    west: longitude - wide,
                    south: latitude - high,
                    east: longitude + wide,
                    north: latitude + high,
                }
            })
            .collect();
        let name = format!("{of}clusters, zoom {zoom}, all active");
        measure(&name, 300, |at| ask(Metric::MedianPrice, f64::from(zoom), views[at], &everything));
    }
}

fn wishes(world: &mut World) -> Preferences {
    Preferences {
        price: Some(world.budget()),
        bedrooms: Some(at_least(2.0 + world.rng.below(3) as f64)),
        bathrooms: Some(at_least(2.0)),
        living_area_sqft: Some(at_least(1500.0)),
        property_types: vec![TYPES[0].to_owned()],
        ..Preferences::default()
    }
}

fn changes(part: Part, world: &mut World, count: u64) {
    let mut part = part;
    let start = Instant::now();
    let mut slowest = 0.0f64;
    for round in 0..300 {
        let one = Instant::now();
        part = part.with(&[world.listing(count + round)], &[], Cursor(2, round as i64)).expect("room");
        if let Some(compacted) = part.compacted() {
            part = compacted;
        }
        slowest = slowest.max(one.elapsed().as_secs_f64() * 1e3);
    }
    let changed = (0..count / 20).map(|at| world.listing(at * 7919 % count));
    let many: Vec<Listing> = changed.collect();
    for some in many.chunks(500) {
        part = part.with(some, &[], Cursor(3, 0)).expect("room");
    }
    println!("300 single changes: {:.3} ms each, slowest {slowest:.1} ms", start.elapsed().as_secs_f64() * 1e3 / 300.0);
    println!("resident {} MB at the end, {} listings", status("VmRSS:"), part.len());
    clusters("one in 20 changed: ", &part, world, &[]);
}
