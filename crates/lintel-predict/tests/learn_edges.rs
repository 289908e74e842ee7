//! Odd tables: a clear error or a sensible model, never a panic and never nonsense.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::quick;
use lintel_predict::Error;
use lintel_predict::learn::artefact::{self, ArtefactKind};
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::learn::interval::Conformal;
use lintel_predict::learn::leak::{class_leaks, number_leaks};
use lintel_predict::learn::metrics::{auc, classify, logit, median, quantile_sorted, sigmoid};
use lintel_predict::learn::model::{Labels, TreeModel};
use lintel_predict::learn::table::{Cell, Column, ColumnValues, Schema, Table};

fn numbers(columns: &[(&str, &[f64])]) -> Table {
    Table::from_columns(
        columns.iter().map(|(name, values)| (Column::number(*name), ColumnValues::Numbers(values))).collect(),
    )
    .unwrap()
}

fn learn(table: &Table, targets: &[f64]) -> Result<TreeModel, Error> {
    TreeModel::learn(table, Labels { targets, weights: None, groups: None, times: None, words: None }, &quick(), 1)
}

#[test]
fn one_row_predicts_itself() {
    let model = learn(&numbers(&[("x", &[1.0])]), &[42.0]).unwrap();
    assert_eq!(model.predict(&[Cell::Number(9.0)]).unwrap(), 42.0);
}

#[test]
fn no_rows_and_no_columns_are_errors() {
    assert!(matches!(learn(&numbers(&[("x", &[])]), &[]), Err(Error::InsufficientData { rows: 0, .. })));
    let mut empty = Table::new(Schema::new(Vec::new()).unwrap());
    empty.push_row(&[]).unwrap();
    assert!(matches!(learn(&empty, &[1.0]), Err(Error::NoFeatures { .. })));
}

#[test]
fn constant_missing_and_infinite_columns_do_no_harm() {
    let x: Vec<f64> = (0..200).map(f64::from).collect();
    let wild: Vec<f64> = x.iter().map(|v| if v % 2.0 == 0.0 { f64::INFINITY } else { 1e300 }).collect();
    let table = numbers(&[("x", &x), ("same", &[7.0; 200]), ("none", &[f64::NAN; 200]), ("wild", &wild)]);
    let targets: Vec<f64> = x.iter().map(|v| v * 2.0).collect();
    let model = learn(&table, &targets).unwrap();
    let row = [Cell::Number(150.0), Cell::Number(7.0), Cell::Missing, Cell::Number(f64::NEG_INFINITY)];
    let explained = model.explain(&row).unwrap();
    assert!((explained.raw - 300.0).abs() < 20.0, "{}", explained.raw);
    assert_eq!(explained.contributions[1], 0.0);
    assert_eq!(explained.contributions[2], 0.0);
}

#[test]
fn a_label_that_is_no_number_names_its_row() {
    let table = numbers(&[("x", &[1.0, 2.0, 3.0])]);
    let result = learn(&table, &[1.0, f64::NAN, 3.0]);
    assert!(matches!(result, Err(Error::BadLabel { row: 1, .. })), "{result:?}");
}

#[test]
fn one_class_and_rare_classes_are_errors() {
    let table = numbers(&[("x", &[0.0; 50])]);
    let learn = |positive: &[bool]| Classifier::learn(&table, positive, None, None, &ClassifyOptions::default());
    assert_eq!(learn(&[true; 50]), Err(Error::ConstantLabel { rows: 50, value: 1.0 }));
    let rare: Vec<bool> = (0..50).map(|row| row < 3).collect();
    assert!(matches!(learn(&rare), Err(Error::InsufficientData { rows: 3, .. })));
}

