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
//! points is exact, and one walk over the tree with a vector of points does all leaves at once.
//! Same values as path-dependent TreeSHAP (Lundberg et al. 2018), in O(nodes × depth / 2).

use super::forest::{Forest, MISSING_LEFT, Node, Span};
use super::grow::LEAF;
use std::sync::LazyLock;

impl Forest {
    /// Adds each feature's contribution to `out`: [`Forest::expected`] plus their sum is the
    /// raw prediction, up to rounding.
    ///
    /// # Panics
    /// When `row` or `out` is shorter than [`Forest::features`].
    pub(crate) fn contribute(&self, row: &[f32], out: &mut [f64]) {
        let mut path = vec![OnPath::default(); self.features()];
        for span in self.spans() {
            match span.width.div_ceil(2) {
                0 | 1 => self.walk(span, &POINTS_1, row, &mut path, out),
                2 => self.walk(span, &POINTS_2, row, &mut path, out),
                3 => self.walk(span, &POINTS_3, row, &mut path, out),
                4 => self.walk(span, &POINTS_4, row, &mut path, out),
                5 | 6 => self.walk(span, &POINTS_6, row, &mut path, out),
                _ => self.walk(span, &POINTS_8, row, &mut path, out),
            }
        }
    }

    fn walk<const K: usize>(&self, span: &Span, points: &Points<K>, row: &[f32], path: &mut [OnPath], out: &mut [f64]) {
        Walk { nodes: self.nodes_of(span), leaves: self.leaves_of(span), points, row, path, out }.visit(0, [1.0; K]);
    }
}

/// What the path so far says about one feature.
#[derive(Debug, Clone, Copy, Default)]
struct OnPath {
    asked: bool,
    passed: bool,
    share: f64,
}

/// Quadrature points and weights on `[0, 1]`.
struct Points<const K: usize> {
    at: [f64; K],
    weight: [f64; K],
    /// `1 − t`.
    rest: [f64; K],
    /// `−1 / (1 − t)`: what a failed question leaves of `(o − z) / (z + t·(o − z))`.
    failed: [f64; K],
}

struct Walk<'a, const K: usize> {
    nodes: &'a [Node],
    leaves: &'a [f64],
    points: &'a Points<K>,
    row: &'a [f32],
    path: &'a mut [OnPath],
    out: &'a mut [f64],
}

impl<const K: usize> Walk<'_, K> {
    /// Sum over the leaves below a node of `value × product of factors`, at each point.
    fn visit(&mut self, index: usize, product: [f64; K]) -> [f64; K] {
        let node = &self.nodes[index];
        let feature = (node.feature & !MISSING_LEFT) as usize;
        let goes_left = node.goes_left(self.row);
        let before = self.path[feature];
        let share = f64::from(node.left_share);
        let children = [(node.left, share, goes_left), (node.right, 1.0 - share, !goes_left)];
        // What the deeper question replaces: the factor leaves the product, the amount the sum.
        let (outside, replaced) = if before.asked {
            let (factor, ratio) = self.factor(before);
            let mut outside = product;
            for k in 0..K {
                outside[k] /= factor[k];
            }
            (outside, ratio)
        } else {
            (product, [0.0; K])
        };
        let mut sum = [0.0; K];
        let mut amount = 0.0;
        for (child, share, passed) in children {
            let now = OnPath {
                asked: true,
                passed: passed && (before.passed || !before.asked),
                share: if before.asked { before.share * share } else { share },
            };
            let (factor, ratio) = self.factor(now);
            let mut part = outside;
            for k in 0..K {
                part[k] *= factor[k];
            }
            if child & LEAF == 0 {
                self.path[feature] = now;
                part = self.visit(child as usize, part);
            } else {
                let value = self.leaves[(child & !LEAF) as usize];
                for part in &mut part {
                    *part *= value;
                }
            }
            for k in 0..K {
                sum[k] += part[k];
                amount += self.points.weight[k] * part[k] * (ratio[k] - replaced[k]);
            }
        }
        self.out[feature] += amount;
        self.path[feature] = before;
        sum
    }

    /// The factor `z + t·(o − z)` and the ratio `(o − z) / factor` at each point.
    #[inline]
    fn factor(&self, state: OnPath) -> ([f64; K], [f64; K]) {
        let z = state.share;
        if state.passed {
            let factor = self.points.at.map(|t| z + t * (1.0 - z));
            (factor, factor.map(|factor| (1.0 - z) / factor))
        } else {
            (self.points.rest.map(|rest| z * rest), self.points.failed)
        }
    }
}

static POINTS_1: LazyLock<Points<1>> = LazyLock::new(points);
static POINTS_2: LazyLock<Points<2>> = LazyLock::new(points);
static POINTS_3: LazyLock<Points<3>> = LazyLock::new(points);
static POINTS_4: LazyLock<Points<4>> = LazyLock::new(points);
static POINTS_6: LazyLock<Points<6>> = LazyLock::new(points);
static POINTS_8: LazyLock<Points<8>> = LazyLock::new(points);

/// Gauss-Legendre points by Newton's method on the Legendre polynomial, moved to `[0, 1]`.
fn points<const K: usize>() -> Points<K> {
    let mut at = [0.0; K];
    let mut weight = [0.0; K];
    for index in 0..K {
        let mut x = (std::f64::consts::PI * (index as f64 + 0.75) / (K as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..64 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=K {
                let d = degree as f64;
                (before, value) = (value, ((2.0 * d - 1.0) * x * value - (d - 1.0) * before) / d);
            }
            slope = K as f64 * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        at[index] = (x + 1.0) / 2.0;
        weight[index] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
    Points { at, weight, rest: at.map(|t| 1.0 - t), failed: at.map(|t| -1.0 / (1.0 - t)) }
}
