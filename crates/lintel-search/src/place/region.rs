//! A drawn area made ready: the same answer as the domain's, with fewer edges looked at.

use lintel_domain::place::{Bounds, Point, Region};

/// Degrees by which a cell is widened before it is compared with an edge: far more than rounding, far less than a step.
const MARGIN: f64 = 1e-9;

/// An edge of a ring.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: [f64; 2],
    to: [f64; 2],
    /// The ring it belongs to.
    ring: u32,
}

/// A ring of a polygon.
#[derive(Clone, Copy, Debug)]
struct Ring {
    polygon: u32,
    hole: bool,
}

/// The edges of an area, in bands of latitude.
#[derive(Clone, Debug)]
pub(crate) struct Edges {
    bounds: Bounds,
    all: Box<[Edge]>,
    rings: Box<[Ring]>,
    /// Numbers of the edges that reach into each band, one band after another; in each ascending, so that those of a ring
    /// follow each other.
    reaching: Box<[u32]>,
    /// Where each band ends in them.
    ends: Box<[u32]>,
}

impl Edges {
    /// Sorts the edges of an area into bands.
    pub(crate) fn new(region: &Region) -> Self {
        let (mut edges, mut rings) = (Vec::new(), Vec::new());
        for (polygon, polygon_rings) in (0u32..).zip(region.polygons()) {
            for (at, corners) in polygon_rings.iter().enumerate() {
                let number = rings.len() as u32;
                rings.push(Ring { polygon, hole: at > 0 });
                let next = corners.iter().skip(1).chain(corners.first());
                edges.extend(corners.iter().zip(next).map(|(from, to)| Edge { from: *from, to: *to, ring: number }));
            }
        }
        let bounds = region.bounds();
        let mut bands = vec![Vec::new(); (edges.len() / 2).clamp(1, 1024)];
        for (number, edge) in (0u32..).zip(&edges) {
            let low = band(bounds, bands.len(), edge.from[1].min(edge.to[1]));
            let high = band(bounds, bands.len(), edge.from[1].max(edge.to[1]));
            for band in &mut bands[low..=high] {
                band.push(number);
            }
        }
        let ends = bands.iter().scan(0, |end, band| {
            *end += band.len() as u32;
            Some(*end)
        });
        Self { bounds, all: edges.into(), rings: rings.into(), ends: ends.collect(), reaching: bands.concat().into() }
    }

    /// Numbers of the edges that reach into the band of a latitude.
    fn reaching(&self, latitude: f64) -> &[u32] {
        let band = band(self.bounds, self.ends.len(), latitude);
        let from = if band == 0 { 0 } else { self.ends[band - 1] };
        &self.reaching[from as usize..self.ends[band] as usize]
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.all) + size_of_val(&*self.rings) + size_of_val(&*self.reaching) + size_of_val(&*self.ends)
    }

    /// Numbers of all edges.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        0..self.all.len() as u32
    }

    /// Whether the point is inside one of the polygons and not strictly inside one of its holes; as
    /// [`Region::contains`], with the same arithmetic on the edges that can matter.
    pub(crate) fn contains(&self, point: Point) -> bool {
        if !self.bounds.contains(point) {
            return false;
        }
        let (x, y) = (point.longitude, point.latitude);
        let band = self.reaching(y);
        // Outer rings come before their holes, and polygons one after another.
        let (mut polygon, mut inside) = (u32::MAX, false);
        let mut at = 0;
        while at < band.len() {
            let ring = self.all[band[at] as usize].ring;
            let (mut odd, mut on_edge) = (false, false);
            while at < band.len() && self.all[band[at] as usize].ring == ring {
                let Edge { from: [x1, y1], to: [x2, y2], .. } = self.all[band[at] as usize];
                at += 1;
                let cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
                on_edge |= cross == 0.0 && x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2);
                odd ^= (y1 > y) != (y2 > y) && (cross > 0.0) == (y2 > y1);
            }
            let ring = self.rings[ring as usize];
            if ring.polygon != polygon {
                if inside {
                    return true;
                }
                polygon = ring.polygon;
                inside = false;
            }
            if ring.hole {
                inside &= !odd || on_edge;
            } else {
                inside = odd || on_edge;
            }
        }
        inside
    }

    /// Whether an edge may touch the box: `false` only when it surely does not.
    pub(crate) fn touches(&self, edge: u32, cell: Bounds) -> bool {
        let Edge { from, to, .. } = self.all[edge as usize];
        let ([x1, y1], [x2, y2]) = (from, to);
        let (west, east) = (cell.west - MARGIN, cell.east + MARGIN);
        let (south, north) = (cell.south - MARGIN, cell.north + MARGIN);
        if x1.max(x2) < west || x1.min(x2) > east || y1.max(y2) < south || y1.min(y2) > north {
            return false;
        }
        let side = |x: f64, y: f64| (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
        let corners = [side(west, south), side(west, north), side(east, south), side(east, north)];
        // Products of two differences of degrees: their rounding is below this.
        let rounding = 1e-12 * ((x2 - x1).abs() + (y2 - y1).abs());
        !(corners.iter().all(|side| *side > rounding) || corners.iter().all(|side| *side < -rounding))
    }
}

/// The band of a latitude.
fn band(bounds: Bounds, bands: usize, latitude: f64) -> usize {
    let share = (latitude - bounds.south) / (bounds.north - bounds.south);
    // A flat area has a share that is no number, which is cast to 0.
    ((share * bands as f64) as usize).min(bands - 1)
}
