//! Trees laid out for prediction: the questions of all trees about one feature, by threshold.
//!
//! QuickScorer (Lucchese et al. 2015). The leaves of a tree, from left to right, are the bits of a
//! word. A question answered "right" takes away the leaves on its left; when all such questions
//! have done so, the lowest bit that stands is the leaf the row falls into. No answer decides which
//! question comes next, so one pass over the features does all trees: in the list of a feature,
//! ascending by threshold, a value answers exactly the questions before it with "right".

use super::forest::{Forest, MISSING_LEFT, Node, Span};
use super::grow::LEAF;
use std::collections::BTreeMap;

/// Trees with more leaves are walked from question to question.
const MAX_MARKED: usize = 64;
/// Two trees that have at most so many leaves share a word.
const HALF: usize = 32;
/// Sums are kept in this many lanes, so that one addition need not wait for another.
const LANES: usize = 4;

/// The trees of a forest that have at most [`MAX_MARKED`] leaves.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    ladders: Vec<Ladder>,
    places: Vec<Place>,
    words: usize,
    /// Each tree's leaves from left to right.
    leaves: Vec<f64>,
    /// The larger trees.
    wide: Vec<Span>,
}

/// Where a tree's marks and leaves begin.
#[derive(Debug, Clone, Copy)]
struct Place {
    word: u32,
    shift: u32,
    leaf: u32,
}

/// What an answer "right" leaves of a word.
#[derive(Debug, Clone, Copy)]
struct Kept {
    marks: u64,
    word: u32,
}

/// All questions about one feature.
#[derive(Debug, Clone, Default)]
struct Ladder {
    feature: usize,
    /// Ascending.
    thresholds: Vec<f32>,
    /// What each question keeps when answered "right".
    kept: Vec<Kept>,
    /// Questions between two landings.
    stride: usize,
    /// At each landing, for every word, what all questions before it keep together.
    landings: Vec<u64>,
    /// What a missing value keeps of the words that it touches.
    missing: Vec<Kept>,
}

/// What [`Marks::sum`] works in.
pub(crate) struct Room {
    /// The leaves that stand.
    standing: Vec<u64>,
    /// For each ladder how many of its questions are answered "right".
    right: Vec<usize>,
}

impl Marks {
    /// The layout of a forest.
    pub(crate) fn of(forest: &Forest) -> Self {
        let mut marks =
            Self { ladders: Vec::new(), places: Vec::new(), words: 0, leaves: Vec::new(), wide: Vec::new() };
        let mut questions: BTreeMap<u16, Vec<(Node, Kept)>> = BTreeMap::new();
        let mut half_free = None;
        for span in forest.spans() {
            if span.node_count >= MAX_MARKED {
                marks.wide.push(*span);
                continue;
            }
            let place = marks.place(span.node_count < HALF, &mut half_free);
            marks.places.push(place);
            let mut tell = |node: Node, gone: u64| {
                let kept = Kept { marks: !(gone << place.shift), word: place.word };
                questions.entry(node.feature & !MISSING_LEFT).or_default().push((node, kept));
            };
            let start = marks.leaves.len();
            spread(forest.nodes_of(span), 0, forest.leaves_of(span), start, &mut marks.leaves, &mut tell);
        }
        marks.ladders = questions.into_iter().map(|(feature, asked)| Ladder::of(feature, asked, marks.words)).collect();
        marks
    }

    /// The next tree's place: half a word where that is enough.
    fn place(&mut self, small: bool, half_free: &mut Option<u32>) -> Place {
        let leaf = self.leaves.len() as u32;
        if small && let Some(word) = half_free.take() {
            return Place { word, shift: HALF as u32, leaf };
        }
        let word = self.words as u32;
        self.words += 1;
        if small {
            *half_free = Some(word);
        }
        Place { word, shift: 0, leaf }
    }

    /// The trees that are not laid out here.
    pub(crate) fn wide(&self) -> &[Span] {
        &self.wide
    }

    /// Room for [`Marks::sum`] to work in.
    pub(crate) fn room(&self) -> Room {
        Room { standing: vec![0; self.words], right: vec![0; self.ladders.len()] }
    }

    /// The sum over the trees of the leaf that a row falls into.
    pub(crate) fn sum(&self, row: &[f32], room: &mut Room) -> f64 {
        // All searches before all steps: they do not wait for each other.
        for (right, ladder) in room.right.iter_mut().zip(&self.ladders) {
            let value = row[ladder.feature];
            *right = ladder.thresholds.partition_point(|threshold| *threshold < value);
        }
        room.standing.fill(u64::MAX);
        for (right, ladder) in room.right.iter().zip(&self.ladders) {
            ladder.climb(row[ladder.feature], *right, &mut room.standing);
        }
        let mut sums = [0.0; LANES];
        for places in self.places.chunks(LANES) {
            for (sum, place) in sums.iter_mut().zip(places) {
                let first = (room.standing[place.word as usize] >> place.shift).trailing_zeros();
                *sum += self.leaves[(place.leaf + first) as usize];
            }
        }
        sums.iter().sum()
    }
}

