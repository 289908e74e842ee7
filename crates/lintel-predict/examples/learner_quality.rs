//! Measures the classifier on a file, everything chosen inside each training part:
//! `cargo run --release -p lintel-predict --example learner_quality FILE LABEL DROP[,…] [FOLDS|time:FROM[:TO]]`.
//!
//! FOLDS is a file with the fold of each row under a heading, so that others can be measured on the same;
//! without it five stratified folds. `time:0.8:0.9` learns from the first 80 % of the rows and measures on the next tenth.
//! Beside each calibration error stands what chance alone would give, were every probability right.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::time::Instant;

use csv::{ReaderBuilder, StringRecord};
use flate2::read::GzDecoder;
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::learn::metrics::{classify, ece_by_luck, sigmoid};
use lintel_predict::learn::split::{Split, stratified_folds};
use lintel_predict::learn::table::{Cell, Column, Schema, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, label, drop, rest @ ..] = arguments.as_slice() else { return Err("FILE LABEL DROP are missing".into()) };
    let drop: Vec<&str> = drop.split(',').collect();
    let (table, positive) = read(path, label, &drop)?;
    let rows = table.rows();
    let time = rest.first().and_then(|how| how.strip_prefix("time:"));
    let in_time = time.is_some();
    let splits = match (time, rest.first()) {
        (Some(shares), _) => {
            let (from, to) = shares.split_once(':').unwrap_or((shares, "1"));
            let at = |share: &str| share.parse::<f64>().map(|share| ((rows as f64 * share) as usize).min(rows));
            let (from, to) = (at(from)?, at(to)?);
            vec![Split { train: (0..from).collect(), valid: (from..to).collect() }]
        }
        (None, Some(folds)) => given(folds)?,
        (None, None) => stratified_folds(&positive, None, 5, 1),
    };
    let (mut probabilities, mut hits) = (Vec::new(), Vec::new());
    for split in &splits {
        let own: Vec<bool> = split.train.iter().map(|row| positive[*row]).collect();
        let times: Vec<f64> = split.train.iter().map(|row| *row as f64).collect();
        let train = table.select(&split.train);
        let options = ClassifyOptions::default();
        let start = Instant::now();
        let model = if in_time {
            Classifier::learn_in_time(&train, &own, None, &times, &options)?
        } else {
            Classifier::learn(&train, &own, None, None, &options)?
        };
        let trained = start.elapsed();
        let valid = table.select(&split.valid);
        let told: Vec<f64> = model.log_odds_table(&valid)?.into_iter().map(sigmoid).collect();
        let happened: Vec<bool> = split.valid.iter().map(|row| positive[*row]).collect();
        let (plain, explained) = speed(&model, &valid)?;
        let (trees, bytes) = (model.model().forest().trees(), model.to_bytes()?.len());
        println!("{trees} trees, {bytes} bytes in {trained:.1?}; a row {plain:.1} µs, explained {explained:.1} µs");
        report("fold", &told, &happened)?;
        probabilities.extend(told);
        hits.extend(happened);
    }
    report("all", &probabilities, &hits)
}

fn report(what: &str, told: &[f64], happened: &[bool]) -> Result<(), Box<dyn Error>> {
    let m = classify(told, happened).ok_or("one class alone is held out")?;
    let luck = ece_by_luck(told, 1000, 1).ok_or("no rows are held out")?;
    println!(
        "{what} {}: AUC {:.4} PR-AUC {:.4} log loss {:.4} Brier {:.4} ECE {:.4} (by luck {:.4}, 95 % below {:.4})",
        m.n, m.auc, m.pr_auc, m.log_loss, m.brier, m.ece, luck.mean, luck.high
    );
    Ok(())
}

/// Microseconds for a row without and with contributions.
fn speed(model: &Classifier, table: &Table) -> Result<(f64, f64), Box<dyn Error>> {
    let rows: Vec<Vec<Cell<'_>>> = (0..table.rows().min(1000)).map(|row| table.row(row)).collect();
    let mut times = (0.0, 0.0); // of the second pass: the first lays the trees out
    for _ in 0..2 {
        let start = Instant::now();
        for row in &rows {
            black_box(model.log_odds(row)?);
        }
        let plain = start.elapsed();
        let start = Instant::now();
        for row in &rows {
            black_box(model.explain(row)?);
        }
        times = (plain.as_secs_f64() * 1e6, start.elapsed().as_secs_f64() * 1e6);
    }
    Ok((times.0 / rows.len() as f64, times.1 / rows.len() as f64))
}

fn read(path: &str, label: &str, drop: &[&str]) -> Result<(Table, Vec<bool>), Box<dyn Error>> {
    let mut text = String::new();
    GzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    let delimiter = if text.lines().next().is_some_and(|first| first.contains(';')) { b';' } else { b',' };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let records: Vec<StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let at = header.iter().position(|name| name == label).ok_or("LABEL is not a column")?;
    let positive = records.iter().map(|r| matches!(r[at].to_ascii_lowercase().as_str(), "1" | "true" | "yes"));
    let kept: Vec<usize> =
        (0..header.len()).filter(|column| *column != at && !drop.contains(&&header[*column])).collect();
    let number = |cell: &str| cell.trim().parse::<f64>().ok();
    let is_number = |column: usize| records.iter().all(|r| r[column].trim().is_empty() || number(&r[column]).is_some());
    let numbers: Vec<bool> = kept.iter().map(|column| is_number(*column)).collect();
    let columns = kept.iter().zip(&numbers).map(|(column, is_number)| {
        if *is_number { Column::number(&header[*column]) } else { Column::word(&header[*column]) }
    });
    let mut table = Table::new(Schema::new(columns.collect())?);
    for record in &records {
        let cell = |(column, is_number): (&usize, &bool)| match record[*column].trim() {
            "" => Cell::Missing,
            text if *is_number => number(text).map_or(Cell::Missing, Cell::Number),
            text => Cell::Word(text),
        };
        table.push_row(&kept.iter().zip(&numbers).map(cell).collect::<Vec<_>>())?;
    }
    Ok((table, positive.collect()))
}

fn given(path: &str) -> Result<Vec<Split>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let fold_of: Vec<u32> = text.lines().skip(1).map(str::parse).collect::<Result<_, _>>()?;
    let split = |fold: u32| {
        let (valid, train) = (0..fold_of.len()).partition(|row| fold_of[*row] == fold);
        Split { train, valid }
    };
    Ok((0..=fold_of.iter().copied().max().unwrap_or(0)).map(split).collect())
}
