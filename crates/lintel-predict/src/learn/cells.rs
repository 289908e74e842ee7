//! Rows laid out so that one comparison answers a question, missing values included.

use super::forest::{MISSING_LEFT, Node};

/// Each feature twice: with a missing value beyond every threshold, then below every threshold.
#[derive(Debug, Clone)]
pub(crate) struct Cells(Vec<f32>);

/// Whether a cell is at most the threshold: then the row goes left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    threshold: f32,
    cell: u16,
}

impl Cells {
    pub(crate) fn of(row: &[f32]) -> Self {
        let twice = |value: &f32| if value.is_nan() { [f32::INFINITY, f32::NEG_INFINITY] } else { [*value; 2] };
        Self(row.iter().flat_map(twice).collect())
    }
}

impl Comparison {
    /// What a node asks.
    pub(crate) fn of(node: &Node) -> Self {
        let missing_left = u16::from(node.feature & MISSING_LEFT != 0);
        Self { threshold: node.threshold, cell: 2 * (node.feature & !MISSING_LEFT) + missing_left }
    }

    pub(crate) fn holds(self, cells: &Cells) -> bool {
        cells.0[self.cell as usize] <= self.threshold
    }
}
