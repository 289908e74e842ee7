//! Contributions of a tree in one pass down and up, for several points of the integral at once.
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

use super::cells::Comparison;
use super::forest::{Forest, MISSING_LEFT, Node, Span};
use super::grow::LEAF;
use super::points::points;

/// Trees as what their questions do to the factors.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    trees: Vec<Tree>,
    questions: Vec<Question>,
    leaves: Vec<f64>,
    /// For each question and case `m` and `g` at every point, `g` times the weight of the point.
    cases: Vec<f64>,
    /// Most questions of a tree.
    longest: usize,
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
    asks: Comparison,
    feature: u16,
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
pub(crate) struct Room {
    /// For each answer whether the row passes it and all above about the same feature.
    passed: Vec<bool>,
    case: Vec<u8>,
    /// `P` at each place.
    reached: Vec<f64>,
    /// The sum over the leaves below each place.
    sums: Vec<f64>,
}

impl Paths {
    /// Adds a tree.
    pub(crate) fn lay(&mut self, forest: &Forest, span: &Span) {
        let nodes = forest.nodes_of(span);
        self.longest = self.longest.max(nodes.len());
        self.leaves.extend(forest.leaves_of(span));
        let points = match span.width.div_ceil(2) {
            0 | 1 => self.lay_with::<1>(nodes),
            2 => self.lay_with::<2>(nodes),
            3 => self.lay_with::<3>(nodes),
            4 => self.lay_with::<4>(nodes),
            5 | 6 => self.lay_with::<6>(nodes),
            _ => self.lay_with::<MAX_POINTS>(nodes),
        };
        self.trees.push(Tree { questions: nodes.len(), points });
    }

    /// Adds the questions of a tree with `K` points.
    fn lay_with<const K: usize>(&mut self, nodes: &[Node]) -> usize {
        let points = points::<K>();
        for (at, asked) in asked(nodes).into_iter().enumerate() {
            let node = &nodes[at];
            let place = |code: u16| if code & LEAF == 0 { code } else { nodes.len() as u16 + (code & !LEAF) };
            self.questions.push(Question {
                asks: Comparison::of(node),
                feature: node.feature & !MISSING_LEFT,
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

    /// Room for [`Paths::add`] to work in.
    pub(crate) fn room(&self) -> Room {
        let places = 2 * self.longest + 1;
        Room {
            passed: vec![true; places],
            case: vec![0; self.longest],
            reached: vec![0.0; places * MAX_POINTS],
            sums: vec![0.0; places * MAX_POINTS],
        }
    }

    /// Adds each feature's contribution to `out`, given the answer to each question of all trees in turn.
    pub(crate) fn add(&self, goes_left: impl Fn(usize, Comparison) -> bool, room: &mut Room, out: &mut [f64]) {
        let (mut first, mut leaves, mut cases) = (0, &self.leaves[..], &self.cases[..]);
        for tree in &self.trees {
            let questions = &self.questions[first..first + tree.questions];
            let (own, more_leaves) = leaves.split_at(tree.questions + 1);
            let (theirs, more_cases) = cases.split_at(tree.questions * CASES * 2 * tree.points);
            let answer = |at, asks| goes_left(first + at, asks);
            match tree.points {
                1 => room.pass::<1>(questions, own, theirs, answer, out),
                2 => room.pass::<2>(questions, own, theirs, answer, out),
                3 => room.pass::<3>(questions, own, theirs, answer, out),
                4 => room.pass::<4>(questions, own, theirs, answer, out),
                6 => room.pass::<6>(questions, own, theirs, answer, out),
                _ => room.pass::<MAX_POINTS>(questions, own, theirs, answer, out),
            }
            first += tree.questions;
            (leaves, cases) = (more_leaves, more_cases);
        }
    }
}

impl Room {
    /// One tree: products of factors downwards, then sums and credit upwards.
    fn pass<const K: usize>(
        &mut self,
        questions: &[Question],
        leaves: &[f64],
        cases: &[f64],
        goes_left: impl Fn(usize, Comparison) -> bool,
        out: &mut [f64],
    ) {
        let (cases, _) = cases.as_chunks::<K>();
        let (reached, _) = self.reached.as_chunks_mut::<K>();
        let (sums, _) = self.sums.as_chunks_mut::<K>();
        reached[0] = [1.0; K];
        for (at, question) in questions.iter().enumerate() {
            let left = goes_left(at, question.asks);
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
