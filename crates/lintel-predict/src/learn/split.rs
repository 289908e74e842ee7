//! Splits of rows into folds: at random, by group, or along time.

use crate::error::{Error, Result};
use lintel_domain::rng::Rng;
use std::collections::HashMap;

/// One split: rows to learn from and rows to measure on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from, ascending.
    pub train: Vec<usize>,
    /// Rows to measure on, ascending.
    pub valid: Vec<usize>,
}

/// `folds` disjoint random parts, each measured once. Rows that share a group stay together.
///
/// A row's fold depends on the seed and its group (or position) alone. With fewer rows or
/// groups than folds some folds are empty and left out.
pub fn folds(rows: usize, groups: Option<&[u64]>, folds: usize, seed: u64) -> Vec<Split> {
    let fold_of = fold_numbers(rows, groups, folds.max(2), seed);
    splits_of(&fold_of, folds.max(2))
}

/// The fold of each row, in `0..folds`, of nearly equal sizes (in groups).
pub(crate) fn fold_numbers(rows: usize, groups: Option<&[u64]>, folds: usize, seed: u64) -> Vec<u32> {
    let mut units: Vec<u64> = match groups {
        Some(groups) => groups.to_vec(),
        None => (0..rows as u64).collect(),
    };
    let of_row = units.clone();
    units.sort_unstable();
    units.dedup();
    Rng::new(seed ^ 0x666f_6c64).shuffle(&mut units);
    let fold_of: HashMap<u64, u32> =
        units.into_iter().enumerate().map(|(position, unit)| (unit, (position % folds) as u32)).collect();
    of_row.iter().map(|unit| fold_of[unit]).collect()
}

/// Folds with the same share of each class in every fold; groups win over balance when given.
pub fn stratified_folds(positive: &[bool], groups: Option<&[u64]>, count: usize, seed: u64) -> Vec<Split> {
    let count = count.max(2);
    if groups.is_some() {
        return folds(positive.len(), groups, count, seed);
    }
    let mut fold_of = vec![0_u32; positive.len()];
    let mut random = Rng::new(seed ^ 0x7374_7261);
    let mut next = 0;
    for class in [true, false] {
        let mut members: Vec<usize> = (0..positive.len()).filter(|row| positive[*row] == class).collect();
        random.shuffle(&mut members);
        for row in members {
            fold_of[row] = (next % count) as u32;
            next += 1;
        }
    }
    splits_of(&fold_of, count)
}

/// Forward splits along time: the last `share` of the rows in `blocks` equal parts, each
/// measured after learning from everything strictly earlier.
///
/// Rows with equal times are never on both sides.
pub fn forward(times: &[f64], share: f64, blocks: usize) -> Vec<Split> {
    let mut order: Vec<usize> = (0..times.len()).filter(|row| times[*row].is_finite()).collect();
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]).then(a.cmp(b)));
    let blocks = blocks.max(1);
    let rows = order.len();
    let first = rows - (rows as f64 * share.clamp(0.0, 1.0)).round() as usize;
    let mut edges: Vec<usize> = (0..=blocks).map(|block| first + (rows - first) * block / blocks).collect();
    for edge in &mut edges {
        while *edge > 0 && *edge < rows && times[order[*edge]] == times[order[*edge - 1]] {
            *edge -= 1;
        }
    }
    edges
        .windows(2)
        .filter(|pair| pair[0] > 0 && pair[1] > pair[0])
        .map(|pair| Split { train: sorted(&order[..pair[0]]), valid: sorted(&order[pair[0]..pair[1]]) })
        .collect()
}

/// How much of the latest rows is held out, and in how many steps, where rows have a time.
const TAIL: (f64, usize) = (0.3, 3);

/// The splits that measure a model on later rows than it learnt from; fails when all rows have one time.
pub fn tail(times: &[f64]) -> Result<Vec<Split>> {
    let splits = forward(times, TAIL.0, TAIL.1);
    if splits.is_empty() {
        return Err(Error::InsufficientData { rows: times.len(), needed: 2, what: "rows of different times" });
    }
    Ok(splits)
}

fn splits_of(fold_of: &[u32], count: usize) -> Vec<Split> {
    (0..count as u32)
        .map(|fold| {
            let (valid, train) = (0..fold_of.len()).partition(|row| fold_of[*row] == fold);
            Split { train, valid }
        })
        .filter(|split| !split.train.is_empty() && !split.valid.is_empty())
        .collect()
}

fn sorted(rows: &[usize]) -> Vec<usize> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows
}
