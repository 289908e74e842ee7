//! Points on a plane and a tree over them: the nearest ones in microseconds, however crowded.

use std::collections::BinaryHeap;

use lintel_domain::clock::Day;
use lintel_domain::place::{EARTH_RADIUS_M, Point};
use serde::{Deserialize, Serialize};

use super::season::Hemisphere;

/// Degrees to metres on a plane that touches the earth at one point.
///
/// Within 100 km of that point distances are right to about one part in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    latitude: f64,
    longitude: f64,
    east: f64,
}

impl Plane {
    /// The plane at the mean of the points.
    pub fn of(points: impl Iterator<Item = Point>) -> Self {
        let (mut latitude, mut longitude, mut n) = (0.0, 0.0, 0.0);
        for point in points {
            latitude += point.latitude;
            longitude += point.longitude;
            n += 1.0;
        }
        let n: f64 = f64::max(n, 1.0);
        let latitude: f64 = latitude / n;
        Self { latitude, longitude: longitude / n, east: latitude.to_radians().cos() }
    }

    /// The half of the earth that the plane's point lies on.
    pub fn hemisphere(&self) -> Hemisphere {
        Hemisphere::of(Some(self.latitude))
    }

    /// Metres east and north of the plane's point.
    pub fn metres(&self, point: Point) -> (f32, f32) {
        let degree = EARTH_RADIUS_M.to_radians();
        (
            ((point.longitude - self.longitude) * self.east * degree) as f32,
            ((point.latitude - self.latitude) * degree) as f32,
        )
    }
}

/// Points in a balanced tree of halves (Bentley 1975), by turns of the wider side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PointTree {
    points: Vec<Leaf>,
    splits: Vec<Split>,
}

/// A point found, with its distance in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The point's number.
    pub index: u32,
    /// Metres away.
    pub distance_m: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Leaf {
    at: [f32; 2],
    index: u32,
    day: Day,
}

/// Points up to the middle of a range are at most `at` along `axis`, those after it at least.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Split {
    axis: u8,
    at: f32,
    /// The split of the right half; that of the left half is the next one.
    right: u32,
}

/// Points looked at before a search takes what it has: bounds the time of odd queries.
const MAX_LOOKS: usize = 20_000;
/// Ranges of no more points are not halved.
const LEAF_POINTS: usize = 8;

impl PointTree {
    /// The tree of some points with a day each, numbered as given; those that are not finite are never found.
    pub fn new(points: impl IntoIterator<Item = ((f32, f32), Day)>) -> Self {
        let mut leaves: Vec<Leaf> = points
            .into_iter()
            .enumerate()
            .map(|(index, ((x, y), day))| Leaf { at: [x, y], index: index as u32, day })
            .filter(|leaf| leaf.at.iter().all(|side| side.is_finite()))
            .collect();
        let mut splits = Vec::new();
        halve(&mut leaves, &mut splits);
        Self { points: leaves, splits }
    }

    /// Up to `k` nearest points that `keep` accepts by number and day, nearest first, within `reach_m` metres.
    ///
    /// Equal distances are ordered by number, so the answer does not depend on the search.
    pub fn nearest(&self, from: (f32, f32), k: usize, reach_m: f32, keep: impl Fn(u32, Day) -> bool) -> Vec<Near> {
        let mut search = Search {
            tree: self,
            from: [from.0, from.1],
            k,
            limit: reach_m * reach_m,
            keep,
            looks: 0,
            found: BinaryHeap::with_capacity(k.min(self.points.len())),
        };
        if k > 0 && from.0.is_finite() && from.1.is_finite() {
            search.visit(0, 0, self.points.len());
        }
        search.found.into_sorted_vec().into_iter().map(Found::near).collect()
    }
}

fn halve(points: &mut [Leaf], splits: &mut Vec<Split>) {
    if points.len() <= LEAF_POINTS {
        return;
    }
    let width = |axis: usize| {
        let sides = points.iter().map(|leaf| leaf.at[axis]);
        sides.clone().fold(f32::MIN, f32::max) - sides.fold(f32::MAX, f32::min)
    };
    let axis = usize::from(width(1) > width(0));
    let middle = points.len() / 2;
    let order = |a: &Leaf, b: &Leaf| a.at[axis].total_cmp(&b.at[axis]).then(a.index.cmp(&b.index));
    points.select_nth_unstable_by(middle, order);
    let split = splits.len();
    splits.push(Split { axis: axis as u8, at: points[middle].at[axis], right: 0 });
    let (left, right) = points.split_at_mut(middle);
    halve(left, splits);
    splits[split].right = splits.len() as u32;
    halve(right, splits);
}

/// A point found, as one number: its square of metres, of which the bits ascend as the number does since it is not negative, then
/// its own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found(u64);

impl Found {
    fn new(square: f32, index: u32) -> Self {
        Self(u64::from(square.to_bits()) << 32 | u64::from(index))
    }

    fn square(self) -> f32 {
        f32::from_bits((self.0 >> 32) as u32)
    }

    fn near(self) -> Near {
        Near { index: self.0 as u32, distance_m: self.square().sqrt() }
    }
}

struct Search<'a, F> {
    tree: &'a PointTree,
    from: [f32; 2],
    k: usize,
    /// Square metres beyond which a point changes nothing.
    limit: f32,
    keep: F,
    looks: usize,
    /// The best so far, the worst of them on top.
    found: BinaryHeap<Found>,
}

impl<F: Fn(u32, Day) -> bool> Search<'_, F> {
    fn visit(&mut self, split: usize, start: usize, end: usize) {
        if end - start <= LEAF_POINTS {
            for leaf in &self.tree.points[start..end] {
                self.looks += 1;
                self.consider(leaf);
            }
            return;
        }
        let here = self.tree.splits[split];
        let middle = start + (end - start) / 2;
        let gap = self.from[here.axis as usize] - here.at;
        let left = (split + 1, start, middle);
        let right = (here.right as usize, middle, end);
        let (near, far) = if gap < 0.0 { (left, right) } else { (right, left) };
        self.visit(near.0, near.1, near.2);
        if gap * gap <= self.limit && self.looks < MAX_LOOKS {
            self.visit(far.0, far.1, far.2);
        }
    }

    fn consider(&mut self, leaf: &Leaf) {
        let square = (leaf.at[0] - self.from[0]).powi(2) + (leaf.at[1] - self.from[1]).powi(2);
        if square > self.limit || !(self.keep)(leaf.index, leaf.day) {
            return;
        }
        let found = Found::new(square, leaf.index);
        if self.found.len() < self.k {
            self.found.push(found);
        } else if let Some(mut worst) = self.found.peek_mut()
            && found < *worst
        {
            *worst = found;
        }
        if self.found.len() == self.k
            && let Some(worst) = self.found.peek()
        {
            self.limit = worst.square();
        }
    }
}
