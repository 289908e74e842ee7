//! A market: the place whose listings, sales and series belong together.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    clock::Time,
    id::TenantId,
    money::Currency,
    text::{TextError, check_slug},
};

/// A market's name in addresses and tables, such as `king-county`. It never changes; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarketSlug(Arc<str>);

impl MarketSlug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MarketSlug {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check_slug(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for MarketSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MarketSlug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MarketSlug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A tenant's market.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name in addresses.
    pub slug: MarketSlug,
    /// Its name for people.
    pub name: String,
    /// What its amounts are counted in.
    pub currency: Currency,
    /// When it was set up.
    pub created_at: Time,
}
