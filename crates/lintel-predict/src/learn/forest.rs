//! Trees as they are served: one flat list of 16-byte nodes, checked once, then only read.

use super::bins::{Cuts, Matrix};
use super::grow::{GrownTree, LEAF};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The longest path a tree may have; contributions are exact up to here.
pub const MAX_DEPTH: usize = 16;
/// The most leaves a tree may have.
pub const MAX_LEAVES: usize = 8192;
/// The most features a forest may read.
pub const MAX_FEATURES: usize = 0x7fff;
/// Set in a node's feature when missing values go left.
pub(crate) const MISSING_LEFT: u16 = 0x8000;

/// One question: is the feature at most the threshold?
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) threshold: f32,
    /// Share of the training rows that went left, strictly between 0 and 1.
    pub(crate) left_share: f32,
    /// Feature, and [`MISSING_LEFT`].
    pub(crate) feature: u16,
    /// Node of this tree, or a leaf of it when [`LEAF`] is set.
    pub(crate) left: u16,
    pub(crate) right: u16,
}

impl Node {
    pub(crate) fn goes_left(&self, row: &[f32]) -> bool {
        let value = row[(self.feature & !MISSING_LEFT) as usize];
        if value.is_nan() { self.feature & MISSING_LEFT != 0 } else { value <= self.threshold }
    }
}

/// Where one tree's nodes and leaves begin, and what follows from them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) nodes: usize,
    pub(crate) node_count: usize,
    pub(crate) leaves: usize,
    /// Most different features on one path.
    pub(crate) width: usize,
}

/// What is stored of a forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stored {
    base: f64,
    features: u16,
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    /// Number of inner nodes of each tree; it has one leaf more.
    trees: Vec<u16>,
}

/// A sum of trees over rows of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Forest {
    initial: f64,
    expected: f64,
    features: usize,
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    spans: Vec<Span>,
}

impl Forest {
    /// A forest without trees.
    pub fn constant(initial: f64, features: usize) -> Self {
        Self { initial, expected: initial, features, nodes: Vec::new(), leaves: Vec::new(), spans: Vec::new() }
    }

    /// The raw prediction of one row of exactly [`Forest::features`] numbers.
    ///
    /// # Panics
    /// When the row is shorter than that; callers inside the crate encode rows to fit.
    pub(crate) fn predict(&self, row: &[f32]) -> f64 {
        let mut sum = self.initial;
        for span in &self.spans {
            sum += self.leaves[span.leaves + self.leaf(span, row)];
        }
        sum
    }

    /// The raw predictions of all rows, tree by tree over blocks of rows.
    pub fn predict_batch(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        if matrix.columns().len() != self.features {
            return Err(Error::Shape {
                what: "features of a matrix",
                expected: self.features,
                found: matrix.columns().len(),
            });
        }
        const BLOCK: usize = 128;
        let mut out = vec![self.initial; matrix.rows()];
        let mut block = vec![0.0_f32; BLOCK * self.features];
        for (index, sums) in out.chunks_mut(BLOCK).enumerate() {
            let first = index * BLOCK;
            for (feature, column) in matrix.columns().iter().enumerate() {
                for (at, value) in column[first..first + sums.len()].iter().enumerate() {
                    block[at * self.features + feature] = *value;
                }
            }
            for span in &self.spans {
                for (at, sum) in sums.iter_mut().enumerate() {
                    let row = &block[at * self.features..(at + 1) * self.features];
                    *sum += self.leaves[span.leaves + self.leaf(span, row)];
                }
            }
        }
        Ok(out)
    }

    /// The raw prediction of a row over all training rows: where contributions start from.
    pub fn expected(&self) -> f64 {
        self.expected
    }

    /// How many features a row has.
    pub fn features(&self) -> usize {
        self.features
    }

    /// How many trees there are.
    pub fn trees(&self) -> usize {
        self.spans.len()
    }

    /// The mean of several forests over the same features, as one.
    pub fn mean(forests: &[Self]) -> Option<Self> {
        let first = forests.first()?;
        let share = 1.0 / forests.len() as f64;
        let mut mean = Self::constant(0.0, first.features);
        for forest in forests {
            if forest.features != first.features {
                return None;
            }
            mean.initial += forest.initial * share;
            mean.expected += (forest.expected - forest.initial) * share;
            for span in &forest.spans {
                mean.spans.push(Span {
                    nodes: span.nodes + mean.nodes.len(),
                    leaves: span.leaves + mean.leaves.len(),
                    ..*span
                });
            }
            mean.nodes.extend(&forest.nodes);
            mean.leaves.extend(forest.leaves.iter().map(|leaf| leaf * share));
        }
        // Summed again the way a stored forest is, so that a round trip changes no bit.
        mean.expected = mean.initial + mean.spans.iter().map(|s| mean.tree_mean(s)).sum::<f64>();
        Some(mean)
    }

    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(crate) fn nodes_of(&self, span: &Span) -> &[Node] {
        &self.nodes[span.nodes..span.nodes + span.node_count]
    }

    pub(crate) fn leaves_of(&self, span: &Span) -> &[f64] {
        &self.leaves[span.leaves..=span.leaves + span.node_count]
    }

    fn leaf(&self, span: &Span, row: &[f32]) -> usize {
        let nodes = self.nodes_of(span);
        let mut code = 0_u16;
        loop {
            let node = &nodes[code as usize];
            code = if node.goes_left(row) { node.left } else { node.right };
            if code & LEAF != 0 {
                return (code & !LEAF) as usize;
            }
        }
    }

