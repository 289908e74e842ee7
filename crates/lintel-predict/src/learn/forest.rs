//! Trees as they are kept: one flat list of 16-byte nodes, with the layouts that answer fast from it.

use super::bins::{Cuts, Matrix};
use super::contribute::Contributions;
use super::grow::{GrownTree, LEAF};
use super::marks::{Marks, Room};
use super::stored::Stored;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

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

/// A sum of trees over rows of features.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Forest {
    pub(super) initial: f64,
    pub(super) expected: f64,
    pub(super) features: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) leaves: Vec<f64>,
    pub(super) spans: Vec<Span>,
    /// Laid out when first asked: they follow from the above, and take several times its memory.
    layouts: Layouts,
}

/// The same trees once more, for speed.
#[derive(Debug, Clone, Default)]
struct Layouts {
    marks: OnceLock<Marks>,
    contributions: OnceLock<Contributions>,
}

impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        self.initial == other.initial
            && self.features == other.features
            && self.nodes == other.nodes
            && self.leaves == other.leaves
            && self.spans == other.spans
    }
}

impl Forest {
    /// A forest without trees.
    pub fn constant(initial: f64, features: usize) -> Self {
        Self {
            initial,
            expected: initial,
            features,
            nodes: Vec::new(),
            leaves: Vec::new(),
            spans: Vec::new(),
            layouts: Layouts::default(),
        }
    }

    /// The raw prediction of one row of exactly [`Forest::features`] numbers.
    ///
    /// # Panics
    /// When the row is shorter than that; callers inside the crate encode rows to fit.
    pub(crate) fn predict(&self, row: &[f32]) -> f64 {
        let marks = self.marks();
        self.sum(marks, row, &mut marks.room())
    }

    /// The raw predictions of all rows, each the same as [`Forest::predict`] says.
    pub fn predict_batch(&self, matrix: &Matrix) -> Result<Vec<f64>> {
        if matrix.columns().len() != self.features {
            return Err(Error::Shape {
                what: "features of a matrix",
                expected: self.features,
                found: matrix.columns().len(),
            });
        }
        let marks = self.marks();
        let mut room = marks.room();
        let mut row = Vec::with_capacity(self.features);
        let one = |at| {
            matrix.row_into(at, &mut row);
            self.sum(marks, &row, &mut room)
        };
        Ok((0..matrix.rows()).map(one).collect())
    }

    /// Adds each feature's contribution to `out`: [`Forest::expected`] plus their sum is the
    /// raw prediction, up to rounding.
    ///
    /// # Panics
    /// When `row` or `out` is shorter than [`Forest::features`].
    pub(crate) fn contribute(&self, row: &[f32], out: &mut [f64]) {
        self.layouts.contributions.get_or_init(|| Contributions::of(self)).add(row, out);
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

    /// The weighted sum of several forests over the same features, as one.
    pub fn weighted(forests: &[(f64, Self)]) -> Option<Self> {
        let mut sum = Self::constant(0.0, forests.first()?.1.features);
        for (weight, forest) in forests {
            if forest.features != sum.features {
                return None;
            }
            sum.initial += forest.initial * weight;
            for span in &forest.spans {
                sum.spans.push(Span {
                    nodes: span.nodes + sum.nodes.len(),
                    leaves: span.leaves + sum.leaves.len(),
                    ..*span
                });
            }
            sum.nodes.extend(&forest.nodes);
            sum.leaves.extend(forest.leaves.iter().map(|leaf| leaf * weight));
        }
        // Summed the way a stored forest is, so that a round trip changes no bit.
        sum.expected = sum.initial + sum.spans.iter().map(|s| sum.tree_mean(s)).sum::<f64>();
        Some(sum)
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

    fn marks(&self) -> &Marks {
        self.layouts.marks.get_or_init(|| Marks::of(self))
    }

    fn sum(&self, marks: &Marks, row: &[f32], room: &mut Room) -> f64 {
        let wide = marks.wide().iter().map(|span| self.leaves[span.leaves + self.leaf(span, row)]);
        self.initial + marks.sum(row, room) + wide.sum::<f64>()
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
        self.layouts = Layouts::default();
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
        self.layouts = Layouts::default();
        if let Some(span) = self.spans.get(trees).copied() {
            self.spans.truncate(trees);
            self.nodes.truncate(span.nodes);
            self.leaves.truncate(span.leaves);
            self.expected = self.initial + self.spans.iter().map(|span| self.tree_mean(span)).sum::<f64>();
        }
    }

    /// The mean of a tree's leaves, weighted by the training rows in them.
    pub(super) fn tree_mean(&self, span: &Span) -> f64 {
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

/// The most different features on a path below `code`.
pub(crate) fn width(nodes: &[Node], code: u16, path: &mut Vec<u16>) -> usize {
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
