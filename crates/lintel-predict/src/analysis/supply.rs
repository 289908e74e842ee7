//! Supply: how much is on the market, against how much sells.
//!
//! Months of supply is the inventory over the monthly pace of sales (National Association of Realtors, "Existing Home
//! Sales" methodology: months' supply = inventory / sales rate). Sales are counts of rare events, so their number is
//! taken as a Poisson variable; its 95 % interval is (√k ± 0.98)² (Anscombe, Biometrika 35, 1948, variance of √k = 1/4).

use lintel_domain::clock::Day;

use super::{
    Calculation, DAYS_PER_MONTH, Given, Observed, Segment, Stage,
    Unit::{HomesPerMonth, Months},
};

/// The fewest sales a pace is told from.
const LEAST_SALES: usize = 5;
/// Half the width of the 95 % interval of the root of a count: 1.96 / 2.
const HALF_WIDTH: f64 = 0.98;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Of which homes.
    pub segment: Segment,
    /// How many days back sales count.
    pub window: Given<u32>,
}

/// Inventory, paces and months of supply on `today`.
pub fn calculate(homes: &[Observed], asked: &Asked, today: Day) -> Calculation {
    let days = asked.window.value;
    let since = today.0.saturating_sub_unsigned(days);
    let (mut active, mut contract, mut sold, mut new) = (0usize, 0usize, 0usize, 0usize);
    for home in asked.segment.of(homes) {
        active += usize::from(home.is_for_sale());
        contract += usize::from(home.stage == Stage::UnderContract);
        sold += usize::from(home.sold_within(days, today));
        new += usize::from(home.listed_on.is_some_and(|day| day.0 > since && day <= today));
    }
    let months = f64::from(days) / DAYS_PER_MONTH;
    let pace = sold as f64 / months;
    let answer = Calculation::of(active + contract + sold)
        .window(asked.window)
        .counted("homes_for_sale", active)
        .counted("homes_under_contract", contract)
        .counted("homes_sold", sold)
        .counted("homes_newly_listed", new);
    if sold < LEAST_SALES {
        return answer.too_few(sold, LEAST_SALES, "sales in the window");
    }
    let bound = |side: f64| active as f64 / (((sold as f64).sqrt() + side).powi(2) / months);
    answer
        .figure("sales_per_month", pace, HomesPerMonth, "homes_sold / (window_days / 30.4375)")
        .figure("new_per_month", new as f64 / months, HomesPerMonth, "homes_newly_listed / (window_days / 30.4375)")
        .figure("months_of_supply", active as f64 / pace, Months, "homes_for_sale / sales_per_month")
        .figure(
            "months_of_supply_low",
            bound(HALF_WIDTH),
            Months,
            "months_of_supply at (sqrt(homes_sold) + 0.98)^2 sales",
        )
        .figure(
            "months_of_supply_high",
            bound(-HALF_WIDTH),
            Months,
            "months_of_supply at (sqrt(homes_sold) - 0.98)^2 sales",
        )
}
