//! How much each error of the past says about the next: the latest most, for markets move.
//!
//! The spread of prices around their estimates changes from month to month, with what comes up for sale and with the
//! market. So the quantiles behind an interval weigh each error by `½^(age / half-life)` (Barber, Candès, Ramdas &
//! Tibshirani 2023, "Conformal prediction beyond exchangeability", Annals of Statistics 51(2)).

use lintel_domain::clock::Day;

/// Days after which an error counts half.
const HALF_LIFE: f64 = 6.0;
/// The fewest errors that the weights may come down to, by Kish's effective number `(Σw)² / Σw²`: with a thousand
/// the share that an 80 % interval covers is known to ± 1.3 %. Where sales are fewer the half-life is longer.
const ENOUGH: f64 = 1000.0;
/// By how much the half-life grows until there are enough.
const LONGER: f64 = 1.25;

/// The weight of the error of each of these days, 1 for the latest day.
pub(crate) fn weights(days: &[Day]) -> Vec<f64> {
    let last = days.iter().max().copied().unwrap_or_default();
    let aged = |half_life: f64| -> Vec<f64> {
        days.iter().map(|day| (-f64::from(last.0.saturating_sub(day.0)) / half_life).exp2()).collect()
    };
    if days.len() as f64 <= ENOUGH {
        return vec![1.0; days.len()];
    }
    let mut half_life = HALF_LIFE;
    loop {
        let weights = aged(half_life);
        if effective(&weights) >= ENOUGH {
            return weights;
        }
        half_life *= LONGER;
    }
}

/// How many equal weights tell as much as these.
fn effective(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    sum * sum / weights.iter().map(|weight| weight * weight).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_errors_count_most_and_enough_of_them() {
        for a_day in [1, 20, 400] {
            let days: Vec<Day> = (0..90 * a_day).map(|sale| Day(sale / a_day)).collect();
            let weights = weights(&days);
            assert!(weights.windows(2).all(|pair| pair[0] <= pair[1]), "{a_day} sales a day");
            assert!(weights.last().is_some_and(|latest| (latest - 1.0).abs() < 1e-12), "{a_day} sales a day");
            assert!(effective(&weights) >= ENOUGH.min(weights.len() as f64) - 1e-9, "{a_day} sales a day");
            let halved = (weights[0] - 1.0).abs() > 0.4;
            assert_eq!(halved, a_day > 1, "{a_day} sales a day");
        }
    }

    #[test]
    fn errors_of_one_day_count_alike_and_none_have_no_weight() {
        assert_eq!(weights(&[Day(3); 2000]), vec![1.0; 2000]);
        assert!(weights(&[]).is_empty());
    }
}
