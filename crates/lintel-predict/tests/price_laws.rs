//! The home price: money that adds up, no look into the future, refusals, and honest intervals.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use std::collections::HashMap;
use std::sync::LazyLock;

use common::{market, quick_price};
use lintel_domain::clock::Day;
use lintel_domain::place::Point;
use lintel_domain::scalar::Scalar;
use lintel_predict::price::level::Level;
use lintel_predict::price::money::in_money;
use lintel_predict::price::places::PointTree;
use lintel_predict::price::ratio::Trial;
use lintel_predict::price::season::Hemisphere;
use lintel_predict::price::validate::{SaleFault, validate};
use lintel_predict::price::{
    Answer, Estimate, Home, PriceModel, RatioStudy, SaleRecord, SalesIndex, TrainedPrice, Wanted, train_price,
};
use proptest::prelude::*;

struct World {
    sales: Vec<SaleRecord>,
    trained: TrainedPrice,
    index: SalesIndex,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let sales = market(2500, 42);
    let trained = train_price(&sales, &quick_price()).unwrap();
    let index = SalesIndex::build(&trained.model, sales.clone()).unwrap();
    World { sales, trained, index }
});

fn estimate(home: &Home, as_of: Day, count: usize) -> Estimate {
    match WORLD.trained.model.estimate(&WORLD.index, home, as_of, Wanted { comparables: count, reasons: true }).unwrap()
    {
        Answer::Estimate(estimate) => *estimate,
        Answer::Refused(reason) => panic!("refused: {reason}"),
    }
}

fn refusal(home: &Home, as_of: Day) -> String {
    match WORLD.trained.model.estimate(&WORLD.index, home, as_of, Wanted { comparables: 5, reasons: true }).unwrap() {
        Answer::Estimate(estimate) => panic!("estimated: {estimate:?}"),
        Answer::Refused(reason) => reason,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn base_and_contributions_sum_to_the_value_to_the_cent(row in 0_usize..2500, ahead in 0_i32..200, count in 0_usize..12) {
        let home = &WORLD.sales[row].home;
        let e = estimate(home, Day(16_400 + ahead), count);
        let sum = e.base.0 + e.contributions.iter().map(|c| c.cents).sum::<i64>();
        prop_assert_eq!(sum, e.value.0);
        prop_assert!(e.interval95.0 <= e.interval80.0 && e.interval80.0 <= e.value);
        prop_assert!(e.value <= e.interval80.1 && e.interval80.1 <= e.interval95.1);
        prop_assert_eq!(e.comparables.len(), count);
    }

    #[test]
    fn comparables_are_never_later_than_the_day_of_the_estimate(row in 0_usize..2500, day in 16_020_i32..16_400) {
        if let Answer::Estimate(e) = WORLD.trained.model.estimate(&WORLD.index, &WORLD.sales[row].home, Day(day), Wanted { comparables: 10, reasons: true }).unwrap() {
            prop_assert!(e.comparables.iter().all(|c| c.close_date <= Day(day)));
            prop_assert!(e.comparables.windows(2).all(|p| p[0].similarity >= p[1].similarity));
        }
    }

    #[test]
    fn later_sales_change_nothing_about_an_earlier_day(row in 0_usize..2500, day in 16_100_i32..16_400) {
        let known = WORLD.sales.iter().filter(|sale| sale.close_date <= Day(day)).cloned();
        let index = SalesIndex::build(&WORLD.trained.model, known).unwrap();
        let home = &WORLD.sales[row].home;
        let all = WORLD.trained.model.estimate(&WORLD.index, home, Day(day), Wanted { comparables: 5, reasons: true }).unwrap();
        prop_assert_eq!(WORLD.trained.model.estimate(&index, home, Day(day), Wanted { comparables: 5, reasons: true }).unwrap(), all);
    }

    #[test]
    fn money_adds_up_for_any_parts(base in 5.0..16.0, parts in prop::collection::vec(-1.0..1.0_f64, 0..30)) {
        let split = in_money(base, &parts, base + parts.iter().sum::<f64>());
        prop_assert_eq!(split.base + split.amounts.iter().sum::<i64>(), split.value);
        let value = (base + parts.iter().sum::<f64>()).exp() * 100.0;
        prop_assert!((split.value as f64 - value).abs() <= 1.0 + value * 1e-12);
        for (part, cents) in parts.iter().zip(&split.amounts) {
            prop_assert!(*cents as f64 * part >= -30.0, "{} against {}", cents, part);
        }
    }

    #[test]
    fn the_value_does_not_depend_on_what_is_wanted(row in 0_usize..2500, day in 16_100_i32..16_500) {
        let ask = |wanted| WORLD.trained.model.estimate(&WORLD.index, &WORLD.sales[row].home, Day(day), wanted).unwrap();
        let (all, bare) = (ask(Wanted { comparables: 10, reasons: true }), ask(Wanted { comparables: 0, reasons: false }));
        let (Answer::Estimate(all), Answer::Estimate(bare)) = (&all, &bare) else {
            prop_assert_eq!(all, bare);
            return Ok(());
        };
        prop_assert_eq!((all.value, all.interval80, all.interval95), (bare.value, bare.interval80, bare.interval95));
        prop_assert!(bare.contributions.is_empty() && !all.contributions.is_empty());
    }

    #[test]
    fn the_tree_finds_what_a_full_search_finds(points in prop::collection::vec((-1e4_f32..1e4, -1e4_f32..1e4), 1..300), x in -2e4_f32..2e4, y in -2e4_f32..2e4, k in 1_usize..20) {
        let day = |index: u32| Day(16_000 + (index % 5) as i32);
        let places = PointTree::new(points.iter().copied().zip((0..).map(day)));
        let keep = |index: u32, day: Day| !index.is_multiple_of(3) && day.0 != 16_001;
        let found: Vec<u32> = places.nearest((x, y), k, 1e6, keep).iter().map(|n| n.index).collect();
        let mut all: Vec<u32> = (0..points.len() as u32).filter(|i| keep(*i, day(*i))).collect();
        let distance = |i: u32| (points[i as usize].0 - x).powi(2) + (points[i as usize].1 - y).powi(2);
        all.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(a.cmp(b)));
        all.truncate(k);
        prop_assert_eq!(found, all);
    }
}

