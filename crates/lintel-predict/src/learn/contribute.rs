//! Exact contributions: the Shapley values of a row under the trees' own training shares.
//!
//! Within one leaf of value `v` whose path asks about features `1…d`, the game is a product:
//! feature `j` multiplies by `o_j ∈ {0, 1}` (does the row pass all its questions) when known and
//! by `z_j` (share of training rows that pass) when not. The Shapley value of such a game is
//!
//! ```text
//! φ_i = v · (o_i − z_i) · ∫₀¹ Π_{j≠i} (z_j + t·(o_j − z_j)) dt
//! ```
//!
//! The integrand is a polynomial of degree `d − 1`, so Gauss-Legendre quadrature with `⌈d/2⌉`
//! points is exact, and one pass over the tree with a vector of points does all leaves at once.
//! Same values as path-dependent TreeSHAP (Lundberg et al. 2018), in O(nodes × depth / 2).
//!
//! At a question about `f`, let `P` be the product of the factors on the path to it, and `L`, `R`
//! the sums over the leaves on its left and right of `v` times the factors below. The factors of
//! both answers add up to what the factor of `f` was before. With `m` the part of it that goes
//! left, and `g` what the answer credits to `f` beyond the credit of its questions above,
//!
//! ```text
//! sum over the leaves below = R + m·(L − R)        credit to f = ∫₀¹ P·g·(L − R) dt
//!
//! m = (z·(1 − t) + o·t) / F,  g = (o − z − (1 − b)·m) / F,  F = b·(1 − t) + t
//! m = s,                      g = 0        when the row already failed a question about f
//! ```
//!
//! where `b` is the share of rows that pass the questions about `f` above (1 at the first), `s` the
//! share of those that then go left, `z = b·s`, and `o` whether the row goes left. They depend on
//! the row by three cases only, so `m` and `g` are worked out once for every question and case.

use super::forest::{Forest, MISSING_LEFT, Node, Span};
use super::grow::LEAF;
use super::levels::Levels;
use super::points::points;

/// The trees of a forest laid out for contributions.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    features: usize,
    trees: Vec<Tree>,
    questions: Vec<Question>,
    leaves: Vec<f64>,
    /// For each question and case `m` and `g` at every point, `g` times the weight of the point.
    cases: Vec<f64>,
    /// Most questions of a tree.
    longest: usize,
    /// The symmetric trees, which none of the above holds.
    levels: Levels,
}

/// How many entries of each list belong to a tree.
#[derive(Debug, Clone)]
struct Tree {
    questions: usize,
    points: usize,
}

/// A node. The places of a tree are its questions, then its leaves.
#[derive(Debug, Clone, Copy)]
struct Question {
    threshold: f32,
    feature: u16,
    /// Where the row holds the feature, see [`Paths::cells`].
    cell: u16,
    /// The answer above that the row must have given to have passed so far, see [`answer`].
    above: u16,
    left: u16,
    right: u16,
}

/// The cases of a question: the row failed one above, goes right, goes left.
const CASES: usize = 3;
/// More points than any tree needs, for [`super::forest::MAX_DEPTH`].
const MAX_POINTS: usize = 8;

/// The place of an answer; 0 stands for no question.
fn answer(question: usize, left: bool) -> usize {
    1 + 2 * question + usize::from(left)
}

/// What a pass over a tree works in.
struct Room {
    /// For each answer whether the row passes it and all above about the same feature.
    passed: Vec<bool>,
    case: Vec<u8>,
    /// `P` at each place.
    reached: Vec<f64>,
    /// The sum over the leaves below each place.
    sums: Vec<f64>,
}

impl Paths {
    /// The layout of a forest.
    pub(crate) fn of(forest: &Forest) -> Self {
        let mut paths = Self::empty(forest.features());
        for span in forest.spans() {
            let Some(questions) = Levels::of(forest.nodes_of(span)) else {
                paths.add(forest, span);
                continue;
            };
            // The tree by itself, asked about its levels instead of its features.
            let mut alone = Self::empty(forest.features());
            alone.add(forest, span);
            for (at, question) in alone.questions.iter_mut().enumerate() {
                (question.cell, question.threshold) = ((at + 1).ilog2() as u16, 0.5);
            }
            paths.levels.push(&questions, forest.features(), |answers, out| {
                let cells: Vec<f32> = answers.iter().map(|left| f32::from(u8::from(!left))).collect();
                alone.walk(&cells, out);
            });
        }
        paths
    }

    /// The layout of a forest without any table.
    #[cfg(test)]
    pub(crate) fn walked(forest: &Forest) -> Self {
        let mut paths = Self::empty(forest.features());
        for span in forest.spans() {
            paths.add(forest, span);
        }
        paths
    }

    fn empty(features: usize) -> Self {
        Self {
            features,
            trees: Vec::new(),
            questions: Vec::new(),
            leaves: Vec::new(),
            cases: Vec::new(),
            longest: 0,
            levels: Levels::default(),
        }
    }

