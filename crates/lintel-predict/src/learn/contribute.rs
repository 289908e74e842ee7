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
        at[index] = f64::midpoint(x, 1.0);
        weight[index] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
    Points { at, weight, rest: at.map(|t| 1.0 - t), failed: at.map(|t| -1.0 / (1.0 - t)) }
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

    #[test]
    fn the_points_integrate_polynomials_exactly() {
        fn check<const K: usize>() {
            let points = points::<K>();
            for power in 0..2 * K as i32 {
                let sum: f64 = (0..K).map(|k| points.weight[k] * points.at[k].powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-14, "{K} points, power {power}");
            }
        }
        check::<1>();
        check::<2>();
        check::<3>();
        check::<4>();
        check::<6>();
        check::<8>();
    }
}
