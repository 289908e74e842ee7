//! Laws of watching and stopping: what is told only grows to the whole, a stop at any tree is an error and no more, and whoever looks
//! on changes nothing.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use std::{
    fmt::Debug,
    ops::ControlFlow,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{market, quick, quick_price, table};
use lintel_predict::Result;
use lintel_predict::learn::boost::BoostOptions;
use lintel_predict::learn::classify::{Classifier, ClassifyOptions};
use lintel_predict::learn::progress::Progress;
use lintel_predict::learn::regress::{RegressOptions, Regressor};
use lintel_predict::price::{PriceOptions, train_price};
use lintel_predict::{Error, learn};

/// Somebody who stops the work at the nth time of being told, and keeps what was told.
fn stopping_at(nth: usize) -> (Progress, Arc<Mutex<Vec<f64>>>) {
    let (told, times) = (Arc::new(Mutex::new(Vec::new())), AtomicUsize::new(0));
    let seen = Arc::clone(&told);
    let progress = Progress::watched_by(move |done| {
        seen.lock().unwrap().push(done);
        if times.fetch_add(1, Ordering::Relaxed) < nth { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    (progress, told)
}

/// What holds of every way of learning.
fn laws<M: PartialEq + Debug>(name: &str, learn: impl Fn(Progress) -> Result<M>) {
    let unwatched = learn(Progress::default()).unwrap();
    let (progress, told) = stopping_at(usize::MAX);
    assert_eq!(learn(progress).unwrap(), unwatched, "{name}: whoever looks on changes nothing");
    let told = told.lock().unwrap().clone();
    assert!(told.is_sorted() && told.len() > 20, "{name}: {told:?}");
    assert!((0.97..=1.0).contains(told.last().unwrap()), "{name}: ends at {:?}", told.last());
    let widest = told.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(widest < 0.25, "{name}: jumps by {widest}");
    for nth in (0..told.len()).step_by(told.len() / 12 + 1).chain([told.len() - 1]) {
        let (progress, seen) = stopping_at(nth);
        assert_eq!(learn(progress), Err(Error::Stopped), "{name}: stopped at {nth} of {}", told.len());
        // Folds that had not begun ask once more each.
        assert!(seen.lock().unwrap().len() <= nth + 4, "{name}: nothing is begun after a stop");
    }
}

fn boost(progress: Progress) -> BoostOptions {
    BoostOptions { rounds: 12, progress, ..quick() }
}

#[test]
fn a_classifier_is_watched_and_stopped() {
    let (table, targets) = table(240, 5);
    let middle = learn::metrics::median(&targets);
    let positive: Vec<bool> = targets.iter().map(|target| *target > middle).collect();
    let times: Vec<f64> = (0..240_u32).map(f64::from).collect();
    let options = |progress| ClassifyOptions { boost: boost(progress), folds: 3, ..ClassifyOptions::default() };
    laws("folds", |progress| Classifier::learn(&table, &positive, None, None, &options(progress)));
    laws("in time", |progress| Classifier::learn_in_time(&table, &positive, None, &times, &options(progress)));
}

#[test]
fn a_regression_is_watched_and_stopped() {
    let (table, targets) = table(240, 6);
    let options = |progress| RegressOptions { boost: boost(progress), folds: 3, ..RegressOptions::default() };
    laws("regression", |progress| Regressor::learn(&table, &targets, None, None, &options(progress)));
}

#[test]
fn a_home_price_is_watched_and_stopped() {
    let sales = market(260, 7);
    let quick = quick_price();
    let options = |progress| PriceOptions {
        boost: BoostOptions { rounds: 10, progress, ..quick.boost.clone() },
        ..quick.clone()
    };
    laws("price", |progress| train_price(&sales, &options(progress)));
}
