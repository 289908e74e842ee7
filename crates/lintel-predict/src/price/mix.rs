//! What the home price learns with: trees that grow leaf by leaf, symmetric trees and a straight line, summed.
//!
//! They err in different ways, so their sum errs less than the best of them. All read the same
//! features: the sum is one model, stored and explained like any other.

use crate::error::{Error, Result};
use crate::learn::boost::{BoostOptions, Shape};
use crate::learn::loss::Loss;
use crate::learn::metrics::median;
use crate::learn::model::{Labels, TreeModel, cross_fit, held_out};
use crate::learn::split::Split;
use crate::learn::table::Table;

/// Weights are tried in steps of this part.
const STEPS: usize = 10;
/// Levels of a symmetric tree.
const LEVELS: usize = 6;
/// How much larger a share of each symmetric tree's step is taken, and how many more trees are allowed: such a tree
/// says less than a leaf-wise one.
const SYMMETRIC_RATE: f64 = 1.25;
const SYMMETRIC_ROUNDS: usize = 3;

/// A way of learning with its settings.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Trees(BoostOptions),
    Line { loss: Loss, seed: u64 },
}

impl Part {
    fn learn(&self, table: &Table, labels: Labels<'_>, bags: usize) -> Result<TreeModel> {
        match self {
            Self::Trees(options) => TreeModel::learn(table, labels, options, bags),
            Self::Line { loss, seed } => TreeModel::line(table, labels, *loss, *seed),
        }
    }
}

/// The parts that count, with weights that sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mix {
    parts: Vec<(Part, f64)>,
    /// The prediction of each row by models that did not see it.
    pub(crate) held_out: Vec<f64>,
}

impl Mix {
    /// Cross-fits every part, with its own number of trees, and finds the weights with the least mean absolute error.
    ///
    /// `options` are those of the leaf-wise trees, which aim at the median. The others use Huber's loss, straight
    /// from one robust deviation of what the former leave: between median and mean, as the odd sales deserve.
    pub(crate) fn fit(table: &Table, labels: Labels<'_>, splits: &[Split], options: &BoostOptions) -> Result<Self> {
        let first = cross_fit(table, labels, splits, options)?;
        let errors: Vec<f64> = first.held_out.iter().zip(labels.targets).map(|(raw, y)| (raw - y).abs()).collect();
        let loss = Loss::Huber { delta: (1.4826 * median(&errors)).max(1e-3) };
        let symmetric = BoostOptions {
            loss,
            shape: Shape::Symmetric,
            max_depth: LEVELS,
            learning_rate: (SYMMETRIC_RATE * options.learning_rate).min(1.0),
            rounds: SYMMETRIC_ROUNDS * options.rounds,
            ..options.clone()
        };
        let second = cross_fit(table, labels, splits, &symmetric)?;
        let line = Part::Line { loss, seed: options.seed };
        let third = held_out(table, labels, splits, |table, labels| line.learn(table, labels, 1))?;
        let parts = [
            Part::Trees(BoostOptions { rounds: first.rounds, ..options.clone() }),
            Part::Trees(BoostOptions { rounds: second.rounds, ..symmetric }),
            line,
        ];
        let found = [first.held_out, second.held_out, third];
        let weights = weigh(&found, labels.targets);
        let sum = |row: usize| found.iter().zip(weights).map(|(held_out, weight)| weight * held_out[row]).sum();
        let held_out = (0..table.rows()).map(sum).collect();
        Ok(Self { parts: parts.into_iter().zip(weights).filter(|(_, weight)| *weight > 0.0).collect(), held_out })
    }

    /// The same parts learnt from a table, each the mean of `bags` forests, and summed.
    pub(crate) fn learn(&self, table: &Table, labels: Labels<'_>, bags: usize) -> Result<TreeModel> {
        let learn = |(part, weight): &(Part, f64)| Ok((*weight, part.learn(table, labels, bags)?));
        let models: Vec<(f64, TreeModel)> = self.parts.iter().map(learn).collect::<Result<_>>()?;
        TreeModel::weighted(&models).ok_or(Error::NoFeatures { columns: 0 })
    }
}

/// Weights in tenths that sum to 1, with the least mean absolute error; of equals the first.
fn weigh(found: &[Vec<f64>; 3], targets: &[f64]) -> [f64; 3] {
    let mut best = ([1.0, 0.0, 0.0], f64::INFINITY);
    for first in (0..=STEPS).rev() {
        for second in (0..=STEPS - first).rev() {
            let weights = [first, second, STEPS - first - second].map(|tenths| tenths as f64 / STEPS as f64);
            let error = |row: usize| {
                let raw: f64 = found.iter().zip(weights).map(|(held_out, weight)| weight * held_out[row]).sum();
                (raw - targets[row]).abs()
            };
            let sum: f64 = (0..targets.len()).map(error).sum();
            if sum < best.1 {
                best = (weights, sum);
            }
        }
    }
    best.0
}
