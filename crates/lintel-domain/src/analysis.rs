//! Named calculations over a listing or a market: which there are, what they are asked about, what may be given to them.

use serde::{Deserialize, Serialize};

use crate::{contact::words, id::ListingId, market::MarketSlug, money::Money};

/// Which calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalysisKind {
    /// How much is on the market, against how much sells.
    Supply,
    /// How fast and how dear it sells.
    Demand,
    /// Where a home's asking price stands among its like.
    PricePosition,
    /// What a buyer could take instead of a home.
    Competition,
    /// What a let home earns, and what is left after the loan.
    CashFlow,
    /// A year's rent as a share of the price.
    RentalYield,
    /// The odds of a sale within 30, 60 and 90 days.
    DaysOnMarket,
}

words!(AnalysisKind {
    Supply => "supply",
    Demand => "demand",
    PricePosition => "price_position",
    Competition => "competition",
    CashFlow => "cash_flow",
    RentalYield => "rental_yield",
    DaysOnMarket => "days_on_market",
});

impl AnalysisKind {
    /// Whether it is about one home; the others are about a market, or the part of it that a home belongs to.
    pub fn needs_listing(self) -> bool {
        matches!(self, Self::PricePosition | Self::Competition)
    }

    /// Whether it works on a home's own figures only, so that a price may stand in for a listing.
    pub fn is_of_one_home(self) -> bool {
        matches!(self, Self::CashFlow | Self::RentalYield)
    }
}

/// What a calculation is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A home.
    Listing(ListingId),
    /// A market.
    Market(MarketSlug),
}

impl Subject {
    /// The subject as one text: `listing:ID` or `market:SLUG`.
    pub fn key(&self) -> String {
        match self {
            Self::Listing(id) => format!("listing:{id}"),
            Self::Market(slug) => format!("market:{slug}"),
        }
    }

    /// Reads what [`Subject::key`] wrote.
    pub fn parse(key: &str) -> Option<Self> {
        match key.split_once(':')? {
            ("listing", id) => id.parse().ok().map(Self::Listing),
            ("market", slug) => slug.parse().ok().map(Self::Market),
            _ => None,
        }
    }
}

/// What may be given to a calculation. Which of it a kind takes and which it needs stands in the docs of that kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisInputs {
    /// Only homes of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_type: Option<String>,
    /// How many days back sales count, 30 to 730.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
    /// How far like homes may be, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<f64>,
    /// How much the living area of like homes may differ, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_tolerance: Option<f64>,
    /// The price; the listing's asking price when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Rent of a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_rent: Option<Money>,
    /// Part of the year without rent, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacancy_rate: Option<f64>,
    /// What the home costs its owner in a year: taxes, insurance, upkeep, management. Not the loan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_expenses: Option<Money>,
    /// What is paid once when buying, beside the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_costs: Option<Money>,
    /// How much of the price is borrowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loan: Option<Money>,
    /// Interest of the loan in a year, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest_rate: Option<f64>,
    /// Years in which the loan is paid back in equal months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_years: Option<f64>,
}

/// What a number counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Homes.
    Homes,
    /// Homes in a month of 30.4375 days.
    HomesPerMonth,
    /// Homes on a square kilometre.
    HomesPerKm2,
    /// Months of 30.4375 days.
    Months,
    /// Days.
    Days,
    /// Years.
    Years,
    /// Metres.
    Metres,
    /// A part of a whole, 0 to 1.
    Share,
    /// One amount over another.
    Ratio,
    /// The market's currency.
    Currency,
    /// The market's currency in a month.
    CurrencyPerMonth,
    /// The market's currency in a year.
    CurrencyPerYear,
    /// The market's currency for a square foot of living area.
    CurrencyPerSqft,
}

/// Where an input came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Whoever asked gave it.
    Given,
    /// The listing says so.
    Listing,
    /// Counted or measured in the market.
    Market,
    /// Nobody gave it; this is what it is taken as.
    Default,
}

words!(Unit {
    Homes => "homes",
    HomesPerMonth => "homes_per_month",
    HomesPerKm2 => "homes_per_km2",
    Months => "months",
    Days => "days",
    Years => "years",
    Metres => "metres",
    Share => "share",
    Ratio => "ratio",
    Currency => "currency",
    CurrencyPerMonth => "currency_per_month",
    CurrencyPerYear => "currency_per_year",
    CurrencyPerSqft => "currency_per_sqft",
});

words!(Origin { Given => "given", Listing => "listing", Market => "market", Default => "default" });
