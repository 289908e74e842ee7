//! Trees laid out for prediction: the questions of all trees about one feature, by threshold.
//!
//! QuickScorer (Lucchese et al. 2015). The leaves of a tree, from left to right, are the bits of a
//! word. A question answered "right" takes away the leaves on its left; when all such questions
//! have done so, the lowest bit that stands is the leaf the row falls into. No answer decides which
//! question comes next, so one pass over the features does all trees: in the list of a feature,
//! ascending by threshold, a value answers exactly the questions before it with "right".

use super::forest::{Forest, MISSING_LEFT, Node, Span};
use super::grow::LEAF;
use std::collections::BTreeMap;

/// Trees with more leaves are walked from question to question.
const MAX_MARKED: usize = 64;
/// Sums are kept in this many lanes, so that one addition need not wait for another.
const LANES: usize = 4;

/// The trees of a forest that have at most [`MAX_MARKED`] leaves.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    ladders: Vec<Ladder>,
    /// Where each tree's leaves begin.
    starts: Vec<u32>,
    /// Each tree's leaves from left to right.
    leaves: Vec<f64>,
    /// The larger trees.
    wide: Vec<Span>,
}

/// What an answer "right" leaves of a tree.
#[derive(Debug, Clone, Copy)]
struct Kept {
    leaves: u64,
    tree: u32,
}

/// All questions about one feature.
#[derive(Debug, Clone, Default)]
struct Ladder {
    feature: usize,
    /// Ascending.
    thresholds: Vec<f32>,
    /// What each question keeps of its tree when answered "right".
    kept: Vec<Kept>,
    /// Questions between two landings.
    stride: usize,
    /// At each landing, for every tree, what all questions before it keep together.
    landings: Vec<u64>,
    /// What a missing value keeps of the trees that it touches.
    missing: Vec<Kept>,
}

impl Marks {
    /// The layout of a forest.
    pub(crate) fn of(forest: &Forest) -> Self {
        let mut marks = Self { ladders: Vec::new(), starts: Vec::new(), leaves: Vec::new(), wide: Vec::new() };
        let mut questions: BTreeMap<u16, Vec<(Node, Kept)>> = BTreeMap::new();
        for span in forest.spans() {
            if span.node_count >= MAX_MARKED {
                marks.wide.push(*span);
                continue;
            }
            let (start, tree) = (marks.leaves.len(), marks.starts.len() as u32);
            marks.starts.push(start as u32);
            let nodes = forest.nodes_of(span);
            spread(nodes, 0, forest.leaves_of(span), start, &mut marks.leaves, &mut |node, leaves| {
                let asked = questions.entry(node.feature & !MISSING_LEFT).or_default();
                let own = asked.iter_mut().rev().take_while(|(_, kept)| kept.tree == tree);
                // A symmetric tree asks a question in many places: once is enough.
                match own.into_iter().find(|(other, _)| other.same_question(&node)) {
                    Some((_, kept)) => kept.leaves &= leaves,
                    None => asked.push((node, Kept { leaves, tree })),
                }
            });
        }
        let trees = marks.starts.len();
        marks.ladders = questions.into_iter().map(|(feature, asked)| Ladder::of(feature, asked, trees)).collect();
        marks
    }

    /// The trees that are not laid out here.
    pub(crate) fn wide(&self) -> &[Span] {
        &self.wide
    }

    /// Room for [`Marks::sum`] to work in.
    pub(crate) fn room(&self) -> Vec<u64> {
        vec![0; self.starts.len()]
    }

    /// The sum over the trees of the leaf that a row falls into.
    pub(crate) fn sum(&self, row: &[f32], standing: &mut [u64]) -> f64 {
        standing.fill(u64::MAX);
        for ladder in &self.ladders {
            ladder.climb(row[ladder.feature], standing);
        }
        let mut sums = [0.0; LANES];
        for (starts, standing) in self.starts.chunks(LANES).zip(standing.chunks(LANES)) {
            for ((sum, start), standing) in sums.iter_mut().zip(starts).zip(standing) {
                *sum += self.leaves[*start as usize + standing.trailing_zeros() as usize];
            }
        }
        sums.iter().sum()
    }
}

