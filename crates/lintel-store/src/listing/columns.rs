//! How a listing lies in its columns.

use lintel_domain::{
    listing::{Address, Listing, ListingFacts, Provenance, Status},
    place::Point,
};

use crate::{
    Error, Result,
    db::{Params, Row, Value},
};

/// The beginning of every statement that reads whole listings.
macro_rules! select {
    () => {
        "SELECT market, id, listing_key, source, status, property_type, list_price, original_list_price, close_price, \
         close_on, listed_at, modified_at, days_on_market, bedrooms, bathrooms, living_area_sqft, lot_size_sqft, \
         year_built, stories, garage_spaces, latitude, longitude, address_line, city, region, postal_code, remarks, \
         photos, attributes, provenance, version, created_at, updated_at FROM listings "
    };
}
pub(super) use select;

/// Reads a row of [`select!`].
pub(super) fn listing(row: &Row<'_>) -> Result<Listing> {
    Ok(Listing {
        market: row.get(0)?,
        id: row.get(1)?,
        facts: facts(row, 2)?,
        version: row.get(30)?,
        created_at: row.get(31)?,
        updated_at: row.get(32)?,
    })
}

/// Reads the columns `listing_key, source, …, provenance` from `first` on.
pub(super) fn facts(row: &Row<'_>, first: usize) -> Result<ListingFacts> {
    let c = |n: usize| first + n;
    let (latitude, longitude): (Option<f64>, Option<f64>) = (row.get(c(18))?, row.get(c(19))?);
    let place = latitude.zip(longitude).map(|(latitude, longitude)| Point { latitude, longitude });
    Ok(ListingFacts {
        listing_key: row.get(c(0))?,
        source: row.get(c(1))?,
        status: row.word(c(2), Status::parse)?,
        property_type: row.get(c(3))?,
        list_price: row.get(c(4))?,
        original_list_price: row.get(c(5))?,
        close_price: row.get(c(6))?,
        close_date: row.get(c(7))?,
        listed_at: row.get(c(8))?,
        modified_at: row.get(c(9))?,
        days_on_market: row.get(c(10))?,
        bedrooms: row.get(c(11))?,
        bathrooms: row.get(c(12))?,
        living_area_sqft: row.get(c(13))?,
        lot_size_sqft: row.get(c(14))?,
        year_built: row.get(c(15))?,
        stories: row.get(c(16))?,
        garage_spaces: row.get(c(17))?,
        place,
        address: Address {
            line: row.get(c(20))?,
            city: row.get(c(21))?,
            region: row.get(c(22))?,
            postal_code: row.get(c(23))?,
        },
        remarks: row.get(c(24))?,
        photos: row.json(c(25), "photos")?,
        attributes: row.json(c(26), "attributes")?,
        provenance: row.word(c(27), Provenance::parse)?,
    })
}

/// Writes the columns `source, …, provenance`, in the order of the table.
pub(super) fn push_facts(params: &mut Params, facts: &ListingFacts) -> Result<()> {
    let json = |value: Result<String, serde_json::Error>| {
        value.map(Value::Json).map_err(|source| Error::Decode { what: "listing", source })
    };
    params.extend([
        Value::from(&facts.source),
        facts.status.as_str().into(),
        facts.property_type.as_deref().into(),
        facts.list_price.into(),
        facts.original_list_price.into(),
        facts.close_price.into(),
        facts.close_date.into(),
        facts.listed_at.into(),
        facts.modified_at.into(),
        facts.days_on_market.into(),
        facts.bedrooms.into(),
        facts.bathrooms.into(),
        facts.living_area_sqft.into(),
        facts.lot_size_sqft.into(),
        facts.year_built.into(),
        facts.stories.into(),
        facts.garage_spaces.into(),
        facts.place.map(|place| place.latitude).into(),
        facts.place.map(|place| place.longitude).into(),
        facts.address.line.as_deref().into(),
        facts.address.city.as_deref().into(),
        facts.address.region.as_deref().into(),
        facts.address.postal_code.as_deref().into(),
        facts.remarks.as_deref().into(),
        json(serde_json::to_string(&facts.photos))?,
        json(serde_json::to_string(&facts.attributes))?,
        facts.provenance.as_str().into(),
    ]);
    Ok(())
}
