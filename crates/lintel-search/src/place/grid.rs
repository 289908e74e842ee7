//! Listings ordered along a world grid, so that every cell of every level is one run.

use lintel_domain::place::{Bounds, Point};

/// The finest level: cells of about a metre at the equator, 2^25 to a side.
pub(crate) const FINEST: u8 = 25;

/// Web Mercator's edge (EPSG 3857): the square world ends here, and what lies beyond is in its outermost row.
const EDGE: f64 = 85.051_128_779_806_59;

/// The listings of a segment that have coordinates, along a Z-curve (Morton 1966) over Web Mercator. A cell of level `l`
/// is one of 4^l squares of the map; in the curve's order the listings of a cell follow each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    /// Columns of the finest level, in the order of the curve.
    pub(crate) xs: Vec<u32>,
    /// Rows of the finest level.
    pub(crate) ys: Vec<u32>,
    /// The listings.
    pub(crate) slots: Vec<u32>,
    /// Their prices, once more: in this order they are read one after another.
    pub(crate) prices: Vec<i64>,
}

/// A cell with its run of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// 0 is the world.
    pub(crate) level: u8,
    /// Column from the west.
    pub(crate) x: u32,
    /// Row from the north.
    pub(crate) y: u32,
    /// Where its listings begin.
    pub(crate) from: usize,
    /// Where they end.
    pub(crate) to: usize,
    /// Its edges; the outermost rows reach the poles.
    pub(crate) bounds: Bounds,
}

/// The column and row of a place in the finest level.
pub(crate) fn column_and_row(point: Point) -> (u32, u32) {
    let side = f64::from(1u32 << FINEST);
    let last = (1u32 << FINEST) - 1;
    let x = (point.longitude + 180.0) / 360.0 * side;
    let y = mercator(point.latitude) * side;
    // Casting saturates, so the antimeridian and the poles fall into the outermost cells.
    ((x as u32).min(last), (y as u32).min(last))
}

/// The edges of a cell.
pub(crate) fn bounds(level: u8, x: u32, y: u32) -> Bounds {
    let side = f64::from(1u32 << level);
    let last = (1u32 << level) - 1;
    let latitude = |row: u32| latitude(f64::from(row) / side);
    Bounds {
        west: f64::from(x) / side * 360.0 - 180.0,
        east: f64::from(x + 1) / side * 360.0 - 180.0,
        north: if y == 0 { 90.0 } else { latitude(y) },
        south: if y == last { -90.0 } else { latitude(y + 1) },
    }
}

/// The place in the middle of a column and row of the finest level.
pub(crate) fn middle(x: f64, y: f64) -> (f64, f64) {
    let side = f64::from(1u32 << FINEST);
    (latitude((y + 0.5) / side), (x + 0.5) / side * 360.0 - 180.0)
}

/// The latitude that far down the square world.
fn latitude(down: f64) -> f64 {
    let angle = std::f64::consts::PI * (1.0 - 2.0 * down);
    angle.sinh().atan().to_degrees()
}

/// How far down the square world a latitude is, 0 (north) to 1.
pub(crate) fn mercator(latitude: f64) -> f64 {
    let sine = latitude.clamp(-EDGE, EDGE).to_radians().sin();
    (0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * std::f64::consts::PI)).clamp(0.0, 1.0)
}

/// Column and row, bit by bit in turn.
fn code((x, y): (u32, u32)) -> u64 {
    spread(x) | spread(y) << 1
}

/// Puts a zero bit before each bit.
fn spread(v: u32) -> u64 {
    let mut v = u64::from(v);
    v = (v | v << 16) & 0x0000_FFFF_0000_FFFF;
    v = (v | v << 8) & 0x00FF_00FF_00FF_00FF;
    v = (v | v << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | v << 2) & 0x3333_3333_3333_3333;
    (v | v << 1) & 0x5555_5555_5555_5555
}

/// Takes every other bit: undoes [`spread`].
fn gather(v: u64) -> u32 {
    let mut v = v & 0x5555_5555_5555_5555;
    v = (v | v >> 1) & 0x3333_3333_3333_3333;
    v = (v | v >> 2) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | v >> 4) & 0x00FF_00FF_00FF_00FF;
    v = (v | v >> 8) & 0x0000_FFFF_0000_FFFF;
    (v | v >> 16) as u32
}

