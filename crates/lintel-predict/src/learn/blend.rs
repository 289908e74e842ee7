//! Several ways of learning, summed with weights that held-out rows chose.
//!
//! All parts read the same features, so their weighted sum is one model: it is served, stored and
//! explained like any other, and contributions stay exact.

use super::boost::{BoostOptions, Shape};
use super::drift::{ages, drifting, recency};
use super::model::{Labels, TreeModel, cross_fit, held_out};
use super::progress::Progress;
use super::split::{Split, folds};
use super::table::Table;
use super::weigh::{Weighing, weigh};
use crate::error::{Error, Result};

/// Random folds on which rows with a time say how many trees they can carry.
const FOLDS_OF_ROUNDS: usize = 3;

/// A way of learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Trees that grow best leaf first, as the settings say.
    LeafWise,
    /// Symmetric trees: strong where words decide.
    Symmetric,
    /// Symmetric trees for rows that have a time: the latest rows count most, and no question is about
    /// a number that tells the time rather than the row.
    Steady,
    /// A straight line over all features, with a time the latest rows counting most: it goes on where trees stop.
    Line,
}

impl Part {
    /// The settings of the trees; their shape is the part's own, all else is given. `None` for a line.
    fn trees(self, given: &BoostOptions) -> Option<BoostOptions> {
        match self {
            Self::LeafWise => Some(given.clone()),
            Self::Symmetric | Self::Steady => {
                Some(BoostOptions { shape: Shape::Symmetric, max_depth: given.max_depth.min(6), ..given.clone() })
            }
            Self::Line => None,
        }
    }

    fn follows_time(self) -> bool {
        matches!(self, Self::Steady | Self::Line)
    }
}

/// Rows to learn from, and what time says about them.
struct Ground<'a> {
    table: &'a Table,
    /// The same without the numbers that tell the time.
    steady: Option<Table>,
    labels: Labels<'a>,
    weights: Option<Vec<f32>>,
}

impl<'a> Ground<'a> {
    fn new(table: &'a Table, labels: Labels<'a>) -> Self {
        let ages = labels.times.map(ages);
        let steady = ages.as_ref().map(|ages| table.without_numbers(&drifting(table, ages)));
        let weights = ages.map(|ages| {
            let given = |row: usize| labels.weights.map_or(1.0, |weights| weights[row]);
            recency(&ages).into_iter().enumerate().map(|(row, weight)| weight * given(row)).collect()
        });
        Self { table, steady, labels, weights }
    }

    fn table(&self, part: Part) -> &Table {
        if part == Part::Steady { self.steady.as_ref().unwrap_or(self.table) } else { self.table }
    }

    fn labels(&self, part: Part) -> Labels<'_> {
        let weights = if part.follows_time() { self.weights.as_deref() } else { None };
        Labels { weights: weights.or(self.labels.weights), ..self.labels }
    }
}

/// What cross-validation found about some parts together.
#[derive(Debug, Clone, PartialEq)]
pub struct Blend {
    /// Each part that counts, its settings with the chosen rounds, and its weight; the weights sum to 1.
    pub parts: Vec<(Part, BoostOptions, f64)>,
    /// The raw prediction of each row by models that did not see it; NaN where none measured it.
    pub held_out: Vec<f64>,
}

impl Blend {
    /// Cross-fits every part on the same splits and weighs them by their loss over the held-out rows.
    ///
    /// Where rows have a time, the splits are forward ones. How many trees the rows can carry is then found on
    /// random folds, since a level that moves would forbid any tree; the weights are those of
    /// [`Weighing::Moving`] over the last split.
    pub fn fit(
        table: &Table,
        labels: Labels<'_>,
        splits: &[Split],
        parts: &[Part],
        options: &BoostOptions,
    ) -> Result<Self> {
        let ground = Ground::new(table, labels);
        let options = options.part(1.0 / parts.len().max(1) as f64);
        let each = 1.0 / splits.len().max(1) as f64;
        let mut fits = Vec::with_capacity(parts.len());
        for part in parts {
            let (table, labels) = (ground.table(*part), ground.labels(*part));
            fits.push(match part.trees(&options) {
                None => {
                    let line = |table: &Table, labels: Labels<'_>| {
                        options.progress.add(each)?;
                        TreeModel::line(table, labels, options.loss, options.seed)
                    };
                    (*part, options.clone(), held_out(table, labels, splits, line)?)
                }
                Some(settings) if labels.times.is_some() => {
                    let random = folds(table.rows(), labels.groups, FOLDS_OF_ROUNDS, options.seed);
                    let fit = cross_fit(table, labels, &random, &settings.part(0.5))?;
                    let settings = BoostOptions { rounds: grown(fit.rounds, table, &random), ..settings };
                    let share = settings.part(0.5 * each);
                    let trees = |table: &Table, labels: Labels<'_>| TreeModel::learn(table, labels, &share, 1);
                    let held_out = held_out(table, labels, splits, trees)?;
                    (*part, settings, held_out)
                }
                Some(settings) => {
                    let fit = cross_fit(table, labels, splits, &settings)?;
                    (*part, BoostOptions { rounds: grown(fit.rounds, table, splits), ..settings }, fit.held_out)
                }
            });
        }
        let (judged, weighing): (Vec<usize>, _) = match (labels.times, splits.last()) {
            (Some(_), Some(last)) => (last.valid.clone(), Weighing::Moving),
            _ => ((0..table.rows()).collect(), Weighing::Best),
        };
        let held_out: Vec<&[f64]> = fits.iter().map(|(_, _, held_out)| held_out.as_slice()).collect();
        let weights = weigh(&held_out, &judged, &labels, options.loss, weighing)
            .ok_or(Error::Setting { name: "parts", detail: "must not be empty" })?;
        let sum = |row: usize| held_out.iter().zip(&weights).map(|(held_out, weight)| weight * held_out[row]).sum();
        let held_out = (0..table.rows()).map(sum).collect();
        let parts = fits.into_iter().zip(weights).filter(|(_, weight)| *weight > 0.0);
        Ok(Self { parts: parts.map(|((part, settings, _), weight)| (part, settings, weight)).collect(), held_out })
    }

    /// The same parts, trained on all rows of a table and summed.
    pub fn train(&self, table: &Table, labels: Labels<'_>, bags: usize, progress: &Progress) -> Result<TreeModel> {
        let ground = Ground::new(table, labels);
        let progress = progress.part(1.0 / self.parts.len().max(1) as f64);
        let mut models = Vec::with_capacity(self.parts.len());
        for (part, settings, weight) in &self.parts {
            let (table, labels) = (ground.table(*part), ground.labels(*part));
            let model = match part {
                Part::Line => {
                    progress.add(1.0)?;
                    TreeModel::line(table, labels, settings.loss, settings.seed)?
                }
                _ => {
                    let settings = BoostOptions { progress: progress.clone(), ..settings.clone() };
                    TreeModel::learn(table, labels, &settings, bags)?
                }
            };
            models.push((*weight, model));
        }
        TreeModel::weighted(&models).ok_or(Error::Setting { name: "parts", detail: "must read the same features" })
    }
}

/// Trees for all rows, in proportion to those found on the part of the rows that each split learnt from.
fn grown(rounds: usize, table: &Table, splits: &[Split]) -> usize {
    let learnt: usize = splits.iter().map(|split| split.train.len()).sum();
    (rounds as f64 * (table.rows() * splits.len()) as f64 / learnt.max(1) as f64).round() as usize
}
