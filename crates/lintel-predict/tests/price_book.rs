//! The price book: one artefact that prices any home, with or without place and day.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use std::sync::LazyLock;

use common::{market, quick_price};
use lintel_domain::clock::Day;
use lintel_domain::place::Point;
use lintel_predict::Error;
use lintel_predict::price::{BookSale, Home, Prediction, PriceBook};
use proptest::prelude::*;

fn book_sales(count: usize) -> Vec<BookSale> {
    let told = market(count, 42).into_iter();
    told.map(|s| BookSale { key: s.key, price: s.close_price, day: Some(s.close_date), home: s.home }).collect()
}

static SALES: LazyLock<Vec<BookSale>> = LazyLock::new(|| book_sales(1500));
static BOOK: LazyLock<PriceBook> = LazyLock::new(|| PriceBook::learn(&SALES, &quick_price()).unwrap().book);

fn in_order(p: &Prediction) -> bool {
    let ends = [p.interval95.0, p.interval80.0, p.value, p.interval80.1, p.interval95.1];
    ends.iter().all(|end| end.is_finite() && *end > 0.0) && ends.windows(2).all(|pair| pair[0] <= pair[1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_prediction_is_ordered_and_its_contributions_sum_to_its_logarithm(
        row in 0_usize..1500,
        day in prop::option::of(15_000_i32..18_000),
        area in prop::option::of(0.0..1e6_f64),
        place in prop::option::of((-89.0..89.0_f64, -179.0..179.0_f64)),
        kind in prop::option::of("[a-z]{0,6}"),
    ) {
        let place = place.and_then(|(latitude, longitude)| Point::new(latitude, longitude));
        let home = Home { living_area_sqft: area, place, property_type: kind, ..SALES[row].home.clone() };
        let p = BOOK.predict(&home, day.map(Day)).unwrap();
        prop_assert!(in_order(&p), "{:?}", p);
        let sum = p.base + p.contributions.iter().map(|(_, part)| part).sum::<f64>();
        prop_assert!((sum - p.value.ln()).abs() < 1e-9, "{} is not ln {}", sum, p.value);
    }
}

#[test]
fn a_stored_book_predicts_the_same_and_a_damaged_one_is_refused() {
    let bytes = BOOK.to_bytes().unwrap();
    let read = PriceBook::from_bytes(&bytes).unwrap();
    for sale in &SALES[..50] {
        assert_eq!(read.predict(&sale.home, sale.day).unwrap(), BOOK.predict(&sale.home, sale.day).unwrap());
    }
    assert_eq!(read.to_bytes().unwrap(), bytes);
    for at in (0..bytes.len()).step_by(bytes.len() / 20) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x40;
        assert!(matches!(PriceBook::from_bytes(&broken), Err(Error::Artefact(_))), "byte {at}");
    }
    let model = BOOK.model().to_bytes().unwrap();
    assert!(PriceBook::from_bytes(&model).is_err(), "a model without sales is no book");
}

#[test]
fn sales_without_days_and_places_still_make_a_book() {
    let mut sales = book_sales(600);
    for sale in &mut sales {
        (sale.day, sale.home.place) = (None, None);
    }
    let book = PriceBook::learn(&sales, &quick_price()).unwrap().book;
    let mut misses: Vec<f64> =
        sales.iter().map(|s| (book.predict(&s.home, None).unwrap().value / s.price).ln().abs()).collect();
    misses.sort_by(f64::total_cmp);
    assert!(misses[300] < 0.25, "{}", misses[300]);
    assert!(in_order(&book.predict(&Home::default(), None).unwrap()));
}

#[test]
fn some_sales_without_a_day_do_no_harm() {
    let mut sales = book_sales(600);
    for sale in sales.iter_mut().step_by(5) {
        sale.day = None;
    }
    let book = PriceBook::learn(&sales, &quick_price()).unwrap().book;
    let dated = &sales[1];
    let p = book.predict(&dated.home, dated.day).unwrap();
    assert!(in_order(&p) && (p.value / dated.price).ln().abs() < 0.5, "{p:?} for {}", dated.price);
}
