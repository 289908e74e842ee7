//! The fields that columns can be mapped to, for each kind of file, with the names that others give them.

use lintel_domain::import::ImportKind;

/// A field of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Market,
    Source,
    ListingKey,
    Status,
    PropertyType,
    ListPrice,
    OriginalListPrice,
    ClosePrice,
    CloseDate,
    ListedAt,
    ModifiedAt,
    DaysOnMarket,
    Bedrooms,
    Bathrooms,
    LivingArea,
    LotSize,
    YearBuilt,
    Stories,
    GarageSpaces,
    Latitude,
    Longitude,
    AddressLine,
    AddressCity,
    AddressRegion,
    AddressPostalCode,
    Remarks,
    Photos,
    /// A JSON object of free fields.
    Free,
    ExternalId,
    Name,
    Email,
    Phone,
    Stage,
    Preferences,
    PriceMin,
    PriceMax,
    BedroomsMin,
    BathroomsMin,
    LivingAreaMin,
    PropertyTypes,
    Keywords,
    Tags,
    Outcome,
    OutcomeAt,
    CreatedAt,
    ConsentSms,
    ConsentEmail,
    ConsentPhone,
    ConsentAt,
    ConsentSource,
    ConsentText,
    LeadExternalId,
    Kind,
    At,
    EventId,
    Metric,
    Period,
    Value,
}

/// A field, its name in mapping files and in the contract, and what others call it (letters and digits only, lower case).
pub(crate) struct Spec {
    pub(crate) field: Field,
    pub(crate) name: &'static str,
    pub(crate) synonyms: &'static [&'static str],
}

