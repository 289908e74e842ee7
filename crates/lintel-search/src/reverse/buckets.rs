//! Conditions and listings in coarse numbers: what passes a condition is in one of its buckets, though not all in them passes.

use lintel_domain::clock::Day;

use super::district::{District, Frame};
use crate::{
    place::world::column_and_row,
    plan::Conditions,
    segment::{NO_DAY, NONE, Row},
};

/// What is asked for by buckets: status, type, price, bedrooms, bathrooms, living area, lot, year, days on the market, and
/// the column and row of the place.
pub(super) const AXES: usize = 11;
/// The most buckets of an axis.
pub(super) const BUCKETS: u32 = u128::BITS;

/// The octaves at which the buckets of amounts in hundredths and of areas in square feet begin; there are 16 of eight each.
const PRICES_FROM: u64 = 15;
const LIVING_FROM: u64 = 7;
const LOTS_FROM: u64 = 8;
/// The years of the first bucket, and of each.
const YEARS_FROM: i32 = 1850;
const YEARS: i32 = 2;

/// What a search asks of each axis; nothing where it takes everything, also what is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) axes: [Option<Ask>; AXES],
    /// Whether it asks for more than the axes say: an area or words.
    pub(super) more: bool,
}

/// Buckets, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// Those outside of which nothing passes.
    pub(super) all: u128,
    /// Those of them in which not everything may pass.
    pub(super) doubtful: u128,
}

impl Asked {
    pub(super) fn new(conditions: &Conditions, district: District) -> Self {
        let [bedrooms, bathrooms, living, lot] = conditions.reals;
        let frame = Frame::around(&conditions.areas);
        let axes = [
            Some(Ask { all: u128::from(conditions.statuses), doubtful: 0 }),
            conditions.kinds.as_deref().map(of_kinds),
            conditions.price.map(|range| of_range(range, (i64::MIN + 1, i64::MAX), price, |_| false)),
            bedrooms.map(|range| of_range(range, REALS, rooms, is_one_count)),
            bathrooms.map(|range| of_range(range, REALS, rooms, is_one_count)),
            living.map(|range| of_range(range, REALS, |area| eighths(area, LIVING_FROM), |_| false)),
            lot.map(|range| of_range(range, REALS, |area| eighths(area, LOTS_FROM), |_| false)),
            conditions.year.map(|range| of_range(range, DAYS, year, |_| false)),
            conditions.days.map(|range| of_range(range, DAYS, days, |_| false)),
            // Whether a place is in an area is asked in any case.
            frame.map(|frame| Ask { all: run(district.column(frame.x.0), district.column(frame.x.1)), doubtful: 0 }),
            frame.map(|frame| Ask { all: run(district.row(frame.y.0), district.row(frame.y.1)), doubtful: 0 }),
        ];
        Self { axes, more: !conditions.areas.is_empty() || !conditions.words.is_empty() }
    }
}

/// The buckets that a listing is in; `None` where it is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answers {
    buckets: [Option<u32>; AXES],
    /// Its column and row in the world.
    place: Option<(u32, u32)>,
    /// Whether its type shares a bucket with others.
    shares: bool,
}

impl Answers {
    /// Those that are the same in every district.
    pub(super) fn new(row: &Row, today: Day) -> Self {
        let real = |value: f64| Some(value).filter(|value| !value.is_nan());
        let known = |value: i32| Some(value).filter(|value| *value != NO_DAY);
        let buckets = [
            Some(row.status as u32),
            Some(row.kind).filter(|number| *number != 0).map(kind),
            Some(row.price).filter(|amount| *amount != NONE).map(price),
            real(row.bedrooms).map(rooms),
            real(row.bathrooms).map(rooms),
            real(row.living).map(|area| eighths(area, LIVING_FROM)),
            real(row.lot).map(|area| eighths(area, LOTS_FROM)),
            known(row.year).map(year),
            known(row.days_on_market(today)).map(days),
            None,
            None,
        ];
        Self { buckets, place: row.point().map(column_and_row), shares: row.kind >= BUCKETS }
    }

    /// Takes the place as one of a district.
    pub(super) fn stand_in(&mut self, district: District) {
        let [.., column, row] = &mut self.buckets;
        *column = self.place.map(|(x, _)| district.column(x));
        *row = self.place.map(|(_, y)| district.row(y));
    }

    /// The searches that have to be asked again whatever the buckets say, as bits: all or none.
    pub(super) fn doubt(&self) -> u64 {
        if self.shares { u64::MAX } else { 0 }
    }

