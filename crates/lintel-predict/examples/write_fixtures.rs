//! Writes the models of format 1 that every later version must read: run once for each format, into `tests/fixtures`.
//!
//! `cargo run --release -p lintel-predict --example write_fixtures DIRECTORY`

#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::path::PathBuf;

use lintel_domain::rng::Rng;
use lintel_predict::learn::artefact::VERSION;
use lintel_predict::learn::boost::BoostOptions;
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::price::{PriceOptions, train_price};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args().nth(1).ok_or("DIRECTORY is missing")?);
    let boost = BoostOptions { rounds: 6, max_leaves: 4, ..common::quick() };
    let (table, targets) = common::table(400, 1);
    let mut rng = Rng::new(1);
    let positive: Vec<bool> = targets.iter().map(|t| rng.chance(1.0 / (1.0 + (3.5 - t).exp()))).collect();
    let options = ClassifyOptions { boost: boost.clone(), folds: 3, ..ClassifyOptions::default() };
    let classifier = Classifier::learn(&table, &positive, None, None, &options)?;
    std::fs::write(directory.join(format!("classifier.v{VERSION}.bin")), classifier.to_bytes()?)?;
    let mut small = PriceOptions { boost, ..common::quick_price() };
    small.boost.loss = PriceOptions::default().boost.loss;
    let model = train_price(&common::market(300, 1), &small)?.model;
    std::fs::write(directory.join(format!("price.v{VERSION}.bin")), model.to_bytes()?)?;
    let (model, _) = common::lead_score(300, 1);
    std::fs::write(directory.join(format!("lead-score.v{VERSION}.bin")), model.to_bytes()?)?;
    Ok(())
}
