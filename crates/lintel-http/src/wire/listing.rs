//! Listings on the wire.

use lintel_app::{Document, Principal};
use lintel_domain::{
    clock::{Day, Time},
    id::ListingId,
    listing::{Address, Listing, ListingFacts, Provenance, Status},
    market::MarketSlug,
    money::Money,
    scalar::Fields,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::{Check, check::LONG_TEXT, shapes};
use crate::state::Edge;

/// A listing to be stored, identified by its market and `listing_key`. Names follow the RESO data dictionary.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"listing_key": "mls-1", "status": "active", "property_type": "Single Family Residence", "list_price": 612000, "bedrooms": 3, "bathrooms": 2.25, "living_area_sqft": 1800, "latitude": 47.61, "longitude": -122.33, "address": {"line": "1 Example Street", "city": "Seattle"}}))]
pub(crate) struct ListingIn {
    /// Which system it comes from; `api` when absent.
    #[schema(min_length = 1, max_length = 100)]
    source: Option<String>,
    /// The source's key.
    #[schema(min_length = 1, max_length = 200)]
    listing_key: String,
    /// Where it stands; `active` when absent.
    #[schema(value_type = Option<shapes::ListingStatus>)]
    status: Option<Status>,
    #[schema(min_length = 1, max_length = 200)]
    property_type: Option<String>,
    #[schema(value_type = Option<shapes::Money>)]
    list_price: Option<Money>,
    #[schema(value_type = Option<shapes::Money>)]
    original_list_price: Option<Money>,
    #[schema(value_type = Option<shapes::Money>)]
    close_price: Option<Money>,
    #[schema(value_type = Option<shapes::Day>)]
    close_date: Option<Day>,
    #[schema(value_type = Option<shapes::Time>)]
    listed_at: Option<Time>,
    #[schema(value_type = Option<shapes::Time>)]
    modified_at: Option<Time>,
    #[schema(minimum = 0, maximum = 100_000)]
    days_on_market: Option<i32>,
    #[schema(minimum = 0, maximum = 1_000)]
    bedrooms: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000)]
    bathrooms: Option<f64>,
    #[schema(minimum = 0, maximum = 100_000_000)]
    living_area_sqft: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000_000_000_000.0)]
    lot_size_sqft: Option<f64>,
    #[schema(minimum = 1_000, maximum = 2_200)]
    year_built: Option<i32>,
    #[schema(minimum = 0, maximum = 1_000)]
    stories: Option<f64>,
    #[schema(minimum = 0, maximum = 1_000)]
    garage_spaces: Option<f64>,
    #[schema(minimum = -90, maximum = 90)]
    latitude: Option<f64>,
    #[schema(minimum = -180, maximum = 180)]
    longitude: Option<f64>,
    #[schema(value_type = Option<shapes::Address>)]
    address: Option<Address>,
    #[schema(max_length = 100_000)]
    remarks: Option<String>,
    #[serde(default)]
    photos: Vec<String>,
    /// Everything else, by the source's own names.
    #[serde(default)]
    #[schema(value_type = shapes::FreeFields)]
    attributes: Fields,
}

impl ListingIn {
    /// The facts; what is wrong goes to `check`.
    pub(crate) fn facts(self, check: &mut Check, pointer: &str) -> ListingFacts {
        let at = |name: &str| format!("{pointer}/{name}");
        check.text(&at("source"), self.source.as_deref(), 100);
        check.text(&at("listing_key"), Some(&self.listing_key), 200);
        check.text(&at("property_type"), self.property_type.as_deref(), 200);
        check.amount(&at("list_price"), self.list_price);
        check.amount(&at("original_list_price"), self.original_list_price);
        check.amount(&at("close_price"), self.close_price);
        check.whole(&at("days_on_market"), self.days_on_market, 0, 100_000);
        check.number(&at("bedrooms"), self.bedrooms, 0.0, 1e3);
        check.number(&at("bathrooms"), self.bathrooms, 0.0, 1e3);
        check.number(&at("living_area_sqft"), self.living_area_sqft, 0.0, 1e8);
        check.number(&at("lot_size_sqft"), self.lot_size_sqft, 0.0, 1e12);
        check.whole(&at("year_built"), self.year_built, 1_000, 2_200);
        check.number(&at("stories"), self.stories, 0.0, 1e3);
        check.number(&at("garage_spaces"), self.garage_spaces, 0.0, 1e3);
        let place = check.place(pointer, self.latitude, self.longitude);
        let address = self.address.unwrap_or_default();
        for (name, text) in [
            ("line", &address.line),
            ("city", &address.city),
            ("region", &address.region),
            ("postal_code", &address.postal_code),
        ] {
            check.text(&at(&format!("address/{name}")), text.as_deref(), 300);
        }
        if self.remarks.as_ref().is_some_and(|remarks| remarks.len() > LONG_TEXT) {
            check.refuse(at("remarks"), "too_long", format!("must have at most {LONG_TEXT} bytes"));
        }
        check.texts(&at("photos"), &self.photos, 500, 2_000);
        check.fields(&at("attributes"), &self.attributes);
        let status = self.status.unwrap_or(Status::Active);
        let source = self.source.unwrap_or_else(|| "api".to_owned());
        ListingFacts {
            property_type: self.property_type,
            list_price: self.list_price,
            original_list_price: self.original_list_price,
            close_price: self.close_price,
            close_date: self.close_date,
            listed_at: self.listed_at,
            modified_at: self.modified_at,
            days_on_market: self.days_on_market,
            bedrooms: self.bedrooms,
            bathrooms: self.bathrooms,
            living_area_sqft: self.living_area_sqft,
            lot_size_sqft: self.lot_size_sqft,
            year_built: self.year_built,
            stories: self.stories,
            garage_spaces: self.garage_spaces,
            place,
            address,
            remarks: self.remarks,
            photos: self.photos,
            attributes: self.attributes,
            ..ListingFacts::new(source, self.listing_key, status, Provenance::Api)
        }
    }
}

