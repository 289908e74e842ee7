//! Grows one tree, best leaf first, from histograms of gradients.

use super::bins::{Binned, Cuts};
use super::split_search::{Best, HistBin, Limits, Sums, best_split};
use super::table::Monotone;

/// Marks a child that is a leaf.
pub(crate) const LEAF: u16 = 0x8000;

/// A grown node: rows whose bin is at most `bin` go left, missing ones as told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrownNode {
    pub(crate) feature: u16,
    pub(crate) bin: u8,
    pub(crate) missing_left: bool,
    pub(crate) left: u16,
    pub(crate) right: u16,
    /// Share of the node's rows that went left, strictly between 0 and 1.
    pub(crate) left_share: f32,
    pub(crate) gain: f32,
}

/// A grown tree; node 0 is the root and children stand after their parents.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrownTree {
    pub(crate) nodes: Vec<GrownNode>,
    pub(crate) leaves: Vec<f64>,
}

impl GrownTree {
    /// The leaf a binned row falls into.
    pub(crate) fn leaf_of(&self, binned: &Binned, row: usize) -> usize {
        let mut code = if self.nodes.is_empty() { LEAF } else { 0 };
        while code & LEAF == 0 {
            let node = &self.nodes[code as usize];
            let bin = binned.columns[node.feature as usize][row];
            let left = if bin == 0 { node.missing_left } else { bin <= node.bin };
            code = if left { node.left } else { node.right };
        }
        (code & !LEAF) as usize
    }
}

/// What a tree is grown from.
pub(crate) struct Ground<'a> {
    pub(crate) binned: &'a Binned,
    pub(crate) cuts: &'a [Cuts],
    pub(crate) monotone: &'a [Monotone],
    /// First and second derivative of each row.
    pub(crate) slopes: &'a [(f32, f32)],
    pub(crate) limits: Limits,
    pub(crate) max_leaves: usize,
    pub(crate) max_depth: usize,
    pub(crate) threads: usize,
}

/// An open leaf with its rows, histogram and best split.
struct Open {
    start: usize,
    end: usize,
    depth: usize,
    sums: Sums,
    low: f64,
    high: f64,
    /// The code slot of the parent that points here: (node, is left).
    parent: Option<(usize, bool)>,
    histogram: Vec<HistBin>,
    best: Option<Best>,
}

/// Grows a tree on `rows` with `features`; also returns the rows of each leaf.
pub(crate) fn grow(ground: &Ground<'_>, mut rows: Vec<u32>, features: &[usize]) -> (GrownTree, Vec<Vec<u32>>) {
    let offsets = offsets_of(ground, features);
    let mut gathered = Vec::new();
    let root_histogram = histogram(ground, &rows, features, &offsets, &mut gathered);
    let mut root = Open {
        start: 0,
        end: rows.len(),
        depth: 0,
        sums: Sums::of_rows(ground.slopes, &rows),
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        parent: None,
        histogram: root_histogram,
        best: None,
    };
    search(ground, &mut root, features, &offsets);
    let mut open = vec![root];
    let mut nodes: Vec<GrownNode> = Vec::new();
    let mut pool: Vec<Vec<HistBin>> = Vec::new();
    let mut spare = Vec::new();
    while open.len() < ground.max_leaves {
        let Some(at) = most_gain(&open) else { break };
        let mut leaf = open.swap_remove(at);
        let Some(best) = leaf.best.take() else { break };
        let feature = features[best.slot];
        let column = &ground.binned.columns[feature];
        let own = &mut rows[leaf.start..leaf.end];
        let middle = leaf.start + partition(own, column, best.bin, best.missing_left, &mut spare);
        let index = nodes.len();
        if let Some((parent, is_left)) = leaf.parent {
            if is_left {
                nodes[parent].left = index as u16;
            } else {
                nodes[parent].right = index as u16;
            }
        }
        let share = (middle - leaf.start) as f64 / (leaf.end - leaf.start) as f64;
        nodes.push(GrownNode {
            feature: feature as u16,
            bin: best.bin,
            missing_left: best.missing_left,
            left: LEAF,
            right: LEAF,
            left_share: share.clamp(1e-6, 1.0 - 1e-6) as f32,
            gain: best.gain as f32,
        });
        let (left_bounds, right_bounds) = bounds(ground.monotone[feature], &leaf, &best);
        let child = |start, end, sums, (low, high): (f64, f64), is_left| Open {
            start,
            end,
            depth: leaf.depth + 1,
            sums,
            low,
            high,
            parent: Some((index, is_left)),
            histogram: Vec::new(),
            best: None,
        };
        let mut left = child(leaf.start, middle, best.left, left_bounds, true);
        let mut right = child(middle, leaf.end, best.right, right_bounds, false);
        let last = open.len() + 2 >= ground.max_leaves;
        if !last && leaf.depth + 1 < ground.max_depth {
            let (small, large) = if middle - leaf.start <= leaf.end - middle {
                (&mut left, &mut right)
            } else {
                (&mut right, &mut left)
            };
            let mut own = pool.pop().unwrap_or_default();
            fill_histogram(ground, &rows[small.start..small.end], features, &offsets, &mut own, &mut gathered);
            let mut rest = std::mem::take(&mut leaf.histogram);
            for (rest, own) in rest.iter_mut().zip(&own) {
                rest.subtract(own);
            }
            small.histogram = own;
            large.histogram = rest;
            search(ground, &mut left, features, &offsets);
            search(ground, &mut right, features, &offsets);
            for child in [&mut left, &mut right] {
                if child.best.is_none() {
                    pool.push(std::mem::take(&mut child.histogram));
                }
            }
        } else {
            pool.push(std::mem::take(&mut leaf.histogram));
        }
        open.push(left);
        open.push(right);
    }
    finish(ground, nodes, &open, &rows)
}

