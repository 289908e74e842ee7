//! What changes along time: columns that tell the time rather than the row, how much older rows count, where the level goes.

use super::calibrate::MAX_LOG_ODDS;
use super::loss::Loss;
use super::metrics::sigmoid;
use super::table::{Cells, Table};

/// Rows before this share, in time, are early, those after it late.
const LATE_FROM: f64 = 0.75;
/// Numbers whose early and late distributions are this far apart (Kolmogorov and Smirnov) tell the time.
const APART: f64 = 0.5;
/// A row counts half as much as one this share of all rows later.
const HALF_LIFE: f64 = 0.15;
/// Stretches of time that are told apart.
const STRETCHES: usize = 20;
/// Share of the last shift of the level that is expected to come again.
const CARRIED: f64 = 0.5;

/// Position of each row in time, from 0 for the earliest to 1 for the latest; equal times share their first.
pub(crate) fn ages(times: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]).then(a.cmp(b)));
    let last = times.len().saturating_sub(1).max(1) as f64;
    let mut ages = vec![0.0; times.len()];
    let mut first = 0;
    for (at, row) in order.iter().enumerate() {
        if times[*row] != times[order[first]] {
            first = at;
        }
        ages[*row] = first as f64 / last;
    }
    ages
}

/// The stretch of time in which each row lies, of [`STRETCHES`] with as many rows each.
pub(crate) fn stretches(times: &[f64]) -> Vec<usize> {
    ages(times).into_iter().map(|age| ((age * STRETCHES as f64) as usize).min(STRETCHES - 1)).collect()
}

/// Share of the variance of some values, given from their mean, that lies between stretches of time: 1 where all rows
/// of a stretch have the same, near 0 where the value says nothing about the time.
pub(crate) fn told_by_time(centred: &[f64], stretches: &[usize], weights: &[f64]) -> f64 {
    let mut sums = [(0.0, 0.0); STRETCHES];
    let mut whole = 0.0;
    for ((value, stretch), weight) in centred.iter().zip(stretches).zip(weights) {
        sums[*stretch].0 += weight * value;
        sums[*stretch].1 += weight;
        whole += weight * value * value;
    }
    let between: f64 = sums.iter().filter(|(_, weight)| *weight > 0.0).map(|(sum, weight)| sum * sum / weight).sum();
    if whole > 0.0 { (between / whole).clamp(0.0, 1.0) } else { 0.0 }
}

/// Weights that halve with age, 1 for the latest row.
pub(crate) fn recency(ages: &[f64]) -> Vec<f32> {
    ages.iter().map(|age| 0.5_f64.powf((1.0 - age) / HALF_LIFE) as f32).collect()
}

/// The columns of numbers whose late values lie apart from the early ones.
///
/// A tree that splits on such a column has learnt a date: no later row falls where it has seen both sides.
pub(crate) fn drifting(table: &Table, ages: &[f64]) -> Vec<usize> {
    let apart = |cells: &Cells| match cells {
        Cells::Words(_) => false,
        Cells::Numbers(numbers) => {
            let (late, early): (Vec<usize>, Vec<usize>) =
                (0..numbers.len()).filter(|row| !numbers[*row].is_nan()).partition(|row| ages[*row] >= LATE_FROM);
            let pick = |rows: &[usize]| -> Vec<f32> { rows.iter().map(|row| numbers[*row]).collect() };
            distance(pick(&early), pick(&late)) >= APART
        }
    };
    (0..table.cells().len()).filter(|column| apart(&table.cells()[*column])).collect()
}

/// Predictions of rows that came later than those learnt from, and what happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    /// Raw log-odds.
    pub(crate) raw: Vec<f64>,
    /// Whether the row was positive.
    pub(crate) hits: Vec<bool>,
}

/// How far the level is expected to move on after the last of some blocks in time, and the last block's
/// log-odds moved as that rule would have had it.
///
/// Each block was off by some shift of the level. Half of it is carried on to what comes, where that
/// would have helped on the blocks before: never all of it, for the model has learnt the block since.
pub(crate) fn follow_level(blocks: &[Block]) -> (f64, Vec<f64>) {
    let shifts: Vec<f64> = blocks.iter().map(Block::shift).collect();
    let after =
        |share: f64| -> f64 { blocks.iter().skip(1).zip(&shifts).map(|(b, shift)| b.loss(share * shift)).sum() };
    let share = if after(CARRIED) <= after(0.0) { CARRIED } else { 0.0 };
    let before = shifts.len().checked_sub(2).map_or(0.0, |at| share * shifts[at]);
    let moved = blocks.last().map(|last| last.raw.iter().map(|raw| raw + before).collect());
    (share * shifts.last().copied().unwrap_or(0.0), moved.unwrap_or_default())
}

