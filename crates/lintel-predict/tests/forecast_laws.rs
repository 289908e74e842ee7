//! Laws of forecasts: what must not matter does not, and what must hold always holds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lintel_domain::{clock::Day, rng::Rng};
use lintel_predict::forecast::{
    Forecast, MIN_POINTS, Periods, Points, Refusal, backtest, forecast,
    pool::{pools, with_backtest},
};
use proptest::prelude::*;

/// Month ends from January 2001 on.
fn months(n: usize) -> Vec<Day> {
    let first = Day::from_ymd(2001, 1, 31).unwrap();
    let second = Day::from_ymd(2001, 2, 28).unwrap();
    let calendar = lintel_predict::forecast::calendar::Calendar::of(&[first, second]).unwrap();
    (0..n as i64).map(|slot| calendar.day(slot - 1).unwrap()).collect()
}

/// Series that grow together, each with its own noise and level, as a market's do.
fn market(seed: u64, series: usize, length: usize) -> Vec<Points> {
    let mut rng = Rng::new(seed);
    let mut noise = |size: f64| (rng.unit() - 0.5) * size;
    let days = months(length);
    let mut growth = 0.003;
    let common: Vec<f64> = (0..length)
        .map(|_| {
            growth += 0.1 * (0.003 - growth) + noise(0.002);
            growth
        })
        .collect();
    (0..series)
        .map(|n| {
            let mut level = 11.0 + n as f64 / 10.0;
            let value = |(day, growth): (&Day, &f64)| {
                level += growth + noise(0.004);
                (*day, level.exp())
            };
            days.iter().zip(&common).map(value).collect()
        })
        .collect()
}

