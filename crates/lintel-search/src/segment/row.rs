//! A listing as the index keeps it: numbers only.

use lintel_domain::{
    clock::{Day, Time},
    listing::{ListingFacts, Status},
    place::Point,
};
use uuid::Uuid;

/// An unknown amount, time, day or year.
pub(crate) const NONE: i64 = i64::MIN;
/// An unknown day or year.
pub(crate) const NO_DAY: i32 = i32::MIN;

/// One listing; unknown numbers are [`NONE`], [`NO_DAY`] or not a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) status: Status,
    /// Number of its type of property; 0 is unknown.
    pub(crate) kind: u32,
    /// Asking price in hundredths; the close price of what is closed.
    pub(crate) price: i64,
    /// When it came on the market, in microseconds.
    pub(crate) listed: i64,
    /// Days on the market, or when `open` the day it came on the market.
    pub(crate) days: i32,
    pub(crate) open: bool,
    pub(crate) bedrooms: f64,
    pub(crate) bathrooms: f64,
    pub(crate) living: f64,
    pub(crate) lot: f64,
    pub(crate) year: i32,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

impl Row {
    /// What the index keeps of a listing. Numbers that are not finite count as unknown.
    pub(crate) fn new(id: Uuid, facts: &ListingFacts, kind: u32) -> Self {
        let real = |value: Option<f64>| value.filter(|v| v.is_finite()).unwrap_or(f64::NAN);
        let price = match facts.status {
            Status::Closed => facts.close_price,
            _ => facts.list_price,
        };
        let place = facts.place.and_then(|place| Point::new(place.latitude, place.longitude));
        let open = facts.listed_at.is_some() && facts.close_date.is_none();
        let days = match facts.listed_at {
            Some(listed) if open => listed.day().0,
            _ => facts.days_on_market(Time(0)).unwrap_or(NO_DAY),
        };
        Self {
            id,
            status: facts.status,
            kind,
            price: price.map_or(NONE, |price| price.0),
            listed: facts.listed_at.map_or(NONE, |listed| listed.0),
            days,
            open,
            bedrooms: real(facts.bedrooms),
            bathrooms: real(facts.bathrooms),
            living: real(facts.living_area_sqft),
            lot: real(facts.lot_size_sqft),
            year: facts.year_built.unwrap_or(NO_DAY),
            latitude: place.map_or(f64::NAN, |place| place.latitude),
            longitude: place.map_or(f64::NAN, |place| place.longitude),
        }
    }

    /// Where it is, if that is known.
    pub(crate) fn point(&self) -> Option<Point> {
        let (latitude, longitude) = (self.latitude, self.longitude);
        (!latitude.is_nan()).then_some(Point { latitude, longitude })
    }

    /// Days on the market as of `today`, or [`NO_DAY`].
    pub(crate) fn days_on_market(&self, today: Day) -> i32 {
        if self.open { today.0.saturating_sub(self.days).max(0) } else { self.days }
    }

    /// The order of slots: by status and type, then by price with unknown last, then by id.
    pub(crate) fn order(&self) -> (Status, u32, bool, i64, Uuid) {
        (self.status, self.kind, self.price == NONE, self.price, self.id)
    }
}
