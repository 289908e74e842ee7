//! Laws of the calculations: what is shown adds up, what is unknown is refused, and order does not matter.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use lintel_domain::{clock::Day, id::ListingId, place::Point};
use lintel_predict::analysis::{
    Calculation, Given, Likeness, Observed, Origin, Segment, Stage, Unit, cash_flow, changes, competition,
    days_on_market, demand, price_position, rental_yield, supply,
};
use proptest::prelude::*;
use uuid::Uuid;

const TODAY: Day = Day(20_000);

fn given<T>(value: T) -> Given<T> {
    Given { value, origin: Origin::Given }
}

/// A house of 1,000 square feet in the middle of town.
fn house(number: u128, stage: Stage) -> Observed {
    Observed {
        id: ListingId(Uuid::from_u128(number)),
        stage,
        property_type: Some("House".into()),
        asked: Some(500_000.0),
        sold: (stage == Stage::Sold).then_some(490_000.0),
        listed_on: Some(Day(TODAY.0 - 40)),
        sold_on: (stage == Stage::Sold).then_some(Day(TODAY.0 - 10)),
        days: Some(30.0),
        area_sqft: Some(1_000.0),
        place: Point::new(47.6, -122.3),
    }
}

fn of_all(days: u32) -> supply::Asked {
    supply::Asked { segment: Segment::default(), window: given(days) }
}

fn near() -> Likeness {
    Likeness { radius_m: given(3_000.0), area_tolerance: given(0.25) }
}

fn value(calculation: &Calculation, name: &str) -> f64 {
    calculation.value(name).unwrap_or_else(|| panic!("no {name} in {calculation:?}"))
}

fn is_refused(calculation: &Calculation, n: usize) {
    assert!(calculation.figures.is_empty());
    let reason = calculation.refused.as_deref().unwrap();
    assert!(reason.starts_with(&format!("insufficient data (n = {n})")), "{reason}");
}

fn stages() -> impl Strategy<Value = Stage> {
    prop_oneof![Just(Stage::ForSale), Just(Stage::UnderContract), Just(Stage::Sold), Just(Stage::Unsold)]
}

prop_compose! {
    fn home()(
        number in 1u128..u128::MAX, stage in stages(), asked in 1e5..1e6, ratio in 0.8..1.2, days in 0i32..400,
        ago in 0i32..300, area in 500.0..4_000.0, north in -0.02..0.02, east in -0.02..0.02, known in 0u8..8,
    ) -> Observed {
        Observed {
            asked: (known != 0).then_some(asked),
            sold: (stage == Stage::Sold).then_some(asked * ratio),
            listed_on: (known != 1).then_some(Day(TODAY.0 - ago - days)),
            sold_on: (stage == Stage::Sold).then_some(Day(TODAY.0 - ago)),
            days: (known != 1).then_some(f64::from(days)),
            area_sqft: (known != 2).then_some(area),
            place: if known == 3 { None } else { Point::new(47.6 + north, -122.3 + east) },
            ..house(number, stage)
        }
    }
}