    pub(super) fn buckets(&self) -> &[Option<u32>; AXES] {
        &self.buckets
    }
}

/// The bounds that stand for missing ones.
const REALS: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const DAYS: (i32, i32) = (i32::MIN + 1, i32::MAX);

/// The buckets from that of the least to that of the greatest value. `bucket` never falls, so what passes is in these, and
/// everything in those between them passes. In the first and the last it is doubtful, unless there is no bound or
/// `is_one` says that they hold a single value.
fn of_range<T: Copy + PartialEq>(
    (least, most): (T, T),
    open: (T, T),
    bucket: impl Fn(T) -> u32,
    is_one: impl Fn(u32) -> bool,
) -> Ask {
    let (from, to) = (bucket(least), bucket(most));
    let end = |bucket: u32, is_open: bool| if is_open || is_one(bucket) { 0 } else { 1 << bucket };
    Ask { all: run(from, to), doubtful: end(from, least == open.0) | end(to, most == open.1) }
}

/// The bits from one to another; none when they are crossed.
fn run(from: u32, to: u32) -> u128 {
    if from > to { 0 } else { u128::MAX >> (BUCKETS - 1 - (to - from)) << from }
}

/// The buckets of types. They are shared when there are many.
fn of_kinds(numbers: &[u32]) -> Ask {
    let all = numbers.iter().fold(0, |all, number| all | 1 << kind(*number));
    Ask { all, doubtful: if numbers.iter().all(|number| *number < BUCKETS) { 0 } else { all } }
}

fn kind(number: u32) -> u32 {
    number % BUCKETS
}

fn price(amount: i64) -> u32 {
    eighths(amount as f64, PRICES_FROM)
}

/// Halves of a room, in turn with what is between them. Casting saturates.
fn rooms(count: f64) -> u32 {
    let halves = (count * 2.0).max(0.0);
    let whole = halves.floor();
    (whole as u32).saturating_mul(2).saturating_add(u32::from(halves > whole)).min(BUCKETS - 1)
}

/// Whether a bucket of rooms holds one number only; the first also holds what is below 0.
fn is_one_count(bucket: u32) -> bool {
    bucket > 0 && bucket.is_multiple_of(2)
}

fn year(year: i32) -> u32 {
    (year.saturating_sub(YEARS_FROM) / YEARS).clamp(0, BUCKETS as i32 - 1) as u32
}

fn days(days: i32) -> u32 {
    eighths(f64::from(days), 0)
}

/// Eighths of octaves from 2^`first`: the exponent of a number and the first three digits behind its point.
fn eighths(value: f64, first: u64) -> u32 {
    /// Digits of a number behind the three, and what is added to its exponent.
    const REST: u32 = f64::MANTISSA_DIGITS - 1 - 3;
    const ADDED: u64 = f64::MAX_EXP as u64 - 1;
    // Numbers above 0 are in the order of their digits.
    let step = value.max(0.0).to_bits() >> REST;
    step.saturating_sub((ADDED + first) << 3).min(u64::from(BUCKETS) - 1) as u32
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn buckets_never_fall() {
        let mut rng = Rng::new(5);
        let mut number = || (rng.unit() - 0.2) * 10_f64.powf(rng.unit() * 14.0 - 2.0);
        for _ in 0..50_000 {
            let (a, b) = (number(), number());
            let (a, b) = (a.min(b), a.max(b));
            for first in [0, LIVING_FROM, LOTS_FROM, PRICES_FROM] {
                assert!(eighths(a, first) <= eighths(b, first), "{a} {b}");
            }
            assert!(rooms(a) <= rooms(b) && year(a as i32) <= year(b as i32) && days(a as i32) <= days(b as i32));
            assert!(price(a as i64) <= price(b as i64));
        }
    }

    #[test]
    fn only_at_a_bound_is_a_bucket_doubtful() {
        let all = Ask { all: u128::MAX, doubtful: 0 };
        assert_eq!(of_range(REALS, REALS, rooms, is_one_count), all);
        assert_eq!(of_range(REALS, REALS, |area| eighths(area, LOTS_FROM), |_| false), all);
        assert_eq!(of_range(DAYS, DAYS, year, |_| false), all);
        let check = |least, most, all, doubtful| {
            assert_eq!(of_range((least, most), REALS, rooms, is_one_count), Ask { all, doubtful }, "{least} {most}");
        };
        check(1.0, 1.5, 0b111_0000, 0);
        check(1.0, 1.25, 0b11_0000, 0b10_0000);
        check(0.0, 0.5, 0b111, 0b1);
        check(1.5, 1.0, 0, 0);
    }
}
