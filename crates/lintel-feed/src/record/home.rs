//! A row of a file of listings or sales as facts about a home.

use lintel_domain::import::ImportKind;
use lintel_domain::listing::{ListingFacts, Status};
use lintel_domain::market::MarketSlug;
use lintel_domain::place::Point;

use super::{BLANK, Faults, Free, OUT_OF_RANGE, Origin, amount, content_key, filled, key, market, price, short};
use crate::mapping::{Field, Plan, Target};
use crate::table::{Fault, Row};
use crate::value::{Reason, list, number, status};

const AREA_SQFT: f64 = 1e10;
const YEARS: std::ops::RangeInclusive<f64> = 1000.0..=2200.0;

/// A listing or sale read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct HomeRecord {
    /// The market, where the file names it.
    pub market: Option<MarketSlug>,
    /// What is said about the home.
    pub facts: ListingFacts,
}

/// What is gathered before the facts are whole.
struct Draft<'a> {
    facts: ListingFacts,
    market: Option<MarketSlug>,
    status: Option<Status>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    free: Free,
    plan: &'a Plan,
}

/// Maps a row of listings or of sales.
///
/// A price, an area or a year of 0 is one that is not stated, and so is the place 0°, 0°. A sale has `close_price`,
/// `close_date` and the state `closed`; a listing without a state is `closed` when it has both, else `active`.
///
/// # Errors
/// Everything that is wrong with the row.
pub fn home(plan: &Plan, origin: &Origin, row: &Row<'_>) -> Result<HomeRecord, Vec<Fault>> {
    let (record, faults) = read(plan, origin, row);
    faults.or(record)
}

/// What can be read of a row: a field that cannot is unknown.
pub fn home_as_told(plan: &Plan, row: &Row<'_>) -> ListingFacts {
    read(plan, &Origin::default(), row).0.facts
}

fn read<'p>(plan: &'p Plan, origin: &Origin, row: &Row<'_>) -> (HomeRecord, Faults<'p>) {
    let mut faults = Faults::new(plan);
    let mut draft = Draft {
        facts: ListingFacts::new("", "", Status::Active, origin.provenance),
        market: None,
        status: None,
        latitude: None,
        longitude: None,
        free: Free::default(),
        plan,
    };
    let mut blank = true;
    for (step, text) in filled(plan, row) {
        blank &= matches!(step.input, crate::mapping::Input::Constant(_));
        match &step.target {
            Target::Free(name) => draft.free.add(name, text),
            Target::Field(field, factor) => {
                if let Err(reason) = draft.set(*field, *factor, text) {
                    faults.add(step, reason);
                }
            }
        }
    }
    if blank {
        faults.row(BLANK);
        return (HomeRecord { market: None, facts: draft.facts }, faults);
    }
    let is_sale = plan.kind == ImportKind::Sales;
    if is_sale {
        draft.check_sale(&mut faults, row);
    }
    let Draft { mut facts, market, status, latitude, longitude, free, .. } = draft;
    let sold = facts.close_price.is_some() && facts.close_date.is_some();
    facts.status = status.unwrap_or(if sold { Status::Closed } else { Status::Active });
    if is_sale {
        facts.status = Status::Closed;
    }
    if let (Some(latitude), Some(longitude)) = (latitude, longitude)
        && (latitude, longitude) != (0.0, 0.0)
    {
        facts.place = Point::new(latitude, longitude);
    }
    facts.attributes = free.finish();
    if facts.source.is_empty() {
        facts.source.clone_from(&origin.source);
    }
    if facts.listing_key.is_empty() {
        facts.listing_key = content_key(facts.fingerprint());
    }
    (HomeRecord { market, facts }, faults)
}

