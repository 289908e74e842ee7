//! The series that are forecast together, side by side on one calendar, in logarithms where they are positive.

use super::calendar::Calendar;
use super::{MIN_POINTS, POOL};

/// A series: its number with the caller, and its values by slot of the calendar.
pub(super) type Placed = (usize, Vec<(i64, f64)>);

/// Series on one calendar. The order of the rows is that of their values, so no result depends on the caller's order.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) rows: Vec<Row>,
    /// Slots of history; what comes is forecast from here on.
    pub(super) length: usize,
    pub(super) per_year: f64,
    /// The place in the year of each slot, beyond the history too.
    pub(super) season: Vec<usize>,
    /// Places in the year; 0 where seasons are not looked for.
    pub(super) bins: usize,
}

/// One series.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Whose it is, as the caller counts.
    pub(super) number: usize,
    /// By slot, up to the end of the history: not a number before `first`, gaps bridged.
    pub(super) values: Vec<f64>,
    /// By slot: whether the value was given.
    pub(super) seen: Vec<bool>,
    pub(super) first: usize,
    /// Slots at the end of the history without a value.
    pub(super) behind: usize,
    pub(super) is_log: bool,
    /// Mean absolute change over one year, or the most that is known of it; 0 of a series that never changed.
    pub(super) change: f64,
    /// The unit in which errors are compared: the change, or 1 where there is none.
    pub(super) scale: f64,
}

impl Panel {
    /// Puts series side by side: each is its number and its values by slot, the last slot being `end`.
    pub(super) fn new(calendar: &Calendar, end: i64, steps: usize, given: Vec<Placed>) -> Self {
        let begin = given.iter().filter_map(|(_, points)| points.first().map(|(slot, _)| *slot)).min().unwrap_or(end);
        let length = (end - begin + 1) as usize;
        let per_year = calendar.step().per_year();
        let bins = bins(per_year);
        let season = (begin..=end + steps as i64)
            .map(|slot| calendar.year_share(slot).map_or(0, |share| (share * bins as f64) as usize))
            .collect();
        let mut rows: Vec<Row> =
            given.into_iter().map(|(number, points)| Row::new(number, begin, length, per_year, &points)).collect();
        rows.sort_by(|a, b| {
            let by_value = a.values.iter().zip(&b.values).map(|(a, b)| a.total_cmp(b));
            by_value.fold(a.first.cmp(&b.first), std::cmp::Ordering::then)
        });
        let mut panel = Self { rows, length, per_year, season, bins };
        panel.bridge_ends();
        panel
    }

    /// Whether there are enough series to learn from each other.
    pub(super) fn is_pooled(&self) -> bool {
        self.rows.iter().filter(|row| row.is_log).count() >= POOL
    }

    /// Series that end early go on with the mean growth of the others, or stay where they are when there are too few.
    fn bridge_ends(&mut self) {
        let pooled = self.is_pooled();
        for slot in 1..self.length {
            let mut sum = 0.0;
            let mut n = 0usize;
            for row in self.rows.iter().filter(|row| pooled && row.is_log && slot + row.behind < self.length) {
                if slot > row.first {
                    sum += row.values[slot] - row.values[slot - 1];
                    n += 1;
                }
            }
            let growth = if n == 0 { 0.0 } else { sum / n as f64 };
            for row in self.rows.iter_mut().filter(|row| slot + row.behind >= self.length) {
                row.values[slot] = row.values[slot - 1] + if row.is_log { growth } else { 0.0 };
            }
        }
    }
}

/// Places in the year: every period up to monthly, weeks for weekly series; none for shorter or longer steps.
fn bins(per_year: f64) -> usize {
    let periods = per_year.round() as usize;
    if (2..=12).contains(&periods) || (50..=53).contains(&periods) { periods.min(52) } else { 0 }
}

impl Row {
    fn new(number: usize, begin: i64, length: usize, per_year: f64, points: &[(i64, f64)]) -> Self {
        let is_log = points.iter().all(|(_, value)| *value > 0.0);
        let mut values = vec![f64::NAN; length];
        let mut seen = vec![false; length];
        let mut before: Option<(usize, f64)> = None;
        let mut first = 0;
        for (slot, value) in points {
            let slot = (slot - begin) as usize;
            let value = if is_log { value.ln() } else { *value };
            match before {
                None => first = slot,
                Some((from, start)) => {
                    let step = (value - start) / (slot - from) as f64;
                    for (n, between) in values[from + 1..slot].iter_mut().enumerate() {
                        *between = start + step * (n + 1) as f64;
                    }
                }
            }
            values[slot] = value;
            seen[slot] = true;
            before = Some((slot, value));
        }
        let last = before.map_or(0, |(slot, _)| slot);
        let change = change(&values[first..=last], per_year);
        let scale = if change > 0.0 { change } else { 1.0 };
        Self { number, values, seen, first, behind: length - 1 - last, is_log, change, scale }
    }

    /// Whether a forecast can be made, and judged, at the end of slot `now`.
    pub(super) fn is_known(&self, now: usize) -> bool {
        self.seen[now] && self.first + MIN_POINTS <= now + 1
    }
}

/// Mean absolute change over one year; over the longest span there is, scaled to a year as a random walk, when shorter.
fn change(values: &[f64], per_year: f64) -> f64 {
    let year = (per_year.round() as usize).max(1);
    let span = year.min(values.len().saturating_sub(1) / 2).max(1);
    let changes = values.windows(span + 1).map(|pair| (pair[span] - pair[0]).abs());
    let n = values.len().saturating_sub(span).max(1);
    changes.sum::<f64>() / n as f64 * (year as f64 / span as f64).sqrt()
}
