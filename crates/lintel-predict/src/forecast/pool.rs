//! Which series are forecast together: those of one kind whose periods lie on one calendar.

use lintel_domain::clock::Day;

use super::backtest::{self, OriginScore};
use super::calendar::Calendar;
use super::{Forecast, Periods, Points, Refusal, forecast};

/// The most series of a pool: more tell nothing more about what they share.
const MOST: usize = 1_000;

/// Series that are forecast together.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Which series, as the caller counts, in their order.
    pub members: Vec<usize>,
    /// All periods of the members, in order of time.
    pub periods: Vec<Day>,
}

/// A forecast, or why there is none, with the scores of the same forecast made at earlier periods.
pub type Backtested = (Result<Forecast, Refusal>, Vec<OriginScore>);

/// Sorts series into pools. A series on no calendar, or whose days shift on it, stands alone.
pub fn pools(series: &[Points]) -> Vec<Pool> {
    let mut pools: Vec<(Option<Calendar>, Pool)> = Vec::new();
    for (number, points) in series.iter().enumerate() {
        let days: Vec<Day> = points.iter().map(|(day, _)| *day).collect();
        let calendar = Calendar::of(&days);
        let found = pools.iter_mut().find(|(other, pool)| {
            let agrees = |other: &Calendar, own: &Calendar| other.step() == own.step() && other.holds(&days);
            pool.members.len() < MOST && other.zip(calendar).is_some_and(|(other, own)| agrees(&other, &own))
        });
        match found {
            Some((_, pool)) => {
                pool.members.push(number);
                pool.periods.extend(days);
            }
            None => {
                // A calendar that its own days shift on has no room for others.
                let calendar = calendar.filter(|calendar| calendar.holds(&days));
                pools.push((calendar, Pool { members: vec![number], periods: days }));
            }
        }
    }
    let in_order = |(_, mut pool): (_, Pool)| {
        pool.periods.sort_unstable();
        pool.periods.dedup();
        pool
    };
    pools.into_iter().map(in_order).collect()
}

/// Forecasts the series of one pool for so many steps from the last of its periods, each with its scores at up to
/// `most_origins` earlier ones, oldest first. A series by itself is forecast by its own trend.
pub fn with_backtest(series: &[Points], steps: usize, most_origins: usize) -> Vec<Backtested> {
    let mut periods: Vec<Day> = series.iter().flatten().map(|(day, _)| *day).collect();
    periods.sort_unstable();
    periods.dedup();
    let forecasts = forecast(series, Periods::Shared(&periods), steps);
    let mut made: Vec<Backtested> = forecasts.into_iter().map(|forecast| (forecast, Vec::new())).collect();
    for origin in backtest::origins(&periods, steps, most_origins) {
        for one in backtest::judge(series, origin, steps, true) {
            made[one.series].1.extend(OriginScore::of(origin, std::slice::from_ref(&one)));
        }
    }
    made
}
