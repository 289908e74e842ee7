//! What the forecasts are worth: made again as of earlier periods, without anything later, and held against what came.

use lintel_domain::clock::Day;

use super::calendar::Calendar;
use super::{MIN_POINTS, Periods, Points, forecast};

/// The forecast of one series made at one period, held against what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Which series, as the caller counts.
    pub series: usize,
    /// The periods of which something came, at least one.
    pub steps: Vec<JudgedStep>,
}

/// One period of a forecast, held against what came. Errors are in units of the series' mean absolute change over one
/// year before the origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedStep {
    /// How many periods ahead, from 1.
    pub step: usize,
    /// The absolute error.
    pub error: f64,
    /// The absolute error of saying the last value again.
    pub naive: f64,
    /// Whether the value lay in the 80 % interval.
    pub inside: bool,
}

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

/// How forecasts so many periods ahead did, over all origins and series.
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonScore {
    /// How many periods ahead, from 1.
    pub step: usize,
    /// Values judged.
    pub values: usize,
    /// Mean absolute error in units of each series' mean absolute change over one year.
    pub mase: f64,
    /// The same of the forecast that says the last value again.
    pub naive_mase: f64,
    /// Share of values inside the 80 % interval.
    pub coverage: f64,
}

/// Scores forecasts of so many steps made as of each origin. Origins at which no series can be judged are left out.
pub fn score(series: &[Points], origins: &[Day], steps: usize, shared: bool) -> Vec<OriginScore> {
    let judged = |origin: &Day| OriginScore::of(*origin, &judge(series, *origin, steps, shared));
    origins.iter().filter_map(judged).collect()
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

/// Forecasts as of an origin, each held against what came; series that cannot be forecast or judged are left out. With
/// `shared` periods those that end before the origin are left out too.
pub fn judge(series: &[Points], origin: Day, steps: usize, shared: bool) -> Vec<Judged> {
    let known: Vec<Points> = series.iter().map(|points| points[..known_at(points, origin)].to_vec()).collect();
    let mut days: Vec<Day> = known.iter().flatten().map(|(day, _)| *day).collect();
    days.sort_unstable();
    days.dedup();
    let periods = if shared { Periods::Shared(&days) } else { Periods::Own };
    let forecasts = forecast(&known, periods, steps);
    let mut judged = Vec::new();
    for (number, (points, forecast)) in series.iter().zip(&forecasts).enumerate() {
        let known = &known[number];
        let (Ok(forecast), Some((last_day, last))) = (forecast, known.last()) else { continue };
        let Some(unit) = yearly_change(known) else { continue };
        if shared && *last_day != origin {
            continue;
        }
        let mut ahead = forecast.steps.iter().enumerate().peekable();
        let mut steps = Vec::new();
        for (day, value) in &points[known.len()..] {
            while ahead.next_if(|(_, step)| step.period < *day).is_some() {}
            let Some((at, step)) = ahead.next_if(|(_, step)| step.period == *day) else { continue };
            steps.push(JudgedStep {
                step: at + 1,
                error: (value - step.mean).abs() / unit,
                naive: (value - last).abs() / unit,
                inside: (step.lower80..=step.upper80).contains(value),
            });
        }
        if !steps.is_empty() {
            judged.push(Judged { series: number, steps });
        }
    }
    judged
}

impl OriginScore {
    /// Of the forecasts made at one origin; `None` of none.
    pub fn of(origin: Day, judged: &[Judged]) -> Option<Self> {
        let mut score = Self { origin, series: judged.len(), values: 0, mase: 0.0, naive_mase: 0.0, coverage: 0.0 };
        for one in judged {
            let n = one.steps.len() as f64;
            score.values += one.steps.len();
            score.mase += one.steps.iter().map(|step| step.error).sum::<f64>() / n;
            score.naive_mase += one.steps.iter().map(|step| step.naive).sum::<f64>() / n;
            score.coverage += one.steps.iter().filter(|step| step.inside).count() as f64;
        }
        if score.series == 0 {
            return None;
        }
        score.mase /= score.series as f64;
        score.naive_mase /= score.series as f64;
        score.coverage /= score.values as f64;
        Some(score)
    }
}

/// The forecasts of several origins and series by how far ahead they look, the nearest first.
pub fn by_horizon<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Vec<HorizonScore> {
    let mut scores: Vec<HorizonScore> = Vec::new();
    for step in judged.into_iter().flat_map(|one| &one.steps) {
        while scores.len() < step.step {
            let step = scores.len() + 1;
            scores.push(HorizonScore { step, values: 0, mase: 0.0, naive_mase: 0.0, coverage: 0.0 });
        }
        let score = &mut scores[step.step - 1];
        score.values += 1;
        score.mase += step.error;
        score.naive_mase += step.naive;
        score.coverage += f64::from(u8::from(step.inside));
    }
    scores.retain(|score| score.values > 0);
    for score in &mut scores {
        let n = score.values as f64;
        score.mase /= n;
        score.naive_mase /= n;
        score.coverage /= n;
    }
    scores
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
