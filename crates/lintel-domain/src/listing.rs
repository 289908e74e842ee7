//! A home on the market, and the record of its sale.

use serde::{Deserialize, Serialize};

use crate::{
    clock::{Day, Time},
    contact::words,
    fingerprint::{Canon, Fingerprint},
    id::ListingId,
    market::MarketSlug,
    money::Money,
    place::Point,
    scalar::Fields,
};

/// Where a listing stands (RESO StandardStatus).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On the market, no accepted offer.
    Active,
    /// An accepted offer, still on the market.
    ActiveUnderContract,
    /// An accepted offer, off the market.
    Pending,
    /// The sale was fulfilled.
    Closed,
    /// Off the market, the agreement still exists.
    Withdrawn,
    /// The agreement ran out.
    Expired,
    /// The agreement ended.
    Canceled,
    /// Not yet on the market.
    ComingSoon,
    /// The agreement exists, temporarily off the market.
    Hold,
    /// A draft.
    Incomplete,
    /// Never valid.
    Delete,
}

words!(Status {
    Active => "active",
    ActiveUnderContract => "active_under_contract",
    Pending => "pending",
    Closed => "closed",
    Withdrawn => "withdrawn",
    Expired => "expired",
    Canceled => "canceled",
    ComingSoon => "coming_soon",
    Hold => "hold",
    Incomplete => "incomplete",
    Delete => "delete",
});

/// Where a record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// A file.
    Import,
    /// A call of the API.
    Api,
    /// A feed.
    Feed,
    /// A customer-relationship system.
    Crm,
    /// Made up by the demo generator.
    Synthetic,
}

words!(Provenance {
    Import => "import",
    Api => "api",
    Feed => "feed",
    Crm => "crm",
    Synthetic => "synthetic",
});

/// A postal address, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default)]
    pub line: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// State, province or other region.
    #[serde(default)]
    pub region: Option<String>,
    /// Postal code, as text: it may begin with a zero.
    #[serde(default)]
    pub postal_code: Option<String>,
}

/// What is said about a home by whoever lists it. Names follow the RESO data dictionary.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingFacts {
    /// Which feed, file or client it came from.
    pub source: String,
    /// The source's key of the listing, unique in its market.
    pub listing_key: String,
    /// Where it stands.
    pub status: Status,
    /// Free text such as "Single Family Residence".
    pub property_type: Option<String>,
    /// Asking price.
    pub list_price: Option<Money>,
    /// First asking price.
    pub original_list_price: Option<Money>,
    /// Price it sold for.
    pub close_price: Option<Money>,
    /// Day of the sale.
    pub close_date: Option<Day>,
    /// When it came on the market.
    pub listed_at: Option<Time>,
    /// When the source last changed it.
    pub modified_at: Option<Time>,
    /// Days on the market as stated by the source; computed from `listed_at` when that is known.
    pub days_on_market: Option<i32>,
    /// Bedrooms.
    pub bedrooms: Option<f64>,
    /// Bathrooms, in fractions.
    pub bathrooms: Option<f64>,
    /// Living area in square feet.
    pub living_area_sqft: Option<f64>,
    /// Lot size in square feet.
    pub lot_size_sqft: Option<f64>,
    /// Year of construction.
    pub year_built: Option<i32>,
    /// Storeys, in fractions.
    pub stories: Option<f64>,
    /// Garage spaces.
    pub garage_spaces: Option<f64>,
    /// Where it stands on the earth.
    pub place: Option<Point>,
    /// Postal address.
    pub address: Address,
    /// The agent's text. Data, never markup.
    pub remarks: Option<String>,
    /// Addresses of pictures.
    pub photos: Vec<String>,
    /// Everything else the source says, by its own names.
    pub attributes: Fields,
    /// How the record came to be here.
    pub provenance: Provenance,
}

impl ListingFacts {
    /// A listing of which only source, key and status are known.
    pub fn new(
        source: impl Into<String>,
        listing_key: impl Into<String>,
        status: Status,
        provenance: Provenance,
    ) -> Self {
        Self {
            source: source.into(),
            listing_key: listing_key.into(),
            status,
            property_type: None,
            list_price: None,
            original_list_price: None,
            close_price: None,
            close_date: None,
            listed_at: None,
            modified_at: None,
            days_on_market: None,
            bedrooms: None,
            bathrooms: None,
            living_area_sqft: None,
            lot_size_sqft: None,
            year_built: None,
            stories: None,
            garage_spaces: None,
            place: None,
            address: Address::default(),
            remarks: None,
            photos: Vec::new(),
            attributes: Fields::new(),
            provenance,
        }
    }

    /// Changes exactly when something said about the home changes; the source's own time of change does not count.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut canon = Canon::default();
        canon
            .text(Some(&self.source))
            .text(Some(&self.listing_key))
            .text(Some(self.status.as_str()))
            .text(self.property_type.as_deref())
            .int(self.list_price.map(|m| m.0))
            .int(self.original_list_price.map(|m| m.0))
            .int(self.close_price.map(|m| m.0))
            .int(self.close_date.map(|d| i64::from(d.0)))
            .int(self.listed_at.map(|t| t.0))
            .int(self.days_on_market.map(i64::from))
            .real(self.bedrooms)
            .real(self.bathrooms)
            .real(self.living_area_sqft)
            .real(self.lot_size_sqft)
            .int(self.year_built.map(i64::from))
            .real(self.stories)
            .real(self.garage_spaces)
            .real(self.place.map(|p| p.latitude))
            .real(self.place.map(|p| p.longitude))
            .text(self.address.line.as_deref())
            .text(self.address.city.as_deref())
            .text(self.address.region.as_deref())
            .text(self.address.postal_code.as_deref())
            .text(self.remarks.as_deref())
            .texts(&self.photos)
            .fields(&self.attributes)
            .text(Some(self.provenance.as_str()));
        canon.finish()
    }

    /// Days from coming on the market to the sale, or to `now` while there is none; as stated when the start is unknown.
    pub fn days_on_market(&self, now: Time) -> Option<i32> {
        let Some(listed_at) = self.listed_at else {
            return self.days_on_market;
        };
        let end = match self.close_date {
            Some(day) => day.start(),
            None => now,
        };
        Some(end.day().0.saturating_sub(listed_at.day().0).max(0))
    }

    /// Whether it tells of a fulfilled sale with price and day.
    pub fn is_sale(&self) -> bool {
        self.status == Status::Closed && self.close_price.is_some() && self.close_date.is_some()
    }
}

/// A listing as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Its id.
    pub id: ListingId,
    /// Its market.
    pub market: MarketSlug,
    /// What is said about it.
    pub facts: ListingFacts,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it was first stored.
    pub created_at: Time,
    /// When it was last changed here.
    pub updated_at: Time,
}

/// One change of price or status, kept for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingChange {
    /// When it was stored.
    pub at: Time,
    /// Status before and after, when it changed.
    pub status: Option<(Status, Status)>,
    /// Asking price before and after, when it changed.
    pub list_price: Option<(Option<Money>, Option<Money>)>,
}
