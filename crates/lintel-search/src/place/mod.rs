//! Areas over the grid: which listings lie in a box, a circle or a drawn area.

mod cell;
mod circle;
pub(crate) mod grid;
mod raster;
mod region;
pub(crate) mod world;

use lintel_domain::place::{Bounds, Near, Point, Region};

pub(crate) use cell::Cell;
use circle::Circle;
pub(crate) use grid::Grid;
pub(crate) use raster::Raster;
use region::Edges;

use crate::column::Bits;

/// Listings whose places are fetched together.
const FETCHED: usize = 64;
/// Finding a listing in the grid costs as much as sorting out this many by the raster.
const FOUND: usize = 4;

/// Where a cell lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    Inside,
    Across,
    Outside,
}

/// Where the listings of a segment are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    pub(crate) grid: &'a Grid,
    pub(crate) raster: &'a Raster,
    pub(crate) latitudes: &'a [f64],
    pub(crate) longitudes: &'a [f64],
}

impl Places<'_> {
    #[inline]
    fn point(&self, slot: usize) -> Point {
        Point { latitude: self.latitudes[slot], longitude: self.longitudes[slot] }
    }
}

/// Something ordered along the curve, cell by cell.
pub(crate) trait Quadtree {
    /// The quarters of a cell that have anything.
    fn quarters(&self, cell: &Cell) -> impl Iterator<Item = Cell>;

    /// Whether a cell is not to be split.
    fn is_leaf(&self, cell: &Cell) -> bool;
}

/// An area.
#[derive(Clone, Debug)]
pub(crate) enum Area {
    /// Within a distance of a point.
    Circle(Circle),
    /// A drawn area.
    Drawn(Edges),
}

impl Area {
    pub(crate) fn circle(near: Near) -> Self {
        Self::Circle(Circle::new(near))
    }

    pub(crate) fn drawn(region: &Region) -> Self {
        Self::Drawn(Edges::new(region))
    }

    /// Whether the point is in it, as the domain says.
    #[inline]
    pub(crate) fn contains(&self, point: Point) -> bool {
        match self {
            Self::Circle(circle) => circle.contains(point),
            Self::Drawn(edges) => edges.contains(point),
        }
    }

    /// Keeps in `bits` the listings of a segment that lie in it; they are `count`, all of one of `statuses` (one bit each).
    pub(crate) fn keep(&self, statuses: u16, segment: Places<'_>, bits: &mut Bits, count: usize) {
        let raster = segment.raster;
        let (mut lies, mut near) = (raster.blank(), 0);
        self.cover(raster, [raster.world()], |cell, inside| {
            lies[cell.from..cell.to].fill(if inside { raster::INSIDE } else { raster::ACROSS });
            near += raster.listings(cell);
        });
        if near * FOUND < count {
            let mut inside = Bits::new(segment.latitudes.len());
            self.or_into(statuses, segment, &mut inside);
            bits.and(&inside);
        } else {
            let doubtful = raster.keep(&lies, bits);
            self.settle(segment, &doubtful, bits);
        }
    }