#[test]
fn a_hundred_thousand_words_learn_the_mean_and_stay_small() {
    let words: Vec<String> = (0..100_000).map(|n| format!("word-{n}")).collect();
    let cells: Vec<Option<&str>> = words.iter().map(|word| Some(word.as_str())).collect();
    let table = Table::from_columns(vec![(Column::word("w"), ColumnValues::Words(&cells))]).unwrap();
    let targets: Vec<f64> = (0..100_000).map(|n| f64::from(n % 2)).collect();
    let model = learn(&table, &targets).unwrap();
    let raw = model.predict(&[Cell::Word("word-17")]).unwrap();
    assert!((raw - 0.5).abs() < 0.05, "single words tell nothing, but {raw}");
    let bytes = artefact::write(ArtefactKind::Classifier, &model).unwrap();
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let mut table = numbers(&[("x", &[1.0])]);
    assert!(matches!(table.push_row(&[]), Err(Error::Shape { .. })));
    assert!(matches!(table.push_row(&[Cell::Word("a")]), Err(Error::CellType { .. })));
    assert_eq!(table.rows(), 1);
    let twice = Schema::new(vec![Column::number("x"), Column::word("x")]);
    assert_eq!(twice, Err(Error::DuplicateColumn("x".into())));
}

#[test]
fn a_copy_of_the_label_is_a_leak_and_an_honest_column_is_not() {
    let label: Vec<f64> = (0..400).map(|n| f64::from(n * 7919 % 400 < 150)).collect();
    let honest: Vec<f64> = (0..400).map(|n| label[n] * 0.5 + (n * 31 % 17) as f64 / 10.0).collect();
    let positive: Vec<bool> = label.iter().map(|v| *v > 0.0).collect();
    let words: Vec<Option<&str>> = positive.iter().map(|hit| Some(if *hit { "closed" } else { "open" })).collect();
    let table = Table::from_columns(vec![
        (Column::number("copy"), ColumnValues::Numbers(&label)),
        (Column::number("honest"), ColumnValues::Numbers(&honest)),
        (Column::word("stage"), ColumnValues::Words(&words)),
    ])
    .unwrap();
    assert_eq!(class_leaks(&table, &positive, 1), vec![0, 2]);
    let price: Vec<f64> = (0..400).map(|n| f64::from(n * 7919 % 400)).collect();
    let cents: Vec<f64> = price.iter().map(|p| p * 100.0).collect();
    let table = numbers(&[("cents", &cents), ("honest", &honest)]);
    assert_eq!(number_leaks(&table, &price), vec![0]);
}

#[test]
fn too_few_residuals_make_no_interval() {
    let result = Conformal::learn(&[0.1; 10], &[1.0; 10]);
    assert!(matches!(result, Err(Error::InsufficientData { rows: 10, .. })));
}

#[test]
fn metrics_agree_with_values_worked_out_by_hand() {
    let hits = [true, false, true, false];
    let metrics = classify(&[0.9, 0.8, 0.6, 0.1], &hits).unwrap();
    assert_eq!(metrics.auc, 0.75);
    assert!((metrics.pr_auc - 5.0 / 6.0).abs() < 1e-12);
    assert!((metrics.brier - (0.01 + 0.64 + 0.16 + 0.01) / 4.0).abs() < 1e-12);
    let loss = -(0.9_f64.ln() + 0.2_f64.ln() + 0.6_f64.ln() + 0.9_f64.ln()) / 4.0;
    assert!((metrics.log_loss - loss).abs() < 1e-12);
    assert!((metrics.ece - (0.1 + 0.8 + 0.4 + 0.1) / 4.0).abs() < 1e-12);
    assert_eq!(auc(&[0.5; 4], &hits), Some(0.5));
    assert_eq!(auc(&[0.5; 2], &[true, true]), None);
    assert!(auc(&[f64::NAN, 0.5], &[true, false]).is_some());
    assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    assert_eq!(quantile_sorted(&[0.0, 10.0], 0.25), 2.5);
    assert!(median(&[]).is_nan());
    assert!((sigmoid(logit(0.3)) - 0.3).abs() < 1e-12);
    assert_eq!(sigmoid(-1000.0), 0.0);
}

#[test]
fn damaged_foreign_and_newer_artefacts_are_refused() {
    let bytes = artefact::write(ArtefactKind::Price, &vec![1_u32, 2, 3]).unwrap();
    let read = |bytes: &[u8]| artefact::read::<Vec<u32>>(ArtefactKind::Price, bytes);
    assert_eq!(read(&bytes), Ok(vec![1, 2, 3]));
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert!(matches!(read(&broken), Err(Error::Artefact(_))), "byte {at}");
    }
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err());
    }
    let other = artefact::read::<Vec<u32>>(ArtefactKind::LeadScore, &bytes);
    assert_eq!(other, Err(Error::Artefact("another kind of model".into())));
}
