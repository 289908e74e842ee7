//! A forest over typed columns, trained with its number of rounds chosen by cross-validation.

use super::bins::Matrix;
use super::boost::{BoostOptions, Boosted, Rows, boost};
use super::drift::stretches;
use super::encode::{EncodeOptions, Encoder};
use super::forest::Forest;
use super::line::{self, Slope};
use super::loss::Loss;
use super::split::Split;
use super::table::{Cell, Schema, Table};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// An encoding and the trees that read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeModel {
    encoder: Encoder,
    forest: Forest,
}

/// A raw prediction taken apart by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The prediction over all training rows.
    pub base: f64,
    /// What each column adds, in the schema's order: base plus their sum is `raw`.
    pub contributions: Vec<f64>,
    /// The raw prediction.
    pub raw: f64,
}

/// What rows are learnt from, beside the table itself.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The target of each row.
    pub targets: &'a [f64],
    /// How much each row counts.
    pub weights: Option<&'a [f32]>,
    /// Rows of one group are never on both sides of a split.
    pub groups: Option<&'a [u64]>,
    /// When each row happened, in any unit.
    pub times: Option<&'a [f64]>,
    /// What words are told by, where that is not the target.
    pub words: Option<WordTargets<'a>>,
}

/// What the mean of a word's rows is taken of. Models that are to be summed into one must tell words alike, whatever
/// each of them learns.
#[derive(Debug, Clone, Copy)]
pub struct WordTargets<'a> {
    /// One value a row.
    pub values: &'a [f64],
    /// How many average rows each mean starts with.
    pub smoothing: f64,
}

impl<'a> Labels<'a> {
    /// The same way to tell words, from these values.
    pub(crate) fn word_targets<'b>(&self, values: Option<&'b [f64]>) -> Option<WordTargets<'b>> {
        let WordTargets { smoothing, .. } = self.words?;
        Some(WordTargets { values: values?, smoothing })
    }

    /// The same rows to learn something else of; words stay told by what they were told by.
    pub(crate) fn with_targets<'b>(self, targets: &'b [f64]) -> Labels<'b>
    where
        'a: 'b,
    {
        let words = WordTargets { values: self.targets, smoothing: EncodeOptions::default().smoothing };
        Labels { targets, words: self.words.or(Some(words)), ..self }
    }

    /// The weights of some rows, the largest being 1, so that what is weighed against them means the same in every part.
    pub(crate) fn weights_of(&self, rows: &[usize]) -> Option<Vec<f32>> {
        let weights = self.weights?;
        let most = rows.iter().map(|row| weights[*row]).fold(0.0, f32::max);
        Some(rows.iter().map(|row| if most > 0.0 { weights[*row] / most } else { weights[*row] }).collect())
    }
}

/// What cross-validation found.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossFit {
    /// The raw prediction of each row by a forest that did not see it; NaN where none measured it.
    pub held_out: Vec<f64>,
    /// The number of trees with the least mean held-out loss.
    pub rounds: usize,
    /// That loss.
    pub loss: f64,
    /// The same loss of the best constant.
    pub constant_loss: f64,
}

impl TreeModel {
    /// Trains on all rows for exactly `options.rounds` rounds; the mean of `bags` forests that
    /// differ in what they sample.
    pub fn learn(table: &Table, labels: Labels<'_>, options: &BoostOptions, bags: usize) -> Result<Self> {
        check(table, &labels)?;
        options.loss.check(labels.targets)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let bags = bags.max(1);
        let mut forests = Vec::new();
        let mut kept = None;
        for bag in 0..bags as u64 {
            let seed = options.seed.wrapping_add(bag.wrapping_mul(0x9e37_79b9));
            let (encoder, matrix) = encoded(table, &rows, &labels, seed);
            let train = Rows { matrix: &matrix, targets: labels.targets, weights: labels.weights };
            let options = BoostOptions { seed, patience: None, ..options.part(1.0 / bags as f64) };
            forests.push((1.0 / bags as f64, boost(train, None, &encoder.monotone(), &options)?.forest));
            // What a word means when served does not depend on the bag.
            kept.get_or_insert(encoder);
        }
        let forest = Forest::weighted(&forests);
        let (Some(encoder), Some(forest)) = (kept, forest) else { return Err(Error::NoFeatures { columns: 0 }) };
        Ok(Self { encoder, forest })
    }

