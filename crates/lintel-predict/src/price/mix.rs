//! What the home price learns with: a straight line, trees that grow on what it leaves, and trees of their own.
//!
//! The line carries what adds up over the whole market, such as area and a word of few sales; trees on what it
//! leaves carry the rest with less to learn; trees without it err in other ways. So their sum errs less than the
//! best of them. All read the same features: the sum is one model, stored and explained like any other.

use crate::error::{Error, Result};
use crate::learn::boost::{BoostOptions, Shape};
use crate::learn::loss::Loss;
use crate::learn::metrics::median;
use crate::learn::model::{Labels, TreeModel, cross_fit, held_out};
use crate::learn::progress::Progress;
use crate::learn::split::{Split, folds};
use crate::learn::table::Table;
use crate::learn::weigh::{Weighing, weigh};

/// Levels of a symmetric tree.
const LEVELS: usize = 6;
/// How much larger a share of each symmetric tree's step is taken, and how many more trees are allowed: such a tree
/// says less than a leaf-wise one.
const SYMMETRIC_RATE: f64 = 1.25;
const SYMMETRIC_ROUNDS: usize = 3;
/// Folds in which the line is fitted to the others, so that trees grow on what it leaves of sales it has not seen.
const FOLDS_OF_LINE: usize = 5;

/// Trees with their settings.
#[derive(Debug, Clone, PartialEq)]
struct Trees {
    options: BoostOptions,
    /// Whether they grow on what the line leaves, or on the target itself.
    after_line: bool,
}

/// The straight line: between median and mean, as the odd sales deserve.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    loss: Loss,
    seed: u64,
}

impl Line {
    fn learn(self, table: &Table, labels: Labels<'_>) -> Result<TreeModel> {
        TreeModel::line(table, labels, self.loss, self.seed)
    }

    /// What the line says of rows that it did not see.
    fn held_out(self, table: &Table, labels: Labels<'_>, splits: &[Split]) -> Result<Vec<f64>> {
        held_out(table, labels, splits, |table, labels| self.learn(table, labels))
    }
}

/// The parts that count, with weights that sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mix {
    line: Line,
    /// How much of the line counts, by itself and below trees.
    line_weight: f64,
    trees: Vec<(Trees, f64)>,
    /// The prediction of each row by models that did not see it.
    pub(crate) held_out: Vec<f64>,
}

impl Mix {
    /// Cross-fits every part, with its own number of trees, and finds the weights with the least mean absolute error.
    ///
    /// `options` are those of the leaf-wise trees, which aim at the median. The line and the symmetric trees use
    /// Huber's loss, straight from one robust deviation of what a line leaves.
    pub(crate) fn fit(table: &Table, labels: Labels<'_>, splits: &[Split], options: &BoostOptions) -> Result<Self> {
        let line = |around: &[f64]| Line { loss: Loss::Huber { delta: deviation(around) }, seed: options.seed };
        let centre = median(labels.targets);
        let rough = line(&labels.targets.iter().map(|y| y - centre).collect::<Vec<_>>());
        let line = line(&rest(labels.targets, &rough.held_out(table, labels, splits)?));
        options.progress.check()?;
        let straight = line.held_out(table, labels, splits)?;
        let options = &options.part(1.0 / 3.0);
        let symmetric = BoostOptions {
            loss: line.loss,
            shape: Shape::Symmetric,
            max_depth: LEVELS,
            learning_rate: (SYMMETRIC_RATE * options.learning_rate).min(1.0),
            rounds: SYMMETRIC_ROUNDS * options.rounds,
            ..options.clone()
        };
        let left = rest(labels.targets, &straight);
        let mut trees = Vec::new();
        let mut found = Vec::new();
        for (options, after_line) in [(options, true), (&symmetric, true), (&symmetric, false)] {
            let labels = if after_line { labels.with_targets(&left) } else { labels };
            let fit = cross_fit(table, labels, splits, options)?;
            let below = |row: usize| if after_line { straight[row] } else { 0.0 };
            found.push(fit.held_out.iter().enumerate().map(|(row, raw)| below(row) + raw).collect::<Vec<f64>>());
            trees.push(Trees { options: BoostOptions { rounds: fit.rounds, ..options.clone() }, after_line });
        }
        found.push(straight);
        let parts: Vec<&[f64]> = found.iter().map(Vec::as_slice).collect();
        let rows: Vec<usize> = (0..table.rows()).collect();
        let mut weights =
            weigh(&parts, &rows, &labels, Loss::Absolute, Weighing::Best).ok_or(Error::NoFeatures { columns: 0 })?;
        let sum = |row: usize| found.iter().zip(&weights).map(|(held_out, weight)| weight * held_out[row]).sum();
        let held_out = rows.iter().map(|row| sum(*row)).collect();
        let mut line_weight = weights.pop().unwrap_or_default();
        let trees: Vec<(Trees, f64)> = trees.into_iter().zip(weights).filter(|(_, weight)| *weight > 0.0).collect();
        line_weight += trees.iter().filter(|(trees, _)| trees.after_line).map(|(_, weight)| weight).sum::<f64>();
        Ok(Self { line, line_weight, trees, held_out })
    }

    /// The same parts learnt from a table, trees the mean of `bags` forests, and summed.
    pub(crate) fn learn(
        &self,
        table: &Table,
        labels: Labels<'_>,
        bags: usize,
        progress: &Progress,
    ) -> Result<TreeModel> {
        let progress = progress.part(1.0 / self.trees.len().max(1) as f64);
        progress.check()?;
        let mut models = Vec::with_capacity(self.trees.len() + 1);
        let mut left = Vec::new();
        if self.line_weight > 0.0 {
            models.push((self.line_weight, self.line.learn(table, labels)?));
            let splits = folds(table.rows(), labels.groups, FOLDS_OF_LINE, self.line.seed);
            left = rest(labels.targets, &self.line.held_out(table, labels, &splits)?);
        }
        for (trees, weight) in &self.trees {
            let labels = if trees.after_line { labels.with_targets(&left) } else { labels };
            let options = BoostOptions { progress: progress.clone(), ..trees.options.clone() };
            models.push((*weight, TreeModel::learn(table, labels, &options, bags)?));
        }
        TreeModel::weighted(&models).ok_or(Error::NoFeatures { columns: 0 })
    }
}

fn rest(targets: &[f64], raw: &[f64]) -> Vec<f64> {
    targets.iter().zip(raw).map(|(target, raw)| target - raw).collect()
}

/// One robust deviation of errors.
fn deviation(errors: &[f64]) -> f64 {
    let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    (1.4826 * median(&sizes)).max(1e-3)
}
