//! What a regression of any table promises.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::{quick, table};
use lintel_predict::Error;
use lintel_predict::learn::regress::{RegressOptions, Regressor, Scale};
use lintel_predict::learn::table::{Cell, Column, ColumnValues, Table};

fn options() -> RegressOptions {
    RegressOptions { boost: quick(), folds: 4, ..RegressOptions::default() }
}

#[test]
fn contributions_sum_to_the_prediction_and_intervals_hold_it() {
    let (table, targets) = table(600, 3);
    let model = Regressor::learn(&table, &targets, None, None, &options()).unwrap();
    assert_eq!(model.scale(), Scale::Plain);
    let all = model.predict_table(&table).unwrap();
    for (row, from_table) in all.iter().enumerate() {
        let row = table.row(row);
        let predicted = model.predict(&row).unwrap();
        assert_eq!(&predicted, from_table);
        let parts = model.explain(&row).unwrap();
        let sum = parts.base + parts.contributions.iter().sum::<f64>();
        assert!((sum - parts.raw).abs() < 1e-9);
        assert!((parts.scale.value(parts.raw) - predicted.value).abs() < 1e-9);
        let i = predicted.interval;
        assert!(i.lower95 <= i.lower80 && i.lower80 <= predicted.value);
        assert!(predicted.value <= i.upper80 && i.upper80 <= i.upper95);
    }
    assert!(model.metrics().r2 > 0.8, "{:?}", model.metrics());
}

#[test]
fn intervals_cover_new_rows_as_often_as_they_say() {
    let (train, targets) = table(1500, 5);
    let model = Regressor::learn(&train, &targets, None, None, &options()).unwrap();
    let (fresh, actual) = table(3000, 6);
    let predicted = model.predict_table(&fresh).unwrap();
    let share = |inside: &dyn Fn(usize) -> bool| (0..3000).filter(|row| inside(*row)).count() as f64 / 3000.0;
    let in80 = share(&|row| (predicted[row].interval.lower80..=predicted[row].interval.upper80).contains(&actual[row]));
    let in95 = share(&|row| (predicted[row].interval.lower95..=predicted[row].interval.upper95).contains(&actual[row]));
    assert!((in80 - 0.80).abs() < 0.04 && (in95 - 0.95).abs() < 0.02, "{in80} and {in95}");
    let (told80, told95) = model.metrics().coverage.unwrap();
    assert!((told80 - 0.80).abs() < 0.04 && (told95 - 0.95).abs() < 0.02, "{told80} and {told95}");
}

#[test]
fn skewed_positive_targets_are_learnt_as_logarithms() {
    let (table, targets) = table(800, 7);
    let prices: Vec<f64> = targets.iter().map(|target| (10.0 + target).exp()).collect();
    let model = Regressor::learn(&table, &prices, None, None, &options()).unwrap();
    assert_eq!(model.scale(), Scale::Log);
    let parts = model.explain(&table.row(0)).unwrap();
    let value = model.predict(&table.row(0)).unwrap().value;
    assert!((parts.raw.exp() / value - 1.0).abs() < 1e-12);
    assert!(model.metrics().median_ape.unwrap() < 0.4, "{:?}", model.metrics());
}

#[test]
fn one_outlandish_label_moves_nothing_far() {
    let (table, mut targets) = table(600, 9);
    let row = table.row(1);
    let before = Regressor::learn(&table, &targets, None, None, &options()).unwrap().predict(&row).unwrap().value;
    targets[0] = 1e9;
    let after = Regressor::learn(&table, &targets, None, None, &options()).unwrap().predict(&row).unwrap().value;
    assert!((before - after).abs() < 0.5, "{before} became {after}");
}

#[test]
fn rows_with_a_time_are_measured_on_the_latest_only() {
    let (table, targets) = table(600, 11);
    let times: Vec<f64> = (0..600).map(f64::from).collect();
    let model = Regressor::learn_in_time(&table, &targets, None, &times, &options()).unwrap();
    assert_eq!(model.metrics().n, 180);
    let same = Regressor::learn_in_time(&table, &targets, None, &[1.0; 600], &options());
    assert!(matches!(same, Err(Error::InsufficientData { .. })), "{same:?}");
}

#[test]
fn a_stored_regression_is_the_same_and_any_damage_is_refused() {
    let (table, targets) = table(300, 13);
    let model = Regressor::learn(&table, &targets, None, None, &options()).unwrap();
    let bytes = model.to_bytes().unwrap();
    assert_eq!(Regressor::from_bytes(&bytes), Ok(model));
    for at in (0..bytes.len()).step_by(31) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x10;
        assert!(matches!(Regressor::from_bytes(&broken), Err(Error::Artefact(_))), "byte {at}");
    }
}

#[test]
fn labels_that_cannot_be_learnt_are_named() {
    let (table, mut targets) = table(100, 15);
    let learn = |targets: &[f64]| Regressor::learn(&table, targets, None, None, &options());
    assert_eq!(learn(&[7.0; 100]), Err(Error::ConstantLabel { rows: 100, value: 7.0 }));
    assert!(matches!(learn(&[7.0; 3]), Err(Error::Shape { .. })));
    targets[4] = f64::INFINITY;
    assert!(matches!(learn(&targets), Err(Error::BadLabel { row: 4, .. })));
    let one = Table::from_columns(vec![(Column::number("x"), ColumnValues::Numbers(&[1.0]))]).unwrap();
    let result = Regressor::learn(&one, &[2.0], None, None, &options());
    assert!(matches!(result, Err(Error::InsufficientData { rows: 1, .. })), "{result:?}");
}

#[test]
fn a_target_with_few_values_and_rows_without_any_knowledge_still_work() {
    let x: Vec<f64> = (0..200).map(|n| if n % 10 == 0 { f64::NAN } else { f64::from(n % 7) }).collect();
    let table = Table::from_columns(vec![(Column::number("x"), ColumnValues::Numbers(&x))]).unwrap();
    let mostly_zero: Vec<f64> = (0..200).map(|n| f64::from(u8::from(n % 9 == 0))).collect();
    let model = Regressor::learn(&table, &mostly_zero, None, None, &options()).unwrap();
    assert!(model.predict(&[Cell::Missing]).unwrap().value.is_finite());
}
