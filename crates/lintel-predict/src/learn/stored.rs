//! The stored form of a forest, checked when it is read.

use super::forest::{Forest, MAX_DEPTH, MISSING_LEFT, Node, Span, width};
use super::grow::LEAF;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What is stored of a forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stored {
    base: f64,
    features: u16,
    nodes: Vec<Node>,
    leaves: Vec<f64>,
    /// Number of inner nodes of each tree; it has one leaf more.
    trees: Vec<u16>,
}

impl From<Forest> for Stored {
    fn from(forest: Forest) -> Self {
        Self {
            base: forest.initial,
            features: forest.features as u16,
            trees: forest.spans.iter().map(|span| span.node_count as u16).collect(),
            nodes: forest.nodes,
            leaves: forest.leaves,
        }
    }
}

impl TryFrom<Stored> for Forest {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let mut forest = Self::constant(stored.base, stored.features as usize);
        forest.nodes = stored.nodes;
        forest.leaves = stored.leaves;
        let (mut nodes, mut leaves) = (0, 0);
        for count in stored.trees {
            let count = count as usize;
            let mut span = Span { nodes, node_count: count, leaves, width: 0 };
            nodes += count;
            leaves += count + 1;
            let fits = count > 0 && nodes <= forest.nodes.len() && leaves <= forest.leaves.len();
            if !fits || !sound(&forest, &span) {
                return Err(Error::Artefact("a tree is not well formed".into()));
            }
            span.width = width(forest.nodes_of(&span), 0, &mut Vec::new());
            forest.spans.push(span);
        }
        let finite = forest.initial.is_finite() && forest.leaves.iter().all(|v| v.is_finite());
        if nodes != forest.nodes.len() || leaves != forest.leaves.len() || !finite {
            return Err(Error::Artefact("the trees do not fill their lists".into()));
        }
        forest.expected = forest.initial + forest.spans.iter().map(|s| forest.tree_mean(s)).sum::<f64>();
        Ok(forest)
    }
}

/// Whether every child is reached once from an earlier node, within the longest path.
fn sound(forest: &Forest, span: &Span) -> bool {
    let nodes = forest.nodes_of(span);
    let mut depth = vec![0_usize; nodes.len()];
    depth[0] = 1;
    let mut leaves = vec![false; nodes.len() + 1];
    for (index, node) in nodes.iter().enumerate() {
        let share_ok = node.left_share > 0.0 && node.left_share < 1.0;
        let feature_ok = ((node.feature & !MISSING_LEFT) as usize) < forest.features;
        let threshold_ok = node.threshold < f32::INFINITY;
        if !share_ok || !feature_ok || !threshold_ok || depth[index] == 0 || depth[index] > MAX_DEPTH {
            return false;
        }
        for code in [node.left, node.right] {
            let at = (code & !LEAF) as usize;
            if code & LEAF != 0 {
                match leaves.get_mut(at) {
                    Some(seen) if !*seen => *seen = true,
                    _ => return false,
                }
            } else if at <= index || at >= nodes.len() || depth[at] != 0 {
                return false;
            } else {
                depth[at] = depth[index] + 1;
            }
        }
    }
    leaves.iter().all(|seen| *seen)
}
