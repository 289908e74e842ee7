//! Measures the home price on King County's sales: trained up to a day, tested on later ones.
//!
//! `cargo run --release -p lintel-predict --example home_price FILE [LAST_TRAINING_DAY] [SEED] [BAGS]`
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use flate2::read::GzDecoder;
use lintel_domain::clock::Day;
use lintel_domain::place::Point;
use lintel_domain::scalar::Scalar;
use lintel_predict::price::ratio::Trial;
use lintel_predict::price::{Answer, Home, PriceModel, PriceOptions, RatioStudy, SaleRecord, SalesIndex, train_price};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("FILE is missing")?;
    let last: Day = arguments.next().unwrap_or("2014-12-31".into()).parse()?;
    let sales = read(&path)?;
    let (train, test): (Vec<_>, Vec<_>) = sales.into_iter().partition(|s| s.close_date <= last);
    let mut options = PriceOptions::default();
    options.boost.threads = 2;
    options.boost.seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    options.bags = arguments.next().map_or(Ok(options.bags), |text| text.parse())?;
    let start = Instant::now();
    let trained = train_price(&train, &options)?;
    println!("trained on {} of {} sales in {:?}", trained.model.rows(), train.len(), start.elapsed());
    println!("{} flips, warnings {:?}", trained.validation.flips.len(), trained.warnings);
    println!("blend {}, own study {:#?}", trained.model.blend(), trained.model.study());
    for days in [-120, -90, -60, -30, 0, 15, 30, 60] {
        let level = trained.model.level();
        let at = level.at(Day(last.0 + days));
        let relative = at.level - level.at(Day(last.0 - 120)).level;
        println!("level {days} days from the last: {relative:.4} ± {:.4}", at.variance.sqrt());
    }
    let bytes = trained.model.to_bytes()?;
    let model = PriceModel::from_bytes(&bytes)?;
    println!("{} bytes", bytes.len());
    let start = Instant::now();
    // Every sale is in the index; an estimate as of the day before sees none of the day itself.
    let index = SalesIndex::build(&model, train.iter().chain(&test).cloned())?;
    println!("index of {} built in {:?}", index.len(), start.elapsed());
    let mut trials = Vec::new();
    let mut times = Vec::new();
    for sale in &test {
        let start = Instant::now();
        let answer = model.estimate(&index, &sale.home, Day(sale.close_date.0 - 1), 5)?;
        times.push(start.elapsed());
        match answer {
            Answer::Estimate(e) => {
                let ends = |i: (lintel_domain::money::Money, lintel_domain::money::Money)| (i.0.major(), i.1.major());
                trials.push(Trial {
                    price: sale.close_price,
                    estimate: e.value.major(),
                    intervals: Some([ends(e.interval80), ends(e.interval95)]),
                });
            }
            Answer::Refused(reason) => println!("refused {}: {reason}", sale.key),
        }
    }
    times.sort();
    println!("test {:#?}", RatioStudy::of(&trials));
    if let (Some(median), Some(p99)) = (times.get(times.len() / 2), times.get(times.len() * 99 / 100)) {
        println!("estimate: median {median:?}, p99 {p99:?}");
    }
    if let Some(sale) = test.first() {
        println!("{:#?}", model.estimate(&index, &sale.home, sale.close_date, 3)?);
    }
    Ok(())
}

fn read(path: &str) -> Result<Vec<SaleRecord>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let header = reader.headers()?.clone();
    let mut sales = Vec::new();
    for record in reader.records() {
        let record = record?;
        let field = |name: &str| header.iter().position(|h| h == name).and_then(|at| record.get(at));
        let number = |name: &str| field(name).and_then(|text| text.parse::<f64>().ok());
        let date = field("date").ok_or("no date")?;
        let day: Day = format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..8]).parse()?;
        let mut home = Home {
            place: Point::new(number("lat").unwrap_or(f64::NAN), number("long").unwrap_or(f64::NAN)),
            postal_code: field("zipcode").map(str::to_owned),
            living_area_sqft: number("sqft_living"),
            lot_size_sqft: number("sqft_lot"),
            bedrooms: number("bedrooms"),
            bathrooms: number("bathrooms"),
            year_built: number("yr_built").map(|year| year as i32),
            stories: number("floors"),
            ..Home::default()
        };
        for name in [
            "waterfront",
            "view",
            "condition",
            "grade",
            "sqft_above",
            "sqft_basement",
            "yr_renovated",
            "sqft_living15",
            "sqft_lot15",
        ] {
            if let Some(value) = number(name) {
                home.attributes.insert(name.to_owned(), Scalar::Number(value));
            }
        }
        sales.push(SaleRecord {
            key: field("id").unwrap_or_default().to_owned(),
            close_price: number("price").unwrap_or(f64::NAN),
            close_date: day,
            home,
        });
    }
    Ok(sales)
}
