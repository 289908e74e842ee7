//! A home as the price model sees it, and the record of its sale.

use lintel_domain::clock::Day;
use lintel_domain::listing::ListingFacts;
use lintel_domain::money::Money;
use lintel_domain::place::Point;
use lintel_domain::scalar::Fields;

/// What is known about a home; everything may be missing. Never its asking price.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Home {
    /// Where it stands.
    pub place: Option<Point>,
    /// Free text such as "Single Family Residence".
    pub property_type: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Living area in square feet.
    pub living_area_sqft: Option<f64>,
    /// Lot size in square feet.
    pub lot_size_sqft: Option<f64>,
    /// Bedrooms.
    pub bedrooms: Option<f64>,
    /// Bathrooms, in fractions.
    pub bathrooms: Option<f64>,
    /// Year of construction.
    pub year_built: Option<i32>,
    /// Storeys, in fractions.
    pub stories: Option<f64>,
    /// Garage spaces.
    pub garage_spaces: Option<f64>,
    /// Everything else, by the source's own names.
    pub attributes: Fields,
}

impl From<&ListingFacts> for Home {
    fn from(facts: &ListingFacts) -> Self {
        Self {
            place: facts.place,
            property_type: facts.property_type.clone(),
            postal_code: facts.address.postal_code.clone(),
            city: facts.address.city.clone(),
            living_area_sqft: facts.living_area_sqft,
            lot_size_sqft: facts.lot_size_sqft,
            bedrooms: facts.bedrooms,
            bathrooms: facts.bathrooms,
            year_built: facts.year_built,
            stories: facts.stories,
            garage_spaces: facts.garage_spaces,
            attributes: facts.attributes.clone(),
        }
    }
}

impl Home {
    /// The living area, when it is a positive finite number.
    pub(crate) fn area(&self) -> Option<f64> {
        self.living_area_sqft.filter(|area| area.is_finite() && *area > 0.0)
    }
}

/// A home that was sold.
#[derive(Debug, Clone, PartialEq)]
pub struct SaleRecord {
    /// The home's key: two sales of one home share it. With the day it identifies the sale.
    pub key: String,
    /// The price paid, in major units.
    pub close_price: f64,
    /// The day of the sale.
    pub close_date: Day,
    /// The home as it was sold.
    pub home: Home,
}

impl SaleRecord {
    /// The sale a listing tells of, if it has both price and day.
    pub fn of(key: impl Into<String>, facts: &ListingFacts) -> Option<Self> {
        Some(Self {
            key: key.into(),
            close_price: facts.close_price.map(Money::major)?,
            close_date: facts.close_date?,
            home: facts.into(),
        })
    }

    /// A number that stands for this sale: home and day.
    pub(crate) fn mark(&self) -> u64 {
        mark(&self.key) ^ (self.close_date.0 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// FNV-1a of a key: stable across versions and machines, as stored models need.
pub(crate) fn mark(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