/// The first of `from..to` that does not pass, when all that pass come first.
fn partition(mut from: usize, mut to: usize, pass: impl Fn(usize) -> bool) -> usize {
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

impl Grid {
    /// The grid of places and prices by slot; a place that is not a number is unknown.
    pub(crate) fn new(latitudes: &[f64], longitudes: &[f64], prices: &[i64]) -> Self {
        let mut places: Vec<(u64, u32)> = latitudes
            .iter()
            .zip(longitudes)
            .enumerate()
            .filter_map(|(slot, (&latitude, &longitude))| {
                let point = Point::new(latitude, longitude)?;
                Some((code(column_and_row(point)), slot as u32))
            })
            .collect();
        places.sort_unstable();
        Self {
            xs: places.iter().map(|(code, _)| gather(*code)).collect(),
            ys: places.iter().map(|(code, _)| gather(*code >> 1)).collect(),
            slots: places.iter().map(|(_, slot)| *slot).collect(),
            prices: places.iter().map(|(_, slot)| prices[*slot as usize]).collect(),
        }
    }

    /// The cell of the whole world.
    pub(crate) fn world(&self) -> Cell {
        Cell { level: 0, x: 0, y: 0, from: 0, to: self.slots.len(), bounds: bounds(0, 0, 0) }
    }

    /// The quarters of a cell that have listings.
    pub(crate) fn quarters(&self, cell: &Cell) -> impl Iterator<Item = Cell> {
        let level = cell.level + 1;
        let shift = FINEST - level;
        let quarter = |at: usize| (self.xs[at] >> shift & 1) | (self.ys[at] >> shift & 1) << 1;
        let mut at = [cell.from; 5];
        if cell.from < cell.to {
            // All of a small cell's listings often lie in one quarter, and two looks show it.
            let (first, last) = (quarter(cell.from), quarter(cell.to - 1));
            for (q, end) in (0..4).zip(&mut at[1..]) {
                *end = match q {
                    _ if q < first => cell.from,
                    _ if q >= last => cell.to,
                    _ => partition(cell.from, cell.to, |at| quarter(at) <= q),
                };
            }
        }
        let (x, y, outer) = (cell.x * 2, cell.y * 2, cell.bounds);
        let middle = bounds(level, x, y);
        (0..4u32).filter_map(move |q| {
            let (from, to) = (at[q as usize], at[q as usize + 1]);
            let (right, low) = (q & 1, q >> 1);
            (from < to).then_some(Cell {
                level,
                x: x + right,
                y: y + low,
                from,
                to,
                bounds: Bounds {
                    west: if right == 0 { outer.west } else { middle.east },
                    east: if right == 0 { middle.east } else { outer.east },
                    north: if low == 0 { outer.north } else { middle.south },
                    south: if low == 0 { middle.south } else { outer.south },
                },
            })
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        (self.xs.capacity() + self.ys.capacity() + self.slots.capacity()) * 4 + self.prices.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn every_listing_is_in_the_cell_whose_edges_hold_it() {
        let mut rng = Rng::new(11);
        let mut latitudes: Vec<f64> = (0..2000).map(|_| rng.unit() * 180.0 - 90.0).collect();
        let mut longitudes: Vec<f64> = (0..2000).map(|_| rng.unit() * 360.0 - 180.0).collect();
        latitudes.extend([90.0, -90.0, 0.0, 86.0, f64::NAN]);
        longitudes.extend([180.0, -180.0, 0.0, 12.0, 5.0]);
        let grid = Grid::new(&latitudes, &longitudes, &vec![0; latitudes.len()]);
        assert_eq!(grid.slots.len(), latitudes.len() - 1);
        let mut cells = vec![grid.world()];
        while let Some(cell) = cells.pop() {
            let edges = bounds(cell.level, cell.x, cell.y);
            for slot in &grid.slots[cell.from..cell.to] {
                let (lat, lon) = (latitudes[*slot as usize], longitudes[*slot as usize]);
                for b in [cell.bounds, edges] {
                    assert!(lat >= b.south - 1e-9 && lat <= b.north + 1e-9, "{lat} {b:?}");
                    assert!(lon >= b.west - 1e-9 && lon <= b.east + 1e-9, "{lon} {b:?}");
                }
            }
            if cell.level < 12 {
                let quarters: Vec<Cell> = grid.quarters(&cell).collect();
                assert_eq!(quarters.iter().map(|q| q.to - q.from).sum::<usize>(), cell.to - cell.from);
                cells.extend(quarters);
            }
        }
    }
}
