//! How values of the domain look on the wire, for the OpenAPI document. Nothing here is ever built.
#![expect(dead_code, reason = "these types are only looked at by the OpenAPI generator")]

use lintel_domain::{
    analysis, contact, desk, import, interaction, job, lead, lead_days, lead_list, listing, mark, model, money,
    notification, preference, saved_search, scope, task, trigger,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        schema::{ArrayBuilder, ArrayItems, ObjectBuilder, OneOfBuilder, Type},
    },
};

macro_rules! shape {
    ($($(#[doc = $doc:literal])+ $name:ident = $schema:expr;)+) => {
    $(
        $(#[doc = $doc])+
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.description(Some(concat!($($doc),+).trim())).into()
            }
        }

        impl ToSchema for $name {}
    )+

        /// The shapes above by name: those that only parameters use are not found by way of a body.
        pub(crate) fn named() -> Vec<(String, RefOr<Schema>)> {
            vec![$((stringify!($name).to_owned(), $name::schema())),+]
        }
    };
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn number() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number)
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> ObjectBuilder {
    text().enum_values(Some(words.map(str::to_owned)))
}

shape! {
    /// An instant, RFC 3339 in UTC.
    Time = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).examples(["2026-01-31T12:00:00Z"]);
    /// A civil day.
    Day = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).examples(["2026-01-31"]);
    /// A civil month.
    Month = text().pattern(Some("^[12][0-9]{3}-(0[1-9]|1[0-2])$")).examples(["2026-01"]);
    /// An amount in major units of the market's currency.
    Money = number().minimum(Some(-money::LARGEST)).maximum(Some(money::LARGEST)).examples([612_000]);
    /// A name in addresses: 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.
    Slug = text().pattern(Some("^[a-z0-9][a-z0-9_-]{0,63}$")).examples(["king-county"]);
    /// Where a listing stands (RESO StandardStatus).
    ListingStatus = words(listing::Status::ALL.iter().map(|word| word.as_str()));
    /// What a lead did that somebody should know of at once.
    Trigger = words(trigger::Trigger::ALL.iter().map(|word| word.as_str()));
    /// How often a saved search is told of.
    Cadence = words(saved_search::Cadence::ALL.iter().map(|word| word.as_str()));
    /// Why a listing was found: it is new, its price fell, or it came back on the market.
    Why = words(saved_search::Why::ALL.iter().map(|word| word.as_str()));
    /// How a lead ended.
    Outcome = words(lead::Outcome::ALL.iter().map(|word| word.as_str()));
    /// How urgent a lead is among the tenant's own.
    Tier = words(lead::Tier::ALL.iter().map(|word| word.as_str()));
    /// What is to be done next with a lead.
    NextStepCode = words(desk::NextStepCode::ALL.iter().map(|word| word.as_str()));
    /// Whether a task is still to be done.
    TaskState = words(task::TaskState::ALL.iter().map(|word| word.as_str()));
    /// What a home is to a user.
    Mark = words(mark::Mark::ALL.iter().map(|word| word.as_str()));
    /// Which leads are meant, by whether they are put off: those that are not, those that are, all.
    Snoozed = words(lead_list::Snoozed::ALL.iter().map(|word| word.as_str()));
    /// What a notification tells of.
    NotificationKind = words(notification::NotificationKind::ALL.iter().map(|word| word.as_str()));
    /// What daily figures are told apart by.
    FiguresBy = words(lead_days::FiguresBy::ALL.iter().map(|word| word.as_str()));
    /// The kind of an interaction.
    InteractionKind = words(interaction::InteractionKind::ALL.iter().map(|word| word.as_str()));
    /// The kind of records in a file.
    ImportKind = words(import::ImportKind::ALL.iter().map(|word| word.as_str()));
    /// What a model predicts.
    ModelKind = words(model::ModelKind::ALL.iter().map(|word| word.as_str()));
    /// What a user or key may do.
    Role = words(scope::Role::ALL.iter().map(|word| word.as_str()));
    /// A way to reach a person.
    Channel = words(contact::Channel::ALL.iter().map(|word| word.as_str()));
    /// Permission given or taken back.
    ConsentStatus = words(contact::ConsentStatus::ALL.iter().map(|word| word.as_str()));
    /// An order of listings; a leading - is descending.
    ListingSort = words(["newest", "price", "-price", "fit", "estimate_gap", "distance", "relevance"].into_iter());
    /// What can be counted by.
    FacetName = words(["status", "property_type", "bedrooms", "bathrooms", "price", "year_built"].into_iter());
    /// What a bubble shows.
    ClusterMetric = words(["median_price", "count", "price_per_sqft", "estimate_gap"].into_iter());
    /// What a name on a map is of.
    PlaceKind = words(lintel_app::PlaceKind::ALL.iter().map(|word| word.as_str()));
    /// Where a job stands.
    JobState = words(["ready", "running", "done", "dead", "cancelled"].into_iter());
    /// What a job that takes long is at.
    JobPhase = words(job::Phase::ALL.iter().map(|word| word.as_str()));
    /// Which calculation.
    AnalysisKind = words(analysis::AnalysisKind::ALL.iter().map(|word| word.as_str()));
    /// How far an analysis is.
    AnalysisState = words(["queued", "running", "done", "failed"].into_iter());
    /// What a number counts or measures.
    FigureUnit = words(analysis::Unit::ALL.iter().map(|word| word.as_str()));
    /// Where a number came from.
    InputOrigin = words(analysis::Origin::ALL.iter().map(|word| word.as_str()));
    /// A wish.
    Aspect = words(preference::Aspect::ALL.iter().map(|word| word.as_str()));
    /// The value of a free field: true or false, a number, or a text.
    FreeValue = free_items();
    /// Free fields by name.
    FreeFields = ObjectBuilder::new().additional_properties(Some(free()));
    /// Free fields of an item of a timeline by name: a note is longer than a field that is taken elsewhere.
    KeptFields = ObjectBuilder::new().additional_properties(Some(RefOr::T(Schema::from(free_up_to(20_000).build()))));
    /// Free fields by name; null clears.
    FreeChanges = ObjectBuilder::new().additional_properties(Some(free_or_null()));
    /// A drawn area: a ring of [longitude, latitude], or a GeoJSON Polygon or MultiPolygon.
    Area = OneOfBuilder::new()
        .item(ring())
        .item(geo_json("Polygon", ArrayBuilder::new().items(ring())))
        .item(geo_json("MultiPolygon", ArrayBuilder::new().items(ArrayBuilder::new().items(ring()))));
}

