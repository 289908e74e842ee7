//! Measures taste on made-up people: `cargo run --release -p lintel-predict --example taste`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measuring program prints, and stops at the first error"
)]

use std::time::Instant;

use lintel_domain::{
    clock::{DAY, Time},
    interaction::InteractionKind,
    listing::{ListingFacts, Provenance, Status},
    money::Money,
    rng::Rng,
};
use lintel_predict::taste::{Act, Home, Taste, next_view};

const HOMES: u64 = 2000;
const PEOPLE: u32 = 200;
const LOOKS: i64 = 20;

fn home(rng: &mut Rng) -> ListingFacts {
    let mut facts = ListingFacts::new("example", "1", Status::Active, Provenance::Synthetic);
    let area = 600.0 + rng.unit() * 3400.0;
    facts.list_price = Money::from_major((area * (200.0 + rng.unit() * 300.0)).round());
    facts.living_area_sqft = Some(area.round());
    facts.bedrooms = Some((area / 700.0 + rng.unit()).round());
    facts.bathrooms = Some((area / 900.0 + rng.unit()).round());
    facts.year_built = Some(1920 + rng.below(105) as i32);
    facts.property_type = rng.pick(&["House", "Condominium", "Townhouse"]).map(|name| (*name).to_owned());
    facts
}

/// How far two homes are apart, each number in its usual steps.
fn apart(a: &Home, b: &Home) -> f64 {
    const STEPS: [f64; 6] = [0.35, 0.9, 0.75, 0.3, 0.8, 25.0];
    let gaps = a.numbers.iter().zip(&b.numbers).zip(STEPS).map(|((a, b), step)| (a - b).abs() / step);
    gaps.filter(|gap| !gap.is_nan()).sum::<f64>() + f64::from(u8::from(a.property_type != b.property_type))
}

fn main() {
    let mut rng = Rng::new(1);
    let facts: Vec<ListingFacts> = (0..HOMES).map(|_| home(&mut rng)).collect();
    let homes: Vec<Home> = facts.iter().map(Home::of).collect();
    // Some homes are shown to everybody more often, as on any site.
    let shown = |rng: &mut Rng| ((rng.unit() * rng.unit()) * HOMES as f64) as usize;
    let mut acts = Vec::new();
    for who in 0..PEOPLE {
        let ideal = shown(&mut rng);
        for day in 0..LOOKS {
            let page: Vec<usize> = (0..10).map(|_| shown(&mut rng)).collect();
            let best = page
                .iter()
                .min_by(|a, b| apart(&homes[**a], &homes[ideal]).total_cmp(&apart(&homes[**b], &homes[ideal])));
            let home = *best.expect("a page of ten");
            acts.push(Act { who, kind: InteractionKind::ListingView, at: Time(20_000 * DAY + day * DAY), home });
        }
    }
    for k in [10, 50, 200] {
        let report = next_view(&acts, &homes, k);
        println!(
            "recall@{k:<4} taste {:.3}  popularity {:.3}  chance {:.3}  ({} looks)",
            report.taste, report.popularity, report.chance, report.asked
        );
    }
    let start = Instant::now();
    let mut taste = Taste::default();
    for act in &acts {
        taste.act(act.kind, act.at, &facts[act.home]);
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / acts.len() as f64;
    let start = Instant::now();
    let confidence = taste.likings(Time(20_020 * DAY)).confidence;
    println!("an act {each:.2} µs; likings {:.2} µs (confidence {confidence:.2})", start.elapsed().as_secs_f64() * 1e6);
}
