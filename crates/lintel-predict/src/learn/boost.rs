//! Gradient boosting: one histogram tree after another, each on the slope of the loss.

use super::bins::{Binned, Cuts, Matrix};
use super::forest::{Forest, MAX_DEPTH, MAX_FEATURES, MAX_LEAVES};
use super::grow::{Ground, GrownTree, grow};
use super::loss::{Loss, weighted_quantile};
use super::progress::Progress;
use super::split_search::Limits;
use super::symmetric::grow_symmetric;
use super::table::Monotone;
use crate::error::{Error, Result};
use lintel_domain::rng::Rng;
use serde::{Deserialize, Serialize};

/// How a tree grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// The leaf with the most gain is split next, each by its own question.
    LeafWise,
    /// All leaves of a level are split by one question.
    Symmetric,
}

/// Settings of a forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoostOptions {
    /// What to make small.
    pub loss: Loss,
    /// The most trees.
    pub rounds: usize,
    /// What share of each tree's step is taken, in `(0, 1]`.
    pub learning_rate: f64,
    /// How a tree grows.
    pub shape: Shape,
    /// The most leaves of a leaf-wise tree, 2 to [`MAX_LEAVES`].
    pub max_leaves: usize,
    /// The longest path, 1 to [`MAX_DEPTH`].
    pub max_depth: usize,
    /// The least sum of second derivatives in a leaf.
    pub min_child_weight: f64,
    /// The fewest rows in a leaf.
    pub min_child_rows: usize,
    /// Added to the second derivatives: pulls leaves towards 0.
    pub l2: f64,
    /// Share of rows each tree sees, in `(0, 1]`.
    pub row_share: f64,
    /// Share of features each tree sees, in `(0, 1]`.
    pub feature_share: f64,
    /// The most bins of a feature, 2 to 255, besides the one for missing.
    pub max_bins: usize,
    /// Stop after this many rounds without a better validation loss; needs validation rows.
    pub patience: Option<usize>,
    /// Everything random follows from it.
    pub seed: u64,
    /// Threads; the result does not depend on it.
    pub threads: usize,
    /// Told of every tree; may stop before the next one.
    #[serde(skip)]
    pub progress: Progress,
}

impl BoostOptions {
    /// The same settings, for a share of the work.
    #[must_use]
    pub(crate) fn part(&self, share: f64) -> Self {
        Self { progress: self.progress.part(share), ..self.clone() }
    }
}

impl Default for BoostOptions {
    fn default() -> Self {
        Self {
            loss: Loss::Squared,
            rounds: 400,
            learning_rate: 0.05,
            shape: Shape::LeafWise,
            max_leaves: 24,
            max_depth: 8,
            min_child_weight: 1e-3,
            min_child_rows: 10,
            l2: 1.0,
            row_share: 0.8,
            feature_share: 0.7,
            max_bins: 255,
            patience: Some(50),
            seed: 1,
            threads: 1,
            progress: Progress::default(),
        }
    }
}

/// Rows with what is to be predicted.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The features.
    pub matrix: &'a Matrix,
    /// The target of each row.
    pub targets: &'a [f64],
    /// How much each row counts; all the same when absent.
    pub weights: Option<&'a [f32]>,
}

/// A trained forest and how it got there.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosted {
    /// The trees, up to the best round when validation rows were given.
    pub forest: Forest,
    /// Mean validation loss after 0, 1, 2 … trees; empty without validation rows.
    pub history: Vec<f64>,
    /// Total gain of the splits on each feature, over all trees grown.
    pub gains: Vec<f64>,
}

