//! Which listings a search, a saved search or a map asks for.

use serde::{Deserialize, Serialize};

use crate::{
    listing::Status,
    money::Money,
    place::{Near, Region},
    range::Range,
};

/// Conditions that all hold; an absent one does not matter. Bounds are inclusive, and an unknown value fails a bound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListingFilter {
    /// Any of these; only `active` when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// Any of these, as in the listings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub property_types: Vec<String>,
    /// Asking price; the close price of what is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Range<Money>>,
    /// Bedrooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bedrooms: Option<Range<f64>>,
    /// Bathrooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bathrooms: Option<Range<f64>>,
    /// Living area in square feet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub living_area_sqft: Option<Range<f64>>,
    /// Lot size in square feet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_size_sqft: Option<Range<f64>>,
    /// Year of construction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_built: Option<Range<i32>>,
    /// Days on the market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_on_market: Option<Range<i32>>,
    /// Words in remarks and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Inside an area; edges count as inside, and a listing without coordinates is in no area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Region>,
    /// Within a distance of a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
}

impl ListingFilter {
    /// The statuses that pass: those named, or only `active`.
    pub fn statuses(&self) -> &[Status] {
        if self.status.is_empty() { &[Status::Active] } else { &self.status }
    }
}
