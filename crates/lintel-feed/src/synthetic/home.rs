//! Made-up homes and what they cost.
//!
//! The logarithm of the price is a sum: 7.39 + 0.74 ln(living area, sqft) + 0.045 ln(lot, sqft, houses only) + 0.05 per bathroom
//! above one + level of the neighbourhood + type + age (a home loses 0.28 % a year for 60 years, very old ones gain some
//! of it back) + 0.06 per step of condition + 0.09 view + 0.05 pool + 0.07 renovated + rise of the market (4.5 % a year
//! with 2 % of season) + noise of 0.10. What the remarks say is what the home has.

use lintel_domain::clock::{DAY, Time};
use lintel_domain::listing::{Address, ListingChange, ListingFacts, Provenance, Status};
use lintel_domain::money::Money;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::{Fields, Scalar};

use super::place::{Place, Town, address_line};
use super::remarks::remarks;
use super::{Stream, Synthetic};
use crate::record::HomeRecord;

/// Types of homes as RESO spells them, with the effect on the logarithm of the price.
pub(super) const TYPES: [(&str, f64); 4] =
    [("Single Family Residence", 0.0), ("Townhouse", -0.06), ("Condominium", -0.12), ("Multi Family", -0.03)];
const NOISE: f64 = 0.10;
const RISE_A_YEAR: f64 = 0.045;
const YEAR_DAYS: f64 = 365.25;

/// What is true of a home, before it is written as a record.
pub(super) struct Home {
    pub(super) kind: usize,
    pub(super) bedrooms: f64,
    pub(super) bathrooms: f64,
    pub(super) area: f64,
    pub(super) lot: Option<f64>,
    pub(super) year: i32,
    pub(super) stories: f64,
    pub(super) garage: f64,
    /// 1 (poor) to 5 (excellent).
    pub(super) condition: f64,
    pub(super) has_view: bool,
    pub(super) has_pool: bool,
    pub(super) is_renovated: bool,
    pub(super) has_fireplace: bool,
    pub(super) has_yard: bool,
    /// Logarithm of its value on the day the market began to rise, with its noise.
    value: f64,
}

impl Home {
    fn draw(rng: &mut Rng, place: &Place, kind: usize) -> Self {
        let is_flat = kind == 2;
        let middle: f64 = [1_950.0, 1_500.0, 980.0, 2_700.0][kind];
        let area = (middle * (0.34 * rng.normal()).exp()).clamp(350.0, 9_000.0).round();
        let bedrooms = (area / 640.0 + 0.35 * rng.normal() + if is_flat { 0.1 } else { 0.4 }).round().clamp(0.0, 8.0);
        // What was rounded up to nothing is 0, not -0, which people would read in remarks.
        let bedrooms = bedrooms + 0.0;
        let bathrooms = ((0.55 * bedrooms + area / 2_400.0 + 0.3 * rng.normal()) * 2.0).round().clamp(2.0, 12.0) / 2.0;
        let lot = (!is_flat).then(|| (if kind == 1 { 2_400.0 } else { 7_000.0 } * (0.5 * rng.normal()).exp()).round());
        let year = (place.built + 16.0 * rng.normal()).clamp(1885.0, 2025.0).round();
        let condition = (3.2 + 0.8 * rng.normal()).round().clamp(1.0, 5.0);
        let (has_view, has_pool) = (rng.chance(0.12), !is_flat && rng.chance(0.08));
        let is_renovated = year < 2005.0 && rng.chance(0.25);
        let age = (2026.0 - year).max(0.0);
        let wear = -0.0028 * age.min(60.0) + 0.0012 * (age - 75.0).max(0.0);
        let flags = [(has_view, 0.09), (has_pool, 0.05), (is_renovated, 0.07)];
        let extras: f64 = flags.iter().filter(|(has, _)| *has).map(|(_, worth)| worth).sum();
        let value = 7.39
            + 0.74 * area.ln()
            + 0.045 * lot.map_or(0.0, f64::ln)
            + 0.05 * (bathrooms - 1.0)
            + place.level
            + TYPES[kind].1
            + wear
            + 0.06 * (condition - 3.0)
            + extras
            + NOISE * rng.normal();
        Self {
            kind,
            bedrooms,
            bathrooms,
            area,
            lot,
            year: year as i32,
            stories: if is_flat { 1.0 } else { 1.0 + rng.below(3) as f64 * 0.5 },
            garage: if is_flat { rng.below(2) } else { rng.below(4) } as f64,
            condition,
            has_view,
            has_pool,
            is_renovated,
            has_fireplace: rng.chance(0.35),
            has_yard: !is_flat && rng.chance(0.5),
            value,
        }
    }

    /// What it would sell for on a day.
    fn price(&self, day: f64) -> f64 {
        let years = (day - 19_723.0) / YEAR_DAYS;
        let season = 0.02 * (std::f64::consts::TAU * (years - 0.2)).sin();
        (self.value + RISE_A_YEAR * years + season).exp()
    }