    /// A box around it, about.
    pub(crate) fn bounds(&self) -> Bounds {
        match self {
            Self::Circle(circle) => circle.bounds(),
            Self::Drawn(edges) => edges.bounds(),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        match self {
            Self::Circle(_) => 0,
            Self::Drawn(edges) => edges.memory_bytes(),
        }
    }

    /// Adds the listings of a segment that lie in it and have one of `statuses` (one bit each) to `bits`.
    pub(crate) fn or_into(&self, statuses: u16, segment: Places<'_>, bits: &mut Bits) {
        let grid = segment.grid;
        let mut doubtful: Vec<u32> = Vec::new();
        self.cover(grid, grid.worlds(statuses), |cell, inside| {
            let slots = &grid.slots[cell.from..cell.to];
            // What lies inside is taken without a look at its place: that look is a cache miss for each.
            if inside {
                for &slot in slots {
                    bits.set(slot as usize);
                }
            } else {
                doubtful.extend_from_slice(slots);
            }
        });
        self.settle(segment, &doubtful, bits);
    }

    /// Adds those of some listings that lie in it.
    fn settle(&self, segment: Places<'_>, slots: &[u32], bits: &mut Bits) {
        // Places are fetched some at a time, so that the processor waits for many of them at once.
        let mut points = [Point { latitude: 0.0, longitude: 0.0 }; FETCHED];
        for slots in slots.chunks(FETCHED) {
            for (point, slot) in points.iter_mut().zip(slots) {
                *point = segment.point(*slot as usize);
            }
            for (point, slot) in points.iter().zip(slots) {
                if self.contains(*point) {
                    bits.set(*slot as usize);
                }
            }
        }
    }

    /// Calls `found` with cells that together hold all of the area that has anything: those wholly inside, and leaves across
    /// its edge.
    fn cover(&self, tree: &impl Quadtree, worlds: impl IntoIterator<Item = Cell>, mut found: impl FnMut(&Cell, bool)) {
        let mut edges: Vec<u32> = match self {
            Self::Drawn(drawn) => drawn.numbers().collect(),
            Self::Circle(_) => Vec::new(),
        };
        let all = edges.len();
        for world in worlds {
            self.descend(tree, &world, &mut edges, 0..all, &mut found);
        }
    }

    /// As [`Area::cover`], of one cell. `near` are the edges of a drawn area that may touch it, the last entries of `edges`.
    fn descend(
        &self,
        tree: &impl Quadtree,
        cell: &Cell,
        edges: &mut Vec<u32>,
        near: std::ops::Range<usize>,
        found: &mut impl FnMut(&Cell, bool),
    ) {
        let kept = edges.len();
        let lies = match self {
            Self::Circle(circle) => circle.lies(cell.bounds),
            Self::Drawn(drawn) => {
                for at in near {
                    if drawn.touches(edges[at], cell.bounds) {
                        edges.push(edges[at]);
                    }
                }
                if edges.len() > kept {
                    Lies::Across
                } else if drawn.contains(middle(cell.bounds)) {
                    Lies::Inside
                } else {
                    Lies::Outside
                }
            }
        };
        match lies {
            Lies::Outside => {}
            Lies::Inside => found(cell, true),
            Lies::Across if tree.is_leaf(cell) => found(cell, false),
            Lies::Across => {
                let touching = kept..edges.len();
                for quarter in tree.quarters(cell) {
                    self.descend(tree, &quarter, edges, touching.clone(), found);
                }
            }
        }
        edges.truncate(kept);
    }
}

fn middle(cell: Bounds) -> Point {
    Point { latitude: f64::midpoint(cell.south, cell.north), longitude: f64::midpoint(cell.west, cell.east) }
}

/// Where a cell lies to a box that may cross the antimeridian. A cell never crosses it.
pub(crate) fn box_lies(area: Bounds, cell: Bounds) -> Lies {
    // A listing's cell is found with rounding, so a cell is taken a little larger than its edges.
    const MARGIN: f64 = 1e-9;
    let (west, east) = (cell.west - MARGIN, cell.east + MARGIN);
    let (south, north) = (cell.south - MARGIN, cell.north + MARGIN);
    if north < area.south || south > area.north {
        return Lies::Outside;
    }
    let tall = south.max(-90.0) >= area.south && north.min(90.0) <= area.north;
    let (west_in, east_in) = (west.max(-180.0), east.min(180.0));
    let (outside, wide) = if area.west <= area.east {
        (east < area.west || west > area.east, west_in >= area.west && east_in <= area.east)
    } else {
        (east < area.west && west > area.east, west_in >= area.west || east_in <= area.east)
    };
    match (outside, tall && wide) {
        (true, _) => Lies::Outside,
        (false, true) => Lies::Inside,
        (false, false) => Lies::Across,
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::{listing::Status, rng::Rng};

    use super::{grid::tests::groups, *};

    fn random_region(rng: &mut Rng, corners: usize) -> Option<Region> {
        let (lon, lat) = (rng.unit() * 340.0 - 170.0, rng.unit() * 160.0 - 80.0);
        let size = if rng.chance(0.5) { 8.0 } else { 0.1 };
        let mut ring = || {
            let count = 3 + rng.below(corners as u64) as usize;
            // Half of the corners lie on a lattice, so that edges and listings meet exactly.
            (0..count)
                .map(|_| {
                    let step = if rng.chance(0.5) { size / 8.0 } else { size / 1e9 };
                    let mut at = |middle: f64| middle + ((rng.unit() * size) / step).floor() * step;
                    [at(lon), at(lat)]
                })
                .collect::<Vec<_>>()
        };
        Region::new(vec![vec![ring(), ring()], vec![ring()]]).ok()
    }

    #[test]
    fn areas_hold_what_the_domain_says_they_hold() {
        let mut rng = Rng::new(17);
        for round in 0..120 {
            let corners = if round % 10 == 0 { 400 } else { 12 };
            let Some(region) = random_region(&mut rng, corners) else {
                continue;
            };
            let b = region.bounds();
            let centre = middle(b);
            let near = Near {
                latitude: centre.latitude,
                longitude: centre.longitude,
                radius_m: (b.north - b.south) * 40_000.0 + 1.0,
            };
            let step = (b.east - b.west) / 8.0;
            let (latitudes, longitudes): (Vec<f64>, Vec<f64>) = (0..1500)
                .map(|_| {
                    let x = b.west + (rng.unit() * 1.2 - 0.1) * (b.east - b.west);
                    let y = b.south + (rng.unit() * 1.2 - 0.1) * (b.north - b.south);
                    if rng.chance(0.3) {
                        (b.south + ((y - b.south) / step).round() * step, b.west + ((x - b.west) / step).round() * step)
                    } else {
                        (y.clamp(-90.0, 90.0), x.clamp(-180.0, 180.0))
                    }
                })
                .unzip();
            let all = groups(&[(Status::Active, 1000), (Status::Closed, latitudes.len() as u32)]);
            let grid = Grid::new(&all, &latitudes, &longitudes, &vec![0; latitudes.len()]);
            let raster = Raster::new(&grid, latitudes.len());
            let places = Places { grid: &grid, raster: &raster, latitudes: &latitudes, longitudes: &longitudes };
            for area in [Area::drawn(&region), Area::circle(near)] {
                let mut bits = Bits::new(latitudes.len());
                area.or_into(u16::MAX, places, &mut bits);
                // As one who has to sort out all, and as one who finds few of many.
                for count in [0, usize::MAX] {
                    let mut kept = Bits::full(latitudes.len());
                    area.keep(u16::MAX, places, &mut kept, count);
                    assert_eq!(kept, bits, "{area:?}");
                    let mut some = Bits::new(latitudes.len());
                    (0..latitudes.len()).filter(|_| rng.chance(0.02)).for_each(|slot| some.set(slot));
                    let mut expected = some.clone();
                    expected.and(&bits);
                    area.keep(u16::MAX, places, &mut some, count);
                    assert_eq!(some, expected, "{area:?}");
                }
                for slot in 0..latitudes.len() {
                    let point = Point { latitude: latitudes[slot], longitude: longitudes[slot] };
                    let expected = Point::new(point.latitude, point.longitude).is_some()
                        && match &area {
                            Area::Circle(_) => near.contains(point),
                            Area::Drawn(_) => region.contains(point),
                        };
                    assert_eq!(bits.get(slot), expected, "{point:?} {area:?}");
                }
            }
        }
    }
}