    /// Adds a tree to those that are walked.
    fn add(&mut self, forest: &Forest, span: &Span) {
        let nodes = forest.nodes_of(span);
        self.longest = self.longest.max(nodes.len());
        self.leaves.extend(forest.leaves_of(span));
        let points = match span.width.div_ceil(2) {
            0 | 1 => self.lay::<1>(nodes),
            2 => self.lay::<2>(nodes),
            3 => self.lay::<3>(nodes),
            4 => self.lay::<4>(nodes),
            5 | 6 => self.lay::<6>(nodes),
            _ => self.lay::<MAX_POINTS>(nodes),
        };
        self.trees.push(Tree { questions: nodes.len(), points });
    }

    /// Adds the questions of a tree with `K` points.
    fn lay<const K: usize>(&mut self, nodes: &[Node]) -> usize {
        let points = points::<K>();
        for (at, asked) in asked(nodes).into_iter().enumerate() {
            let node = &nodes[at];
            let place = |code: u16| if code & LEAF == 0 { code } else { nodes.len() as u16 + (code & !LEAF) };
            let feature = node.feature & !MISSING_LEFT;
            let missing_left = node.feature & MISSING_LEFT != 0;
            self.questions.push(Question {
                threshold: node.threshold,
                feature,
                cell: 2 * feature + u16::from(missing_left),
                above: asked.above as u16,
                left: place(node.left),
                right: place(node.right),
            });
            let share = f64::from(node.left_share);
            self.cases.extend([share; K]);
            self.cases.extend([0.0; K]);
            for goes_left in [0.0, 1.0] {
                let z = asked.share * share;
                let factor = points.at.map(|t| asked.share * (1.0 - t) + t);
                let mut m = points.at.map(|t| z * (1.0 - t) + goes_left * t);
                let mut g = [0.0; K];
                for k in 0..K {
                    m[k] /= factor[k];
                    g[k] = points.weight[k] * (goes_left - z - (1.0 - asked.share) * m[k]) / factor[k];
                }
                self.cases.extend(m);
                self.cases.extend(g);
            }
        }
        K
    }

    /// Adds each feature's contribution to `out`.
    ///
    /// # Panics
    /// When `row` or `out` is shorter than the forest's features.
    pub(crate) fn contribute(&self, row: &[f32], out: &mut [f64]) {
        let cells = self.cells(row);
        self.levels.contribute(&cells, out);
        self.walk(&cells, out);
    }

    /// The same of the trees that are walked alone.
    fn walk(&self, cells: &[f32], out: &mut [f64]) {
        let places = 2 * self.longest + 1;
        let mut room = Room {
            passed: vec![true; places],
            case: vec![0; self.longest],
            reached: vec![0.0; places * MAX_POINTS],
            sums: vec![0.0; places * MAX_POINTS],
        };
        let (mut questions, mut leaves, mut cases) = (&self.questions[..], &self.leaves[..], &self.cases[..]);
        for tree in &self.trees {
            let (these, rest) = questions.split_at(tree.questions);
            let (values, rest_leaves) = leaves.split_at(tree.questions + 1);
            let (theirs, rest_cases) = cases.split_at(tree.questions * CASES * 2 * tree.points);
            match tree.points {
                1 => room.pass::<1>(these, values, theirs, cells, out),
                2 => room.pass::<2>(these, values, theirs, cells, out),
                3 => room.pass::<3>(these, values, theirs, cells, out),
                4 => room.pass::<4>(these, values, theirs, cells, out),
                6 => room.pass::<6>(these, values, theirs, cells, out),
                _ => room.pass::<MAX_POINTS>(these, values, theirs, cells, out),
            }
            (questions, leaves, cases) = (rest, rest_leaves, rest_cases);
        }
    }

    /// Each feature twice: missing values beyond every threshold, then below every threshold.
    fn cells(&self, row: &[f32]) -> Vec<f32> {
        let twice = |value: &f32| if value.is_nan() { [f32::INFINITY, f32::NEG_INFINITY] } else { [*value; 2] };
        row[..self.features].iter().flat_map(twice).collect()
    }
}

impl Room {
    /// One tree: products of factors downwards, then sums and credit upwards.
    fn pass<const K: usize>(
        &mut self,
        questions: &[Question],
        leaves: &[f64],
        cases: &[f64],
        cells: &[f32],
        out: &mut [f64],
    ) {
        let (cases, _) = cases.as_chunks::<K>();
        let (reached, _) = self.reached.as_chunks_mut::<K>();
        let (sums, _) = self.sums.as_chunks_mut::<K>();
        reached[0] = [1.0; K];
        for (at, question) in questions.iter().enumerate() {
            let left = cells[question.cell as usize] <= question.threshold;
            let before = self.passed[question.above as usize];
            self.passed[answer(at, false)] = before && !left;
            self.passed[answer(at, true)] = before && left;
            let case = usize::from(before) * (1 + usize::from(left));
            self.case[at] = case as u8;
            let m = &cases[(at * CASES + case) * 2];
            let product = reached[at];
            let mut part = product;
            for k in 0..K {
                part[k] *= m[k];
            }
            reached[question.left as usize] = part;
            for k in 0..K {
                part[k] = product[k] - part[k];
            }
            reached[question.right as usize] = part;
        }
        for (sum, leaf) in sums[questions.len()..].iter_mut().zip(leaves) {
            *sum = [*leaf; K];
        }
        for (at, question) in questions.iter().enumerate().rev() {
            let row = (at * CASES + self.case[at] as usize) * 2;
            let (m, g) = (&cases[row], &cases[row + 1]);
            let mut sum = sums[question.right as usize];
            let left = &sums[question.left as usize];
            let mut credit = 0.0;
            for k in 0..K {
                let difference = left[k] - sum[k];
                sum[k] += m[k] * difference;
                credit += reached[at][k] * g[k] * difference;
            }
            sums[at] = sum;
            out[question.feature as usize] += credit;
        }
    }
}