/// Trains a forest; stops early and keeps the best round when `valid` is given.
///
/// `monotone` has one entry a feature; an empty slice constrains nothing.
pub fn boost(
    train: Rows<'_>,
    valid: Option<Rows<'_>>,
    monotone: &[Monotone],
    options: &BoostOptions,
) -> Result<Boosted> {
    check(&train, options)?;
    if let Some(valid) = &valid {
        check(valid, options)?;
    }
    let features = train.matrix.columns().len();
    let mut constraints = monotone.to_vec();
    constraints.resize(features, Monotone::Free);
    let cuts: Vec<Cuts> = train.matrix.columns().iter().map(|column| Cuts::of(column, options.max_bins)).collect();
    let binned = Binned::of(train.matrix, &cuts);
    let initial = options.loss.initial(train.targets, train.weights);
    let mut forest = Forest::constant(initial, features);
    let mut raw = vec![initial; binned.rows];
    let mut watch = valid.map(|rows| Watch::new(rows, &cuts, initial));
    let mut history = Vec::new();
    let mut best = (f64::INFINITY, 0);
    if let Some(watch) = &watch {
        best.0 = watch.loss(options.loss);
        history.push(best.0);
    }
    let mut gains = vec![0.0; features];
    // A feature that never varies can never split.
    let varied: Vec<usize> = (0..features).filter(|f| cuts[*f].bins() > 2 || has_missing(&binned, *f)).collect();
    let mut random = Rng::new(options.seed ^ 0x626f_6f73);
    let mut slopes = vec![(0.0_f32, 0.0_f32); binned.rows];
    let step = 1.0 / options.rounds.max(1) as f64;
    let mut begun = 0_u32;
    for _ in 0..options.rounds {
        if varied.is_empty() {
            break;
        }
        options.progress.add(step)?;
        begun += 1;
        for row in 0..binned.rows {
            let (g, h) = options.loss.derivatives(train.targets[row], raw[row]);
            let weight = train.weights.map_or(1.0, |w| f64::from(w[row]));
            slopes[row] = ((g * weight) as f32, (h * weight) as f32);
        }
        let rows = sample_rows(binned.rows, options.row_share, &mut random);
        let chosen = sample_features(&varied, options.feature_share, &mut random);
        let ground = Ground {
            binned: &binned,
            cuts: &cuts,
            monotone: &constraints,
            slopes: &slopes,
            limits: Limits {
                l2: options.l2,
                min_child_weight: options.min_child_weight,
                min_child_rows: options.min_child_rows.max(1) as u32,
                min_gain: 1e-12,
            },
            max_leaves: options.max_leaves,
            max_depth: options.max_depth,
            threads: options.threads,
        };
        let (mut tree, leaf_rows) = match options.shape {
            Shape::LeafWise => grow(&ground, rows, &chosen),
            Shape::Symmetric => grow_symmetric(&ground, rows, &chosen),
        };
        if tree.nodes.is_empty() {
            if options.row_share < 1.0 || options.feature_share < 1.0 {
                // Another sample may find a split; the round is spent.
                continue;
            }
            break;
        }
        if options.loss.renews_leaves() {
            renew(&mut tree, &leaf_rows, &train, &raw, options.loss, &constraints);
        }
        for node in &tree.nodes {
            gains[node.feature as usize] += f64::from(node.gain);
        }
        for (row, raw) in raw.iter_mut().enumerate() {
            *raw += tree.leaves[tree.leaf_of(&binned, row)] * options.learning_rate;
        }
        forest.push(&tree, &cuts, options.learning_rate);
        if let Some(watch) = &mut watch {
            watch.add(&tree, options.learning_rate);
            let loss = watch.loss(options.loss);
            history.push(loss);
            if loss < best.0 {
                best = (loss, forest.trees());
            } else if options.patience.is_some_and(|wait| forest.trees() >= best.1 + wait) {
                break;
            }
        }
    }
    if watch.is_some() {
        forest.truncate(best.1);
    }
    // Trees that were not needed are done, too.
    options.progress.add(1.0 - f64::from(begun) * step)?;
    Ok(Boosted { forest, history, gains })
}

/// Validation rows with their running predictions.
struct Watch<'a> {
    rows: Rows<'a>,
    binned: Binned,
    raw: Vec<f64>,
}

impl<'a> Watch<'a> {
    fn new(rows: Rows<'a>, cuts: &[Cuts], initial: f64) -> Self {
        Self { binned: Binned::of(rows.matrix, cuts), raw: vec![initial; rows.targets.len()], rows }
    }

    fn add(&mut self, tree: &GrownTree, scale: f64) {
        for (row, raw) in self.raw.iter_mut().enumerate() {
            *raw += tree.leaves[tree.leaf_of(&self.binned, row)] * scale;
        }
    }