fn free_items() -> OneOfBuilder {
    free_up_to(10_000)
}

fn free_up_to(longest: usize) -> OneOfBuilder {
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::Boolean))
        .item(number())
        .item(text().max_length(Some(longest)))
}

fn free() -> RefOr<Schema> {
    RefOr::T(Schema::from(free_items().build()))
}

/// A free value or null.
pub(super) fn free_or_null() -> RefOr<Schema> {
    RefOr::T(Schema::from(free_items().item(null()).build()))
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

fn ring() -> ArrayBuilder {
    let degrees = |most: f64| Schema::from(number().minimum(Some(-most)).maximum(Some(most)).build());
    let corner = ArrayBuilder::new()
        .prefix_items([degrees(180.0), degrees(90.0)])
        .items(ArrayItems::False)
        .min_items(Some(2))
        .max_items(Some(2));
    ArrayBuilder::new().items(corner).min_items(Some(3)).max_items(Some(10_000))
}

fn geo_json(kind: &str, coordinates: ArrayBuilder) -> ObjectBuilder {
    ObjectBuilder::new()
        .property("type", words([kind].into_iter()))
        .property("coordinates", coordinates)
        .required("type")
        .required("coordinates")
}

/// From min to max, both included; a missing bound is open.
#[derive(ToSchema)]
pub(crate) struct NumberRange {
    min: Option<f64>,
    max: Option<f64>,
}

/// From min to max, both included; a missing bound is open.
#[derive(ToSchema)]
pub(crate) struct MoneyRange {
    min: Option<Money>,
    max: Option<Money>,
}

/// From min to max, both included; a missing bound is open.
#[derive(ToSchema)]
pub(crate) struct WholeRange {
    min: Option<i32>,
    max: Option<i32>,
}

/// Within a distance of a point.
#[derive(ToSchema)]
pub(crate) struct Near {
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Metres.
    #[schema(exclusive_minimum = 0, maximum = 20_100_000)]
    radius_m: f64,
}

/// What somebody looks for; an absent wish does not matter.
#[derive(ToSchema)]
pub(crate) struct Preferences {
    price: Option<MoneyRange>,
    bedrooms: Option<NumberRange>,
    bathrooms: Option<NumberRange>,
    living_area_sqft: Option<NumberRange>,
    lot_size_sqft: Option<NumberRange>,
    year_built: Option<WholeRange>,
    #[schema(required = false)]
    property_types: Vec<String>,
    near: Option<Near>,
    polygon: Option<Area>,
    #[schema(required = false)]
    keywords: Vec<String>,
    /// Wishes that a home must fulfil; `property_types`, `near` and `polygon` always are.
    #[schema(required = false)]
    must: Vec<Aspect>,
}

/// Conditions that all hold; an absent one does not matter, and an unknown value fails a bound.
#[derive(ToSchema)]
pub(crate) struct ListingFilter {
    /// Any of these; only `active` when empty.
    #[schema(required = false)]
    status: Vec<ListingStatus>,
    #[schema(required = false)]
    property_types: Vec<String>,
    price: Option<MoneyRange>,
    bedrooms: Option<NumberRange>,
    bathrooms: Option<NumberRange>,
    living_area_sqft: Option<NumberRange>,
    lot_size_sqft: Option<NumberRange>,
    year_built: Option<WholeRange>,
    days_on_market: Option<WholeRange>,
    /// Words in remarks and address.
    #[schema(max_length = 500)]
    text: Option<String>,
    polygon: Option<Area>,
    near: Option<Near>,
}

/// What may be given to a calculation; `docs/methods/analyses.md` says which of it a kind takes and needs.
#[derive(ToSchema)]
pub(crate) struct AnalysisInputs {
    /// Only homes of this type.
    #[schema(min_length = 1, max_length = 200)]
    property_type: Option<String>,
    /// How many days back sales count.
    #[schema(minimum = 30, maximum = 730)]
    window_days: Option<u32>,
    /// How far like homes may be, in metres.
    #[schema(minimum = 100, maximum = 100_000)]
    radius_m: Option<f64>,
    /// How much the living area of like homes may differ, as a fraction.
    #[schema(minimum = 0.01, maximum = 1)]
    area_tolerance: Option<f64>,
    /// The price; the listing's asking price when absent.
    price: Option<Money>,
    /// Rent of a month.
    monthly_rent: Option<Money>,
    /// Part of the year without rent, as a fraction.
    #[schema(minimum = 0, maximum = 1)]
    vacancy_rate: Option<f64>,
    /// What the home costs its owner in a year, without the loan.
    annual_expenses: Option<Money>,
    /// What is paid once when buying, beside the price.
    purchase_costs: Option<Money>,
    /// How much of the price is borrowed.
    loan: Option<Money>,
    /// Interest of the loan in a year, as a fraction.
    #[schema(minimum = 0, maximum = 1)]
    interest_rate: Option<f64>,
    /// Years in which the loan is paid back.
    #[schema(minimum = 1, maximum = 50)]
    term_years: Option<f64>,
}

/// A postal address, as far as it is known.
#[derive(ToSchema)]
pub(crate) struct Address {
    #[schema(min_length = 1, max_length = 300)]
    line: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    city: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    region: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    postal_code: Option<String>,
}

/// One entry of the consent ledger.
#[derive(ToSchema)]
pub(crate) struct Consent {
    channel: Channel,
    status: ConsentStatus,
    #[schema(min_length = 1, max_length = 500)]
    source: Option<String>,
    /// The wording the person saw.
    #[schema(min_length = 1, max_length = 10_000)]
    text: Option<String>,
    /// When the person said so; now when absent.
    at: Option<Time>,
}

/// Why a request was refused or failed (RFC 9457).
#[derive(ToSchema)]
pub(crate) struct Problem {
    /// The page of the code.
    r#type: String,
    title: String,
    status: u16,
    /// A word for programs.
    code: String,
    /// What is wrong with this request.
    detail: String,
    /// Every refused field.
    errors: Vec<ProblemField>,
    /// The lead that is meant now; only with the code `lead_merged`.
    #[schema(value_type = Option<uuid::Uuid>, nullable = false)]
    merged_into: Option<uuid::Uuid>,
    /// What the log has it under.
    request_id: String,
}

/// A refused field.
#[derive(ToSchema)]
pub(crate) struct ProblemField {
    /// JSON pointer of the field, or `/` and the name of a query parameter.
    pointer: String,
    /// A word for programs.
    code: String,
    /// A sentence for people.
    detail: String,
}
