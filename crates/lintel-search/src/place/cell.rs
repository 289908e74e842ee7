//! The squares of the world grid, and what splits them.

use lintel_domain::place::Bounds;

use super::world::corner;

/// A cell with its run of something that is ordered along the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// 0 is the world.
    pub(crate) level: u8,
    /// Column from the west.
    pub(crate) x: u32,
    /// Row from the north.
    pub(crate) y: u32,
    /// Where its run begins.
    pub(crate) from: usize,
    /// Where it ends.
    pub(crate) to: usize,
    /// Its edges; the outermost rows reach the poles.
    pub(crate) bounds: Bounds,
}

/// The first of `from..to` that does not pass, when all that pass come first.
pub(super) fn partition(mut from: usize, mut to: usize, pass: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = usize::midpoint(from, to);
        if pass(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

impl Cell {
    /// The quarters of the cell that have anything; `quarter` tells for each of its run in which it is.
    pub(super) fn quarters(&self, quarter: impl Fn(usize) -> u32) -> impl Iterator<Item = Self> {
        let mut at = [self.from; 5];
        if self.from < self.to {
            // All of a small cell's run often lies in one quarter, and two looks show it.
            let (first, last) = (quarter(self.from), quarter(self.to - 1));
            for (q, end) in (0..4).zip(&mut at[1..]) {
                *end = match q {
                    _ if q < first => self.from,
                    _ if q >= last => self.to,
                    _ => partition(self.from, self.to, |at| quarter(at) <= q),
                };
            }
        }
        let (level, x, y, outer) = (self.level + 1, self.x * 2, self.y * 2, self.bounds);
        let (latitude, longitude) = corner(level, x + 1, y + 1);
        (0..4u32).filter_map(move |q| {
            let (from, to) = (at[q as usize], at[q as usize + 1]);
            let (right, low) = (q & 1, q >> 1);
            (from < to).then_some(Self {
                level,
                x: x + right,
                y: y + low,
                from,
                to,
                bounds: Bounds {
                    west: if right == 0 { outer.west } else { longitude },
                    east: if right == 0 { longitude } else { outer.east },
                    north: if low == 0 { outer.north } else { latitude },
                    south: if low == 0 { latitude } else { outer.south },
                },
            })
        })
    }
}
