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
//! points is exact; [`super::paths`] does all leaves of a tree at once, and [`super::tables`] does so
//! ahead of time for trees that ask little.
//! Same values as path-dependent TreeSHAP (Lundberg et al. 2018), in O(nodes × depth / 2).

use super::cells::Cells;
use super::forest::Forest;
use super::paths::Paths;
use super::tables::Tables;

/// The trees of a forest laid out for contributions.
#[derive(Debug, Clone)]
pub(crate) struct Contributions {
    /// Trees that ask little.
    tables: Tables,
    /// All others.
    paths: Paths,
}

impl Contributions {
    /// The layout of a forest.
    pub(crate) fn of(forest: &Forest) -> Self {
        let mut all = Self { tables: Tables::default(), paths: Paths::default() };
        for span in forest.spans() {
            if !all.tables.lay(forest, span) {
                all.paths.lay(forest, span);
            }
        }
        all
    }

    /// Adds each feature's contribution to `out`.
    ///
    /// # Panics
    /// When `row` or `out` is shorter than the forest's features.
    pub(crate) fn add(&self, row: &[f32], out: &mut [f64]) {
        let cells = Cells::of(row);
        self.tables.add(&cells, out);
        let mut room = self.paths.room();
        self.paths.add(|_, question| question.holds(&cells), &mut room, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, boost};
    use crate::learn::forest::{MISSING_LEFT, Span};
    use crate::learn::grow::LEAF;
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
        for (features, max_leaves, max_depth) in [(1, 4, 3), (4, 6, 5), (3, 12, 9), (6, 40, 12), (9, 60, 16)] {
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
