//! Ratio studies say how sure they are; the market's level knows the seasons.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

use lintel_domain::clock::Day;
use lintel_domain::rng::Rng;
use lintel_predict::price::RatioStudy;
use lintel_predict::price::confidence::{Confidence, tiers};
use lintel_predict::price::level::Level;
use lintel_predict::price::ratio::Trial;
use lintel_predict::price::season::Hemisphere;

/// Estimates with 10 % of noise around prices, of which `tilt` is lost as prices double.
fn trials(count: usize, tilt: f64, seed: u64) -> Vec<Trial> {
    let mut rng = Rng::new(seed);
    (0..count)
        .map(|_| {
            let size = rng.normal();
            let price = (12.5 + 0.5 * size).exp();
            Trial {
                price,
                estimate: price * (rng.normal() * 0.1 - tilt * size * 0.5 / 2_f64.ln()).exp(),
                intervals: None,
            }
        })
        .collect()
}

#[test]
fn nineteen_intervals_in_twenty_hold_the_true_median() {
    let held = (0..200).filter(|seed| {
        let found = Confidence::of(&trials(150, 0.0, *seed), 1).unwrap().median_ratio;
        (found.0..=found.1).contains(&1.0)
    });
    let held = held.count();
    assert!((180..=200).contains(&held), "{held} of 200");
}

#[test]
fn intervals_hold_the_measures_and_tell_a_tilt_from_none() {
    for (tilt, tilted) in [(0.0, false), (0.1, true)] {
        let trials = trials(1500, tilt, 7);
        let (study, sure) = (RatioStudy::of(&trials).unwrap(), Confidence::of(&trials, 1).unwrap());
        for ((low, high), value) in [
            (sure.median_ratio, study.median_ratio),
            (sure.cod, study.cod),
            (sure.prd, study.prd),
            (sure.prb, study.prb),
        ] {
            assert!(low <= value && value <= high, "{value} is not within {low} and {high}");
        }
        assert_eq!(sure.prb.1 < 0.0, tilted, "{sure:?}");
    }
    assert!(Confidence::of(&[], 1).is_none());
}

#[test]
fn tiers_part_all_homes_by_value_and_show_where_estimates_run_high() {
    let trials = trials(900, 0.1, 3);
    let tiers = tiers(&trials, 1);
    assert_eq!(tiers.iter().map(|tier| tier.study.n).collect::<Vec<_>>(), [300, 300, 300]);
    assert!(tiers.windows(2).all(|pair| pair[0].to <= pair[1].from));
    assert!(tiers.windows(2).all(|pair| pair[0].study.median_ratio > pair[1].study.median_ratio));
    assert_eq!(tiers[0].confidence, Confidence::of(&in_tier(&trials, tiers[0].to), 1).unwrap());
    assert!(lintel_predict::price::confidence::tiers(&trials[..60], 1).is_empty(), "too few for thirds");
}

/// The trials of the lowest tier, in its order.
fn in_tier(trials: &[Trial], to: f64) -> Vec<Trial> {
    let ratio = RatioStudy::of(trials).unwrap().median_ratio;
    let value = |t: &Trial| f64::midpoint(t.price, t.estimate / ratio);
    let mut low: Vec<Trial> = trials.iter().filter(|t| value(t) <= to).copied().collect();
    low.sort_by(|a, b| value(a).total_cmp(&value(b)));
    low
}

/// The gain of the level over the ninety days after the last of `days` days of sales.
fn gain(first: i32, days: i32, hemisphere: Hemisphere, wave: f64) -> f64 {
    let mut rng = Rng::new(5);
    let sold: Vec<Day> = (0..days * 20).map(|number| Day(first + number % days)).collect();
    let season = |day: Day| wave * (f64::from(day.0 - 172) / 365.25 * std::f64::consts::TAU).cos();
    let residuals: Vec<f64> = sold.iter().map(|day| season(*day) + rng.normal() * 0.1).collect();
    let level = Level::learn(&sold, &residuals, hemisphere);
    let last = first + days - 1;
    level.at(Day(last + 90)).level - level.at(Day(last)).level
}

#[test]
fn spring_is_expected_to_rise_on_either_half_of_the_earth() {
    // Sales of September to February; day 59 of the year is the first of March.
    let first = 365 * 40 + 10 + 244;
    assert!(gain(first, 180, Hemisphere::North, 0.0) > 0.01);
    assert!(gain(first + 183, 180, Hemisphere::South, 0.0) > 0.01);
    assert!(gain(first + 183, 180, Hemisphere::North, 0.0) < -0.01);
}

#[test]
fn years_of_sales_replace_the_expected_season_by_the_one_seen() {
    let first = 365 * 40 + 10 + 60;
    let flat = gain(first, 365 * 4, Hemisphere::North, 0.0);
    assert!(flat.abs() < 0.006, "no season was there, yet the level gains {flat}");
    let strong = gain(first, 365 * 4, Hemisphere::North, 0.06);
    // From the first of March to the thirtieth of May the wave gains 0.06 · (cos −0.39 − cos −1.94).
    assert!((strong - 0.077).abs() < 0.015, "{strong}");
}
