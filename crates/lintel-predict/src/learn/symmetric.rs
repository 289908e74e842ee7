//! Grows one symmetric tree: all leaves of a level ask the same question, as in CatBoost (Prokhorenkova et al. 2018).
//!
//! A row's leaf is the number its answers spell. One question must help everywhere at once, which
//! regularises, and a tree of depth `d` is served by `d` comparisons.

use super::grow::{Ground, GrownNode, GrownTree, LEAF, fill_histogram, offsets_of, partition};
use super::split_search::{HistBin, Sums, score};
use super::table::Monotone;

/// A leaf of the level that is being split.
struct Open {
    start: usize,
    end: usize,
    sums: Sums,
    bounds: (f64, f64),
    histogram: Vec<HistBin>,
}

/// The question of a level.
#[derive(Debug, Clone, Copy)]
struct Question {
    slot: usize,
    bin: u8,
    missing_left: bool,
    gain: f64,
}

/// Grows a tree of up to `ground.max_depth` levels on `rows` with `features`; also returns the rows of each leaf.
pub(crate) fn grow_symmetric(
    ground: &Ground<'_>,
    mut rows: Vec<u32>,
    features: &[usize],
) -> (GrownTree, Vec<Vec<u32>>) {
    let offsets = offsets_of(ground, features);
    let mut gathered = Vec::new();
    let mut spare = Vec::new();
    let mut root = Open {
        start: 0,
        end: rows.len(),
        sums: Sums::of_rows(ground.slopes, &rows),
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        histogram: Vec::new(),
    };
    fill_histogram(ground, &rows, features, &offsets, &mut root.histogram, &mut gathered);
    let mut level = vec![root];
    let mut nodes = Vec::new();
    for depth in 0..ground.max_depth {
        let Some(question) = best_question(ground, &level, features, &offsets) else { break };
        let feature = features[question.slot];
        let column = &ground.binned.columns[feature];
        let last = depth + 1 == ground.max_depth;
        let mut next = Vec::with_capacity(level.len() * 2);
        for leaf in level {
            let own = &mut rows[leaf.start..leaf.end];
            let middle = leaf.start + partition(own, column, question.bin, question.missing_left, &mut spare);
            nodes.push(node_of(&leaf, middle, feature, &question, nodes.len()));
            let mut pair = children(ground, &leaf, middle, &rows, ground.monotone[feature]);
            if !last {
                let small = usize::from(middle - leaf.start > leaf.end - middle);
                let part = &rows[pair[small].start..pair[small].end];
                let mut own = Vec::new();
                fill_histogram(ground, part, features, &offsets, &mut own, &mut gathered);
                let mut rest = leaf.histogram;
                for (rest, own) in rest.iter_mut().zip(&own) {
                    rest.subtract(own);
                }
                pair[small].histogram = own;
                pair[1 - small].histogram = rest;
            }
            next.extend(pair);
        }
        level = next;
    }
    finish(ground, nodes, &level, &rows)
}

/// The node that asks a leaf's question; children stand where a complete tree has them.
fn node_of(leaf: &Open, middle: usize, feature: usize, question: &Question, index: usize) -> GrownNode {
    let count = leaf.end - leaf.start;
    let share = if count == 0 { 0.5 } else { (middle - leaf.start) as f64 / count as f64 };
    GrownNode {
        feature: feature as u16,
        bin: question.bin,
        missing_left: question.missing_left,
        left: (2 * index + 1) as u16,
        right: (2 * index + 2) as u16,
        left_share: share.clamp(1e-6, 1.0 - 1e-6) as f32,
        // The gain of the level belongs to it once: its first node carries it.
        gain: if (index + 1).is_power_of_two() { question.gain as f32 } else { 0.0 },
    }
}

fn children(ground: &Ground<'_>, leaf: &Open, middle: usize, rows: &[u32], monotone: Monotone) -> [Open; 2] {
    let (low, high) = leaf.bounds;
    let sums = [(leaf.start, middle), (middle, leaf.end)].map(|(start, end)| {
        let sums = Sums::of_rows(ground.slopes, &rows[start..end]);
        (start, end, sums)
    });
    let between = sums.map(|(_, _, sums)| sums.weight(ground.limits.l2).clamp(low, high));
    let edge = f64::midpoint(between[0], between[1]);
    let bounds = match monotone {
        Monotone::Free => [(low, high), (low, high)],
        Monotone::Rising => [(low, edge), (edge, high)],
        Monotone::Falling => [(edge, high), (low, edge)],
    };
    let open = |side: usize| {
        let (start, end, sums) = sums[side];
        Open { start, end, sums, bounds: bounds[side], histogram: Vec::new() }
    };
    [open(0), open(1)]
}