/// A listing, or the record of a sale.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListingOut {
    #[schema(value_type = uuid::Uuid)]
    id: ListingId,
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    source: String,
    listing_key: String,
    #[schema(value_type = shapes::ListingStatus)]
    status: Status,
    property_type: Option<String>,
    #[schema(value_type = Option<shapes::Money>)]
    list_price: Option<Money>,
    #[schema(value_type = Option<shapes::Money>)]
    original_list_price: Option<Money>,
    #[schema(value_type = Option<shapes::Money>)]
    close_price: Option<Money>,
    #[schema(value_type = Option<shapes::Day>)]
    close_date: Option<Day>,
    #[schema(value_type = Option<shapes::Time>)]
    listed_at: Option<Time>,
    #[schema(value_type = Option<shapes::Time>)]
    modified_at: Option<Time>,
    bedrooms: Option<f64>,
    bathrooms: Option<f64>,
    living_area_sqft: Option<f64>,
    lot_size_sqft: Option<f64>,
    year_built: Option<i32>,
    stories: Option<f64>,
    garage_spaces: Option<f64>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    #[schema(value_type = shapes::Address)]
    address: Address,
    remarks: Option<String>,
    photos: Vec<String>,
    #[schema(value_type = shapes::FreeFields)]
    attributes: Fields,
    days_on_market: Option<i32>,
    provenance: &'static str,
    /// Counts the changes, from 1.
    version: i64,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    #[schema(value_type = shapes::Time)]
    updated_at: Time,
}

/// A [`ListingOut`] that is written already.
#[derive(Debug)]
pub(crate) struct ListingDocument(Document);

impl Serialize for ListingDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl ListingDocument {
    pub(crate) fn write(listing: Listing, now: Time) -> serde_json::Result<Box<RawValue>> {
        to_raw_value(&ListingOut::at(listing, now))
    }

    /// Listings in the order asked; one that was removed meanwhile is absent.
    pub(crate) async fn of(edge: &Edge, who: &Principal, ids: &[ListingId]) -> crate::error::Result<Vec<Option<Self>>> {
        let documents = edge.app().listing_documents(who, ids, Self::write).await?;
        Ok(documents.into_iter().map(|document| document.map(Self)).collect())
    }
}

impl ListingOut {
    /// The listing as it stands at `now`, from which its days on the market are counted.
    pub(crate) fn at(listing: Listing, now: Time) -> Self {
        let days_on_market = listing.facts.days_on_market(now);
        let facts = listing.facts;
        Self {
            id: listing.id,
            market: listing.market,
            source: facts.source,
            listing_key: facts.listing_key,
            status: facts.status,
            property_type: facts.property_type,
            list_price: facts.list_price,
            original_list_price: facts.original_list_price,
            close_price: facts.close_price,
            close_date: facts.close_date,
            listed_at: facts.listed_at,
            modified_at: facts.modified_at,
            bedrooms: facts.bedrooms,
            bathrooms: facts.bathrooms,
            living_area_sqft: facts.living_area_sqft,
            lot_size_sqft: facts.lot_size_sqft,
            year_built: facts.year_built,
            stories: facts.stories,
            garage_spaces: facts.garage_spaces,
            latitude: facts.place.map(|place| place.latitude),
            longitude: facts.place.map(|place| place.longitude),
            address: facts.address,
            remarks: facts.remarks,
            photos: facts.photos,
            attributes: facts.attributes,
            days_on_market,
            provenance: facts.provenance.as_str(),
            version: listing.version,
            created_at: listing.created_at,
            updated_at: listing.updated_at,
        }
    }
}
