//! A home as the calculations see it, and the choice of those that are alike.

use std::sync::Arc;

use lintel_domain::{
    clock::Day,
    id::ListingId,
    listing::Status,
    place::{Near, Point},
};

use super::Given;

/// Where a home stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// To be had, without an accepted offer.
    ForSale,
    /// An offer was accepted, the sale is not yet fulfilled.
    UnderContract,
    /// Sold.
    Sold,
    /// Off the market unsold.
    Unsold,
}

impl Stage {
    /// The stage of a status; none of what is not on the market and never was.
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Active => Some(Self::ForSale),
            Status::ActiveUnderContract | Status::Pending => Some(Self::UnderContract),
            Status::Closed => Some(Self::Sold),
            Status::Withdrawn | Status::Expired | Status::Canceled => Some(Self::Unsold),
            Status::ComingSoon | Status::Hold | Status::Incomplete | Status::Delete => None,
        }
    }
}

/// What is known of a home on the market, or of its sale. Amounts are in the market's currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Which.
    pub id: ListingId,
    /// Where it stands.
    pub stage: Stage,
    /// Free text such as "Single Family Residence".
    pub property_type: Option<Arc<str>>,
    /// The last asking price.
    pub asked: Option<f64>,
    /// What it sold for.
    pub sold: Option<f64>,
    /// When it came on the market.
    pub listed_on: Option<Day>,
    /// The day of the sale.
    pub sold_on: Option<Day>,
    /// Days on the market: until the sale, or so far.
    pub days: Option<f64>,
    /// Living area in square feet.
    pub area_sqft: Option<f64>,
    /// Where it is.
    pub place: Option<Point>,
}

impl Observed {
    /// Whether it was sold in the `days` days that end with `today`.
    pub(super) fn sold_within(&self, days: u32, today: Day) -> bool {
        let since = today.0.saturating_sub_unsigned(days);
        self.stage == Stage::Sold && self.sold_on.is_some_and(|day| day.0 > since && day <= today)
    }

    /// Whether it is to be had.
    pub(super) fn is_for_sale(&self) -> bool {
        self.stage == Stage::ForSale
    }

    /// The asking price of a square foot.
    pub(super) fn asked_per_sqft(&self) -> Option<f64> {
        Some(self.asked? / self.area_sqft?)
    }

    /// The price of a square foot at the sale.
    pub(super) fn sold_per_sqft(&self) -> Option<f64> {
        Some(self.sold? / self.area_sqft?)
    }
}

/// The part of a market that a calculation is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// Only homes of this type, whatever the case of its letters; all when absent.
    pub property_type: Option<String>,
}

impl Segment {
    /// The homes that belong to it.
    pub(super) fn of<'a>(&self, homes: &'a [Observed]) -> impl Iterator<Item = &'a Observed> + Clone {
        homes.iter().filter(move |home| self.has(home))
    }

    fn has(&self, home: &Observed) -> bool {
        let Some(wanted) = &self.property_type else { return true };
        home.property_type.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
    }
}

/// Which homes are like another one: of its type, near it, about as large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// How far they may be, in metres.
    pub radius_m: Given<f64>,
    /// How much their living area may differ, as a fraction of its own.
    pub area_tolerance: Given<f64>,
}

impl Likeness {
    /// The homes that are like `subject`, itself left out, with their distance in metres; `None` when its place or area is not known.
    pub(super) fn of<'a>(
        &self,
        subject: &Observed,
        homes: &'a [Observed],
    ) -> Option<impl Iterator<Item = (&'a Observed, f64)>> {
        let (own, centre, area) = (subject.id, subject.place?, subject.area_sqft?);
        let kind = Segment { property_type: subject.property_type.as_deref().map(str::to_owned) };
        let (near, tolerance) = (
            Near { latitude: centre.latitude, longitude: centre.longitude, radius_m: self.radius_m.value },
            self.area_tolerance.value,
        );
        let bounds = near.bounds();
        Some(homes.iter().filter_map(move |home| {
            if home.id == own {
                return None;
            }
            let place = home.place.filter(|place| bounds.contains(*place))?;
            let other = home.area_sqft?;
            if (other / area - 1.0).abs() > tolerance || !kind.has(home) {
                return None;
            }
            let distance = centre.distance_m(place);
            (distance <= near.radius_m).then_some((home, distance))
        }))
    }
}
