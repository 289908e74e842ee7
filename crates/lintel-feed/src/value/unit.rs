//! Units of area, as mapping files name them; everything is kept in square feet.

use serde::{Deserialize, Serialize};

/// The unit of a column of areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Square feet.
    Sqft,
    /// Square metres.
    M2,
    /// International acres of 43,560 square feet.
    Acre,
    /// Hectares of 10,000 square metres.
    Ha,
}

impl Unit {
    /// Reads the name that mapping files use.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sqft" => Some(Self::Sqft),
            "m2" => Some(Self::M2),
            "acre" => Some(Self::Acre),
            "ha" => Some(Self::Ha),
            _ => None,
        }
    }

    /// Square feet in one of this unit. A foot is exactly 0.3048 m (international yard and pound agreement, 1959).
    pub fn square_feet(self) -> f64 {
        const FOOT_M: f64 = 0.3048;
        match self {
            Self::Sqft => 1.0,
            Self::M2 => 1.0 / (FOOT_M * FOOT_M),
            Self::Acre => 43_560.0,
            Self::Ha => 10_000.0 / (FOOT_M * FOOT_M),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted_to_square_feet() {
        assert!((Unit::M2.square_feet() - 10.763_910_416_709_722).abs() < 1e-12);
        assert!((Unit::Ha.square_feet() / Unit::Acre.square_feet() - 2.471_053_814_671_653).abs() < 1e-9);
        assert_eq!(Unit::parse("acre").map(Unit::square_feet), Some(43_560.0));
        assert_eq!(Unit::parse("feet"), None);
    }
}
