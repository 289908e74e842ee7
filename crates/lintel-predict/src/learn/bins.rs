//! Quantile bins: every number becomes one byte, 0 for missing.

/// Numbers by column; NaN is missing. All columns have the same length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    columns: Vec<Vec<f32>>,
    rows: usize,
}

impl Matrix {
    /// A matrix of these columns, cut to the shortest.
    pub fn new(mut columns: Vec<Vec<f32>>) -> Self {
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        for column in &mut columns {
            column.truncate(rows);
        }
        Self { columns, rows }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns.
    pub fn columns(&self) -> &[Vec<f32>] {
        &self.columns
    }

    /// Copies one row into `out`.
    pub fn row_into(&self, row: usize, out: &mut Vec<f32>) {
        out.clear();
        out.extend(self.columns.iter().map(|column| column[row]));
    }

    /// The matrix of some of the rows, in the given order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            columns: self.columns.iter().map(|column| rows.iter().map(|row| column[*row]).collect()).collect(),
            rows: rows.len(),
        }
    }
}

/// The cut points of one column, ascending: bin `b ≥ 1` holds `cuts[b−2] < x ≤ cuts[b−1]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Cuts(pub(crate) Vec<f32>);

/// Columns longer than this are cut by an evenly spaced sample.
const SAMPLE: usize = 200_000;

impl Cuts {
    /// Cuts so that each bin holds about the same number of rows; at most `max_bins` bins.
    pub(crate) fn of(column: &[f32], max_bins: usize) -> Self {
        let step = column.len().div_ceil(SAMPLE).max(1);
        let mut values: Vec<f32> = column.iter().step_by(step).copied().filter(|value| !value.is_nan()).collect();
        values.sort_by(f32::total_cmp);
        let mut distinct: Vec<(f32, usize)> = Vec::new();
        for value in &values {
            match distinct.last_mut() {
                Some((last, count)) if *last == *value => *count += 1,
                _ => distinct.push((*value, 1)),
            }
        }
        let max_bins = max_bins.clamp(2, 255);
        let mut cuts = Vec::new();
        let mut left = values.len();
        let mut bins_left = max_bins;
        let mut filled = 0;
        for pair in distinct.windows(2) {
            filled += pair[0].1;
            let all_fit = distinct.len() <= max_bins;
            let target = left as f64 / bins_left as f64;
            // Close the bin when it is full, or when the next value alone would overfill it.
            let full = filled as f64 >= target || (pair[1].1 as f64 >= target && filled as f64 >= target / 2.0);
            if all_fit || (full && bins_left > 1) {
                cuts.push(between(pair[0].0, pair[1].0));
                left -= filled;
                bins_left = bins_left.saturating_sub(1).max(1);
                filled = 0;
            }
        }
        Self(cuts)
    }

    /// The bin of a value: 0 for missing, else 1 and up.
    pub(crate) fn bin(&self, value: f32) -> u8 {
        if value.is_nan() { 0 } else { 1 + self.0.partition_point(|cut| *cut < value) as u8 }
    }

    /// How many bins there are, the missing one included.
    pub(crate) fn bins(&self) -> usize {
        self.0.len() + 2
    }
}

/// A number `m` with `low ≤ m < high`, in the middle where floats allow.
fn between(low: f32, high: f32) -> f32 {
    let middle = (f64::from(low) + (f64::from(high) - f64::from(low)) / 2.0) as f32;
    if middle >= low && middle < high { middle } else { low }
}

/// A matrix as bins, by column.
#[derive(Debug, Clone)]
pub(crate) struct Binned {
    pub(crate) columns: Vec<Vec<u8>>,
    pub(crate) rows: usize,
}

impl Binned {
    pub(crate) fn of(matrix: &Matrix, cuts: &[Cuts]) -> Self {
        Self {
            columns: matrix
                .columns
                .iter()
                .zip(cuts)
                .map(|(column, cuts)| column.iter().map(|value| cuts.bin(*value)).collect())
                .collect(),
            rows: matrix.rows,
        }
    }
}
