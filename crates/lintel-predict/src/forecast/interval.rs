//! Intervals from past errors: how far the method missed at each step, in units of each series' own changes.

use super::method::Record;
use super::panel::Panel;

/// The share of the values that the interval is to hold.
pub(super) const LEVEL: f64 = 0.8;
/// Widens an interval for the few independent stretches of time its errors come from: `1 + this / stretches`.
const FEW: f64 = 2.5;
/// Half width, in units of a year's mean absolute change, of an interval one year ahead where nothing is known: the 80 %
/// point of a normal distribution (1.28) over its mean absolute value (0.80).
const UNKNOWN: f64 = 1.6;
/// Errors of one step that a quantile needs.
const FEWEST: usize = 8;

/// Half widths by step, for each row, in the row's transformed unit.
pub(super) fn half_widths(panel: &Panel, record: &Record, steps: usize, behind: usize) -> Vec<Vec<f64>> {
    let steps = steps + behind;
    let log: Vec<usize> = (0..panel.rows.len()).filter(|n| panel.rows[*n].is_log).collect();
    let shared = panel.is_pooled().then(|| widths(panel, record, &log, steps));
    let of_row = |number: usize| {
        let row = &panel.rows[number];
        let own;
        let units = match &shared {
            Some(shared) if row.is_log => shared,
            _ => {
                own = widths(panel, record, &[number], steps);
                &own
            }
        };
        units.iter().map(|unit| unit * row.change).collect()
    };
    (0..panel.rows.len()).map(of_row).collect()
}

/// Half widths by step in units of scale, from the errors of some rows; never narrower than a step before.
fn widths(panel: &Panel, record: &Record, rows: &[usize], steps: usize) -> Vec<f64> {
    let mut widths = Vec::with_capacity(steps);
    let mut before = 0.0f64;
    for step in 0..steps {
        let of_step = |origin: &Vec<f64>| origin.get(step).copied().filter(|e| e.is_finite()).map(f64::abs);
        let mut errors: Vec<f64> = rows.iter().flat_map(|row| record.errors[*row].iter().filter_map(of_step)).collect();
        let origins = rows.iter().map(|row| record.errors[*row].iter().filter_map(of_step).count()).max().unwrap_or(0);
        let years = (step + 1) as f64 / panel.per_year;
        let unknown = UNKNOWN * years.sqrt();
        let width = if errors.len() < FEWEST {
            // Nothing is known from here on: like a random walk.
            if step > 0 { before * ((step + 1) as f64 / step as f64).sqrt() } else { unknown }
        } else {
            // Origins are a quarter apart, or one step: errors further than the step is long are independent.
            let apart = (1.0 / panel.per_year).max(0.25);
            let stretches = (origins as f64 * apart / years.max(apart)).max(1.0);
            quantile(&mut errors, LEVEL) * (1.0 + FEW / stretches)
        };
        before = before.max(width);
        widths.push(before);
    }
    widths
}

/// The value that a share of the values is at most.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len()) - 1;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}