fn made(outcomes: Vec<Result<Forecast, Refusal>>) -> Vec<Forecast> {
    outcomes.into_iter().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn intervals_hold_their_centre_and_widen(seed in 0u64..1_000, series in 1usize..14) {
        let days = months(60);
        for one in made(forecast(&market(seed, series, 60), Periods::Shared(&days), 18)) {
            prop_assert_eq!(one.steps.len(), 18);
            let width = |at: usize| one.steps[at].upper80 / one.steps[at].lower80;
            for (at, step) in one.steps.iter().enumerate() {
                prop_assert!(step.lower80 <= step.mean && step.mean <= step.upper80 && step.lower80 > 0.0);
                prop_assert!(at == 0 || width(at) >= width(at - 1) * (1.0 - 1e-9));
            }
        }
    }

    #[test]
    fn the_order_of_the_series_does_not_matter(seed in 0u64..1_000, series in 2usize..14, by in 1usize..13) {
        let days = months(50);
        let mut given = market(seed, series, 50);
        let mut expected = made(forecast(&given, Periods::Shared(&days), 12));
        given.rotate_left(by % series);
        expected.rotate_left(by % series);
        prop_assert_eq!(made(forecast(&given, Periods::Shared(&days), 12)), expected);
    }

    #[test]
    fn another_currency_is_the_same_forecast(seed in 0u64..1_000, rate in 0.01f64..100.0, series in 1usize..12) {
        let days = months(48);
        let given = market(seed, series, 48);
        let other: Vec<Points> =
            given.iter().map(|points| points.iter().map(|(day, value)| (*day, value * rate)).collect()).collect();
        let (one, two) = (forecast(&given, Periods::Shared(&days), 6), forecast(&other, Periods::Shared(&days), 6));
        for (one, two) in made(one).iter().zip(made(two)) {
            for (one, two) in one.steps.iter().zip(&two.steps) {
                prop_assert!((two.mean / one.mean / rate - 1.0).abs() < 1e-6);
                prop_assert!((two.upper80 / one.upper80 / rate - 1.0).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn series_below_zero_move_with_their_zero(seed in 0u64..1_000, shift in -50.0f64..50.0) {
        let mut rng = Rng::new(seed);
        let mut at = 0.0;
        let given: Points = months(60).into_iter().map(|day| { at += rng.unit() - 0.5; (day, at - 100.0) }).collect();
        let other: Points = given.iter().map(|(day, value)| (*day, value - 60.0 + shift)).collect();
        let both = made(forecast(&[given, other], Periods::Own, 6));
        for (one, two) in both[0].steps.iter().zip(&both[1].steps) {
            prop_assert!((two.mean - one.mean + 60.0 - shift).abs() < 1e-6, "{one:?} {two:?}");
        }
    }

    #[test]
    fn no_series_makes_it_panic(
        lengths in prop::collection::vec(0usize..40, 1..12),
        values in prop::collection::vec(prop_oneof![Just(0.0), Just(1e300), Just(-1e300), Just(1e-300), -10.0f64..10.0], 40),
        steps in 1usize..40,
    ) {
        let days = months(40);
        let series: Vec<Points> = lengths
            .iter()
            .enumerate()
            .map(|(n, length)| days[40 - length..].iter().zip(values.iter().cycle().skip(n)).map(|(d, v)| (*d, *v)).collect())
            .collect();
        for periods in [Periods::Own, Periods::Shared(&days)] {
            for (length, outcome) in lengths.iter().zip(forecast(&series, periods, steps)) {
                match outcome {
                    Ok(one) => prop_assert!(one.steps.iter().all(|s| s.lower80 <= s.mean && s.mean <= s.upper80)),
                    Err(Refusal::OutOfRange) => {}
                    Err(_) => prop_assert!(*length < MIN_POINTS),
                }
            }
        }
    }
}

#[test]
fn a_straight_line_goes_on_and_a_constant_stays() {
    let days = months(48);
    let line: Points = days.iter().enumerate().map(|(n, day)| (*day, 100.0 * 1.01f64.powi(n as i32))).collect();
    let flat: Points = days[..7].iter().map(|day| (*day, 7.5)).collect();
    let both = made(forecast(&[line, flat], Periods::Own, 12));
    let year_on = both[0].steps[11].mean;
    assert!((year_on / (100.0 * 1.01f64.powi(59)) - 1.0).abs() < 0.01, "{year_on}");
    assert!(both[1].steps.iter().all(|step| (step.mean - 7.5).abs() < 1e-9 && step.upper80 - step.lower80 < 1e-9));
}

#[test]
fn a_season_comes_again() {
    let wave = |month: usize| (std::f64::consts::TAU * month as f64 / 12.0).sin();
    let given: Points = months(96)
        .into_iter()
        .enumerate()
        .map(|(n, day)| (day, (5.0 + 0.1 * wave(n) + 0.002 * n as f64).exp()))
        .collect();
    for (n, step) in made(forecast(&[given], Periods::Own, 12))[0].steps.iter().enumerate() {
        let expected = (5.0 + 0.1 * wave(96 + n) + 0.002 * (96 + n) as f64).exp();
        assert!((step.mean / expected - 1.0).abs() < 0.02, "{n}: {} for {expected}", step.mean);
    }
}

#[test]
fn late_starts_gaps_and_early_ends_are_bridged_and_what_cannot_be_is_said() {
    let days = months(60);
    let mut given = market(3, 12, 60);
    given[0].drain(..40);
    given[1].drain(20..24);
    given[2].truncate(55);
    given[3].truncate(40);
    given[4].truncate(3);
    given[5].clear();
    let outcomes = forecast(&given, Periods::Shared(&days), 6);
    for number in [0, 1, 2, 6] {
        let steps = &outcomes[number].as_ref().unwrap().steps;
        assert_eq!(steps[0].period.to_string(), "2006-01-31", "{number}");
    }
    let width = |number: usize| {
        let step = outcomes[number].as_ref().unwrap().steps[0];
        step.upper80 / step.lower80
    };
    assert!(width(2) > width(6));
    assert_eq!(outcomes[3], Err(Refusal::Ended { last: days[39] }));
    assert_eq!([&outcomes[4], &outcomes[5]], [3, 0].map(|found| Err(Refusal::TooShort { found })).each_ref());
    let twice: Points =
        [days[0], days[1], Day(days[2].0 - 1), days[2], days[4], days[5], days[6]].map(|d| (d, 1.0)).into();
    assert_eq!(forecast(&[twice], Periods::Own, 3), [Err(Refusal::Irregular)]);
}

#[test]
fn a_backtest_knows_nothing_of_what_comes() {
    let days = months(96);
    let given = market(5, 12, 96);
    let origins = backtest::origins(&days, 12, 4);
    assert_eq!((origins.len(), origins.last()), (4, Some(&days[83])));
    let before = backtest::score(&given, &origins[..1], 12, true);
    // The same origin, with everything after its horizon changed.
    let until = days.iter().position(|day| *day == origins[0]).unwrap() + 12;
    let changed: Vec<Points> = given
        .iter()
        .map(|points| {
            points.iter().enumerate().map(|(n, (day, v))| (*day, if n > until { v * 3.0 } else { *v })).collect()
        })
        .collect();
    assert_eq!(backtest::score(&changed, &origins[..1], 12, true), before);
    assert!(before[0].mase < before[0].naive_mase && before[0].values == 12 * 12);
}

#[test]
fn every_step_of_every_origin_counts_once_by_origin_and_by_horizon() {
    let given = market(7, 9, 96);
    let judged: Vec<_> = backtest::origins(&months(96), 12, 4)
        .into_iter()
        .map(|origin| (origin, backtest::judge(&given, origin, 12, true)))
        .collect();
    let steps = backtest::by_horizon(judged.iter().flat_map(|(_, of)| of));
    let values: Vec<usize> = steps.iter().map(|score| score.values).collect();
    assert_eq!((values, steps[11].step), (vec![4 * 9; 12], 12));
    let scores = backtest::score(&given, &judged.iter().map(|(origin, _)| *origin).collect::<Vec<_>>(), 12, true);
    let (mut by_step, mut by_origin) = (0.0, 0.0);
    for step in &steps {
        by_step += step.mase / 12.0;
    }
    for score in &scores {
        by_origin += score.mase / 4.0;
    }
    assert!((by_step - by_origin).abs() < 1e-9, "{by_step} {by_origin}");
    assert!(steps[0].mase < steps[11].mase, "the further ahead, the further off");
}

#[test]
fn series_on_one_calendar_are_pooled_and_strangers_stand_alone() {
    let mut given = market(9, 9, 60);
    let pooled = with_backtest(&given, 6, 3);
    let shared: Vec<_> = made(forecast(&given, Periods::Shared(&months(60)), 6));
    assert!(pooled.iter().zip(&shared).all(|((one, scores), two)| one.as_ref() == Ok(two) && scores.len() == 3));
    let starts = |points: &Points| {
        let first = |(day, value): &(Day, f64)| (Day(day.0 - day.date().map_or(0, |d| i32::from(d.day()) - 1)), *value);
        points.iter().map(first).collect::<Points>()
    };
    // Firsts of months, quarters, no calendar at all.
    let (first, quarters) = (starts(&given[0]), given[1].iter().step_by(3).copied().collect::<Points>());
    let odd = [10_000, 10_001, 10_400, 10_900, 11_700].map(|day| (Day(day), 1.0)).to_vec();
    given.extend([first, quarters, odd.clone(), odd, Vec::new()]);
    let members: Vec<Vec<usize>> = pools(&given).into_iter().map(|pool| pool.members).collect();
    assert_eq!(members, [(0..9).collect::<Vec<_>>(), vec![9], vec![10], vec![11], vec![12], vec![13]]);
}