#[test]
fn the_model_finds_what_is_there_and_its_intervals_cover() {
    let study = WORLD.trained.model.study();
    // The noise alone gives a median error of 0.6745 · 0.08 = 5.4 %.
    assert!(study.median_ape < 0.075, "{study:?}");
    // The made-up market knows no seasons, of which a year of sales has not yet told: the prior pulls it by less than its 2 %.
    assert!(study.median_signed_error.abs() < 0.02, "{study:?}");
    assert!((0.74..0.86).contains(&study.coverage_80.unwrap()), "{study:?}");
    let growth = |sale: &SaleRecord| {
        let value = |day| estimate(&sale.home, Day(day), 0).value.major();
        (value(16_430) / value(16_200)).ln() / 230.0
    };
    let mean = WORLD.sales[..100].iter().map(growth).sum::<f64>() / 100.0;
    assert!((mean - 0.0005).abs() < 0.0001, "the level goes on beyond the last sale, but by {mean} a day");
}

#[test]
fn a_model_survives_a_round_trip_and_training_repeats_itself() {
    let model = &WORLD.trained.model;
    assert_eq!(&PriceModel::from_bytes(&model.to_bytes().unwrap()).unwrap(), model);
    let mut options = quick_price();
    options.boost.threads = 3;
    assert_eq!(train_price(&WORLD.sales, &options).unwrap(), WORLD.trained);
}

/// Sales that the model did not learn from.
fn fresh_sales() -> impl Iterator<Item = SaleRecord> {
    market(300, 77).into_iter().map(|mut sale| {
        sale.key.push('x');
        sale
    })
}