    /// Adds a grown tree with its leaves scaled; a tree of a single leaf shifts the start.
    pub(crate) fn push(&mut self, tree: &GrownTree, cuts: &[Cuts], scale: f64) {
        if tree.nodes.is_empty() {
            let shift = tree.leaves.first().copied().unwrap_or(0.0) * scale;
            self.initial += shift;
            self.expected += shift;
            return;
        }
        let mut span =
            Span { nodes: self.nodes.len(), node_count: tree.nodes.len(), leaves: self.leaves.len(), width: 0 };
        for node in &tree.nodes {
            let cuts = &cuts[node.feature as usize].0;
            self.nodes.push(Node {
                threshold: cuts.get(node.bin as usize - 1).copied().unwrap_or(f32::MAX),
                left_share: node.left_share,
                feature: node.feature | if node.missing_left { MISSING_LEFT } else { 0 },
                left: node.left,
                right: node.right,
            });
        }
        self.leaves.extend(tree.leaves.iter().map(|leaf| leaf * scale));
        span.width = width(self.nodes_of(&span), 0, &mut Vec::new());
        self.expected += self.tree_mean(&span);
        self.spans.push(span);
    }

    /// Keeps the first trees only.
    pub(crate) fn truncate(&mut self, trees: usize) {
        if let Some(span) = self.spans.get(trees).copied() {
            self.spans.truncate(trees);
            self.nodes.truncate(span.nodes);
            self.leaves.truncate(span.leaves);
            self.expected = self.initial + self.spans.iter().map(|span| self.tree_mean(span)).sum::<f64>();
        }
    }

    /// The mean of a tree's leaves, weighted by the training rows in them.
    fn tree_mean(&self, span: &Span) -> f64 {
        let nodes = self.nodes_of(span);
        let leaves = self.leaves_of(span);
        let mut reach = vec![0.0; nodes.len()];
        reach[0] = 1.0;
        let mut mean = 0.0;
        for (index, node) in nodes.iter().enumerate() {
            let share = f64::from(node.left_share);
            for (code, share) in [(node.left, share), (node.right, 1.0 - share)] {
                let reach_child = reach[index] * share;
                if code & LEAF == 0 {
                    reach[code as usize] = reach_child;
                } else {
                    mean += reach_child * leaves[(code & !LEAF) as usize];
                }
            }
        }
        mean
    }
}

impl From<Forest> for Stored {
    fn from(forest: Forest) -> Self {
        Self {
            base: forest.initial,
            features: forest.features as u16,
            trees: forest.spans.iter().map(|span| span.node_count as u16).collect(),
            nodes: forest.nodes,
            leaves: forest.leaves,
        }
    }
}

impl TryFrom<Stored> for Forest {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let mut forest = Self::constant(stored.base, stored.features as usize);
        forest.nodes = stored.nodes;
        forest.leaves = stored.leaves;
        let (mut nodes, mut leaves) = (0, 0);
        for count in stored.trees {
            let count = count as usize;
            let mut span = Span { nodes, node_count: count, leaves, width: 0 };
            nodes += count;
            leaves += count + 1;
            let fits = count > 0 && nodes <= forest.nodes.len() && leaves <= forest.leaves.len();
            if !fits || !sound(&forest, &span) {
                return Err(Error::Artefact("a tree is not well formed".into()));
            }
            span.width = width(forest.nodes_of(&span), 0, &mut Vec::new());
            forest.spans.push(span);
        }
        let finite = forest.initial.is_finite() && forest.leaves.iter().all(|v| v.is_finite());
        if nodes != forest.nodes.len() || leaves != forest.leaves.len() || !finite {
            return Err(Error::Artefact("the trees do not fill their lists".into()));
        }
        forest.expected = forest.initial + forest.spans.iter().map(|s| forest.tree_mean(s)).sum::<f64>();
        Ok(forest)
    }
}

/// Whether every child is reached once from an earlier node, within the longest path.
fn sound(forest: &Forest, span: &Span) -> bool {
    let nodes = forest.nodes_of(span);
    let mut depth = vec![0_usize; nodes.len()];
    depth[0] = 1;
    let mut leaves = vec![false; nodes.len() + 1];
    for (index, node) in nodes.iter().enumerate() {
        let share_ok = node.left_share > 0.0 && node.left_share < 1.0;
        let feature_ok = ((node.feature & !MISSING_LEFT) as usize) < forest.features;
        if !share_ok || !feature_ok || depth[index] == 0 || depth[index] > MAX_DEPTH {
            return false;
        }
        for code in [node.left, node.right] {
            let at = (code & !LEAF) as usize;
            if code & LEAF != 0 {
                match leaves.get_mut(at) {
                    Some(seen) if !*seen => *seen = true,
                    _ => return false,
                }
            } else if at <= index || at >= nodes.len() || depth[at] != 0 {
                return false;
            } else {
                depth[at] = depth[index] + 1;
            }
        }
    }
    leaves.iter().all(|seen| *seen)
}

/// The most different features on a path below `code`.
fn width(nodes: &[Node], code: u16, path: &mut Vec<u16>) -> usize {
    if code & LEAF != 0 {
        return path.len();
    }
    let node = &nodes[code as usize];
    let feature = node.feature & !MISSING_LEFT;
    let new = !path.contains(&feature);
    if new {
        path.push(feature);
    }
    let most = width(nodes, node.left, path).max(width(nodes, node.right, path));
    if new {
        path.pop();
    }
    most
}
