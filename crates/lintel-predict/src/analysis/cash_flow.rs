//! Cash flow: what a let home earns in its first year, and what is left after the loan.
//!
//! Net operating income = rent of a year − vacancy − expenses. Capitalisation rate = net operating income / price.
//! Debt service is the level-payment annuity: loan · i / (1 − (1 + i)^−n) a month, with i the yearly rate / 12 and n the
//! months. Cash on cash = cash flow before tax / equity. All as in Brueggeman & Fisher, Real Estate Finance and
//! Investments (chapters on income property). Taxes on income are not looked at.

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
    /// What the home costs its owner in a year, without the loan.
    pub annual_expenses: f64,
    /// Part of the year without rent, 0 to 1; none when absent.
    pub vacancy_rate: Option<f64>,
    /// What is paid once when buying; nothing when absent.
    pub purchase_costs: Option<f64>,
    /// The loan; bought with one's own money when absent.
    pub loan: Option<Loan>,
}

/// A loan paid back in equal months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loan {
    /// How much is borrowed.
    pub amount: f64,
    /// Interest of a year, as a fraction.
    pub interest_rate: f64,
    /// Years until it is paid back.
    pub term_years: f64,
}

impl Loan {
    /// What is paid each month.
    pub fn monthly_payment(&self) -> f64 {
        let (i, n) = (self.interest_rate / 12.0, 12.0 * self.term_years);
        // (1 + i)^-n − 1, exact for small rates too; without interest the loan is paid in equal parts.
        let paid = (-n * i.ln_1p()).exp_m1();
        if paid == 0.0 { self.amount / n } else { self.amount * i / -paid }
    }
}

/// Income, capitalisation rate, debt service and cash flow.
pub fn calculate(asked: &Asked) -> Calculation {
    let (rent, expenses) = (asked.monthly_rent, asked.annual_expenses);
    let answer = Calculation::of(1).given("monthly_rent", rent, CurrencyPerMonth).given(
        "annual_expenses",
        expenses,
        CurrencyPerYear,
    );
    let Some(price) = asked.price.filter(|price| price.value > 0.0) else {
        return answer.unknown("the price is not known");
    };
    let (vacancy, costs) = (Given::or(asked.vacancy_rate, 0.0), Given::or(asked.purchase_costs, 0.0));
    let income = 12.0 * rent * (1.0 - vacancy.value);
    let net = income - expenses;
    let answer = answer
        .input("price", price, Currency)
        .input("vacancy_rate", vacancy, Share)
        .input("purchase_costs", costs, Currency)
        .figure("effective_income", income, CurrencyPerYear, "12 * monthly_rent * (1 - vacancy_rate)")
        .figure("net_operating_income", net, CurrencyPerYear, "effective_income - annual_expenses")
        .figure("cap_rate", net / price.value, Ratio, "net_operating_income / price");
    let Some(loan) = asked.loan else {
        return answer.figure("cash_flow", net, CurrencyPerYear, "net_operating_income").figure(
            "cash_on_cash",
            net / (price.value + costs.value),
            Ratio,
            "cash_flow / (price + purchase_costs)",
        );
    };
    with_loan(answer, loan, price.value + costs.value, net, asked)
}

/// What is left when part of the `cost` is borrowed.
fn with_loan(answer: Calculation, loan: Loan, cost: f64, net: f64, asked: &Asked) -> Calculation {
    let service = 12.0 * loan.monthly_payment();
    let (flow, equity) = (net - service, cost - loan.amount);
    let full = 12.0 * asked.monthly_rent;
    let answer = answer
        .given("loan", loan.amount, Currency)
        .given("interest_rate", loan.interest_rate, Ratio)
        .given("term_years", loan.term_years, Years)
        .figure(
            "debt_service",
            service,
            CurrencyPerYear,
            "12 * loan * i / (1 - (1 + i)^-n), i = interest_rate / 12, n = 12 * term_years",
        )
        .figure("cash_flow", flow, CurrencyPerYear, "net_operating_income - debt_service")
        .figure("equity", equity, Currency, "price + purchase_costs - loan")
        .figure("debt_coverage", net / service, Ratio, "net_operating_income / debt_service")
        .figure(
            "break_even_occupancy",
            (asked.annual_expenses + service) / full,
            Ratio,
            "(annual_expenses + debt_service) / (12 * monthly_rent)",
        );
    if equity <= 0.0 {
        return answer;
    }
    answer.figure("cash_on_cash", flow / equity, Ratio, "cash_flow / equity")
}
