//! Points on a flat grid of cells: the nearest ones in microseconds.

use lintel_domain::place::{EARTH_RADIUS_M, Point};
use serde::{Deserialize, Serialize};

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

    /// Metres east and north of the plane's point.
    pub fn metres(&self, point: Point) -> (f32, f32) {
        let degree = EARTH_RADIUS_M.to_radians();
        (
            ((point.longitude - self.longitude) * self.east * degree) as f32,
            ((point.latitude - self.latitude) * degree) as f32,
        )
    }
}

/// Points in square cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    cell: f32,
    west: f32,
    south: f32,
    columns: usize,
    rows: usize,
    starts: Vec<u32>,
    members: Vec<u32>,
    at: Vec<(f32, f32)>,
}

/// A point found, with its distance in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The point's number.
    pub index: u32,
    /// Metres away.
    pub distance_m: f32,
}

/// Points looked at before a search takes what it has: bounds the time of odd queries.
const MAX_LOOKS: usize = 20_000;
/// Points a cell holds on average, where there are any.
const CELL_POINTS: f32 = 6.0;

impl Grid {
    /// The grid of some points; those that are not finite are never found.
    pub fn new(points: Vec<(f32, f32)>) -> Self {
        let finite = |p: &&(f32, f32)| p.0.is_finite() && p.1.is_finite();
        let count = points.iter().filter(finite).count();
        if count == 0 {
            return Self::default();
        }
        let (mut west, mut south) = (f32::INFINITY, f32::INFINITY);
        let (mut east, mut north) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        for (x, y) in points.iter().filter(finite) {
            west = west.min(*x);
            east = east.max(*x);
            south = south.min(*y);
            north = north.max(*y);
        }
        let (width, height) = ((east - west).max(1.0), (north - south).max(1.0));
        let mut cell = (width * height * CELL_POINTS / count as f32).sqrt().max(25.0);
        let size = |cell: f32| ((width / cell) as usize + 1, (height / cell) as usize + 1);
        while size(cell).0 * size(cell).1 > 4 * count + 16 {
            cell *= 1.5;
        }
        let (columns, rows) = size(cell);
        let mut grid = Self {
            cell,
            west,
            south,
            columns,
            rows,
            starts: vec![0; columns * rows + 1],
            members: vec![0; count],
            at: points,
        };
        let cells: Vec<Option<usize>> =
            grid.at.iter().map(|p| (p.0.is_finite() && p.1.is_finite()).then(|| grid.cell_of(*p))).collect();
        for cell in cells.iter().flatten() {
            grid.starts[cell + 1] += 1;
        }
        for index in 0..columns * rows {
            grid.starts[index + 1] += grid.starts[index];
        }
        let mut next = grid.starts.clone();
        for (index, cell) in cells.iter().enumerate() {
            if let Some(cell) = cell {
                grid.members[next[*cell] as usize] = index as u32;
                next[*cell] += 1;
            }
        }
        grid
    }

    /// Up to `k` nearest points that `keep` accepts, nearest first, within `reach_m` metres.
    ///
    /// Equal distances are ordered by number, so the answer does not depend on the search.
    pub fn nearest(&self, from: (f32, f32), k: usize, reach_m: f32, keep: impl Fn(u32) -> bool) -> Vec<Near> {
        let mut found: Vec<Near> = Vec::with_capacity(k + 1);
        if self.members.is_empty() || k == 0 || !from.0.is_finite() || !from.1.is_finite() {
            return found;
        }
        let home = self.cell_of(from);
        let (column, row) = ((home % self.columns) as i64, (home / self.columns) as i64);
        let mut looks = 0;
        let rings = self.columns.max(self.rows) as i64;
        for ring in 0..=rings {
            let searched = (ring - 1).max(0) as f32 * self.cell;
            let enough = found.len() == k && found[k - 1].distance_m <= searched;
            if enough || searched > reach_m || looks > MAX_LOOKS {
                break;
            }
            for y in (row - ring).max(0)..=(row + ring).min(self.rows as i64 - 1) {
                let edge = (y - row).abs() == ring;
                let step = if edge || ring == 0 { 1 } else { 2 * ring };
                let mut x = column - ring;
                while x <= column + ring {
                    if (0..self.columns as i64).contains(&x) {
                        let cell = y as usize * self.columns + x as usize;
                        let members = self.starts[cell] as usize..self.starts[cell + 1] as usize;
                        for index in &self.members[members] {
                            looks += 1;
                            self.consider(*index, from, k, reach_m, &keep, &mut found);
                        }
                    }
                    x += step;
                }
            }
        }
        found
    }

    fn consider(
        &self,
        index: u32,
        from: (f32, f32),
        k: usize,
        reach_m: f32,
        keep: &impl Fn(u32) -> bool,
        found: &mut Vec<Near>,
    ) {
        let (x, y) = self.at[index as usize];
        let distance_m = (x - from.0).hypot(y - from.1);
        let near = Near { index, distance_m };
        let before = |a: &Near| (a.distance_m, a.index) < (distance_m, index);
        if distance_m > reach_m || (found.len() == k && before(&found[k - 1])) || !keep(index) {
            return;
        }
        let place = found.partition_point(before);
        if place < k {
            found.insert(place, near);
            found.truncate(k);
        }
    }

    fn cell_of(&self, (x, y): (f32, f32)) -> usize {
        // `as` turns negative numbers into 0: points outside belong to the edge.
        let column = (((x - self.west) / self.cell) as usize).min(self.columns - 1);
        let row = (((y - self.south) / self.cell) as usize).min(self.rows - 1);
        row * self.columns + column
    }
}
