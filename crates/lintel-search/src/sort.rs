//! Orders of a result, and how a listing's place in one is written as a single number.

use lintel_domain::page::{Key, KeyValue};
use uuid::Uuid;

use crate::Error;

/// What a result is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// When it came on the market, newest first.
    Newest,
    /// Asking price; the close price of what is closed.
    Price,
    /// Fit with stated preferences, best first.
    Fit,
    /// (estimate − price) / price.
    EstimateGap,
    /// Metres to a point.
    Distance,
    /// How well the text is met, best first.
    Relevance,
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
    /// Days on the market.
    DaysOnMarket,
}

/// An order: a key and a direction. Unknown values come last in both directions, and the id, ascending, breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub key: SortKey,
    /// Greatest value first. `newest` is the greatest time first, so it is descending as it stands.
    pub descending: bool,
}

const NAMES: [(&str, SortKey); 12] = [
    ("newest", SortKey::Newest),
    ("price", SortKey::Price),
    ("fit", SortKey::Fit),
    ("estimate_gap", SortKey::EstimateGap),
    ("distance", SortKey::Distance),
    ("relevance", SortKey::Relevance),
    ("bedrooms", SortKey::Bedrooms),
    ("bathrooms", SortKey::Bathrooms),
    ("living_area_sqft", SortKey::LivingAreaSqft),
    ("lot_size_sqft", SortKey::LotSizeSqft),
    ("year_built", SortKey::YearBuilt),
    ("days_on_market", SortKey::DaysOnMarket),
];

/// Orders numbers, from the least, as unsigned integers.
pub(crate) const ASCENDING: Sort = Sort { key: SortKey::Bedrooms, descending: false };

impl SortKey {
    /// The name in queries.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self { key: SortKey::Newest, descending: true }
    }
}

impl Sort {
    /// Reads `price`, `-price` and so on: a leading `-` is descending. `newest`, `-newest` is newest and oldest first;
    /// `fit` and `relevance` are best first with and without it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (minus, name) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let key = NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, key)| *key)
            .ok_or_else(|| Error::UnknownSort(text.to_owned()))?;
        let descending = match key {
            SortKey::Newest => !minus,
            SortKey::Fit | SortKey::Relevance => true,
            _ => minus,
        };
        Ok(Self { key, descending })
    }

    /// The place of a value among all: smaller comes first, unknown is `u64::MAX`.
    pub(crate) fn rank(self, value: &KeyValue) -> Result<u64, Error> {
        let whole = self.is_whole();
        match value {
            KeyValue::Null => Ok(u64::MAX),
            KeyValue::Int(value) if whole => Ok(self.int(*value)),
            KeyValue::Real(value) if !whole && !value.is_nan() => Ok(self.real(*value)),
            KeyValue::Int(_) | KeyValue::Real(_) | KeyValue::Text(_) => Err(Error::WrongKey),
        }
    }

    /// The key of a row at a place, as [`Sort::rank`] reads it.
    pub(crate) fn key(self, rank: u64, id: Uuid) -> Key {
        let value = match rank {
            u64::MAX => KeyValue::Null,
            _ if self.is_whole() => KeyValue::Int(self.whole(rank)),
            _ => KeyValue::Real(self.number(rank)),
        };
        Key { value, id }
    }

    /// The integer at a place.
    pub(crate) fn whole(self, rank: u64) -> i64 {
        let ascending = if self.descending { !rank } else { rank };
        (ascending ^ (1 << 63)) as i64
    }

    /// The number at a place.
    pub(crate) fn number(self, rank: u64) -> f64 {
        let ascending = if self.descending { !rank } else { rank };
        let bits = if ascending >> 63 == 1 { ascending ^ (1 << 63) } else { !ascending };
        f64::from_bits(bits)
    }

    /// Whether places are those of integers.
    fn is_whole(self) -> bool {
        matches!(
            self.key,
            SortKey::Newest | SortKey::Price | SortKey::Relevance | SortKey::YearBuilt | SortKey::DaysOnMarket
        )
    }

    /// The place of an integer.
    #[inline]
    pub(crate) fn int(self, value: i64) -> u64 {
        let ascending = (value as u64) ^ (1 << 63);
        if self.descending { !ascending } else { ascending }
    }

    /// The place of a number; not a number is unknown.
    #[inline]
    pub(crate) fn real(self, value: f64) -> u64 {
        if value.is_nan() {
            return u64::MAX;
        }
        let bits = (value + 0.0).to_bits();
        let ascending = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
        if self.descending { !ascending } else { ascending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_minus_is_descending() {
        let parse = |text| Sort::parse(text).unwrap();
        assert!(!parse("price").descending && parse("-price").descending);
        assert!(parse("newest").descending && !parse("-newest").descending);
        assert!(parse("fit").descending && parse("-fit").descending);
        for bad in ["", "-", "--price", "Price", "price ", "id"] {
            assert!(Sort::parse(bad).is_err(), "{bad}");
        }
        for (name, key) in NAMES {
            assert_eq!(key.as_str(), name);
        }
    }

    #[test]
    fn ranks_order_as_the_values_do_and_unknown_is_last() {
        let values = [f64::NEG_INFINITY, -2.5, -0.0, 1e-300, 3.0, f64::INFINITY];
        for sort in [Sort::parse("distance").unwrap(), Sort::parse("-distance").unwrap()] {
            for pair in values.windows(2) {
                let less = sort.real(pair[0]) < sort.real(pair[1]);
                assert_eq!(less, !sort.descending);
                assert!(sort.real(pair[0]) < sort.real(f64::NAN));
                assert_eq!(sort.number(sort.real(pair[0])), pair[0]);
            }
            assert_eq!(sort.real(0.0), sort.real(-0.0));
        }
        let price = Sort::parse("-price").unwrap();
        assert!(price.int(5) < price.int(4) && price.int(-1) < price.int(-2));
        assert!(price.rank(&KeyValue::Text("x".into())).is_err());
        assert!(price.rank(&KeyValue::Real(1.0)).is_err());
    }
}
