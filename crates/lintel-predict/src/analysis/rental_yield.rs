//! Rental yield: a year's rent as a share of what the home costs.
//!
//! Gross yield = 12 · rent / price. Net yield = (12 · rent · (1 − vacancy) − expenses) / (price + purchase costs)
//! (Brueggeman & Fisher, Real Estate Finance and Investments, on gross and net income multipliers, inverted).

use super::{
    Calculation, Given,
    Unit::{Currency, CurrencyPerMonth, CurrencyPerYear, Ratio, Share, Years},
};

/// What is asked, in the market's currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// The price; `None` when there is none.
    pub price: Option<Given<f64>>,
    /// Rent of a month.
    pub monthly_rent: f64,
    /// Part of the year without rent, 0 to 1; none when absent.
    pub vacancy_rate: Option<f64>,
    /// What the home costs its owner in a year; without it there is no net yield.
    pub annual_expenses: Option<f64>,
    /// What is paid once when buying; nothing when absent.
    pub purchase_costs: Option<f64>,
}

/// Gross yield, and net yield when the expenses are known.
pub fn calculate(asked: &Asked) -> Calculation {
    let rent = asked.monthly_rent;
    let answer = Calculation::of(1).given("monthly_rent", rent, CurrencyPerMonth);
    let Some(price) = asked.price.filter(|price| price.value > 0.0) else {
        return answer.unknown("the price is not known");
    };
    let answer = answer
        .input("price", price, Currency)
        .figure("annual_rent", 12.0 * rent, CurrencyPerYear, "12 * monthly_rent")
        .figure("gross_yield", 12.0 * rent / price.value, Ratio, "annual_rent / price")
        .figure("price_to_rent", price.value / (12.0 * rent), Years, "price / annual_rent");
    let Some(expenses) = asked.annual_expenses else { return answer };
    let (vacancy, costs) = (Given::or(asked.vacancy_rate, 0.0), Given::or(asked.purchase_costs, 0.0));
    let net = 12.0 * rent * (1.0 - vacancy.value) - expenses;
    answer
        .given("annual_expenses", expenses, CurrencyPerYear)
        .input("vacancy_rate", vacancy, Share)
        .input("purchase_costs", costs, Currency)
        .figure("net_rent", net, CurrencyPerYear, "annual_rent * (1 - vacancy_rate) - annual_expenses")
        .figure("net_yield", net / (price.value + costs.value), Ratio, "net_rent / (price + purchase_costs)")
}