    fn facts(self, rng: &mut Rng, place: &Place, key: String, status: Status) -> ListingFacts {
        let mut facts = ListingFacts::new("demo", key, status, Provenance::Synthetic);
        facts.property_type = Some(TYPES[self.kind].0.to_owned());
        facts.bedrooms = Some(self.bedrooms);
        facts.bathrooms = Some(self.bathrooms);
        facts.living_area_sqft = Some(self.area);
        facts.lot_size_sqft = self.lot;
        facts.year_built = Some(self.year);
        facts.stories = Some(self.stories);
        facts.garage_spaces = Some(self.garage);
        facts.place = Some(place.point(rng));
        facts.address = Address {
            line: Some(address_line(rng)),
            city: Some("Demoville".to_owned()),
            region: Some("ZZ".to_owned()),
            postal_code: Some(place.postal_code.clone()),
        };
        facts.remarks = Some(remarks(rng, &self, place.name));
        facts.attributes = Fields::from_iter([
            ("condition".to_owned(), Scalar::Number(self.condition)),
            ("neighborhood".to_owned(), Scalar::Text(place.name.to_owned())),
            ("pool".to_owned(), Scalar::Bool(self.has_pool)),
            ("renovated".to_owned(), Scalar::Bool(self.is_renovated)),
            ("view".to_owned(), Scalar::Bool(self.has_view)),
        ]);
        facts
    }
}

impl Synthetic {
    /// Neighbourhood and type of a listing, without the rest of it; `rng` is left where the rest begins.
    pub(super) fn listing_start(&self, number: u64) -> (Rng, usize, usize) {
        let mut rng = self.rng(Stream::Listing, number);
        let place = Town::draw(&mut rng);
        let kind = draw_kind(&mut rng, self.town.place(place));
        (rng, place, kind)
    }

    pub(super) fn listing_key(&self, number: u64) -> String {
        format!("demo-{}-l{number}", self.options.seed)
    }

    pub(super) fn listing(&self, number: u64) -> HomeRecord {
        let (mut rng, place, kind) = self.listing_start(number);
        let place = self.town.place(place);
        let home = Home::draw(&mut rng, place, kind);
        let status = draw_status(&mut rng);
        let most = f64::from(self.options.days).min(150.0);
        let listed_at = self.options.until.plus(-((most * rng.unit().powi(2) * DAY as f64) as i64));
        let worth = home.price(f64::from(listed_at.day().0));
        let asked = rounded(worth * (0.015 + 0.045 * rng.normal()).exp());
        let on_market = self.options.until.days_since(listed_at);
        let cuts = if on_market > 21.0 && rng.chance(0.4) { 1 + rng.below(2) } else { 0 };
        let mut facts = home.facts(&mut rng, place, self.listing_key(number), status);
        facts.original_list_price = Some(asked);
        facts.list_price = Some(rounded(asked.major() * (1.0 - 0.025 * cuts as f64)));
        facts.listed_at = Some(listed_at);
        facts.modified_at = Some(listed_at.plus((on_market * rng.unit() * DAY as f64) as i64));
        HomeRecord { market: Some(self.options.market.clone()), facts }
    }

    pub(super) fn sale(&self, number: u64) -> HomeRecord {
        let mut rng = self.rng(Stream::Sale, number);
        let place = Town::draw(&mut rng);
        let place = self.town.place(place);
        let kind = draw_kind(&mut rng, place);
        let home = Home::draw(&mut rng, place, kind);
        let closed_at = self.before(rng.unit());
        let close_date = closed_at.day();
        let paid = rounded(home.price(f64::from(close_date.0)));
        let days = 14.0 + 50.0 * rng.unit();
        let mut facts = home.facts(&mut rng, place, format!("demo-{}-s{number}", self.options.seed), Status::Closed);
        facts.list_price = Some(rounded(paid.major() * (0.01 + 0.03 * rng.normal()).exp()));
        facts.original_list_price = facts.list_price;
        facts.close_price = Some(paid);
        facts.close_date = Some(close_date);
        facts.listed_at = Some(close_date.start().plus(-((days * DAY as f64) as i64)));
        facts.modified_at = Some(close_date.start());
        HomeRecord { market: Some(self.options.market.clone()), facts }
    }
}

/// The steps from the first asking price to the present one, evenly over the time on the market.
pub(super) fn history(facts: &ListingFacts, until: Time) -> Vec<ListingChange> {
    let (Some(first), Some(last), Some(listed_at)) = (facts.original_list_price, facts.list_price, facts.listed_at)
    else {
        return Vec::new();
    };
    if first == last || facts.status == Status::Closed {
        return Vec::new();
    }
    let steps = if last.major() < first.major() * 0.965 { 2 } else { 1 };
    let middle = rounded(f64::midpoint(first.major(), last.major()));
    let prices = if steps == 2 { vec![first, middle, last] } else { vec![first, last] };
    let span = until.since(listed_at) / (steps + 1);
    let change = |(i, pair): (usize, &[Money])| ListingChange {
        at: listed_at.plus(span * (i as i64 + 1)),
        status: None,
        list_price: Some((Some(pair[0]), Some(pair[1]))),
    };
    prices.windows(2).enumerate().map(change).collect()
}

/// An amount as people ask it: to 500.
fn rounded(amount: f64) -> Money {
    Money((amount / 500.0).round().max(1.0) as i64 * 50_000)
}

fn draw_kind(rng: &mut Rng, place: &Place) -> usize {
    let at = rng.unit();
    if at < place.flats {
        2
    } else if at < place.flats + 0.15 {
        1
    } else if at > 0.97 {
        3
    } else {
        0
    }
}

fn draw_status(rng: &mut Rng) -> Status {
    match rng.below(100) {
        0..70 => Status::Active,
        70..74 => Status::ComingSoon,
        74..80 => Status::ActiveUnderContract,
        80..90 => Status::Pending,
        90..93 => Status::Withdrawn,
        93..96 => Status::Expired,
        96..98 => Status::Canceled,
        _ => Status::Hold,
    }
}