/// What the path to a question says about its feature.
#[derive(Debug, Clone, Copy)]
struct Asked {
    above: usize,
    share: f64,
}

/// For each node what is known of its feature before.
fn asked(nodes: &[Node]) -> Vec<Asked> {
    let mut all = vec![Asked { above: 0, share: 1.0 }; nodes.len()];
    // Parents stand before children: each hands on what it knows, and itself to those below it.
    let mut parent: Vec<Option<(usize, bool)>> = vec![None; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for (code, left) in [(node.left, true), (node.right, false)] {
            if code & LEAF == 0 {
                parent[code as usize] = Some((at, left));
            }
        }
        let feature = node.feature & !MISSING_LEFT;
        let mut from = parent[at];
        while let Some((above, left)) = from {
            if nodes[above].feature & !MISSING_LEFT == feature {
                let share = f64::from(nodes[above].left_share);
                let part = if left { share } else { 1.0 - share };
                all[at] = Asked { above: answer(above, left), share: all[above].share * part };
                break;
            }
            from = parent[above];
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, boost};
    use lintel_domain::rng::Rng;

    /// The tree's expectation when only the features of `known` (bits) are known.
    fn game(forest: &Forest, row: &[f32], known: u32) -> f64 {
        fn node(forest: &Forest, span: &Span, row: &[f32], known: u32, code: u16) -> f64 {
            if code & LEAF != 0 {
                return forest.leaves_of(span)[(code & !LEAF) as usize];
            }
            let at = forest.nodes_of(span)[code as usize];
            let left = |known| node(forest, span, row, known, at.left);
            let right = |known| node(forest, span, row, known, at.right);
            if known & (1 << (at.feature & !MISSING_LEFT)) != 0 {
                return if at.goes_left(row) { left(known) } else { right(known) };
            }
            let share = f64::from(at.left_share);
            share * left(known) + (1.0 - share) * right(known)
        }
        forest.spans().iter().map(|span| node(forest, span, row, known, 0)).sum()
    }

    /// Shapley values by their definition: all orders, by way of all subsets.
    fn by_definition(forest: &Forest, row: &[f32]) -> Vec<f64> {
        let n = forest.features();
        let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
        (0..n)
            .map(|feature| {
                (0..1_u32 << n)
                    .filter(|known| known & (1 << feature) == 0)
                    .map(|known| {
                        let size = known.count_ones() as usize;
                        let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                        weight * (game(forest, row, known | 1 << feature) - game(forest, row, known))
                    })
                    .sum()
            })
            .collect()
    }

    #[test]
    fn contributions_are_the_shapley_values_by_definition() {
        for (features, max_leaves, max_depth) in [(1, 4, 3), (3, 12, 9), (6, 40, 12), (9, 60, 16)] {
            let mut rng = Rng::new(features as u64);
            let columns: Vec<Vec<f32>> = (0..features)
                .map(|_| (0..400).map(|_| if rng.chance(0.1) { f32::NAN } else { rng.unit() as f32 }).collect())
                .collect();
            let matrix = Matrix::new(columns);
            let mut row = Vec::new();
            let targets: Vec<f64> = (0..400)
                .map(|at| {
                    matrix.row_into(at, &mut row);
                    let sum: f32 = row.iter().filter(|x| x.is_finite()).map(|x| (x * 7.0).sin()).sum();
                    f64::from(sum * row[0].max(0.2)) + rng.normal() * 0.1
                })
                .collect();
            let options = BoostOptions {
                rounds: 5,
                max_leaves,
                max_depth,
                min_child_rows: 1,
                l2: 0.1,
                ..BoostOptions::default()
            };
            let rows = Rows { matrix: &matrix, targets: &targets, weights: None };
            let forest = boost(rows, None, &[], &options).unwrap().forest;
            for at in 0..20 {
                matrix.row_into(at, &mut row);
                let mut fast = vec![0.0; features];
                forest.contribute(&row, &mut fast);
                for (fast, slow) in fast.iter().zip(by_definition(&forest, &row)) {
                    assert!((fast - slow).abs() < 1e-10, "{fast} is not {slow}");
                }
                let sum = forest.expected() + fast.iter().sum::<f64>();
                assert!((sum - forest.predict(&row)).abs() < 1e-10);
            }
        }
    }
}
