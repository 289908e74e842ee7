//! Symmetric trees laid out for contributions: a row's leaf spells all its answers, so what each
//! column adds is worked out once for every leaf and only looked up.

use super::forest::{MISSING_LEFT, Node};
use super::grow::LEAF;

/// Trees with more levels would have tables larger than they are worth.
const MAX_LEVELS: usize = 6;

/// The question of a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    threshold: f32,
    feature: u16,
    /// Where the row holds the feature, missing values being beyond every threshold or below it.
    cell: u16,
}

/// All symmetric trees of a forest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    /// How many levels each tree has.
    trees: Vec<usize>,
    questions: Vec<Level>,
    /// For each tree and leaf what each level's feature gets.
    credits: Vec<f64>,
}

impl Levels {
    /// The questions of a symmetric tree from its root on; `None` for any other tree.
    pub(crate) fn of(nodes: &[Node]) -> Option<Vec<Level>> {
        let levels = nodes.len().count_ones() as usize;
        if nodes.is_empty() || nodes.len() + 1 != 1 << levels || levels > MAX_LEVELS {
            return None;
        }
        let mut questions: Vec<Level> = Vec::with_capacity(levels);
        for (at, node) in nodes.iter().enumerate() {
            let child = |side: usize| {
                let below = 2 * at + side;
                if below < nodes.len() { below as u16 } else { LEAF | (below - nodes.len()) as u16 }
            };
            let feature = node.feature & !MISSING_LEFT;
            let cell = 2 * feature + u16::from(node.feature & MISSING_LEFT != 0);
            let question = Level { threshold: node.threshold, feature, cell };
            match questions.get((at + 1).ilog2() as usize) {
                None => questions.push(question),
                Some(first) if *first == question => {}
                Some(_) => return None,
            }
            if node.left != child(1) || node.right != child(2) {
                return None;
            }
        }
        Some(questions)
    }

    /// Adds a tree; `credit` adds to each feature what it gets where the levels answer "left" as told.
    pub(crate) fn push(&mut self, questions: &[Level], features: usize, credit: impl Fn(&[bool], &mut [f64])) {
        let levels = questions.len();
        let mut out = vec![0.0; features];
        for leaf in 0..1_usize << levels {
            let answers: Vec<bool> = (0..levels).map(|level| leaf >> (levels - 1 - level) & 1 == 0).collect();
            credit(&answers, &mut out);
            // A feature asked about twice gets all it gets at its first level.
            self.credits.extend(questions.iter().map(|level| std::mem::take(&mut out[level.feature as usize])));
        }
        self.trees.push(levels);
        self.questions.extend(questions);
    }

    /// Adds each feature's contribution to `out`; `cells` holds each feature of the row twice.
    pub(crate) fn contribute(&self, cells: &[f32], out: &mut [f64]) {
        let (mut levels, mut credits) = (&self.questions[..], &self.credits[..]);
        for tree in &self.trees {
            let (these, rest) = levels.split_at(*tree);
            let (table, rest_credits) = credits.split_at(*tree << *tree);
            let right = |level: &Level| usize::from(cells[level.cell as usize] > level.threshold);
            let leaf = these.iter().fold(0, |leaf, level| 2 * leaf + right(level));
            for (level, credit) in these.iter().zip(&table[leaf * tree..]) {
                out[level.feature as usize] += credit;
            }
            (levels, credits) = (rest, rest_credits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, Shape, boost};
    use crate::learn::contribute::Paths;
    use lintel_domain::rng::Rng;

    #[test]
    fn looked_up_contributions_are_those_of_the_walk() {
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
        for max_depth in 1..=7 {
            let options = BoostOptions {
                rounds: 8,
                shape: Shape::Symmetric,
                max_depth,
                min_child_rows: 1,
                ..BoostOptions::default()
            };
            let rows = Rows { matrix: &matrix, targets: &targets, weights: None };
            let forest = boost(rows, None, &[], &options).unwrap().forest;
            let symmetric = forest.spans().iter().filter(|span| Levels::of(forest.nodes_of(span)).is_some()).count();
            assert_eq!(symmetric, if max_depth > MAX_LEVELS { 0 } else { forest.trees() });
            for at in 0..50 {
                matrix.row_into(at, &mut row);
                let (mut looked_up, mut walked) = (vec![0.0; 4], vec![0.0; 4]);
                Paths::of(&forest).contribute(&row, &mut looked_up);
                Paths::walked(&forest).contribute(&row, &mut walked);
                for (a, b) in looked_up.iter().zip(&walked) {
                    assert!((a - b).abs() < 1e-10, "{a} is not {b} at depth {max_depth}");
                }
            }
        }
    }
}
