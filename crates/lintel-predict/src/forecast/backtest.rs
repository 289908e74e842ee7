//! What the forecasts are worth: made again as of earlier periods, without anything later, and held against what came.

use lintel_domain::clock::Day;

use super::calendar::Calendar;
use super::{MIN_POINTS, Periods, Points, forecast};

/// How forecasts made at one period did, over all series that could be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginScore {
    /// The last period that was known.
    pub origin: Day,
    /// Series judged.
    pub series: usize,
    /// Values judged.
    pub values: usize,
    /// Mean over the series of the mean absolute error over the series' mean absolute change over one year before the
    /// origin (MASE with the seasonal naive forecast as its unit; Hyndman and Koehler 2006).
    pub mase: f64,
    /// The same of the forecast that says the last value again.
    pub naive_mase: f64,
    /// Share of values inside the 80 % interval.
    pub coverage: f64,
}

/// Scores forecasts of so many steps made as of each origin. Origins at which no series can be judged are left out.
pub fn score(series: &[Points], origins: &[Day], steps: usize, shared: bool) -> Vec<OriginScore> {
    origins.iter().filter_map(|origin| score_one(series, *origin, steps, shared)).collect()
}

/// Up to `most` origins for a backtest of so many steps, oldest first: half a horizon apart at least, the newest a whole
/// horizon before the last of the periods, the oldest with half of the periods and [`MIN_POINTS`] before it.
pub fn origins(periods: &[Day], steps: usize, most: usize) -> Vec<Day> {
    let oldest = (periods.len() / 2).max(MIN_POINTS);
    let Some(newest) = periods.len().checked_sub(steps + 1).filter(|newest| *newest >= oldest) else {
        return Vec::new();
    };
    let apart = (steps / 2).max((newest - oldest).div_ceil(most.max(1))).max(1);
    let mut origins: Vec<Day> = (oldest..=newest).rev().step_by(apart).take(most).map(|at| periods[at]).collect();
    origins.reverse();
    origins
}

fn score_one(series: &[Points], origin: Day, steps: usize, shared: bool) -> Option<OriginScore> {
    let known: Vec<Points> = series.iter().map(|points| points[..known_at(points, origin)].to_vec()).collect();
    let mut days: Vec<Day> = known.iter().flatten().map(|(day, _)| *day).collect();
    days.sort_unstable();
    days.dedup();
    let periods = if shared { Periods::Shared(&days) } else { Periods::Own };
    let forecasts = forecast(&known, periods, steps);
    let mut score = OriginScore { origin, series: 0, values: 0, mase: 0.0, naive_mase: 0.0, coverage: 0.0 };
    for ((points, known), forecast) in series.iter().zip(&known).zip(&forecasts) {
        let (Ok(forecast), Some((last_day, last))) = (forecast, known.last()) else { continue };
        let Some(unit) = yearly_change(known) else { continue };
        if shared && *last_day != origin {
            continue;
        }
        let (mut error, mut naive, mut inside, mut n) = (0.0, 0.0, 0usize, 0usize);
        let mut steps = forecast.steps.iter().peekable();
        for (day, value) in &points[known.len()..] {
            while steps.next_if(|step| step.period < *day).is_some() {}
            let Some(step) = steps.next_if(|step| step.period == *day) else { continue };
            error += (value - step.mean).abs();
            naive += (value - last).abs();
            inside += usize::from((step.lower80..=step.upper80).contains(value));
            n += 1;
        }
        if n > 0 {
            score.series += 1;
            score.values += n;
            score.mase += error / n as f64 / unit;
            score.naive_mase += naive / n as f64 / unit;
            score.coverage += inside as f64;
        }
    }
    if score.series == 0 {
        return None;
    }
    score.mase /= score.series as f64;
    score.naive_mase /= score.series as f64;
    score.coverage /= score.values as f64;
    Some(score)
}

fn known_at(points: &Points, origin: Day) -> usize {
    points.partition_point(|(day, _)| *day <= origin)
}

/// Mean absolute change over one year; `None` when there is no change, and for less than three years, whose few changes
/// are no unit.
fn yearly_change(points: &Points) -> Option<f64> {
    let days: Vec<Day> = points.iter().map(|(day, _)| *day).collect();
    let calendar = Calendar::of(&days)?;
    let slots: Vec<i64> = days.iter().map(|day| calendar.slot(*day)).collect::<Option<_>>()?;
    let year = (calendar.step().per_year().round() as i64).max(1);
    if slots[slots.len() - 1] - slots[0] + 1 < 3 * year {
        return None;
    }
    let (mut sum, mut n) = (0.0, 0usize);
    for (i, slot) in slots.iter().enumerate() {
        if let Ok(before) = slots[..i].binary_search(&(slot - year)) {
            sum += (points[i].1 - points[before].1).abs();
            n += 1;
        }
    }
    let mean = sum / n as f64;
    (mean > 0.0).then_some(mean)
}