impl Ladder {
    fn of(feature: u16, mut asked: Vec<(Node, Kept)>, trees: usize) -> Self {
        asked.sort_by(|a, b| a.0.threshold.total_cmp(&b.0.threshold));
        let mut ladder = Self {
            feature: feature as usize,
            // A landing costs a pass over all trees, of which a processor does several at once.
            stride: (trees / 4).max(32),
            ..Self::default()
        };
        let mut all = vec![u64::MAX; trees];
        let mut missing: BTreeMap<u32, u64> = BTreeMap::new();
        for (at, (node, kept)) in asked.iter().enumerate() {
            ladder.thresholds.push(node.threshold);
            ladder.kept.push(*kept);
            all[kept.tree as usize] &= kept.leaves;
            if (at + 1) % ladder.stride == 0 {
                ladder.landings.extend(&all);
            }
            if node.feature & MISSING_LEFT == 0 {
                *missing.entry(kept.tree).or_insert(u64::MAX) &= kept.leaves;
            }
        }
        ladder.missing = missing.into_iter().map(|(tree, leaves)| Kept { leaves, tree }).collect();
        ladder
    }

    /// Takes away what the answers to this feature's questions take away.
    fn climb(&self, value: f32, standing: &mut [u64]) {
        let mut kept = self.missing.as_slice();
        if !value.is_nan() {
            let right = self.thresholds.partition_point(|threshold| *threshold < value);
            let landing = right / self.stride;
            if landing > 0 {
                let all = &self.landings[(landing - 1) * standing.len()..landing * standing.len()];
                for (standing, kept) in standing.iter_mut().zip(all) {
                    *standing &= kept;
                }
            }
            kept = &self.kept[landing * self.stride..right];
        }
        for kept in kept {
            standing[kept.tree as usize] &= kept.leaves;
        }
    }
}

/// Lists the leaves below `code` from left to right, and tells each question with what it keeps.
fn spread(
    nodes: &[Node],
    code: u16,
    values: &[f64],
    start: usize,
    leaves: &mut Vec<f64>,
    tell: &mut impl FnMut(Node, u64),
) {
    if code & LEAF != 0 {
        leaves.push(values[(code & !LEAF) as usize]);
        return;
    }
    let node = nodes[code as usize];
    let first = leaves.len() - start;
    spread(nodes, node.left, values, start, leaves, tell);
    let left = leaves.len() - start - first;
    tell(node, !(((1_u64 << left) - 1) << first));
    spread(nodes, node.right, values, start, leaves, tell);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, boost};
    use lintel_domain::rng::Rng;

    fn by_walking(forest: &Forest, span: &Span, row: &[f32]) -> f64 {
        let mut code = 0;
        while code & LEAF == 0 {
            let node = &forest.nodes_of(span)[code as usize];
            code = if node.goes_left(row) { node.left } else { node.right };
        }
        forest.leaves_of(span)[(code & !LEAF) as usize]
    }

    #[test]
    fn every_tree_answers_as_if_walked_from_question_to_question() {
        let mut rng = Rng::new(7);
        let pick = |rng: &mut Rng| match rng.below(10) {
            0 => f32::NAN,
            1 => *rng.pick(&[f32::INFINITY, f32::NEG_INFINITY, -0.0, 0.0]).unwrap(),
            2..5 => rng.below(4) as f32,
            _ => rng.normal() as f32,
        };
        let matrix = Matrix::new((0..4).map(|_| (0..1500).map(|_| pick(&mut rng)).collect()).collect());
        let targets: Vec<f64> = (0..1500).map(|_| rng.normal()).collect();
        for max_leaves in [2, 24, 64, 65, 150] {
            let options = BoostOptions {
                rounds: 40,
                max_leaves,
                max_depth: 16,
                min_child_rows: 2,
                min_child_weight: 0.0,
                ..BoostOptions::default()
            };
            let rows = Rows { matrix: &matrix, targets: &targets, weights: None };
            let forest = boost(rows, None, &[], &options).unwrap().forest;
            let batch = forest.predict_batch(&matrix).unwrap();
            let mut row = Vec::new();
            for (at, raw) in batch.iter().enumerate() {
                matrix.row_into(at, &mut row);
                let walked: f64 = forest.spans().iter().map(|span| by_walking(&forest, span, &row)).sum();
                assert!((forest.initial + walked - raw).abs() < 1e-10, "{max_leaves} leaves: {raw}");
                assert_eq!(forest.predict(&row), *raw);
            }
        }
    }
}
