//! Forecasts of many series at once: damped trends of the market they share and of what each adds to it, weighed by how
//! far they missed before, with intervals from those misses.
//!
//! Positive series are forecast in logarithms, so growth is relative and no forecast falls below 0. Nothing depends on the
//! order of the series. The parts: [`calendar`] (periods), `panel` (series side by side), `season`, `trend` (candidates),
//! `market` (the common growth), `method` (weights by past error), `alone` (those of a series without a market), `interval`, [`backtest`] (what it is worth), [`pool`]
//! (which series go together).

pub mod backtest;
pub mod calendar;
pub mod pool;

mod alone;
mod interval;
mod market;
mod method;
mod panel;
mod season;
mod trend;

use std::collections::BTreeMap;

use lintel_domain::clock::Day;

use calendar::Calendar;
use method::Method;
use panel::{Panel, Placed};

/// Values that a series needs.
pub const MIN_POINTS: usize = 6;
/// Series that are taken for a market.
const POOL: usize = 8;
/// The most steps that are forecast.
pub const MOST_STEPS: usize = 1_000;

/// One series: its periods and values, in order of time, without empty ones.
pub type Points = Vec<(Day, f64)>;

/// Which periods come next.
#[derive(Debug, Clone, Copy)]
pub enum Periods<'a> {
    /// All series lie on these periods, sorted and distinct; the forecasts follow the last of them.
    Shared(&'a [Day]),
    /// Each series has its own; its forecast follows its last value.
    Own,
}

/// The forecast of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Where it comes from.
    pub method: &'static str,
    /// One for each step, in order of time.
    pub steps: Vec<ForecastStep>,
}

/// The forecast of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForecastStep {
    /// The period, by its day.
    pub period: Day,
    /// The centre of what is expected.
    pub mean: f64,
    /// Four in five values are expected between this …
    pub lower80: f64,
    /// … and this.
    pub upper80: f64,
}

/// Why a series is not forecast.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There are too few values.
    #[error("insufficient data (n = {found}), at least {MIN_POINTS} values are needed")]
    TooShort {
        /// How many there are.
        found: usize,
    },
    /// The periods are on no calendar: two in one period, or no regular distance.
    #[error("the periods are not regular")]
    Irregular,
    /// The last value is too old to go on from.
    #[error("the last value is of {last}, more than a year before the end of the periods")]
    Ended {
        /// The period of the last value.
        last: Day,
    },
    /// The forecast would lie beyond what can be written as a date or a number.
    #[error("the forecast is out of range")]
    OutOfRange,
}

/// Forecasts every series for so many steps (at most [`MOST_STEPS`]), in the order given.
///
/// With [`Periods::Shared`] a series may end up to a year before the last period. Irregular shared periods refuse all.
pub fn forecast(series: &[Points], periods: Periods<'_>, steps: usize) -> Vec<Result<Forecast, Refusal>> {
    let steps = steps.min(MOST_STEPS);
    let shared = match periods {
        Periods::Shared(days) => Calendar::of(days),
        Periods::Own => None,
    };
    let mut outcomes: Vec<Result<Forecast, Refusal>> = Vec::with_capacity(series.len());
    let mut panels: BTreeMap<Calendar, Vec<Placed>> = BTreeMap::new();
    for (number, points) in series.iter().enumerate() {
        let calendar = match periods {
            Periods::Shared(_) => shared,
            Periods::Own => Calendar::of(&points.iter().map(|(day, _)| *day).collect::<Vec<_>>()),
        };
        match placed(points, calendar) {
            Ok((calendar, slots)) => {
                panels.entry(calendar).or_default().push((number, slots));
                outcomes.push(Err(Refusal::OutOfRange));
            }
            Err(refusal) => outcomes.push(Err(refusal)),
        }
    }
    for (calendar, given) in panels {
        let panel = Panel::new(&calendar, 0, steps, given);
        for (number, outcome) in of_panel(&calendar, &panel, steps) {
            outcomes[number] = outcome;
        }
    }
    outcomes
}

/// Puts the values of a series on its calendar, whose slot 0 is the last period.
fn placed(points: &Points, calendar: Option<Calendar>) -> Result<(Calendar, Vec<(i64, f64)>), Refusal> {
    if points.len() < MIN_POINTS {
        return Err(Refusal::TooShort { found: points.len() });
    }
    let calendar = calendar.ok_or(Refusal::Irregular)?;
    let slots = points.iter().map(|(day, value)| Some((calendar.slot(*day)?, *value)));
    let slots: Vec<(i64, f64)> = slots.collect::<Option<_>>().ok_or(Refusal::Irregular)?;
    let (last, (slot, _)) = (points[points.len() - 1].0, slots[slots.len() - 1]);
    if -slot > calendar.step().per_year().ceil() as i64 {
        return Err(Refusal::Ended { last });
    }
    Ok((calendar, slots))
}

fn of_panel(calendar: &Calendar, panel: &Panel, steps: usize) -> Vec<(usize, Result<Forecast, Refusal>)> {
    // A series that ends early has further to go: its widths are those of as many more steps.
    let behind = panel.rows.iter().map(|row| row.behind).max().unwrap_or(0);
    let (method, record) = Method::fit(panel, steps);
    let paths = method.paths();
    let widths = interval::half_widths(panel, &record, steps, behind);
    let name = if panel.is_pooled() { "market and own trend" } else { "own trend" };
    let rows = panel.rows.iter().zip(paths).zip(widths);
    rows.map(|((row, path), widths)| {
        let method = if row.is_log { name } else { "own trend" };
        let back = |value: f64| if row.is_log { value.exp() } else { value };
        let steps = path.iter().zip(&widths[row.behind..]).enumerate().map(|(i, (centre, width))| {
            let step = ForecastStep {
                period: calendar.day(i as i64 + 1)?,
                mean: back(*centre),
                lower80: back(centre - width),
                upper80: back(centre + width),
            };
            let finite = [step.mean, step.lower80, step.upper80].iter().all(|value| value.is_finite());
            finite.then_some(step)
        });
        let steps: Option<Vec<ForecastStep>> = steps.collect();
        (row.number, steps.map(|steps| Forecast { method, steps }).ok_or(Refusal::OutOfRange))
    })
    .collect()
}