    /// A straight line over all features instead of trees.
    pub(crate) fn line(table: &Table, labels: Labels<'_>, loss: Loss, seed: u64) -> Result<Self> {
        check(table, &labels)?;
        loss.check(labels.targets)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let (encoder, matrix) = encoded(table, &rows, &labels, seed);
        let stretches = labels.times.map(stretches);
        let train = Rows { matrix: &matrix, targets: labels.targets, weights: labels.weights };
        let (start, slopes) = line::fit(train, &encoder.repeats(), stretches.as_deref(), loss);
        let forest = Forest::constant(start, slopes.len());
        Ok(Self { encoder: encoder.sloped(&slopes), forest })
    }

    /// The weighted sum of models over the same columns, as one; `None` when their encodings differ.
    pub(crate) fn weighted(parts: &[(f64, Self)]) -> Option<Self> {
        let bare = parts.first()?.1.encoder.bare();
        if parts.iter().any(|(_, part)| part.encoder.bare() != bare) {
            return None;
        }
        let slopes: Vec<(f64, Vec<Slope>)> = parts
            .iter()
            .map(|(weight, part)| (*weight, part.encoder.slopes()))
            .filter(|(_, s)| !s.is_empty())
            .collect();
        // Lines with different centres have no common form: one is all that any blend needs.
        let encoder = match slopes.as_slice() {
            [] => bare,
            [(weight, slopes)] => bare.sloped(&slopes.iter().map(|slope| slope.times(*weight)).collect::<Vec<_>>()),
            _ => return None,
        };
        let forests: Vec<(f64, Forest)> = parts.iter().map(|(weight, part)| (*weight, part.forest.clone())).collect();
        Some(Self { encoder, forest: Forest::weighted(&forests)? })
    }

    /// The raw prediction of one row.
    pub fn predict(&self, row: &[Cell<'_>]) -> Result<f64> {
        let mut features = Vec::with_capacity(self.forest.features());
        self.encoder.encode_row(row, &mut features)?;
        Ok(self.forest.predict(&features) + self.encoder.line(&features))
    }

    /// The raw predictions of all rows of a table with the same schema.
    pub fn predict_table(&self, table: &Table) -> Result<Vec<f64>> {
        let rows: Vec<usize> = (0..table.rows()).collect();
        let matrix = self.encoder.encode(table, &rows)?;
        let mut raw = self.forest.predict_batch(&matrix)?;
        if !self.encoder.slopes().is_empty() {
            let mut features = Vec::new();
            for (row, raw) in raw.iter_mut().enumerate() {
                matrix.row_into(row, &mut features);
                *raw += self.encoder.line(&features);
            }
        }
        Ok(raw)
    }

    /// The raw prediction with what each column adds to it.
    pub fn explain(&self, row: &[Cell<'_>]) -> Result<Explanation> {
        let mut features = Vec::with_capacity(self.forest.features());
        self.encoder.encode_row(row, &mut features)?;
        let mut parts = vec![0.0; features.len()];
        self.forest.contribute(&features, &mut parts);
        for (part, (slope, value)) in parts.iter_mut().zip(self.encoder.slopes().iter().zip(&features)) {
            *part += slope.at(*value);
        }
        let mut contributions = vec![0.0; self.schema().columns().len()];
        for (part, source) in parts.iter().zip(self.encoder.sources()) {
            contributions[source] += part;
        }
        Ok(Explanation {
            base: self.forest.expected(),
            contributions,
            raw: self.forest.predict(&features) + self.encoder.line(&features),
        })
    }

    /// The columns of a row.
    pub fn schema(&self) -> &Schema {
        self.encoder.schema()
    }

    /// The trees.
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Whether the parts of a stored model fit together.
    pub(crate) fn is_sound(&self) -> bool {
        self.encoder.is_sound() && self.encoder.sources().len() == self.forest.features()
    }
}

/// Trains once a split and finds the number of rounds that is best over all of them.
///
/// Splits run on up to `options.threads` threads; the result does not depend on how many.
pub fn cross_fit(table: &Table, labels: Labels<'_>, splits: &[Split], options: &BoostOptions) -> Result<CrossFit> {
    check(table, &labels)?;
    if splits.is_empty() {
        return Err(Error::InsufficientData { rows: table.rows(), needed: 2, what: "rows that can be held out" });
    }
    let one = |split: &Split| -> Result<(Boosted, Matrix)> {
        let targets: Vec<f64> = split.train.iter().map(|row| labels.targets[*row]).collect();
        let groups = picked(labels.groups, &split.train);
        let told = picked(labels.words.map(|words| words.values), &split.train);
        let words = labels.word_targets(told.as_deref());
        let part = Labels { targets: &targets, weights: None, groups: groups.as_deref(), times: None, words };
        let (encoder, matrix) = encoded(table, &split.train, &part, options.seed);
        let held_out = encoder.encode(table, &split.valid)?;
        let valid: Vec<f64> = split.valid.iter().map(|row| labels.targets[*row]).collect();
        let boosted = boost(
            Rows { matrix: &matrix, targets: &targets, weights: labels.weights_of(&split.train).as_deref() },
            Some(Rows { matrix: &held_out, targets: &valid, weights: labels.weights_of(&split.valid).as_deref() }),
            &encoder.monotone(),
            &BoostOptions { threads: 1, ..options.part(1.0 / splits.len() as f64) },
        )?;
        Ok((boosted, held_out))
    };
    let results = in_parallel(splits, options.threads, one);
    let mut parts = Vec::with_capacity(results.len());
    for result in results {
        parts.push(result?);
    }
    let shortest = parts.iter().map(|(part, _)| part.history.len()).min().unwrap_or(1);
    let total: f64 = splits.iter().map(|split| split.valid.len() as f64).sum();
    let curve: Vec<f64> = (0..shortest)
        .map(|round| {
            let sum: f64 =
                parts.iter().zip(splits).map(|((part, _), split)| part.history[round] * split.valid.len() as f64).sum();
            sum / total
        })
        .collect();
    let rounds = (0..curve.len()).min_by(|a, b| curve[*a].total_cmp(&curve[*b])).unwrap_or(0);
    let mut held_out = vec![f64::NAN; table.rows()];
    for ((part, matrix), split) in parts.iter_mut().zip(splits) {
        part.forest.truncate(rounds);
        for (row, raw) in split.valid.iter().zip(part.forest.predict_batch(matrix)?) {
            held_out[*row] = raw;
        }
    }
    Ok(CrossFit { held_out, rounds, loss: curve[rounds], constant_loss: curve[0] })
}

/// The held-out predictions of models that `learn` makes of one split's training rows each; NaN where none measured a row.
pub(crate) fn held_out(
    table: &Table,
    labels: Labels<'_>,
    splits: &[Split],
    learn: impl Fn(&Table, Labels<'_>) -> Result<TreeModel>,
) -> Result<Vec<f64>> {
    let mut held_out = vec![f64::NAN; table.rows()];
    for split in splits {
        let targets: Vec<f64> = split.train.iter().map(|row| labels.targets[*row]).collect();
        let (groups, times) = (picked(labels.groups, &split.train), picked(labels.times, &split.train));
        let weights = labels.weights_of(&split.train);
        let told = picked(labels.words.map(|words| words.values), &split.train);
        let part = Labels {
            targets: &targets,
            weights: weights.as_deref(),
            groups: groups.as_deref(),
            times: times.as_deref(),
            words: labels.word_targets(told.as_deref()),
        };
        let model = learn(&table.select(&split.train), part)?;
        for (row, raw) in split.valid.iter().zip(model.predict_table(&table.select(&split.valid))?) {
            held_out[*row] = raw;
        }
    }
    Ok(held_out)
}

/// Runs a function over items on some threads; results in the items' order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], threads: usize, run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        return items.iter().map(run).collect();
    }
    let mut slots: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let share = items.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for (slots, items) in slots.chunks_mut(share).zip(items.chunks(share)) {
            let run = &run;
            scope.spawn(move || {
                for (slot, item) in slots.iter_mut().zip(items) {
                    *slot = Some(run(item));
                }
            });
        }
    });
    slots.into_iter().flatten().collect()
}

