//! What is asked of a calculation: checked against what its kind takes and needs, and handed to it.

use lintel_domain::{
    analysis::{AnalysisInputs, AnalysisKind, Subject},
    clock::Day,
    listing::Listing,
    money::Money,
};
use lintel_predict::analysis::{
    Calculation, Given, Likeness, Observed, Origin, Segment, Stage, cash_flow, competition, days_on_market, demand,
    price_position, rental_yield, supply,
};

use super::market::observed_listing;
use crate::{Error, FieldError, Result};

/// The most days back that sales count.
pub(super) const LONGEST_WINDOW: u32 = 730;
/// How many days back sales count when nobody says so.
const WINDOW: u32 = 180;
/// The same for the odds of a sale, which need a window that is long against the time a sale takes.
const WINDOW_OF_ODDS: u32 = 365;
/// How far like homes may be when nobody says so, in metres.
const RADIUS_M: f64 = 3_000.0;
/// How much the living area of like homes may differ when nobody says so.
const AREA_TOLERANCE: f64 = 0.25;

/// An input: its name, its value if given, and the range it must be in.
type Range = (&'static str, Option<f64>, f64, f64);

/// Refuses what is out of range, what the kind does not take, and what it needs and does not get.
pub(super) fn check(kind: AnalysisKind, subject: &Subject, inputs: &AnalysisInputs) -> Result<()> {
    let mut wrong = Vec::new();
    let is_market = matches!(subject, Subject::Market(_));
    if kind.needs_listing() && is_market {
        wrong.push(FieldError::new("/subject/listing_id", "missing", format!("{kind} is about a listing")));
    }
    let (takes, needs) = fields(kind);
    let refuse = |name: &str, code, detail| FieldError::new(format!("/inputs/{name}"), code, detail);
    for (name, value, least, most) in ranges(inputs) {
        match value {
            Some(_) if !takes.contains(&name) => {
                wrong.push(refuse(name, "not_taken", format!("{kind} does not take it")));
            }
            Some(value) if !(least..=most).contains(&value) => {
                wrong.push(refuse(name, "out_of_range", format!("must be from {least} to {most}")));
            }
            None if needs.contains(&name) => wrong.push(refuse(name, "missing", format!("{kind} needs it"))),
            _ => {}
        }
    }
    if inputs.property_type.is_some() && !takes.contains(&"property_type") {
        wrong.push(refuse("property_type", "not_taken", format!("{kind} does not take it")));
    }
    if kind.is_of_one_home() && is_market && inputs.price.is_none() {
        wrong.push(refuse("price", "missing", format!("{kind} of a market needs it")));
    }
    if kind == AnalysisKind::CashFlow {
        for (name, is_given) in
            [("interest_rate", inputs.interest_rate.is_some()), ("term_years", inputs.term_years.is_some())]
        {
            if inputs.loan.is_some() != is_given {
                let missing = if is_given { "loan" } else { name };
                wrong.push(refuse(missing, "missing", "loan, interest_rate and term_years come together".to_owned()));
            }
        }
        wrong.dedup();
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What a kind takes, and which of it it needs.
fn fields(kind: AnalysisKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        AnalysisKind::Supply | AnalysisKind::Demand | AnalysisKind::DaysOnMarket => {
            (&["property_type", "window_days"], &[])
        }
        AnalysisKind::PricePosition => (&["window_days", "radius_m", "area_tolerance", "price"], &[]),
        AnalysisKind::Competition => (&["radius_m", "area_tolerance", "price"], &[]),
        AnalysisKind::CashFlow => (
            &[
                "price",
                "monthly_rent",
                "vacancy_rate",
                "annual_expenses",
                "purchase_costs",
                "loan",
                "interest_rate",
                "term_years",
            ],
            &["monthly_rent", "annual_expenses"],
        ),
        AnalysisKind::RentalYield => {
            (&["price", "monthly_rent", "vacancy_rate", "annual_expenses", "purchase_costs"], &["monthly_rent"])
        }
    }
}

fn ranges(inputs: &AnalysisInputs) -> [Range; 11] {
    const LEAST_AMOUNT: f64 = 0.01;
    const MOST_AMOUNT: f64 = 1e12;
    let amount = |amount: Option<Money>| amount.map(Money::major);
    [
        ("window_days", inputs.window_days.map(f64::from), 30.0, LONGEST_WINDOW.into()),
        ("radius_m", inputs.radius_m, 100.0, 100_000.0),
        ("area_tolerance", inputs.area_tolerance, 0.01, 1.0),
        ("price", amount(inputs.price), LEAST_AMOUNT, MOST_AMOUNT),
        ("monthly_rent", amount(inputs.monthly_rent), LEAST_AMOUNT, MOST_AMOUNT),
        ("vacancy_rate", inputs.vacancy_rate, 0.0, 1.0),
        ("annual_expenses", amount(inputs.annual_expenses), 0.0, MOST_AMOUNT),
        ("purchase_costs", amount(inputs.purchase_costs), 0.0, MOST_AMOUNT),
        ("loan", amount(inputs.loan), LEAST_AMOUNT, MOST_AMOUNT),
        ("interest_rate", inputs.interest_rate, 0.0, 1.0),
        ("term_years", inputs.term_years, 1.0, 50.0),
    ]
}

/// A checked question with the home it is about.
pub(super) struct Question {
    kind: AnalysisKind,
    inputs: AnalysisInputs,
    home: Option<Observed>,
    asking: Option<f64>,
    today: Day,
}

impl Question {
    pub(super) fn of(kind: AnalysisKind, inputs: &AnalysisInputs, about: Option<&Listing>, today: Day) -> Self {
        Self {
            kind,
            inputs: inputs.clone(),
            home: about.and_then(|listing| observed_listing(listing, today)),
            asking: about.and_then(|listing| listing.facts.list_price).map(Money::major),
            today,
        }
    }

    /// The answer of the calculator, with the homes of the market.
    pub(super) fn answer(&self, homes: &[Observed]) -> Calculation {
        let today = self.today;
        match (self.kind, &self.home) {
            (AnalysisKind::Supply, _) => supply::calculate(homes, &self.of_segment(WINDOW), today),
            (AnalysisKind::Demand, _) => demand::calculate(homes, &self.of_segment(WINDOW), today),
            (AnalysisKind::DaysOnMarket, home) => {
                let so_far = home.as_ref().filter(|home| home.stage == Stage::ForSale).and_then(|home| home.days);
                days_on_market::calculate(homes, &self.of_segment(WINDOW_OF_ODDS), so_far, today)
            }
            (AnalysisKind::PricePosition, Some(home)) => {
                let window = Given::or(self.inputs.window_days, WINDOW);
                let asked = price_position::Asked { likeness: self.likeness(), window, price: self.price() };
                price_position::calculate(home, homes, &asked, today)
            }
            (AnalysisKind::Competition, Some(home)) => {
                let asked = competition::Asked { likeness: self.likeness(), price: self.price() };
                competition::calculate(home, homes, &asked, today)
            }
            (AnalysisKind::PricePosition | AnalysisKind::Competition, None) => {
                Calculation::refusing("the listing is not on the market and never was")
            }
            (AnalysisKind::CashFlow, _) => cash_flow::calculate(&self.of_money()),
            (AnalysisKind::RentalYield, _) => rental_yield::calculate(&self.of_rent()),
        }
    }

    /// The part of the market asked for, else the one that the home belongs to.
    fn of_segment(&self, window: u32) -> supply::Asked {
        let own = || self.home.as_ref().and_then(|home| home.property_type.as_deref().map(str::to_owned));
        let property_type = self.inputs.property_type.clone().or_else(own);
        supply::Asked { segment: Segment { property_type }, window: Given::or(self.inputs.window_days, window) }
    }

    fn likeness(&self) -> Likeness {
        Likeness {
            radius_m: Given::or(self.inputs.radius_m, RADIUS_M),
            area_tolerance: Given::or(self.inputs.area_tolerance, AREA_TOLERANCE),
        }
    }

    /// The price given, else the one the listing asks.
    fn price(&self) -> Option<Given<f64>> {
        let given = self.inputs.price.map(|price| Given { value: price.major(), origin: Origin::Given });
        let asking = self.asking.filter(|price| *price > 0.0);
        given.or(asking.map(|value| Given { value, origin: Origin::Listing }))
    }

    fn of_money(&self) -> cash_flow::Asked {
        let inputs = &self.inputs;
        let loan = inputs.loan.zip(inputs.interest_rate).zip(inputs.term_years);
        cash_flow::Asked {
            price: self.price(),
            monthly_rent: inputs.monthly_rent.unwrap_or_default().major(),
            annual_expenses: inputs.annual_expenses.unwrap_or_default().major(),
            vacancy_rate: inputs.vacancy_rate,
            purchase_costs: inputs.purchase_costs.map(Money::major),
            loan: loan.map(|((amount, interest_rate), term_years)| cash_flow::Loan {
                amount: amount.major(),
                interest_rate,
                term_years,
            }),
        }
    }

    fn of_rent(&self) -> rental_yield::Asked {
        let inputs = &self.inputs;
        rental_yield::Asked {
            price: self.price(),
            monthly_rent: inputs.monthly_rent.unwrap_or_default().major(),
            vacancy_rate: inputs.vacancy_rate,
            annual_expenses: inputs.annual_expenses.map(Money::major),
            purchase_costs: inputs.purchase_costs.map(Money::major),
        }
    }
}