fn everything(homes: &[Observed]) -> Vec<Calculation> {
    let subject = house(0, Stage::ForSale);
    let price = Some(given(500_000.0));
    let position = price_position::Asked { likeness: near(), window: given(180), price };
    let rivals = competition::Asked { likeness: near(), price };
    vec![
        supply::calculate(homes, &of_all(180), TODAY),
        demand::calculate(homes, &of_all(180), TODAY),
        days_on_market::calculate(homes, &of_all(365), None, TODAY),
        days_on_market::calculate(homes, &of_all(365), Some(20.0), TODAY),
        price_position::calculate(&subject, homes, &position, TODAY),
        competition::calculate(&subject, homes, &rivals, TODAY),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_homes_does_not_matter(mut homes in prop::collection::vec(home(), 0..120), seed in any::<u64>()) {
        let before = everything(&homes);
        lintel_domain::rng::Rng::new(seed).shuffle(&mut homes);
        prop_assert_eq!(before, everything(&homes));
    }

    #[test]
    fn there_are_figures_or_a_reason_and_shares_are_shares(homes in prop::collection::vec(home(), 0..120)) {
        for answer in everything(&homes) {
            prop_assert_ne!(answer.figures.is_empty(), answer.refused.is_none());
            for figure in &answer.figures {
                prop_assert!(figure.value.is_finite() && figure.value >= 0.0, "{:?}", figure);
                prop_assert!(figure.unit != Unit::Share || figure.value <= 1.0, "{:?}", figure);
            }
            let again: Calculation = serde_json::from_str(&serde_json::to_string(&answer).unwrap()).unwrap();
            prop_assert_eq!(again, answer);
        }
    }

    #[test]
    fn odds_rise_with_time_and_lie_in_their_interval(homes in prop::collection::vec(home(), 0..200)) {
        let answer = days_on_market::calculate(&homes, &of_all(365), None, TODAY);
        if answer.refused.is_none() {
            let at = |days: u32| value(&answer, &format!("sold_within_{days}_days"));
            prop_assert!(at(30) <= at(60) && at(60) <= at(90));
            for days in [30, 60, 90] {
                let bound = |side: &str| answer.value(&format!("sold_within_{days}_days_{side}"));
                prop_assert!(bound("low").is_none_or(|low| low <= at(days) + 1e-12));
                prop_assert!(bound("high").is_none_or(|high| high >= at(days) - 1e-12));
            }
        }
    }

    #[test]
    fn a_loan_is_paid_back_by_its_payments(amount in 1e3..1e7, rate in 0.0..0.3, years in 1u32..40) {
        let loan = cash_flow::Loan { amount, interest_rate: rate, term_years: years.into() };
        let payment = loan.monthly_payment();
        let owed = (0..12 * years).fold(amount, |owed, _| owed * (1.0 + rate / 12.0) - payment);
        let grown = amount * (1.0 + rate / 12.0).powf(f64::from(12 * years));
        prop_assert!(owed.abs() <= 1e-9 * grown * f64::from(12 * years), "{} of {}", owed, amount);
    }

    #[test]
    fn income_is_spent_on_expenses_debt_and_what_is_left(
        price in 1e5..1e6, rent in 500.0..5e3, vacancy in 0.0..0.5, expenses in 0.0..2e4, share in 0.1..0.9, rate in 0.0..0.15,
    ) {
        let loan = cash_flow::Loan { amount: price * share, interest_rate: rate, term_years: 30.0 };
        let asked = cash_flow::Asked {
            price: Some(given(price)), monthly_rent: rent, annual_expenses: expenses, vacancy_rate: Some(vacancy),
            purchase_costs: None, loan: Some(loan),
        };
        let answer = cash_flow::calculate(&asked);
        let sum = expenses + value(&answer, "debt_service") + value(&answer, "cash_flow");
        prop_assert!((value(&answer, "effective_income") - sum).abs() < 1e-6);
        prop_assert!((value(&answer, "equity") + loan.amount - price).abs() < 1e-6);
        let full = rental_yield::calculate(&rental_yield::Asked {
            price: Some(given(price)), monthly_rent: rent, vacancy_rate: Some(vacancy), annual_expenses: Some(expenses),
            purchase_costs: None,
        });
        prop_assert!((value(&full, "net_yield") - value(&answer, "cap_rate")).abs() < 1e-12);
        prop_assert!(value(&full, "net_yield") <= value(&full, "gross_yield"));
    }
}

#[test]
fn months_of_supply_are_homes_for_sale_over_the_pace() {
    let homes: Vec<Observed> = (1..=40).map(|n| house(n, if n <= 30 { Stage::ForSale } else { Stage::Sold })).collect();
    let answer = supply::calculate(&homes, &of_all(60), TODAY);
    let months = 60.0 / 30.4375;
    assert!((value(&answer, "months_of_supply") - 30.0 / (10.0 / months)).abs() < 1e-9);
    assert!(value(&answer, "months_of_supply_low") < 30.0 / (10.0 / months));
    assert!(value(&answer, "months_of_supply_high") > 30.0 / (10.0 / months));
    let demand = demand::calculate(&homes, &of_all(60), TODAY);
    assert!((value(&demand, "absorption_rate") * value(&answer, "months_of_supply") - 1.0).abs() < 1e-12);
    assert!((value(&demand, "sale_to_list") - 0.98).abs() < 1e-12);
}

#[test]
fn too_few_sales_are_refused_with_their_number() {
    let homes: Vec<Observed> = (1..=3).map(|n| house(n, Stage::Sold)).collect();
    is_refused(&supply::calculate(&homes, &of_all(60), TODAY), 3);
    is_refused(&demand::calculate(&homes, &of_all(60), TODAY), 3);
    is_refused(&days_on_market::calculate(&homes, &of_all(60), None, TODAY), 3);
    // None of them is of the type or in the window.
    let segment = Segment { property_type: Some("condo".to_owned()) };
    is_refused(&supply::calculate(&homes, &supply::Asked { segment, window: given(60) }, TODAY), 0);
    is_refused(&supply::calculate(&homes, &of_all(5), TODAY), 0);
}

#[test]
fn the_product_limit_is_that_of_the_textbook() {
    // 20 sales after 10, 20, … 200 days, and one home for sale for 15 days: it is at risk at 10 and gone at 20.
    let mut homes: Vec<Observed> =
        (1..=20u32).map(|n| Observed { days: Some(f64::from(n * 10)), ..house(n.into(), Stage::Sold) }).collect();
    homes.push(Observed { days: Some(15.0), ..house(99, Stage::ForSale) });
    let answer = days_on_market::calculate(&homes, &of_all(365), None, TODAY);
    let unsold = (1.0 - 1.0 / 21.0) * (1.0 - 1.0 / 19.0) * (1.0 - 1.0 / 18.0);
    assert!((value(&answer, "sold_within_30_days") - (1.0 - unsold)).abs() < 1e-12);
    // After 195 days only one is left, and it sells within the next 30.
    let late = days_on_market::calculate(&homes, &of_all(365), Some(195.0), TODAY);
    assert!((value(&late, "sold_within_30_days") - 1.0).abs() < 1e-12);
    let never = days_on_market::calculate(&homes, &of_all(365), Some(500.0), TODAY);
    assert!(never.refused.is_some() && never.figures.is_empty());
}

#[test]
fn a_price_stands_among_its_like_and_not_among_others() {
    let subject = house(0, Stage::ForSale);
    let mut homes: Vec<Observed> = (1..=10u32)
        .map(|n| Observed { asked: Some(f64::from(n) * 100_000.0), ..house(n.into(), Stage::ForSale) })
        .collect();
    homes.push(subject.clone());
    homes.push(Observed { area_sqft: Some(5_000.0), ..house(20, Stage::ForSale) });
    homes.push(Observed { place: Point::new(40.0, -74.0), ..house(21, Stage::ForSale) });
    homes.push(Observed { property_type: Some("Condo".into()), ..house(22, Stage::ForSale) });
    let asked = price_position::Asked { likeness: near(), window: given(90), price: Some(given(500_000.0)) };
    let answer = price_position::calculate(&subject, &homes, &asked, TODAY);
    assert_eq!(answer.n, 10);
    assert!((value(&answer, "percentile") - 0.45).abs() < 1e-12, "four ask less and one asks the same");
    assert!((value(&answer, "median_asked") - 550_000.0).abs() < 1e-6);
    let rivals = competition::Asked { likeness: near(), price: Some(given(500_000.0)) };
    let answer = competition::calculate(&subject, &homes, &rivals, TODAY);
    assert_eq!((value(&answer, "rivals"), value(&answer, "rivals_cheaper")), (10.0, 4.0));
    assert_eq!(value(&answer, "rivals_in_bracket"), 1.0);
    let alone = competition::calculate(&subject, std::slice::from_ref(&subject), &rivals, TODAY);
    assert_eq!((value(&alone, "rivals"), alone.value("nearest"), alone.refused), (0.0, None, None));
    let nowhere = Observed { place: None, ..subject };
    assert!(competition::calculate(&nowhere, &homes, &rivals, TODAY).refused.is_some());
}

#[test]
fn what_changed_is_told_with_what_it_was() {
    let old = supply::calculate(&(1..=10).map(|n| house(n, Stage::Sold)).collect::<Vec<_>>(), &of_all(60), TODAY);
    let new = supply::calculate(&(1..=20).map(|n| house(n, Stage::Sold)).collect::<Vec<_>>(), &of_all(60), TODAY);
    let told = changes(&old, &new);
    let pace = told.iter().find(|change| change.name == "sales_per_month").unwrap();
    assert_eq!((pace.from, pace.to), (old.value("sales_per_month"), new.value("sales_per_month")));
    assert!(changes(&new, &new).is_empty());
    let refused = supply::calculate(&[], &of_all(60), TODAY);
    assert!(changes(&old, &refused).iter().all(|change| change.from.is_some() && change.to.is_none()));
}
