//! Laws of the learner that hold for any table.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::{quick, table};
use lintel_domain::rng::Rng;
use lintel_predict::learn::bins::Matrix;
use lintel_predict::learn::boost::{BoostOptions, Rows, boost};
use lintel_predict::learn::calibrate::{Calibration, MAX_LOG_ODDS};
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::learn::interval::Conformal;
use lintel_predict::learn::loss::Loss;
use lintel_predict::learn::metrics::ece_by_luck;
use lintel_predict::learn::model::{Labels, TreeModel, cross_fit};
use lintel_predict::learn::split::{folds, forward, stratified_folds};
use lintel_predict::learn::table::{Cell, Table};
use proptest::prelude::*;

fn labels(targets: &[f64]) -> Labels<'_> {
    Labels { targets, weights: None, groups: None, times: None, words: None }
}

fn learnt(rows: usize, seed: u64, options: &BoostOptions) -> (Table, Vec<f64>, TreeModel) {
    let (table, targets) = table(rows, seed);
    let model = TreeModel::learn(&table, labels(&targets), options, 1).unwrap();
    (table, targets, model)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn base_and_contributions_sum_to_the_raw_prediction(seed in 0_u64..1000, size in any::<f64>(), age in any::<f64>(), colour in "[a-z]{0,5}|red|blue") {
        let (_, _, model) = learnt(300, seed, &quick());
        let row = [Cell::Number(size), Cell::Number(age), Cell::Word(&colour)];
        let explained = model.explain(&row).unwrap();
        let sum = explained.base + explained.contributions.iter().sum::<f64>();
        prop_assert!((sum - explained.raw).abs() < 1e-9);
        prop_assert_eq!(explained.raw, model.predict(&row).unwrap());
    }

    #[test]
    fn a_rising_column_never_lowers_the_prediction(seed in 0_u64..1000, age in 0.0..60.0_f64, low in -5.0..15.0_f64, step in 0.0..10.0_f64) {
        for loss in [Loss::Squared, Loss::Huber { delta: 0.5 }, Loss::Absolute, Loss::Quantile { level: 0.9 }] {
            let (_, _, model) = learnt(300, seed, &BoostOptions { loss, ..quick() });
            let at = |size: f64| model.predict(&[Cell::Number(size), Cell::Number(age), Cell::Missing]).unwrap();
            prop_assert!(at(low + step) >= at(low) - 1e-12);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_model_on_any_number_of_threads(seed in 0_u64..1000) {
        let (table, targets) = table(250, seed);
        let splits = folds(250, None, 4, seed);
        let one = cross_fit(&table, labels(&targets), &splits, &quick()).unwrap();
        let three = cross_fit(&table, labels(&targets), &splits, &BoostOptions { threads: 3, ..quick() }).unwrap();
        prop_assert_eq!(one, three);
        let (_, _, a) = learnt(250, seed, &quick());
        let (_, _, b) = learnt(250, seed, &BoostOptions { threads: 3, ..quick() });
        prop_assert_eq!(a, b);
    }

    #[test]
    fn a_prediction_does_not_depend_on_other_rows_or_their_order(seed in 0_u64..1000) {
        let (table, _, model) = learnt(200, seed, &quick());
        let all = model.predict_table(&table).unwrap();
        let mut order: Vec<usize> = (0..200).collect();
        Rng::new(seed).shuffle(&mut order);
        let shuffled = model.predict_table(&table.select(&order)).unwrap();
        for (at, row) in order.iter().enumerate() {
            prop_assert_eq!(shuffled[at], all[*row]);
            prop_assert_eq!(model.predict(&table.row(*row)).unwrap(), all[*row]);
        }
    }

    #[test]
    fn calibration_never_reverses_an_order_and_stays_finite(seed in 0_u64..1000, slope in 0.1..5.0_f64, offset in -3.0..3.0_f64) {
        let mut rng = Rng::new(seed);
        let raw: Vec<f64> = (0..300).map(|_| rng.normal() * 2.0).collect();
        let hits: Vec<bool> = raw.iter().map(|x| rng.chance(1.0 / (1.0 + f64::exp(-(slope * x + offset))))).collect();
        for calibration in [Calibration::platt(&raw, &hits), Calibration::isotonic(&raw, &hits), Calibration::choose(&raw, &hits, seed).0] {
            let mut before = f64::NEG_INFINITY;
            for step in -40..=40 {
                let value = calibration.apply(f64::from(step) * 0.5);
                prop_assert!(value >= before && value.abs() <= MAX_LOG_ODDS);
                before = value;
            }
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                prop_assert!(calibration.apply(odd).abs() <= MAX_LOG_ODDS);
            }
        }
    }

    #[test]
    fn intervals_are_nested_and_hold_the_prediction(seed in 0_u64..1000, predicted in -1e3..1e3_f64, scale in 1e-3..1e3_f64) {
        let mut rng = Rng::new(seed);
        let residuals: Vec<f64> = (0..200).map(|_| rng.normal() + rng.unit() * 3.0).collect();
        let scales = vec![1.0; 200];
        let i = Conformal::learn(&residuals, &scales).unwrap().around(predicted, scale);
        prop_assert!(i.lower95 <= i.lower80 && i.lower80 <= predicted && predicted <= i.upper80 && i.upper80 <= i.upper95);
    }

    #[test]
    fn an_error_that_counts_more_is_as_good_as_several(seed in 0_u64..1000) {
        let mut rng = Rng::new(seed);
        let residuals: Vec<f64> = (0..60).map(|_| rng.normal()).collect();
        let weights: Vec<f64> = (0..60).map(|_| rng.below(4) as f64).collect();
        let several: Vec<f64> =
            residuals.iter().zip(&weights).flat_map(|(residual, weight)| vec![*residual; *weight as usize]).collect();
        let scales = [1.0; 240];
        if let Ok(weighed) = Conformal::weighed(&residuals, &scales, &weights) {
            prop_assert_eq!(weighed.around(0.0, 1.0), Conformal::learn(&several, &scales).unwrap().around(0.0, 1.0));
        }
    }

    #[test]
    fn splits_hold_every_row_once_and_keep_groups_together(rows in 10_usize..200, count in 2_usize..8, seed in 0_u64..1000) {
        let groups: Vec<u64> = (0..rows as u64).map(|row| row / 3).collect();
        let mut held = vec![0; rows];
        for split in folds(rows, Some(&groups), count, seed) {
            prop_assert_eq!(split.train.len() + split.valid.len(), rows);
            for row in &split.valid {
                held[*row] += 1;
                prop_assert!(split.train.iter().all(|other| groups[*other] != groups[*row]));
            }
        }
        prop_assert!(held.iter().all(|times| *times == 1));
    }

    #[test]
    fn forward_splits_never_learn_from_the_future(seed in 0_u64..1000, blocks in 1_usize..6) {
        let mut rng = Rng::new(seed);
        let times: Vec<f64> = (0..150).map(|_| rng.below(30) as f64).collect();
        for split in forward(&times, 0.4, blocks) {
            let latest = split.train.iter().map(|row| times[*row]).fold(f64::MIN, f64::max);
            prop_assert!(split.valid.iter().all(|row| times[*row] > latest));
        }
    }

    #[test]
    fn no_matrix_makes_the_trainer_panic(seed in any::<u64>(), rows in 1_usize..40, columns in 1_usize..4) {
        let mut rng = Rng::new(seed);
        let odd = [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 1.0];
        let matrix = Matrix::new((0..columns).map(|_| (0..rows).map(|_| *rng.pick(&odd).unwrap()).collect()).collect());
        let targets: Vec<f64> = (0..rows).map(|_| rng.below(2) as f64).collect();
        for loss in [Loss::Logistic, Loss::Squared, Loss::Absolute] {
            let options = BoostOptions { loss, min_child_rows: 1, ..quick() };
            let forest = boost(Rows { matrix: &matrix, targets: &targets, weights: None }, None, &[], &options).unwrap().forest;
            prop_assert!(forest.predict_batch(&matrix).unwrap().iter().all(|raw| raw.is_finite()));
        }
    }
}

#[test]
fn the_learner_finds_what_is_there() {
    let (table, targets) = table(2000, 7);
    let fit = cross_fit(&table, labels(&targets), &folds(2000, None, 5, 7), &quick()).unwrap();
    assert!(fit.rounds > 5);
    // The noise alone has variance 0.09, half of which is the squared loss; missing cells cost some more.
    assert!(fit.loss < 0.25 && fit.constant_loss > 1.0, "{} of {}", fit.loss, fit.constant_loss);
}

#[test]
fn a_classifier_is_calibrated_and_survives_a_round_trip() {
    let (table, targets) = table(3000, 3);
    let mut rng = Rng::new(5);
    let positive: Vec<bool> = targets.iter().map(|t| rng.chance(1.0 / (1.0 + (3.5 - t).exp()))).collect();
    let options = ClassifyOptions { boost: quick(), folds: 4, ..ClassifyOptions::default() };
    let classifier = Classifier::learn(&table, &positive, None, None, &options).unwrap();
    let metrics = classifier.metrics();
    assert!(metrics.auc > 0.75 && metrics.ece < 0.03, "{metrics:?}");
    assert_eq!(metrics.n, 3000);
    let back = Classifier::from_bytes(&classifier.to_bytes().unwrap()).unwrap();
    assert_eq!(back, classifier);
    let row = table.row(0);
    let parts = back.explain(&row).unwrap();
    let sum = parts.base + parts.contributions.iter().sum::<f64>() + parts.calibration;
    assert!((sum - back.log_odds(&row).unwrap()).abs() < 1e-9);
}

#[test]
fn early_stopping_keeps_the_best_round() {
    let (table, targets) = table(400, 11);
    let split = &stratified_folds(&vec![true; 400], None, 2, 1)[0];
    let fit = cross_fit(
        &table,
        labels(&targets),
        std::slice::from_ref(split),
        &BoostOptions { rounds: 300, learning_rate: 0.5, ..quick() },
    )
    .unwrap();
    assert!(fit.rounds < 300);
    assert_eq!(fit.held_out.iter().filter(|raw| raw.is_finite()).count(), split.valid.len());
}

#[test]
fn quantile_forests_leave_their_share_below() {
    let (table, targets) = table(3000, 13);
    for level in [0.1, 0.5, 0.9] {
        let fit = cross_fit(
            &table,
            labels(&targets),
            &folds(3000, None, 4, 1),
            &BoostOptions { loss: Loss::Quantile { level }, rounds: 80, ..quick() },
        )
        .unwrap();
        let below = targets.iter().zip(&fit.held_out).filter(|(t, q)| t < q).count() as f64 / 3000.0;
        assert!((below - level).abs() < 0.05, "{below} below the {level} quantile");
    }
}

#[test]
fn calibration_error_by_luck_is_as_worked_out_by_hand() {
    // Of four coins 2 come up on average, give or take (2·1 + 1·4 + 1·4 + 2·1) / 16 = 0.75.
    let coins = ece_by_luck(&[0.5; 4], 4000, 1).unwrap();
    assert!((coins.mean - 0.75 / 4.0).abs() < 0.005 && coins.high == 0.5, "{coins:?}");
    let many = ece_by_luck(&[0.5; 400], 400, 1).unwrap();
    assert!((many.mean - 0.4 / 20.0).abs() < 0.003, "√(2/π) of a deviation of 0.5/√400: {many:?}");
    let certain = ece_by_luck(&[0.0, 1.0, 1.0], 10, 1).unwrap();
    assert_eq!((certain.mean, certain.high), (0.0, 0.0));
    assert_eq!((ece_by_luck(&[], 10, 1), ece_by_luck(&[0.5], 0, 1)), (None, None));
}
