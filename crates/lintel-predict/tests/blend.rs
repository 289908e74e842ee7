//! What symmetric trees, lines and blends promise.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::{quick, table};
use lintel_domain::rng::Rng;
use lintel_predict::learn::blend::Part;
use lintel_predict::learn::boost::{BoostOptions, Shape};
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::learn::loss::Loss;
use lintel_predict::learn::model::{Labels, TreeModel, cross_fit};
use lintel_predict::learn::split::folds;
use lintel_predict::learn::table::{Cell, Column, ColumnValues, Table};
use proptest::prelude::*;

fn symmetric() -> BoostOptions {
    BoostOptions { shape: Shape::Symmetric, max_depth: 4, ..quick() }
}

fn labels(targets: &[f64]) -> Labels<'_> {
    Labels { targets, weights: None, groups: None, times: None, words: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn symmetric_trees_explain_themselves_and_respect_constraints(seed in 0_u64..1000, age in 0.0..60.0_f64, low in -5.0..15.0_f64, step in 0.0..10.0_f64) {
        let (table, targets) = table(300, seed);
        let model = TreeModel::learn(&table, labels(&targets), &symmetric(), 2).unwrap();
        let at = |size: f64| model.explain(&[Cell::Number(size), Cell::Number(age), Cell::Word("red")]).unwrap();
        let (below, above) = (at(low), at(low + step));
        prop_assert!(above.raw >= below.raw - 1e-12);
        prop_assert!((above.base + above.contributions.iter().sum::<f64>() - above.raw).abs() < 1e-9);
    }

    #[test]
    fn symmetric_trees_are_the_same_on_any_number_of_threads(seed in 0_u64..1000) {
        let (table, targets) = table(250, seed);
        let splits = folds(250, None, 3, seed);
        let fit = |threads| cross_fit(&table, labels(&targets), &splits, &BoostOptions { threads, ..symmetric() }).unwrap();
        prop_assert_eq!(fit(1), fit(3));
    }
}

#[test]
fn symmetric_trees_find_what_is_there() {
    let (table, targets) = table(2000, 7);
    let options = BoostOptions { rounds: 60, ..symmetric() };
    let fit = cross_fit(&table, labels(&targets), &folds(2000, None, 5, 7), &options).unwrap();
    assert!(fit.loss < 0.25 && fit.constant_loss > 1.0, "{} of {}", fit.loss, fit.constant_loss);
}

#[test]
fn a_blend_is_one_model_that_survives_storage_and_explains_itself() {
    let (table, targets) = table(1200, 3);
    let mut rng = Rng::new(5);
    let positive: Vec<bool> = targets.iter().map(|t| rng.chance(1.0 / (1.0 + (3.5 - t).exp()))).collect();
    let options = ClassifyOptions {
        boost: quick(),
        folds: 3,
        parts: vec![Part::Symmetric, Part::LeafWise, Part::Line],
        ..ClassifyOptions::default()
    };
    let model = Classifier::learn(&table, &positive, None, None, &options).unwrap();
    let back = Classifier::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(back, model);
    let all = back.log_odds_table(&table).unwrap();
    for row in (0..1200).step_by(50) {
        let parts = back.explain(&table.row(row)).unwrap();
        let sum = parts.base + parts.contributions.iter().sum::<f64>() + parts.calibration;
        assert!((sum - parts.log_odds).abs() < 1e-9);
        assert!((parts.log_odds - all[row]).abs() < 1e-9);
        assert_eq!(parts.log_odds, back.log_odds(&table.row(row)).unwrap());
    }
}

/// Rows in time order whose rate of positives follows a rate that only falls; late rows lie where no early one did.
fn drifting(rows: usize, seed: u64) -> (Table, Vec<bool>) {
    let mut rng = Rng::new(seed);
    let mut rate = Vec::new();
    let mut trait_ = Vec::new();
    let mut positive = Vec::new();
    for row in 0..rows {
        let level = 5.0 - 4.0 * row as f64 / rows as f64 + rng.normal() * 0.5;
        let own = rng.normal();
        rate.push(level);
        trait_.push(own);
        positive.push(rng.chance(1.0 / (1.0 + (level - 2.0 - own).exp())));
    }
    let columns = vec![
        (Column::number("rate"), ColumnValues::Numbers(&rate)),
        (Column::number("trait"), ColumnValues::Numbers(&trait_)),
    ];
    (Table::from_columns(columns).unwrap(), positive)
}

#[test]
fn what_time_moves_is_followed_beyond_what_was_seen() {
    let (all, positive) = drifting(4000, 1);
    let seen: Vec<usize> = (0..2800).collect();
    let later: Vec<usize> = (2800..4000).collect();
    let options = ClassifyOptions { boost: quick(), ..ClassifyOptions::default() };
    let times: Vec<f64> = seen.iter().map(|row| *row as f64).collect();
    let model = Classifier::learn_in_time(&all.select(&seen), &positive[..2800], None, &times, &options).unwrap();
    let hits: Vec<bool> = later.iter().map(|row| positive[*row]).collect();
    let told: f64 =
        model.log_odds_table(&all.select(&later)).unwrap().iter().map(|z| 1.0 / (1.0 + (-z).exp())).sum::<f64>()
            / later.len() as f64;
    let happened = hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64;
    let before = positive[..2800].iter().filter(|hit| **hit).count() as f64 / 2800.0;
    assert!(happened > before + 0.2, "the example drifts: {before} to {happened}");
    let latest = positive[2520..2800].iter().filter(|hit| **hit).count() as f64 / 280.0;
    assert!(told > latest, "further than the last tenth seen: told {told}, seen {latest}");
    assert!((told - happened).abs() < 0.07, "told {told}, but {happened}");
}

#[test]
fn a_line_needs_no_curvature_from_its_features() {
    let x: Vec<f64> = (0..200).map(|n| if n % 5 == 0 { f64::NAN } else { f64::from(n) }).collect();
    let same = [1.0; 200];
    let table = Table::from_columns(vec![
        (Column::number("x"), ColumnValues::Numbers(&x)),
        (Column::number("same"), ColumnValues::Numbers(&same)),
    ])
    .unwrap();
    let positive: Vec<bool> = (0..200).map(|n| n * 7919 % 200 < n).collect();
    let options = ClassifyOptions {
        boost: BoostOptions { loss: Loss::Logistic, ..quick() },
        parts: vec![Part::Line],
        ..ClassifyOptions::default()
    };
    let model = Classifier::learn(&table, &positive, None, None, &options).unwrap();
    let at = |x: f64| model.log_odds(&[Cell::Number(x), Cell::Number(3.0)]).unwrap();
    assert!(at(10.0) < at(100.0) && at(100.0) < at(190.0));
    assert!(at(190.0) < at(400.0), "a line goes on");
    assert_eq!(at(1e6), at(1e9), "but not for ever");
}