impl Draft<'_> {
    fn set(&mut self, field: Field, factor: f64, text: &str) -> Result<(), Reason> {
        let facts = &mut self.facts;
        match field {
            Field::Market => self.market = Some(market(text)?),
            Field::Source => facts.source = short(text)?,
            Field::ListingKey => facts.listing_key = key(text)?,
            Field::Status => {
                self.status = Some(status(text.trim()).ok_or("not a known status, such as active, pending or closed")?);
            }
            Field::PropertyType => facts.property_type = Some(short(text)?),
            Field::ListPrice => facts.list_price = price(text)?,
            Field::OriginalListPrice => facts.original_list_price = price(text)?,
            Field::ClosePrice => facts.close_price = price(text)?,
            Field::CloseDate => facts.close_date = Some(self.plan.dates.day(text)?),
            Field::ListedAt => facts.listed_at = Some(self.plan.dates.time(text)?),
            Field::ModifiedAt => facts.modified_at = Some(self.plan.dates.time(text)?),
            Field::DaysOnMarket => facts.days_on_market = Some(amount(text, 100_000.0)? as i32),
            Field::Bedrooms => facts.bedrooms = Some(amount(text, 1_000.0)?),
            Field::Bathrooms => facts.bathrooms = Some(amount(text, 1_000.0)?),
            Field::LivingArea => facts.living_area_sqft = area(text, factor)?,
            Field::LotSize => facts.lot_size_sqft = area(text, factor)?,
            Field::YearBuilt => facts.year_built = year(text)?,
            Field::Stories => facts.stories = Some(amount(text, 300.0)?),
            Field::GarageSpaces => facts.garage_spaces = Some(amount(text, 10_000.0)?),
            Field::Latitude => self.latitude = Some(degrees(text, 90.0, "a latitude is from -90 to 90 degrees")?),
            Field::Longitude => self.longitude = Some(degrees(text, 180.0, "a longitude is from -180 to 180 degrees")?),
            Field::AddressLine => facts.address.line = Some(short(text)?),
            Field::AddressCity => facts.address.city = Some(short(text)?),
            Field::AddressRegion => facts.address.region = Some(short(text)?),
            Field::AddressPostalCode => facts.address.postal_code = Some(short(text)?),
            Field::Remarks => facts.remarks = Some(text.to_owned()),
            Field::Photos => facts.photos = list(text, &['|', ' ', '\n'])?,
            Field::Free => self.free.add_json(text)?,
            _ => {}
        }
        Ok(())
    }

    /// A sale without a price or day is none; nothing is said twice about a column that could not be read.
    fn check_sale(&self, faults: &mut Faults<'_>, row: &Row<'_>) {
        let absent = [
            (Field::ClosePrice, self.facts.close_price.is_none(), "a sale needs a price above 0"),
            (Field::CloseDate, self.facts.close_date.is_none(), "a sale needs its day"),
        ];
        for (wanted, is_absent, reason) in absent {
            let step = self.plan.steps.iter().find(|s| matches!(s.target, Target::Field(field, _) if field == wanted));
            let Some(step) = step.filter(|_| is_absent) else { continue };
            let column = self.plan.column_of(step);
            let told = !step.input.text(row).trim().is_empty() && faults.found.iter().any(|f| f.column == column);
            if !told {
                faults.add(step, reason);
            }
        }
    }
}

fn area(text: &str, square_feet: f64) -> Result<Option<f64>, Reason> {
    let sqft = amount(text, AREA_SQFT)? * square_feet;
    if sqft > AREA_SQFT { Err(OUT_OF_RANGE) } else { Ok((sqft > 0.0).then_some(sqft)) }
}

fn year(text: &str) -> Result<Option<i32>, Reason> {
    let year = number(text)?;
    if year == 0.0 {
        return Ok(None);
    }
    if year.fract() != 0.0 || !YEARS.contains(&year) {
        return Err("not a year from 1000 to 2200");
    }
    Ok(Some(year as i32))
}

fn degrees(text: &str, most: f64, reason: Reason) -> Result<f64, Reason> {
    let value = number(text)?;
    if value.abs() > most { Err(reason) } else { Ok(value) }
}
