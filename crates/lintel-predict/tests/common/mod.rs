//! Made-up tables and markets with a known truth, from a seed.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a made-up world that fails is a failed test")]

use lintel_domain::clock::{DAY, Day, Time};
use lintel_domain::interaction::InteractionKind as Kind;
use lintel_domain::lead::LeadFacts;
use lintel_domain::listing::Provenance;
use lintel_domain::place::Point;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::Scalar;
use lintel_predict::lead::{Behaviour, LeadExample, LeadOptions, LeadScoreModel, train_lead_score};
use lintel_predict::learn::boost::BoostOptions;
use lintel_predict::learn::classify::ClassifyOptions;
use lintel_predict::learn::table::{Cell, Column, Monotone, Schema, Table};
use lintel_predict::price::{Home, PriceOptions, SaleRecord};

/// Small forests: enough to test laws on.
pub(crate) fn quick() -> BoostOptions {
    BoostOptions { rounds: 30, learning_rate: 0.2, max_leaves: 8, patience: Some(10), ..BoostOptions::default() }
}

/// Two numbers (the first constrained to rise) and a word, some missing, with a noisy target.
pub(crate) fn table(rows: usize, seed: u64) -> (Table, Vec<f64>) {
    let mut rng = Rng::new(seed);
    let schema =
        Schema::new(vec![Column::number("size").with(Monotone::Rising), Column::number("age"), Column::word("colour")])
            .unwrap();
    let mut table = Table::new(schema);
    let mut targets = Vec::new();
    for _ in 0..rows {
        let (size, age) = (rng.unit() * 10.0, rng.unit() * 50.0);
        let colour = *rng.pick(&["red", "green", "blue", "grey"]).unwrap();
        let lift = if colour == "red" { 2.0 } else { 0.0 };
        targets.push(size * 0.5 + (age / 8.0).sin() + lift + rng.normal() * 0.3);
        let mut row = [Cell::Number(size), Cell::Number(age), Cell::Word(colour)];
        if rng.chance(0.1) {
            row[rng.below(3) as usize] = Cell::Missing;
        }
        table.push_row(&row).unwrap();
    }
    (table, targets)
}

/// A market of about 20 km across: dear in the middle, rising 0.05 % a day.
pub(crate) fn market(sales: usize, seed: u64) -> Vec<SaleRecord> {
    let mut rng = Rng::new(seed);
    (0..sales)
        .map(|number| {
            let (x, y) = (rng.unit() - 0.5, rng.unit() - 0.5);
            let area = 600.0 + rng.unit() * 3000.0;
            let day = rng.below(400) as i32;
            let grade = rng.below(6) as f64;
            let distance = x.hypot(y);
            let log_price = 8.0 + 0.75 * f64::ln(area) + 0.06 * grade - 0.8 * distance
                + 0.0005 * f64::from(day)
                + rng.normal() * 0.08;
            SaleRecord {
                key: format!("home-{number}"),
                close_price: (log_price.exp() * 100.0).round() / 100.0,
                close_date: Day(16_000 + day),
                home: Home {
                    place: Point::new(47.5 + y * 0.2, -122.3 + x * 0.25),
                    property_type: Some("House".into()),
                    living_area_sqft: Some(area),
                    bedrooms: Some(1.0 + rng.below(5) as f64),
                    year_built: Some(1950 + rng.below(60) as i32),
                    attributes: [("grade".to_owned(), Scalar::Number(grade))].into(),
                    ..Home::default()
                },
            }
        })
        .collect()
}

/// Settings small enough for tests.
pub(crate) fn quick_price() -> PriceOptions {
    PriceOptions {
        boost: BoostOptions {
            rounds: 60,
            learning_rate: 0.15,
            max_leaves: 12,
            patience: Some(15),
            ..PriceOptions::default().boost
        },
        folds: 3,
        origins: 2,
        ..PriceOptions::default()
    }
}

/// The present of the made-up leads.
pub(crate) const NOW: Time = Time(1000 * DAY);

/// So many days before the present.
pub(crate) fn days_ago(days: i64) -> Time {
    NOW.plus(-days * DAY)
}

/// A lead with custom fields of every sort, won more often when it views, and by its budget.
pub(crate) fn lead(rng: &mut Rng) -> (LeadFacts, Vec<(Kind, Time)>, bool) {
    let mut facts = LeadFacts::new(Provenance::Synthetic);
    facts.created_at = Some(days_ago(1 + rng.below(90) as i64));
    facts.source = Some((*rng.pick(&["portal", "referral", "walk-in"]).unwrap()).into());
    facts.phone = rng.chance(0.5).then(|| "+1 206 555 0100".into());
    let budget = rng.unit();
    let number = rng.bits();
    for (name, value) in [
        ("budget_share", Scalar::Number(budget)),
        ("timeline", Scalar::Text((*rng.pick(&["now", "soon", "Select", ""]).unwrap()).into())),
        ("Gender", Scalar::Text((*rng.pick(&["male", "female"]).unwrap()).into())),
        ("zip", Scalar::Text((*rng.pick(&["98101", "98102"]).unwrap()).into())),
        ("contact_email", Scalar::Text(format!("p{number}@example.org"))),
        ("record_id", Scalar::Number((number >> 20) as f64)),
        ("essay", Scalar::Text(format!("text {number}"))),
    ] {
        facts.custom.insert(name.into(), value);
    }
    let views = rng.below(6);
    let interactions: Vec<_> = (0..views).map(|n| (Kind::ListingView, days_ago(n as i64))).collect();
    let log_odds = -3.0 + 0.5 * views as f64 + 2.0 * budget + if facts.phone.is_some() { 0.8 } else { 0.0 };
    let won = rng.chance(1.0 / (1.0 + f64::exp(-log_odds)));
    facts.custom.insert("closed_as".into(), Scalar::Text(if won { "sold" } else { "gone" }.into()));
    (facts, interactions, won)
}

/// A small lead score, and a lead to try it on.
pub(crate) fn lead_score(leads: usize, seed: u64) -> (LeadScoreModel, LeadFacts) {
    let mut rng = Rng::new(seed);
    let leads: Vec<_> = (0..leads).map(|_| lead(&mut rng)).collect();
    let examples: Vec<LeadExample<'_>> = leads
        .iter()
        .enumerate()
        .map(|(row, (facts, interactions, won))| LeadExample {
            facts,
            behaviour: Behaviour::as_of(interactions.iter().copied(), NOW),
            as_of: NOW,
            label: *won,
            known_at: None,
            group: row as u64,
        })
        .collect();
    let boost = BoostOptions { rounds: 6, max_leaves: 4, ..quick() };
    let classify = ClassifyOptions { boost, folds: 3, ..ClassifyOptions::default() };
    let trained = train_lead_score(&examples, &LeadOptions { classify, ..LeadOptions::default() }).unwrap();
    (trained.model, leads[0].0.clone())
}