    fn loss(&self, loss: Loss) -> f64 {
        let mut sum = 0.0;
        let mut total = 0.0;
        for (row, raw) in self.raw.iter().enumerate() {
            let weight = self.rows.weights.map_or(1.0, |w| f64::from(w[row]));
            sum += weight * loss.value(self.rows.targets[row], *raw);
            total += weight;
        }
        sum / total
    }
}

fn check(rows: &Rows<'_>, options: &BoostOptions) -> Result<()> {
    let setting = |name, detail, right: bool| {
        if right { Ok(()) } else { Err(Error::Setting { name, detail }) }
    };
    let share = |value: f64| value > 0.0 && value <= 1.0;
    setting("learning_rate", "must be in (0, 1]", share(options.learning_rate))?;
    setting("row_share", "must be in (0, 1]", share(options.row_share))?;
    setting("feature_share", "must be in (0, 1]", share(options.feature_share))?;
    setting("max_leaves", "must be 2 to 8192", (2..=MAX_LEAVES).contains(&options.max_leaves))?;
    setting("max_depth", "must be 1 to 16", (1..=MAX_DEPTH).contains(&options.max_depth))?;
    setting("max_bins", "must be 2 to 255", (2..=255).contains(&options.max_bins))?;
    setting("l2", "must not be negative", options.l2 >= 0.0 && options.l2.is_finite())?;
    let found = rows.matrix.rows();
    if rows.targets.is_empty() {
        return Err(Error::InsufficientData { rows: 0, needed: 1, what: "rows" });
    }
    if found != rows.targets.len() && !rows.matrix.columns().is_empty() {
        return Err(Error::Shape { what: "targets", expected: found, found: rows.targets.len() });
    }
    if let Some(weights) = rows.weights {
        if weights.len() != rows.targets.len() {
            return Err(Error::Shape { what: "weights", expected: rows.targets.len(), found: weights.len() });
        }
        let usable = weights.iter().all(|w| w.is_finite() && *w >= 0.0) && weights.iter().any(|w| *w > 0.0);
        setting("weights", "must be finite, not negative, not all 0", usable)?;
    }
    let features = rows.matrix.columns().len();
    if features == 0 || features > MAX_FEATURES {
        return Err(Error::NoFeatures { columns: features });
    }
    options.loss.check(rows.targets)
}

fn has_missing(binned: &Binned, feature: usize) -> bool {
    let column = &binned.columns[feature];
    column.contains(&0) && column.iter().any(|bin| *bin != 0)
}

fn sample_rows(rows: usize, share: f64, random: &mut Rng) -> Vec<u32> {
    if share >= 1.0 {
        return (0..rows as u32).collect();
    }
    let chosen: Vec<u32> = (0..rows as u32).filter(|_| random.unit() < share).collect();
    if chosen.is_empty() { (0..rows as u32).collect() } else { chosen }
}

fn sample_features(features: &[usize], share: f64, random: &mut Rng) -> Vec<usize> {
    let count = ((features.len() as f64 * share).ceil() as usize).clamp(1, features.len());
    let mut chosen = features.to_vec();
    if count < features.len() {
        random.shuffle(&mut chosen);
        chosen.truncate(count);
        chosen.sort_unstable();
    }
    chosen
}

/// Replaces leaf values by the loss's quantile of the residuals in each leaf.
///
/// Under a monotone constraint the Newton step stays: a quantile could break it.
fn renew(
    tree: &mut GrownTree,
    leaf_rows: &[Vec<u32>],
    train: &Rows<'_>,
    raw: &[f64],
    loss: Loss,
    constraints: &[Monotone],
) {
    let constrained = tree.nodes.iter().any(|node| constraints[node.feature as usize] != Monotone::Free);
    if constrained {
        return;
    }
    for (leaf, rows) in tree.leaves.iter_mut().zip(leaf_rows) {
        let mut pairs: Vec<(f64, f64)> = rows
            .iter()
            .map(|row| {
                let row = *row as usize;
                let weight = train.weights.map_or(1.0, |w| f64::from(w[row]));
                (train.targets[row] - raw[row], weight)
            })
            .collect();
        *leaf = weighted_quantile(&mut pairs, loss.level());
    }
}