fn picked<T: Copy>(values: Option<&[T]>, rows: &[usize]) -> Option<Vec<T>> {
    values.map(|values| rows.iter().map(|row| values[*row]).collect())
}

fn encoded(table: &Table, rows: &[usize], labels: &Labels<'_>, seed: u64) -> (Encoder, Matrix) {
    let usual = EncodeOptions { seed, ..EncodeOptions::default() };
    let (told, options) = match labels.words {
        Some(words) => (words.values, EncodeOptions { smoothing: words.smoothing, ..usual }),
        None => (labels.targets, usual),
    };
    Encoder::learn(table, rows, told, labels.groups, &options)
}

fn check(table: &Table, labels: &Labels<'_>) -> Result<()> {
    let rows = table.rows();
    let told = labels.words.map(|words| words.values.len());
    let given =
        [labels.weights.map(<[f32]>::len), labels.groups.map(<[u64]>::len), labels.times.map(<[f64]>::len), told];
    let lengths = [Some(labels.targets.len())].into_iter().chain(given);
    if rows == 0 {
        return Err(Error::InsufficientData { rows, needed: 1, what: "rows" });
    }
    if table.schema().columns().is_empty() {
        return Err(Error::NoFeatures { columns: 0 });
    }
    match lengths.flatten().find(|found| *found != rows) {
        Some(found) => Err(Error::Shape { what: "labels of a table", expected: rows, found }),
        None => Ok(()),
    }
}
