//! Times the estimate against an index of many made-up sales: `cargo run --release -p lintel-predict --example price_speed [SALES]`.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::time::Instant;

use lintel_domain::clock::Day;
use lintel_domain::place::Point;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::Scalar;
use lintel_predict::price::{Home, PriceOptions, SaleRecord, SalesIndex, Wanted, train_price};

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).map_or(Ok(400_000), |text| text.parse())?;
    let mut rng = Rng::new(1);
    let sales: Vec<SaleRecord> = (0..count).map(|number| sale(number, &mut rng)).collect();
    let mut options = PriceOptions::default();
    options.boost.threads = 2;
    let start = Instant::now();
    let model = train_price(&sales[..count.min(20_000)], &options)?.model;
    println!("trained on {} in {:?}, {} bytes", model.rows(), start.elapsed(), model.to_bytes()?.len());
    let homes: Vec<Home> = sales.iter().take(5000).map(|sale| sale.home.clone()).collect();
    let start = Instant::now();
    let index = SalesIndex::build(&model, sales)?;
    println!("index of {} built in {:?}", index.len(), start.elapsed());
    let mut times = Vec::new();
    for (row, home) in homes.iter().enumerate() {
        let day = Day(16_000 + (row % 700) as i32 + 30);
        let start = Instant::now();
        model.estimate(&index, home, day, Wanted { comparables: 10, reasons: true })?;
        times.push(start.elapsed());
    }
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("estimate: p50 {:?} p99 {:?} max {:?}", at(0.5), at(0.99), at(1.0));
    Ok(())
}

fn sale(number: usize, rng: &mut Rng) -> SaleRecord {
    // Half of the homes crowd into a twentieth of the width, as in a city.
    let width = if rng.chance(0.5) { 0.05 } else { 1.0 };
    let (x, y) = (rng.normal() * 0.3 * width, rng.normal() * 0.3 * width);
    let area = 500.0 + rng.unit() * 3500.0;
    let day = rng.below(720) as i32;
    let grade = rng.below(8) as f64;
    let log_price =
        8.0 + 0.75 * f64::ln(area) + 0.06 * grade - 0.5 * x.hypot(y) + 0.0003 * f64::from(day) + rng.normal() * 0.12;
    SaleRecord {
        key: number.to_string(),
        close_price: log_price.exp().round(),
        close_date: Day(16_000 + day),
        home: Home {
            place: Point::new(47.5 + y, -122.3 + x * 1.4),
            property_type: Some("house".into()),
            living_area_sqft: Some(area),
            lot_size_sqft: Some(2000.0 + rng.unit() * 9000.0),
            bedrooms: Some(1.0 + rng.below(5) as f64),
            bathrooms: Some(1.0 + rng.below(6) as f64 * 0.5),
            year_built: Some(1930 + rng.below(85) as i32),
            attributes: [
                ("grade".to_owned(), Scalar::Number(grade)),
                ("view".to_owned(), Scalar::Number(rng.below(4) as f64)),
            ]
            .into(),
            ..Home::default()
        },
    }
}