#[test]
fn what_a_model_keeps_about_more_sales_changes_no_estimate() {
    let sales: Vec<SaleRecord> = fresh_sales().chain(WORLD.sales.iter().cloned()).collect();
    let index = SalesIndex::build(&WORLD.trained.model, sales.clone()).unwrap();
    let mut model = WORLD.trained.model.clone();
    model.keep(sales.clone()).unwrap();
    assert!(model.to_bytes().unwrap().len() > WORLD.trained.model.to_bytes().unwrap().len());
    let same = SalesIndex::build(&model, sales.clone()).unwrap();
    for sale in sales.iter().step_by(50) {
        let answer =
            |index| model.estimate(index, &sale.home, Day(16_410), Wanted { comparables: 20, reasons: true }).unwrap();
        assert!(answer(&same) == answer(&index), "{}", sale.key);
    }
    let once = model.clone();
    model.keep(sales).unwrap();
    assert_eq!(model, once);
}

#[test]
fn an_index_of_sales_the_model_did_not_see_is_predicted_alike() {
    let index = SalesIndex::build(&WORLD.trained.model, WORLD.sales.iter().cloned().chain(fresh_sales())).unwrap();
    assert_eq!(index.len(), 2800);
    let home = &WORLD.sales[10].home;
    let with =
        WORLD.trained.model.estimate(&index, home, Day(16_410), Wanted { comparables: 5, reasons: true }).unwrap();
    assert!(
        matches!(with, Answer::Estimate(e) if (e.value.major() / estimate(home, Day(16_410), 5).value.major() - 1.0).abs() < 0.1)
    );
}

#[test]
fn homes_outside_the_support_are_refused_with_the_reason() {
    let good = WORLD.sales[0].home.clone();
    let day = Day(16_400);
    let far = Home { place: Point::new(10.0, 10.0), ..good.clone() };
    let cases: Vec<(Home, Day, &str)> = vec![
        (Home { living_area_sqft: None, ..good.clone() }, day, "living area is missing"),
        (Home { living_area_sqft: Some(f64::NAN), ..good.clone() }, day, "living area is missing"),
        (Home { living_area_sqft: Some(1e7), ..good.clone() }, day, "outside what was sold"),
        (Home { place: None, ..good.clone() }, day, "coordinates are missing"),
        (Home { property_type: Some("Castle".into()), ..good.clone() }, day, "no sales of property type castle"),
        (far, day, "no sale within 5 km"),
        (good.clone(), Day(10_000), "no sales before"),
        (good.clone(), Day(20_000), "days ago"),
    ];
    for (home, day, expected) in cases {
        let reason = refusal(&home, day);
        assert!(reason.contains(expected), "{reason}");
    }
    let spelt = Home { property_type: Some(" HOUSE ".into()), ..good };
    assert!(estimate(&spelt, day, 3).value.major() > 0.0);
}

#[test]
fn too_few_sales_are_refused_with_their_number() {
    let result = train_price(&market(50, 1), &quick_price());
    assert_eq!(result.unwrap_err().to_string(), "insufficient data (n = 50), at least 200 market sales are needed");
}

#[test]
fn sales_without_places_or_days_still_make_a_model() {
    let mut sales = market(600, 5);
    for sale in &mut sales {
        sale.home.place = None;
        sale.close_date = Day(16_000);
    }
    let trained = train_price(&sales, &quick_price()).unwrap();
    let index = SalesIndex::build(&trained.model, sales.clone()).unwrap();
    let answer =
        trained.model.estimate(&index, &sales[0].home, Day(16_001), Wanted { comparables: 5, reasons: true }).unwrap();
    assert!(matches!(answer, Answer::Estimate(e) if e.comparables.is_empty() && e.value.0 > 0));
}

#[test]
fn protected_attributes_change_no_estimate() {
    let mut sales = market(400, 9);
    for (row, sale) in sales.iter_mut().enumerate() {
        let value = if row % 2 == 0 { "Buddhist" } else { "Christian" };
        sale.home.attributes.insert("owner religion".into(), Scalar::Text(value.into()));
    }
    let trained = train_price(&sales, &quick_price()).unwrap();
    assert!(trained.warnings.iter().any(|w| w.code.as_str() == "protected_column"));
    let index = SalesIndex::build(&trained.model, sales.clone()).unwrap();
    let mut home = sales[0].home.clone();
    let before = trained.model.estimate(&index, &home, Day(16_400), Wanted { comparables: 3, reasons: true }).unwrap();
    home.attributes.insert("owner religion".into(), Scalar::Text("Christian".into()));
    assert_eq!(
        trained.model.estimate(&index, &home, Day(16_400), Wanted { comparables: 3, reasons: true }).unwrap(),
        before
    );
}