fn finish(ground: &Ground<'_>, mut nodes: Vec<GrownNode>, level: &[Open], rows: &[u32]) -> (GrownTree, Vec<Vec<u32>>) {
    if nodes.is_empty() {
        let leaves = level.iter().map(|leaf| leaf.sums.weight(ground.limits.l2)).collect();
        return (GrownTree { nodes, leaves }, vec![rows.to_vec()]);
    }
    let inner = nodes.len() as u16;
    for node in &mut nodes {
        for child in [&mut node.left, &mut node.right] {
            if *child >= inner {
                *child = LEAF | (*child - inner);
            }
        }
    }
    let leaves = level.iter().map(|leaf| leaf.sums.weight(ground.limits.l2).clamp(leaf.bounds.0, leaf.bounds.1));
    let leaf_rows = level.iter().map(|leaf| rows[leaf.start..leaf.end].to_vec()).collect();
    (GrownTree { nodes, leaves: leaves.collect() }, leaf_rows)
}

/// What one bin as the last on the left would bring, with missing values on the right and on the left.
#[derive(Debug, Clone, Copy, Default)]
struct Candidate {
    gain: [f64; 2],
    rows: [u32; 2],
    against: [bool; 2],
}

/// The question with the most gain summed over the leaves; of equals the first.
fn best_question(ground: &Ground<'_>, level: &[Open], features: &[usize], offsets: &[usize]) -> Option<Question> {
    let standing: f64 = level.iter().map(|leaf| score(&leaf.sums, ground.limits.l2, leaf.bounds).0).sum();
    let total: u32 = level.iter().map(|leaf| leaf.sums.rows).sum();
    let mut best: Option<Question> = None;
    let mut candidates = Vec::new();
    for (slot, feature) in features.iter().enumerate() {
        let bins = offsets[slot + 1] - offsets[slot];
        candidates.clear();
        candidates.resize(bins, Candidate::default());
        let missing: u32 = level.iter().map(|leaf| leaf.histogram[offsets[slot]].rows).sum();
        let sides = if missing > 0 { 2 } else { 1 };
        for leaf in level {
            let bins = &leaf.histogram[offsets[slot]..offsets[slot + 1]];
            tally(ground, leaf, bins, ground.monotone[*feature], sides, &mut candidates);
        }
        for (bin, candidate) in candidates.iter().enumerate().skip(1) {
            for side in 0..sides {
                let (gain, left) = (candidate.gain[side] - standing, candidate.rows[side]);
                let fits = left.min(total - left) >= ground.limits.min_child_rows;
                if !fits || candidate.against[side] || gain.is_nan() || gain <= ground.limits.min_gain {
                    continue;
                }
                if best.is_none_or(|best| gain > best.gain) {
                    // Nothing was missing here: later missing values go with the many.
                    let missing_left = side == 1 || (missing == 0 && left * 2 >= total);
                    best = Some(Question { slot, bin: bin as u8, missing_left, gain });
                }
            }
        }
    }
    best
}

/// Adds what each cut brings in one leaf.
fn tally(
    ground: &Ground<'_>,
    leaf: &Open,
    bins: &[HistBin],
    monotone: Monotone,
    sides: usize,
    candidates: &mut [Candidate],
) {
    let l2 = ground.limits.l2;
    let bounded = monotone != Monotone::Free || leaf.bounds.0.is_finite() || leaf.bounds.1.is_finite();
    let missing = Sums::default().with(&bins[0]);
    let mut below = Sums::default();
    for (bin, candidate) in bins.iter().zip(candidates).skip(1) {
        below.add(bin);
        for (side, left) in [below, below.plus(&missing)].into_iter().enumerate().take(sides) {
            let right = leaf.sums.without(&left);
            candidate.rows[side] += left.rows;
            if bounded {
                let (left_score, left_value) = score(&left, l2, leaf.bounds);
                let (right_score, right_value) = score(&right, l2, leaf.bounds);
                candidate.gain[side] += left_score + right_score;
                candidate.against[side] |= left.rows > 0
                    && right.rows > 0
                    && match monotone {
                        Monotone::Free => false,
                        Monotone::Rising => left_value > right_value,
                        Monotone::Falling => left_value < right_value,
                    };
            } else {
                candidate.gain[side] += candidate_gain(&left, &right, l2);
            }
        }
    }
}

fn candidate_gain(left: &Sums, right: &Sums, l2: f64) -> f64 {
    let part = |sums: &Sums| if sums.rows == 0 { 0.0 } else { sums.gradient * sums.gradient / (sums.hessian + l2) };
    part(left) + part(right)
}
