//! Times the learner on a made-up table: `cargo run --release -p lintel-predict --example learner_speed [ROWS] [COLUMNS] [TREES]`.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

use std::error::Error;
use std::time::Instant;

use lintel_domain::rng::Rng;
use lintel_predict::learn::boost::BoostOptions;
use lintel_predict::learn::model::{Labels, TreeModel};
use lintel_predict::learn::table::{Cell, Column, ColumnValues, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let at = |place: usize, otherwise: usize| numbers.get(place).copied().unwrap_or(otherwise);
    let (rows, columns, rounds) = (at(0, 16_861), at(1, 20), at(2, 300));
    let mut rng = Rng::new(1);
    let data: Vec<Vec<f64>> = (0..columns).map(|_| (0..rows).map(|_| rng.normal()).collect()).collect();
    let targets: Vec<f64> = (0..rows)
        .map(|row| {
            let value = |column: usize| data[column % columns][row];
            value(0) * value(1) + (value(2) * 2.0).sin() + 0.3 * value(3) + rng.normal() * 0.2
        })
        .collect();
    let named =
        data.iter().enumerate().map(|(n, values)| (Column::number(format!("c{n}")), ColumnValues::Numbers(values)));
    let table = Table::from_columns(named.collect())?;
    let labels = Labels { targets: &targets, weights: None, groups: None, times: None, words: None };
    for threads in [1, 2] {
        let options = BoostOptions { rounds, max_leaves: 24, threads, ..BoostOptions::default() };
        let start = Instant::now();
        let model = TreeModel::learn(&table, labels, &options, 1)?;
        println!("{threads} threads: {rows} rows × {columns} columns, {rounds} trees in {:?}", start.elapsed());
        if threads == 1 {
            speed(&model, &table)?;
        }
    }
    Ok(())
}

fn speed(model: &TreeModel, table: &Table) -> Result<(), Box<dyn Error>> {
    let cells: Vec<Vec<Cell<'_>>> = (0..2000).map(|row| table.row(row)).collect();
    let each = |start: Instant| start.elapsed().as_secs_f64() * 1e6 / cells.len() as f64;
    let start = Instant::now();
    for row in &cells {
        model.predict(row)?;
    }
    println!("one row: {:.2} µs", each(start));
    let start = Instant::now();
    for row in &cells {
        model.explain(row)?;
    }
    println!("one row with contributions: {:.2} µs", each(start));
    let start = Instant::now();
    model.predict_table(table)?;
    println!("batch: {:.0} rows/s", table.rows() as f64 / start.elapsed().as_secs_f64());
    Ok(())
}