#[test]
fn faulty_sales_are_named_and_flips_flagged() {
    let mut sales = market(300, 3);
    let like = |sale: &SaleRecord, price: f64, days: i32| SaleRecord {
        close_price: price,
        close_date: Day(sale.close_date.0 + days),
        ..sale.clone()
    };
    sales.push(sales[0].clone());
    sales.push(like(&sales[1], f64::NAN, 1));
    sales.push(like(&sales[2], 10.0, 1));
    sales.push(like(&sales[3], sales[3].close_price * 100.0, 1));
    sales.push(like(&sales[4], sales[4].close_price * 1.4, 90));
    let found = validate(&sales);
    assert!(found.faults[..300].iter().all(Option::is_none));
    let rest: Vec<_> = found.faults[300..].to_vec();
    let expected = [SaleFault::Duplicate, SaleFault::NoPrice, SaleFault::NonMarket, SaleFault::AbsurdPricePerArea];
    assert_eq!(rest[..4].iter().flatten().copied().collect::<Vec<_>>(), expected);
    assert_eq!((rest[4], found.flips), (None, vec![304]));
}

#[test]
fn the_level_follows_a_market_and_is_unsure_ahead() {
    let mut rng = lintel_domain::rng::Rng::new(4);
    let days: Vec<Day> = (0..4000).map(|_| Day(rng.below(700) as i32)).collect();
    let truth = |day: i32| 0.1 * (f64::from(day) / 120.0).sin();
    let residuals: Vec<f64> = days.iter().map(|day| truth(day.0) + rng.normal() * 0.15).collect();
    let level = Level::learn(&days, &residuals, Hemisphere::North);
    for day in (20..690).step_by(30) {
        let gap = level.at(Day(day)).level - truth(day);
        assert!(gap.abs() < 0.035, "day {day}: off by {gap}");
    }
    let unsure: Vec<f64> = [700, 730, 800, 900].iter().map(|day| level.at(Day(*day)).variance).collect();
    assert!(unsure.windows(2).all(|pair| pair[0] < pair[1]), "{unsure:?}");
    for day in [i32::MIN, -1, 0, 699, i32::MAX] {
        assert!(level.at(Day(day)).level.is_finite());
    }
}

#[test]
fn the_ratio_study_agrees_with_values_worked_out_by_hand() {
    let trial = |price: f64, estimate: f64| Trial {
        price,
        estimate,
        intervals: Some([(estimate * 0.9, estimate * 1.1), (estimate * 0.5, estimate * 1.5)]),
    };
    let study = RatioStudy::of(&[trial(100.0, 95.0), trial(200.0, 200.0), trial(100.0, 125.0)]).unwrap();
    assert_eq!(study.median_ape, 0.050000000000000044);
    assert!((study.mean_ape - 0.1).abs() < 1e-12);
    assert_eq!((study.within_10, study.within_20), (2.0 / 3.0, 2.0 / 3.0));
    assert_eq!(study.median_ratio, 1.0);
    assert!((study.cod - 10.0).abs() < 1e-12);
    assert!((study.prd - (3.2 / 3.0) / 1.05).abs() < 1e-12);
    assert_eq!(study.coverage_80, Some(2.0 / 3.0));
    assert_eq!(study.coverage_95, Some(1.0));
    assert!(RatioStudy::of(&[]).is_none());
}

#[test]
fn sales_on_the_same_spot_and_day_are_all_found() {
    let by_key: HashMap<&str, usize> = WORLD.sales.iter().enumerate().map(|(row, s)| (s.key.as_str(), row)).collect();
    let sale = &WORLD.sales[20];
    let e = estimate(&sale.home, sale.close_date, 3);
    assert_eq!(by_key[e.comparables[0].key.as_str()], 20);
    assert_eq!(e.comparables[0].close_price.major(), sale.close_price);
    assert!(e.comparables[0].similarity > 0.9 && e.comparables[0].similarity > e.comparables[1].similarity);
}