fn finish(ground: &Ground<'_>, mut nodes: Vec<GrownNode>, open: &[Open], rows: &[u32]) -> (GrownTree, Vec<Vec<u32>>) {
    let mut leaves = Vec::with_capacity(open.len());
    let mut leaf_rows = Vec::with_capacity(open.len());
    for (index, leaf) in open.iter().enumerate() {
        if let Some((parent, is_left)) = leaf.parent {
            let code = LEAF | index as u16;
            if is_left {
                nodes[parent].left = code;
            } else {
                nodes[parent].right = code;
            }
        }
        leaves.push(leaf.sums.weight(ground.limits.l2).clamp(leaf.low, leaf.high));
        leaf_rows.push(rows[leaf.start..leaf.end].to_vec());
    }
    (GrownTree { nodes, leaves }, leaf_rows)
}

/// The open leaf with the most gain; of equals the one with the first rows.
fn most_gain(open: &[Open]) -> Option<usize> {
    let gain = |leaf: &Open| leaf.best.as_ref().map(|best| best.gain);
    (0..open.len()).filter(|index| open[*index].best.is_some()).max_by(|a, b| {
        gain(&open[*a])
            .partial_cmp(&gain(&open[*b]))
            .unwrap_or(std::cmp::Ordering::Equal)
            .then(open[*b].start.cmp(&open[*a].start))
    })
}

/// Bounds of the children's values, so that a monotone column stays so further down.
fn bounds(monotone: Monotone, leaf: &Open, best: &Best) -> ((f64, f64), (f64, f64)) {
    let middle = f64::midpoint(best.left_value, best.right_value);
    match monotone {
        Monotone::Free => ((leaf.low, leaf.high), (leaf.low, leaf.high)),
        Monotone::Rising => ((leaf.low, middle), (middle, leaf.high)),
        Monotone::Falling => ((middle, leaf.high), (leaf.low, middle)),
    }
}

fn search(ground: &Ground<'_>, leaf: &mut Open, features: &[usize], offsets: &[usize]) {
    leaf.best = None;
    if leaf.depth >= ground.max_depth || leaf.histogram.is_empty() {
        return;
    }
    for (slot, feature) in features.iter().enumerate() {
        let found = best_split(
            &leaf.histogram[offsets[slot]..offsets[slot + 1]],
            &leaf.sums,
            ground.limits,
            ground.monotone[*feature],
            (leaf.low, leaf.high),
        );
        if let Some(mut found) = found
            && leaf.best.as_ref().is_none_or(|best| found.gain > best.gain)
        {
            found.slot = slot;
            leaf.best = Some(found);
        }
    }
}

/// Where each feature's bins begin in a histogram, and where the last end.
pub(crate) fn offsets_of(ground: &Ground<'_>, features: &[usize]) -> Vec<usize> {
    let mut offsets = Vec::with_capacity(features.len() + 1);
    let mut total = 0;
    for feature in features {
        offsets.push(total);
        total += ground.cuts[*feature].bins();
    }
    offsets.push(total);
    offsets
}

/// Moves the rows that go left to the front, keeping order; returns how many.
pub(crate) fn partition(
    rows: &mut [u32],
    column: &[u8],
    last_left: u8,
    missing_left: bool,
    right: &mut Vec<u32>,
) -> usize {
    right.clear();
    let mut left = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        let bin = column[row as usize];
        let goes_left = if bin == 0 { missing_left } else { bin <= last_left };
        if goes_left {
            rows[left] = row;
            left += 1;
        } else {
            right.push(row);
        }
    }
    rows[left..].copy_from_slice(right);
    left
}

fn histogram(
    ground: &Ground<'_>,
    rows: &[u32],
    features: &[usize],
    offsets: &[usize],
    gathered: &mut Vec<(f32, f32)>,
) -> Vec<HistBin> {
    let mut out = Vec::new();
    fill_histogram(ground, rows, features, offsets, &mut out, gathered);
    out
}

/// Work (rows × features) below which threads cost more than they save.
const PARALLEL_WORK: usize = 1_000_000;

pub(crate) fn fill_histogram(
    ground: &Ground<'_>,
    rows: &[u32],
    features: &[usize],
    offsets: &[usize],
    out: &mut Vec<HistBin>,
    gathered: &mut Vec<(f32, f32)>,
) {
    out.clear();
    out.resize(offsets.last().copied().unwrap_or(0), HistBin::default());
    gathered.clear();
    gathered.extend(rows.iter().map(|row| ground.slopes[*row as usize]));
    let one = |slot: usize, bins: &mut [HistBin]| {
        let column = &ground.binned.columns[features[slot]];
        for (row, (g, h)) in rows.iter().zip(gathered.iter()) {
            let bin = &mut bins[column[*row as usize] as usize];
            bin.gradient += f64::from(*g);
            bin.hessian += f64::from(*h);
            bin.rows += 1;
        }
    };
    let mut parts: Vec<(usize, &mut [HistBin])> = Vec::with_capacity(features.len());
    let mut rest: &mut [HistBin] = out;
    for slot in 0..features.len() {
        let (part, tail) = rest.split_at_mut(offsets[slot + 1] - offsets[slot]);
        parts.push((slot, part));
        rest = tail;
    }
    let threads = ground.threads.min(features.len());
    if threads < 2 || rows.len() * features.len() < PARALLEL_WORK {
        for (slot, bins) in parts {
            one(slot, bins);
        }
        return;
    }
    // Each column is summed by one thread in row order: the result is the same for any count.
    let share = parts.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for chunk in parts.chunks_mut(share) {
            scope.spawn(|| {
                for (slot, bins) in chunk {
                    one(*slot, bins);
                }
            });
        }
    });
}
