//! What a lead looks for.

use serde::{Deserialize, Serialize};

use crate::{
    contact::words,
    money::Money,
    place::{Near, Region},
    range::Range,
};

/// A wish that can be fulfilled or not. `Market`, property types and area are always hard; the others when named in `must`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Asking price.
    Price,
    /// Bedrooms.
    Bedrooms,
    /// Bathrooms.
    Bathrooms,
    /// Living area.
    LivingAreaSqft,
    /// Lot size.
    LotSizeSqft,
    /// Year of construction.
    YearBuilt,
    /// Type of property.
    PropertyTypes,
    /// Distance to a point.
    Near,
    /// Inside a drawn area.
    Polygon,
    /// Words in the description.
    Keywords,
}

words!(Aspect {
    Price => "price",
    Bedrooms => "bedrooms",
    Bathrooms => "bathrooms",
    LivingAreaSqft => "living_area_sqft",
    LotSizeSqft => "lot_size_sqft",
    YearBuilt => "year_built",
    PropertyTypes => "property_types",
    Near => "near",
    Polygon => "polygon",
    Keywords => "keywords",
});

/// Wishes; an absent one does not matter. Bounds are inclusive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preferences {
    /// Asking price.
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
    /// Any of these types of property, as in the listings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub property_types: Vec<String>,
    /// Close to a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
    /// Inside an area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Region>,
    /// Words the description should have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Wishes that a home must fulfil.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<Aspect>,
}

impl Preferences {
    /// Whether nothing is wished for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over the wishes of another about which nothing is wished here, as hard as they are there. An area is one wish,
    /// however it is drawn.
    pub fn fill(&mut self, other: &Self) {
        let mut filled = Vec::new();
        macro_rules! fill {
            ($($field:ident => $aspect:ident),+) => {$(
                if self.$field.is_none() && other.$field.is_some() {
                    self.$field.clone_from(&other.$field);
                    filled.push(Aspect::$aspect);
                }
            )+};
        }
        let has_area = self.near.is_some() || self.polygon.is_some();
        fill!(
            price => Price, bedrooms => Bedrooms, bathrooms => Bathrooms, living_area_sqft => LivingAreaSqft,
            lot_size_sqft => LotSizeSqft, year_built => YearBuilt
        );
        if !has_area {
            fill!(near => Near, polygon => Polygon);
        }
        if self.property_types.is_empty() {
            self.property_types.clone_from(&other.property_types);
        }
        if self.keywords.is_empty() && !other.keywords.is_empty() {
            self.keywords.clone_from(&other.keywords);
            filled.push(Aspect::Keywords);
        }
        filled.retain(|aspect| other.must.contains(aspect) && !self.must.contains(aspect));
        self.must.extend(filled);
    }

    /// Whether a home that fails this wish is out.
    pub fn is_hard(&self, aspect: Aspect) -> bool {
        matches!(aspect, Aspect::PropertyTypes | Aspect::Near | Aspect::Polygon) || self.must.contains(&aspect)
    }
}
