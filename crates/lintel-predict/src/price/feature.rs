//! The features of a home: structure, place, and what sold nearby before.

use std::borrow::Cow;

use lintel_domain::scalar::Fields;
use serde::{Deserialize, Serialize};

use super::home::{Home, SaleRecord};
use super::nearby::{Around, Nearby};
use super::places::Plane;

use crate::fields::{self, Subject, Value, Warning, infer};
use crate::learn::table::{Cell, Column, ColumnKind};

/// One feature of a home.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum HomeFeature {
    LivingArea,
    LotSize,
    Bedrooms,
    Bathrooms,
    YearBuilt,
    Stories,
    GarageSpaces,
    PropertyType,
    PostalCode,
    City,
    Attribute(String, ColumnKind),
    /// Metres east, north, and along both diagonals: slanted borders in one cut.
    East,
    North,
    NorthEast,
    NorthWest,
    /// What sold around it before.
    Nearby(Around),
    /// Natural logarithms of the areas: prices follow them in a straighter line.
    LogLivingArea,
    LogLotSize,
}

impl HomeFeature {
    /// What a home is, apart from where.
    pub(crate) fn structure(attributes: &[Column]) -> Vec<Self> {
        let mut features = vec![
            Self::LivingArea,
            Self::LogLivingArea,
            Self::LotSize,
            Self::LogLotSize,
            Self::Bedrooms,
            Self::Bathrooms,
            Self::YearBuilt,
            Self::Stories,
            Self::GarageSpaces,
            Self::PropertyType,
        ];
        features.extend(attributes.iter().map(|column| Self::Attribute(column.name.clone(), column.kind)));
        features
    }

    /// Where a home is.
    pub(crate) fn place() -> Vec<Self> {
        let place = [Self::PostalCode, Self::City, Self::East, Self::North, Self::NorthEast, Self::NorthWest];
        place.into_iter().chain(Around::ALL.map(Self::Nearby)).collect()
    }

    /// The name under which its contribution is told; several features may share one.
    pub(crate) fn group(&self) -> &str {
        match self {
            Self::LivingArea | Self::LogLivingArea => "living_area_sqft",
            Self::LotSize | Self::LogLotSize => "lot_size_sqft",
            Self::Bedrooms => "bedrooms",
            Self::Bathrooms => "bathrooms",
            Self::YearBuilt => "year_built",
            Self::Stories => "stories",
            Self::GarageSpaces => "garage_spaces",
            Self::PropertyType => "property_type",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Attribute(name, _) => name,
            Self::East | Self::North | Self::NorthEast | Self::NorthWest => "location",
            Self::Nearby(_) => "nearby_sales",
        }
    }

    pub(crate) fn column(&self) -> Column {
        let name = format!("{self:?}");
        match self {
            Self::PropertyType | Self::PostalCode | Self::City | Self::Attribute(_, ColumnKind::Word) => {
                Column::word(name)
            }
            _ => Column::number(name),
        }
    }

    fn value<'a>(&self, home: &'a Home, at: Option<(f32, f32)>, nearby: &Nearby) -> Value<'a> {
        let metres = |pick: fn((f32, f32)) -> f32| Value::number(at.map(pick).map(f64::from));
        match self {
            Self::LivingArea => Value::number(home.area()),
            Self::LogLivingArea => Value::number(home.area().map(f64::ln)),
            Self::LotSize => Value::number(home.lot_size_sqft),
            Self::LogLotSize => Value::number(home.lot_size_sqft.filter(|size| *size > 0.0).map(f64::ln)),
            Self::Bedrooms => Value::number(home.bedrooms),
            Self::Bathrooms => Value::number(home.bathrooms),
            Self::YearBuilt => Value::number(home.year_built.map(f64::from)),
            Self::Stories => Value::number(home.stories),
            Self::GarageSpaces => Value::number(home.garage_spaces),
            Self::PropertyType => kind_of_home(home).map_or(Value::Missing, Value::Word),
            Self::PostalCode => word(home.postal_code.as_deref()),
            Self::City => word(home.city.as_deref()),
            Self::Attribute(name, kind) => fields::value(*kind, home.attributes.get(name)),
            Self::East => metres(|(x, _)| x),
            Self::North => metres(|(_, y)| y),
            Self::NorthEast => metres(|(x, y)| x + y),
            Self::NorthWest => metres(|(x, y)| y - x),
            Self::Nearby(around) => Value::number(nearby.get(*around)),
        }
    }
}

/// The attributes that sales carry as columns, with warnings about those left out or kept with care.
pub(crate) fn attributes(sales: &[SaleRecord], exclude: &[String]) -> (Vec<Column>, Vec<Warning>) {
    let fields = sales.iter().map(|sale| &sale.home.attributes as &Fields);
    infer(fields, Subject::Home, exclude)
}

/// The property type in one spelling.
pub(crate) fn kind_of_home(home: &Home) -> Option<Cow<'_, str>> {
    let text = home.property_type.as_deref()?.trim();
    if text.is_empty() {
        return None;
    }
    if text.chars().any(char::is_uppercase) { Some(Cow::Owned(text.to_lowercase())) } else { Some(Cow::Borrowed(text)) }
}

/// Where a home stands on the plane.
pub(crate) fn metres(home: &Home, plane: &Plane) -> Option<(f32, f32)> {
    home.place.map(|place| plane.metres(place))
}

/// The values of some features of one home.
pub(crate) fn values<'a>(
    features: &[HomeFeature],
    home: &'a Home,
    at: Option<(f32, f32)>,
    nearby: &Nearby,
) -> Vec<Value<'a>> {
    features.iter().map(|feature| feature.value(home, at, nearby)).collect()
}

/// The cells of those values.
pub(crate) fn cells<'a>(values: &'a [Value<'_>]) -> Vec<Cell<'a>> {
    values.iter().map(Value::cell).collect()
}

fn word(text: Option<&str>) -> Value<'_> {
    match text.map(str::trim) {
        Some(text) if !text.is_empty() => Value::Word(Cow::Borrowed(text)),
        _ => Value::Missing,
    }
}