impl Ladder {
    fn of(feature: u16, mut asked: Vec<(Node, Kept)>, words: usize) -> Self {
        asked.sort_by(|a, b| a.0.threshold.total_cmp(&b.0.threshold).then(a.1.word.cmp(&b.1.word)));
        let mut ladder = Self {
            feature: feature as usize,
            // A landing costs a pass over all words, of which a processor does several at once.
            stride: (words / 4).max(32),
            ..Self::default()
        };
        let mut all = vec![u64::MAX; words];
        let mut missing: BTreeMap<u32, u64> = BTreeMap::new();
        // A tree that asks the same in several nodes, as symmetric ones do, takes one step.
        for same in asked.chunk_by(|a, b| a.0.threshold == b.0.threshold && a.1.word == b.1.word) {
            let word = same[0].1.word;
            let marks = same.iter().fold(u64::MAX, |marks, (_, kept)| marks & kept.marks);
            ladder.thresholds.push(same[0].0.threshold);
            ladder.kept.push(Kept { marks, word });
            all[word as usize] &= marks;
            if ladder.kept.len().is_multiple_of(ladder.stride) {
                ladder.landings.extend(&all);
            }
        }
        for (node, kept) in &asked {
            if node.feature & MISSING_LEFT == 0 {
                *missing.entry(kept.word).or_insert(u64::MAX) &= kept.marks;
            }
        }
        ladder.missing = missing.into_iter().map(|(word, marks)| Kept { marks, word }).collect();
        ladder
    }

    /// Takes away what the answers to this feature's questions take away, the first `right` of them being "right".
    fn climb(&self, value: f32, right: usize, standing: &mut [u64]) {
        let mut kept = self.missing.as_slice();
        if !value.is_nan() {
            let landing = right / self.stride;
            if landing > 0 {
                let all = &self.landings[(landing - 1) * standing.len()..landing * standing.len()];
                for (standing, kept) in standing.iter_mut().zip(all) {
                    *standing &= kept;
                }
            }
            kept = &self.kept[landing * self.stride..right];
        }
        for kept in kept {
            standing[kept.word as usize] &= kept.marks;
        }
    }
}

/// Lists the leaves below `code` from left to right, and tells each question with the marks on its left.
fn spread(
    nodes: &[Node],
    code: u16,
    values: &[f64],
    start: usize,
    leaves: &mut Vec<f64>,
    tell: &mut impl FnMut(Node, u64),
) {
    if code & LEAF != 0 {
        leaves.push(values[(code & !LEAF) as usize]);
        return;
    }
    let node = nodes[code as usize];
    let first = leaves.len() - start;
    spread(nodes, node.left, values, start, leaves, tell);
    let left = leaves.len() - start - first;
    tell(node, ((1_u64 << left) - 1) << first);
    spread(nodes, node.right, values, start, leaves, tell);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::bins::Matrix;
    use crate::learn::boost::{BoostOptions, Rows, boost};
    use lintel_domain::rng::Rng;

    fn by_walking(forest: &Forest, span: &Span, row: &[f32]) -> f64 {
        let mut code = 0;
        while code & LEAF == 0 {
            let node = &forest.nodes_of(span)[code as usize];
            code = if node.goes_left(row) { node.left } else { node.right };
        }
        forest.leaves_of(span)[(code & !LEAF) as usize]
    }

    #[test]
    fn every_tree_answers_as_if_walked_from_question_to_question() {
        let mut rng = Rng::new(7);
        let pick = |rng: &mut Rng| match rng.below(10) {
            0 => f32::NAN,
            1 => *rng.pick(&[f32::INFINITY, f32::NEG_INFINITY, -0.0, 0.0]).unwrap(),
            2..5 => rng.below(4) as f32,
            _ => rng.normal() as f32,
        };
        let matrix = Matrix::new((0..4).map(|_| (0..1500).map(|_| pick(&mut rng)).collect()).collect());
        let targets: Vec<f64> = (0..1500).map(|_| rng.normal()).collect();
        for max_leaves in [2, 24, 64, 65, 150] {
            let options = BoostOptions {
                rounds: 40,
                max_leaves,
                max_depth: 16,
                min_child_rows: 2,
                min_child_weight: 0.0,
                ..BoostOptions::default()
            };
            let rows = Rows { matrix: &matrix, targets: &targets, weights: None };
            let forest = boost(rows, None, &[], &options).unwrap().forest;
            let batch = forest.predict_batch(&matrix).unwrap();
            let mut row = Vec::new();
            for (at, raw) in batch.iter().enumerate() {
                matrix.row_into(at, &mut row);
                let walked: f64 = forest.spans().iter().map(|span| by_walking(&forest, span, &row)).sum();
                assert!((forest.initial + walked - raw).abs() < 1e-10, "{max_leaves} leaves: {raw}");
                assert_eq!(forest.predict(&row), *raw);
            }
        }
    }
}