const fn spec(field: Field, name: &'static str, synonyms: &'static [&'static str]) -> Spec {
    Spec { field, name, synonyms }
}

/// Homes: names of the RESO data dictionary first, then what common exports use.
const HOME: &[Spec] = &[
    spec(Field::Market, "market", &[]),
    spec(Field::Source, "source", &["originatingsystemname"]),
    spec(Field::ListingKey, "listing_key", &["listingkey", "listingid", "mlsnumber", "mlsid", "mls", "id"]),
    spec(Field::Status, "status", &["standardstatus", "mlsstatus", "listingstatus"]),
    spec(Field::PropertyType, "property_type", &["propertysubtype", "propertytype", "hometype", "type"]),
    spec(Field::ListPrice, "list_price", &["listprice", "askingprice", "listingprice", "price"]),
    spec(Field::OriginalListPrice, "original_list_price", &["originallistprice"]),
    spec(Field::ClosePrice, "close_price", &["closeprice", "soldprice", "saleprice", "salesprice"]),
    spec(Field::CloseDate, "close_date", &["closedate", "solddate", "saledate", "datesold", "closingdate"]),
    spec(
        Field::ListedAt,
        "listed_at",
        &["listingcontractdate", "onmarketdate", "originalentrytimestamp", "listdate", "datelisted"],
    ),
    spec(Field::ModifiedAt, "modified_at", &["modificationtimestamp", "updatedat", "lastmodified"]),
    spec(Field::DaysOnMarket, "days_on_market", &["daysonmarket", "dom"]),
    spec(Field::Bedrooms, "bedrooms", &["bedroomstotal", "beds", "bedroom", "numbedrooms", "br"]),
    spec(
        Field::Bathrooms,
        "bathrooms",
        &[
            "bathroomstotaldecimal",
            "bathroomstotalinteger",
            "bathroomstotal",
            "baths",
            "bathroom",
            "numbathrooms",
            "ba",
        ],
    ),
    spec(
        Field::LivingArea,
        "living_area_sqft",
        &["livingareasqft", "livingarea", "sqftliving", "livingsqft", "sqft", "squarefeet"],
    ),
    spec(
        Field::LotSize,
        "lot_size_sqft",
        &["lotsizesquarefeet", "lotsizesqft", "sqftlot", "lotsqft", "lotsizeacres", "lotacres"],
    ),
    spec(Field::YearBuilt, "year_built", &["yearbuilt", "yrbuilt", "builtyear"]),
    spec(Field::Stories, "stories", &["storiestotal", "storeys", "floors", "levels"]),
    spec(Field::GarageSpaces, "garage_spaces", &["garagespaces", "garage"]),
    spec(Field::Latitude, "latitude", &["lat", "lattitude"]),
    spec(Field::Longitude, "longitude", &["long", "lon", "lng", "longtitude"]),
    spec(
        Field::AddressLine,
        "address.line",
        &["unparsedaddress", "address", "streetaddress", "addressline", "addressline1"],
    ),
    spec(Field::AddressCity, "address.city", &["city", "addresscity", "suburb"]),
    spec(Field::AddressRegion, "address.region", &["stateorprovince", "state", "region", "addressregion", "province"]),
    spec(
        Field::AddressPostalCode,
        "address.postal_code",
        &["postalcode", "zipcode", "zip", "postcode", "addresspostalcode"],
    ),
    spec(Field::Remarks, "remarks", &["publicremarks", "description", "text"]),
    spec(Field::Photos, "photos", &["photourls", "imageurls"]),
    spec(Field::Free, "attributes", &[]),
];

/// People. Consent is never guessed: only a mapping says that a column is proof of it.
const LEAD: &[Spec] = &[
    spec(Field::ExternalId, "external_id", &["externalid", "contactid", "leadid", "prospectid", "customerid", "id"]),
    spec(Field::Name, "name", &["fullname", "contactname", "leadname"]),
    spec(Field::Email, "email", &["emailaddress", "mail"]),
    spec(Field::Phone, "phone", &["phonenumber", "mobile", "mobilephone", "telephone"]),
    spec(Field::Source, "source", &["leadsource"]),
    spec(Field::Stage, "stage", &["leadstage", "pipelinestage"]),
    spec(Field::Market, "market", &[]),
    spec(Field::Preferences, "preferences", &[]),
    spec(Field::PriceMin, "preferences.price.min", &["minprice", "pricemin", "budgetmin", "minbudget"]),
    spec(Field::PriceMax, "preferences.price.max", &["maxprice", "pricemax", "budgetmax", "maxbudget", "budget"]),
    spec(Field::BedroomsMin, "preferences.bedrooms.min", &["minbedrooms", "minbeds", "bedsmin"]),
    spec(Field::BathroomsMin, "preferences.bathrooms.min", &["minbathrooms", "minbaths", "bathsmin"]),
    spec(Field::LivingAreaMin, "preferences.living_area_sqft.min", &["minsqft", "sqftmin"]),
    spec(Field::PropertyTypes, "preferences.property_types", &["preferredpropertytypes"]),
    spec(Field::Keywords, "preferences.keywords", &[]),
    spec(Field::Tags, "tags", &[]),
    spec(Field::Free, "custom", &[]),
    spec(Field::Outcome, "outcome", &[]),
    spec(Field::OutcomeAt, "outcome_at", &["outcomedate"]),
    spec(Field::CreatedAt, "created_at", &["createdat", "createddate", "dateadded", "createdon"]),
    spec(Field::ConsentSms, "consent.sms", &[]),
    spec(Field::ConsentEmail, "consent.email", &[]),
    spec(Field::ConsentPhone, "consent.phone", &[]),
    spec(Field::ConsentAt, "consent.at", &[]),
    spec(Field::ConsentSource, "consent.source", &[]),
    spec(Field::ConsentText, "consent.text", &[]),
];

const INTERACTION: &[Spec] = &[
    spec(Field::LeadExternalId, "lead_external_id", &["leadexternalid", "leadid", "contactid", "externalid"]),
    spec(Field::Kind, "kind", &["eventtype", "activitytype", "activity", "event", "type"]),
    spec(Field::At, "at", &["timestamp", "occurredat", "eventtime", "datetime", "time", "date"]),
    spec(Field::ListingKey, "listing_key", &["listingkey", "listingid", "mlsnumber"]),
    spec(Field::EventId, "event_id", &["eventid", "activityid"]),
    spec(Field::Free, "properties", &[]),
];

const SERIES: &[Spec] = &[
    spec(Field::Market, "market", &["regionname", "metro", "region", "series"]),
    spec(Field::Metric, "metric", &["indicator", "measure"]),
    spec(Field::Period, "period", &["date", "month"]),
    spec(Field::Value, "value", &[]),
];

impl Field {
    /// Whether the field is an area, so that a unit can be named for it.
    pub(crate) fn is_area(self) -> bool {
        matches!(self, Self::LivingArea | Self::LotSize | Self::LivingAreaMin)
    }
}

/// The fields of a kind of file.
pub(crate) fn fields(kind: ImportKind) -> &'static [Spec] {
    match kind {
        ImportKind::Listings | ImportKind::Sales => HOME,
        ImportKind::Leads => LEAD,
        ImportKind::Interactions => INTERACTION,
        ImportKind::Series => SERIES,
    }
}

/// The names of the fields of a kind of file.
pub(crate) fn fields_of(kind: ImportKind) -> impl Iterator<Item = &'static str> {
    fields(kind).iter().map(|spec| spec.name)
}

/// The field of a kind of file by its name.
pub(crate) fn field(kind: ImportKind, name: &str) -> Option<Field> {
    fields(kind).iter().find(|s| s.name == name).map(|s| s.field)
}

/// What free columns of a kind of file are called in mapping files, such as `attributes.view`; series have none.
pub(crate) fn free_name(kind: ImportKind) -> Option<&'static str> {
    match kind {
        ImportKind::Listings | ImportKind::Sales => Some("attributes"),
        ImportKind::Leads => Some("custom"),
        ImportKind::Interactions => Some("properties"),
        ImportKind::Series => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_and_synonym_stands_for_one_field() {
        for kind in ImportKind::ALL {
            let mut seen = HashSet::new();
            for spec in fields(*kind) {
                assert!(seen.insert(spec.name), "{}", spec.name);
                for synonym in spec.synonyms {
                    assert!(seen.insert(synonym), "{synonym}");
                    assert_eq!(*synonym, crate::value::bare(synonym));
                }
            }
        }
    }
}
