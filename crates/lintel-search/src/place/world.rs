//! The world grid: the squares of Web Mercator, and the curve that runs through them.

use lintel_domain::place::{Bounds, Point};

/// The finest level: cells of about a metre at the equator, 2^25 to a side.
pub(crate) const FINEST: u8 = 25;

/// Web Mercator's edge (EPSG 3857): the square world ends here, and what lies beyond is in its outermost row.
const EDGE: f64 = 85.051_128_779_806_59;

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

/// The north-western corner of a cell, as latitude and longitude.
pub(crate) fn corner(level: u8, x: u32, y: u32) -> (f64, f64) {
    let side = f64::from(1u32 << level);
    (latitude(f64::from(y) / side), f64::from(x) / side * 360.0 - 180.0)
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
pub(crate) fn code((x, y): (u32, u32)) -> u64 {
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

/// The column of a code, and of half a code the row: takes every other bit.
pub(crate) fn gather(v: u64) -> u32 {
    let mut v = v & 0x5555_5555_5555_5555;
    v = (v | v >> 1) & 0x3333_3333_3333_3333;
    v = (v | v >> 2) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | v >> 4) & 0x00FF_00FF_00FF_00FF;
    v = (v | v >> 8) & 0x0000_FFFF_0000_FFFF;
    (v | v >> 16) as u32
}
