//! Finds columns that alone give the label away.

use super::bins::Cuts;
use super::metrics::auc;
use super::split::fold_numbers;
use super::table::{Cells, MISSING, Table};

/// A column whose out-of-fold rates rank the label this well determines it.
pub const LEAK_AUC: f64 = 0.985;
/// A column whose ranks follow the label's this closely determines it.
pub const LEAK_CORRELATION: f64 = 0.9995;

/// The columns that determine a yes-or-no label, by position.
pub fn class_leaks(table: &Table, positive: &[bool], seed: u64) -> Vec<usize> {
    const FOLDS: usize = 5;
    if table.rows() < 20 || positive.len() != table.rows() {
        return Vec::new();
    }
    let fold_of = fold_numbers(table.rows(), None, FOLDS, seed);
    let overall = positive.iter().filter(|hit| **hit).count() as f64 / positive.len() as f64;
    (0..table.cells().len())
        .filter(|column| {
            let (codes, count) = codes_of(&table.cells()[*column]);
            let mut hits = vec![0.0; count * FOLDS];
            let mut rows = vec![0.0; count * FOLDS];
            for (row, code) in codes.iter().enumerate() {
                let cell = code * FOLDS + fold_of[row] as usize;
                rows[cell] += 1.0;
                hits[cell] += f64::from(u8::from(positive[row]));
            }
            let rates: Vec<f64> = codes
                .iter()
                .zip(&fold_of)
                .map(|(code, fold)| {
                    let others = (0..FOLDS).filter(|other| other != &(*fold as usize));
                    let (h, n) = others.fold((0.0, 0.0), |sum, other| {
                        let cell = code * FOLDS + other;
                        (sum.0 + hits[cell], sum.1 + rows[cell])
                    });
                    (h + overall) / (n + 1.0)
                })
                .collect();
            auc(&rates, positive).is_some_and(|area| area >= LEAK_AUC)
        })
        .collect()
}

/// The columns of numbers that follow a numeric label rank by rank, by position.
pub fn number_leaks(table: &Table, targets: &[f64]) -> Vec<usize> {
    if table.rows() < 20 || targets.len() != table.rows() {
        return Vec::new();
    }
    (0..table.cells().len())
        .filter(|column| match &table.cells()[*column] {
            Cells::Words(_) => false,
            Cells::Numbers(numbers) => {
                let known: Vec<usize> = (0..numbers.len()).filter(|row| !numbers[*row].is_nan()).collect();
                if known.len() * 2 < numbers.len() {
                    return false;
                }
                let own: Vec<f64> = known.iter().map(|row| f64::from(numbers[*row])).collect();
                let label: Vec<f64> = known.iter().map(|row| targets[*row]).collect();
                correlation(&ranks(&own), &ranks(&label)).abs() >= LEAK_CORRELATION
            }
        })
        .collect()
}

/// One small code a row: quantile bins of numbers, words as they are, missing as 0.
fn codes_of(cells: &Cells) -> (Vec<usize>, usize) {
    match cells {
        Cells::Numbers(numbers) => {
            let cuts = Cuts::of(numbers, 64);
            let codes = numbers.iter().map(|value| cuts.bin(*value) as usize).collect();
            (codes, cuts.bins())
        }
        Cells::Words(words) => {
            let code = |code: &u32| if *code == MISSING { 0 } else { *code as usize + 1 };
            (words.codes().iter().map(code).collect(), words.words().len() + 1)
        }
    }
}

/// Ranks from 0, equal values sharing their middle rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < order.len() {
        let mut end = at + 1;
        while end < order.len() && values[order[end]] == values[order[at]] {
            end += 1;
        }
        for row in &order[at..end] {
            ranks[*row] = (at + end - 1) as f64 / 2.0;
        }
        at = end;
    }
    ranks
}

/// Pearson's correlation; 0 when either side does not vary.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    if n == 0.0 {
        return 0.0;
    }
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - mean_a) * (y - mean_b);
        aa += (x - mean_a).powi(2);
        bb += (y - mean_b).powi(2);
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}
