//! The ramp to the breaking point, then several times as much, then as much as it can: what is promised of an overload.

use std::sync::Arc;

use super::report::{LATE_BEYOND_CAPACITY_US, Overload, Played};
use super::supply::Supply;
use super::{Options, WAITING};
use crate::Error;
use crate::arrivals::Arrivals;
use crate::open::{Stretch, drive};
use crate::pool::Pool;
use crate::scenario;
use crate::timeline::Second;

/// A step is broken when less than this share is answered within a second.
const BROKEN: f64 = 0.9;

/// The share of the capacity that is answered again once it has recovered.
pub(super) const RECOVERED: f64 = 0.95;

/// Runs the ramp, the overload and the time after it.
pub(super) async fn run(
    pool: &Arc<Pool>,
    plan: &scenario::Overload,
    supply: &mut Supply<'_>,
    options: Options<'_>,
    say: &mut impl FnMut(&str),
) -> Result<Overload, Error> {
    let stretch =
        |rate: f64, seconds: f64| Stretch { rate, length: options.length.of(seconds), arrivals: Arrivals::Poisson };
    let mut steps: Vec<Played> = Vec::new();
    for rate in plan.rates() {
        say(&format!("ramp: {rate:.0} requests a second"));
        let stretch = stretch(rate, plan.step_seconds);
        supply.fill(&[stretch])?;
        let seed = options.seed.wrapping_add(steps.len() as u64 + 1);
        let tracks = drive(pool, &[stretch], supply, WAITING, seed).await;
        steps.extend(tracks.iter().map(|track| Played::of(&format!("ramp {rate:.0}/s"), true, stretch, track)));
        if steps.last().is_some_and(|step| step.good_share() < BROKEN || step.is_later_than(LATE_BEYOND_CAPACITY_US)) {
            break;
        }
    }
    let best = steps.iter().filter(|step| !step.is_later_than(LATE_BEYOND_CAPACITY_US));
    let best = best.max_by(|a, b| a.goodput_per_second.total_cmp(&b.goodput_per_second));
    let (capacity, p99) = best.map_or((0.0, 0), |step| (step.goodput_per_second, step.latency_us.p99));

    // Of a server that answers nothing there is no capacity to overload; what follows then measures a request a second.
    let at_capacity = capacity.max(1.0);
    let stretches = [stretch(at_capacity * plan.times, plan.seconds), stretch(at_capacity, plan.after_seconds)];
    say(&format!("overload: {:.0} requests a second, {} times the capacity", stretches[0].rate, plan.times));
    supply.fill(&stretches)?;
    let tracks = drive(pool, &stretches, supply, WAITING, options.seed).await;
    let [over, after] = [("overload", 0), ("after the overload", 1)]
        .map(|(name, nth)| Played::of(name, true, stretches[nth], &tracks[nth]));
    let recovered_after_seconds = recovered_after(&after.timeline, capacity);
    let is_broken =
        steps.last().is_some_and(|step| step.good_share() < BROKEN && !step.is_later_than(LATE_BEYOND_CAPACITY_US));
    Ok(Overload {
        steps,
        is_broken,
        capacity_per_second: capacity,
        capacity_p99_us: p99,
        over,
        after,
        recovered_after_seconds,
    })
}

/// The first second from which on average enough is answered within a second, up to the end.
fn recovered_after(timeline: &[Second], capacity: f64) -> Option<f64> {
    let enough = |rest: &[Second]| {
        let good: u64 = rest.iter().map(|second| second.good).sum();
        good as f64 / rest.len() as f64 >= RECOVERED * capacity
    };
    let is_first_good = |second: &Second| second.good as f64 >= RECOVERED * capacity * MOMENT;
    let first = (0..timeline.len()).find(|first| is_first_good(&timeline[*first]) && enough(&timeline[*first..]));
    first.map(|first| first as f64)
}

/// One second alone may be a little below the average that counts, as requests come at random.
const MOMENT: f64 = 0.9;

#[cfg(test)]
mod tests {
    use super::recovered_after;
    use crate::timeline::Second;

    fn timeline(good: &[u64]) -> Vec<Second> {
        good.iter().map(|good| Second { good: *good, ..Second::default() }).collect()
    }

    #[test]
    fn it_has_recovered_in_the_second_from_which_it_keeps_up() {
        assert_eq!(recovered_after(&timeline(&[1000, 990, 1010]), 1000.0), Some(0.0));
        assert_eq!(recovered_after(&timeline(&[0, 200, 980, 960, 1000, 990]), 1000.0), Some(2.0));
    }

    #[test]
    fn a_second_of_grace_between_bad_ones_is_no_recovery() {
        assert_eq!(recovered_after(&timeline(&[1000, 0, 0, 0]), 1000.0), None);
        assert_eq!(recovered_after(&timeline(&[0, 0, 0]), 1000.0), None);
        assert_eq!(recovered_after(&[], 1000.0), None);
    }
}
