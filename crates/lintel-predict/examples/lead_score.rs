//! Measures the lead score on a file of leads: `cargo run --release -p lintel-predict --example lead_score FILE LABEL [DROP,…]`.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use flate2::read::GzDecoder;
use lintel_domain::clock::Time;
use lintel_domain::lead::LeadFacts;
use lintel_domain::listing::Provenance;
use lintel_domain::scalar::Scalar;
use lintel_predict::lead::{Behaviour, LeadExample, LeadInput, LeadOptions, LeadScoreModel, train_lead_score};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("FILE is missing")?;
    let label = arguments.next().ok_or("LABEL is missing")?;
    let drop = arguments.next().unwrap_or_default();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let header = reader.headers()?.clone();
    let mut leads = Vec::new();
    for record in reader.records() {
        let record = record?;
        let mut facts = LeadFacts::new(Provenance::Import);
        let mut won = false;
        for (name, value) in header.iter().zip(&record) {
            if name == label {
                won = matches!(value, "1" | "TRUE" | "Yes" | "yes");
            } else if !value.is_empty() {
                facts.custom.insert(name.to_owned(), Scalar::Text(value.to_owned()));
            }
        }
        leads.push((facts, won));
    }
    let examples: Vec<LeadExample<'_>> = leads
        .iter()
        .enumerate()
        .map(|(row, (facts, won))| LeadExample {
            facts,
            behaviour: Behaviour::default(),
            as_of: Time(0),
            label: *won,
            known_at: None,
            group: row as u64,
        })
        .collect();
    let mut options = LeadOptions { exclude: drop.split(',').map(str::to_owned).collect(), ..LeadOptions::default() };
    options.classify.boost.threads = 2;
    let start = Instant::now();
    let trained = train_lead_score(&examples, &options)?;
    println!("trained on {} leads in {:?}", examples.len(), start.elapsed());
    for warning in &trained.warnings {
        println!("{}: {} {}", warning.code.as_str(), warning.column, warning.detail);
    }
    let bytes = trained.model.to_bytes()?;
    println!("{} features, {} bytes", trained.model.features().len(), bytes.len());
    if let Some(m) = trained.model.metrics() {
        println!(
            "held out: AUC {:.4} PR-AUC {:.4} log loss {:.4} Brier {:.4} ECE {:.4} lift {:.2?}",
            m.auc, m.pr_auc, m.log_loss, m.brier, m.ece, m.lift_by_decile
        );
    }
    let model = LeadScoreModel::from_bytes(&bytes)?;
    for explain in [false, true] {
        let start = Instant::now();
        for (facts, _) in &leads {
            let lead = LeadInput { facts, behaviour: &Behaviour::default(), as_of: Time(0) };
            model.score(lead, explain)?;
        }
        println!("score, explain {explain}: {:?} each", start.elapsed() / leads.len() as u32);
    }
    let lead = LeadInput { facts: &leads[1].0, behaviour: &Behaviour::default(), as_of: Time(0) };
    println!("{:#?}", model.score(lead, true)?);
    Ok(())
}