impl Block {
    /// What added to all log-odds makes their mean probability the rate of positives, by bisection.
    fn shift(&self) -> f64 {
        let hits = self.hits.iter().filter(|hit| **hit).count() as f64;
        let (mut low, mut high) = (-2.0 * MAX_LOG_ODDS, 2.0 * MAX_LOG_ODDS);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            let told: f64 = self.raw.iter().map(|raw| sigmoid(raw + middle)).sum();
            if told < hits {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }

    fn loss(&self, shift: f64) -> f64 {
        let target = |hit: &bool| f64::from(u8::from(*hit));
        self.raw.iter().zip(&self.hits).map(|(raw, hit)| Loss::Logistic.value(target(hit), raw + shift)).sum()
    }
}

/// The largest gap between two cumulative distributions; 0 when either is empty.
fn distance(mut a: Vec<f32>, mut b: Vec<f32>) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    a.sort_by(f32::total_cmp);
    b.sort_by(f32::total_cmp);
    let share =
        |sorted: &[f32], value: f32| sorted.partition_point(|other| *other <= value) as f64 / sorted.len() as f64;
    a.iter().chain(&b).map(|value| (share(&a, *value) - share(&b, *value)).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::{Column, ColumnValues};

    #[test]
    fn numbers_that_tell_the_date_drift_and_others_do_not() {
        let ages: Vec<f64> = (0..400).map(|row| f64::from(row) / 399.0).collect();
        let date: Vec<f64> = (0..400).map(f64::from).collect();
        let other: Vec<f64> = (0..400).map(|row| f64::from(row * 7919 % 400)).collect();
        let columns = vec![
            (Column::number("date"), ColumnValues::Numbers(&date)),
            (Column::number("other"), ColumnValues::Numbers(&other)),
            (Column::number("nothing"), ColumnValues::Numbers(&[f64::NAN; 400])),
        ];
        assert_eq!(drifting(&Table::from_columns(columns).unwrap(), &ages), vec![0]);
    }

    #[test]
    fn ages_follow_time_whatever_the_order_of_rows() {
        assert_eq!(ages(&[30.0, 10.0, 20.0]), vec![1.0, 0.0, 0.5]);
        assert_eq!(ages(&[5.0, 5.0, 9.0]), vec![0.0, 0.0, 1.0]);
        let weights = recency(&[1.0, 1.0 - HALF_LIFE]);
        assert!((weights[0] - 1.0).abs() < 1e-6 && (weights[1] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn what_a_stretch_of_time_shares_is_told_by_time_and_what_varies_in_it_is_not() {
        let times: Vec<f64> = (0..1000).map(f64::from).collect();
        let (stretches, weights) = (stretches(&times), vec![1.0; 1000]);
        let told = |of: &dyn Fn(usize) -> f64| {
            let mean = (0..1000).map(of).sum::<f64>() / 1000.0;
            told_by_time(&(0..1000).map(|row| of(row) - mean).collect::<Vec<_>>(), &stretches, &weights)
        };
        assert!(told(&|row| (row / 100) as f64) > 0.95);
        assert!(told(&|row| (row * 7919 % 1000) as f64) < 0.05);
        assert_eq!(told(&|_| 3.0), 0.0);
    }

    /// A block predicted at one rate where another happened.
    fn block(told: f64, positives: usize) -> Block {
        Block { raw: vec![told; 100], hits: (0..100).map(|row| row < positives).collect() }
    }

    #[test]
    fn a_level_that_rises_in_every_block_is_followed_and_one_that_swings_is_not() {
        let (rising, moved) = follow_level(&[block(0.0, 70), block(0.0, 70), block(0.0, 70)]);
        assert!((sigmoid(rising / CARRIED) - 0.7).abs() < 1e-9);
        assert!(moved.iter().all(|raw| (raw - rising).abs() < 1e-9));
        let (swinging, moved) = follow_level(&[block(0.0, 70), block(0.0, 30), block(0.0, 70)]);
        assert_eq!((swinging, moved[0]), (0.0, 0.0));
        let (alone, moved) = follow_level(&[block(0.0, 70)]);
        assert!((alone - rising).abs() < 1e-9);
        assert_eq!(moved[0], 0.0);
    }
}
