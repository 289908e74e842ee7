//! Contributions of trees that ask few different questions: worked out for every row of answers.
//!
//! What a tree credits to its features depends on a row by the answers to the tree's questions
//! only. A symmetric tree of depth 6 asks six, so 64 rows of contributions say all that it can say.

use super::cells::{Cells, Comparison};
use super::forest::{Forest, MISSING_LEFT, Span};
use super::paths::Paths;

/// The most different questions of a tree that is laid out here.
const MAX_QUESTIONS: usize = 6;

/// The trees of a forest that ask at most [`MAX_QUESTIONS`] different questions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    trees: Vec<Tree>,
    questions: Vec<Comparison>,
    features: Vec<u16>,
    /// For each tree, for each row of answers (the first question is the lowest bit), what each feature adds.
    credits: Vec<f64>,
}

/// How many entries of the lists belong to a tree.
#[derive(Debug, Clone, Copy)]
struct Tree {
    questions: usize,
    features: usize,
}

impl Tables {
    /// Lays out a tree; `false` when it asks too much.
    pub(crate) fn lay(&mut self, forest: &Forest, span: &Span) -> bool {
        let nodes = forest.nodes_of(span);
        let mut different: Vec<Comparison> = Vec::new();
        let mut asks = Vec::with_capacity(nodes.len());
        for node in nodes {
            let question = Comparison::of(node);
            let place = different.iter().position(|other| *other == question).unwrap_or(different.len());
            if place == different.len() {
                different.push(question);
            }
            if different.len() > MAX_QUESTIONS {
                return false;
            }
            asks.push(place);
        }
        let mut features: Vec<u16> = nodes.iter().map(|node| node.feature & !MISSING_LEFT).collect();
        features.sort_unstable();
        features.dedup();
        let mut paths = Paths::default();
        paths.lay(forest, span);
        let mut room = paths.room();
        let mut credits = vec![0.0; forest.features()];
        for answers in 0..1_usize << different.len() {
            credits.fill(0.0);
            paths.add(|at, _| answers >> asks[at] & 1 == 1, &mut room, &mut credits);
            self.credits.extend(features.iter().map(|feature| credits[*feature as usize]));
        }
        self.trees.push(Tree { questions: different.len(), features: features.len() });
        self.questions.extend(different);
        self.features.extend(features);
        true
    }

    /// Adds each feature's contribution to `out`.
    pub(crate) fn add(&self, cells: &Cells, out: &mut [f64]) {
        // All rows are found before any is read: they lie far apart, and the processor fetches many of them at once.
        let (mut questions, mut credits) = (&self.questions[..], 0);
        let row = |tree: &Tree| {
            let (asked, more) = questions.split_at(tree.questions);
            let bit = |(at, question): (usize, &Comparison)| usize::from(question.holds(cells)) << at;
            let answers: usize = asked.iter().enumerate().map(bit).sum();
            let row = credits + answers * tree.features;
            (questions, credits) = (more, credits + (tree.features << tree.questions));
            row
        };
        let rows: Vec<usize> = self.trees.iter().map(row).collect();
        let mut features = &self.features[..];
        for (tree, row) in self.trees.iter().zip(rows) {
            let (own, more) = features.split_at(tree.features);
            for (feature, credit) in own.iter().zip(&self.credits[row..]) {
                out[*feature as usize] += credit;
            }
            features = more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, Shape, boost};
    use lintel_domain::rng::Rng;

    #[test]
    fn contributions_by_table_are_those_of_the_pass_over_the_tree() {
        let mut rng = Rng::new(3);
        let columns = (0..4).map(|_| {
            (0..500).map(|_| if rng.chance(0.1) { f32::NAN } else { rng.normal() as f32 }).collect::<Vec<f32>>()
        });
        let matrix = Matrix::new(columns.collect());
        let mut row = Vec::new();
        let targets: Vec<f64> = (0..500)
            .map(|at| {
                matrix.row_into(at, &mut row);
                row.iter().filter(|x| x.is_finite()).map(|x| f64::from(x.sin())).product()
            })
            .collect();
        for (shape, max_depth) in
            [(Shape::Symmetric, 2), (Shape::Symmetric, 6), (Shape::Symmetric, 7), (Shape::LeafWise, 3)]
        {
            let options = BoostOptions { rounds: 8, shape, max_depth, min_child_rows: 1, ..BoostOptions::default() };
            let rows = Rows { matrix: &matrix, targets: &targets, weights: None };
            let forest = boost(rows, None, &[], &options).unwrap().forest;
            let (mut tables, mut paths) = (Tables::default(), Paths::default());
            for span in forest.spans() {
                if tables.lay(&forest, span) {
                    paths.lay(&forest, span);
                }
            }
            assert!(max_depth > MAX_QUESTIONS || !tables.trees.is_empty());
            for at in 0..50 {
                matrix.row_into(at, &mut row);
                let cells = Cells::of(&row);
                let (mut by_table, mut by_pass) = (vec![0.0; 4], vec![0.0; 4]);
                tables.add(&cells, &mut by_table);
                paths.add(|_, asks| asks.holds(&cells), &mut paths.room(), &mut by_pass);
                for (a, b) in by_table.iter().zip(&by_pass) {
                    assert!((a - b).abs() < 1e-10, "{a} is not {b} at depth {max_depth}");
                }
            }
        }
    }
}
