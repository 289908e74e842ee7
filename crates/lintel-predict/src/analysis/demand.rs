//! Demand: how fast and how dear it sells.
//!
//! The absorption rate is the share of the inventory that sells in a month, the inverse of months of supply. The ratio
//! of sale to list price and the median days on the market are taken over the sales of the window. The trend is the
//! number of sales in the later half of the window over that in the earlier half; it carries the season.

use lintel_domain::clock::Day;

use super::{
    Calculation, DAYS_PER_MONTH, Observed, Stage,
    Unit::{Days, HomesPerMonth, Ratio, Share},
    supply::Asked,
};
use crate::learn::metrics::median;

/// The fewest sales that demand is told from.
const LEAST_SALES: usize = 5;

/// Pace, share under contract, sale to list price and speed on `today`.
pub fn calculate(homes: &[Observed], asked: &Asked, today: Day) -> Calculation {
    let days = asked.window.value;
    let in_segment = asked.segment.of(homes);
    let active = in_segment.clone().filter(|home| home.is_for_sale()).count();
    let contract = in_segment.clone().filter(|home| home.stage == Stage::UnderContract).count();
    let sales: Vec<&Observed> = in_segment.filter(|home| home.sold_within(days, today)).collect();
    let late = sales.iter().filter(|home| home.sold_within(days / 2, today)).count();
    // With an odd window the day in the middle belongs to the earlier half.
    let early = sales.len() - late;
    let answer = Calculation::of(active + contract + sales.len())
        .window(asked.window)
        .counted("homes_for_sale", active)
        .counted("homes_under_contract", contract)
        .counted("homes_sold", sales.len())
        .counted("homes_sold_early", early)
        .counted("homes_sold_late", late);
    if sales.len() < LEAST_SALES {
        return answer.too_few(sales.len(), LEAST_SALES, "sales in the window");
    }
    let pace = sales.len() as f64 / (f64::from(days) / DAYS_PER_MONTH);
    let to_list: Vec<f64> = sales.iter().filter_map(|home| Some(home.sold? / home.asked?)).collect();
    let speed: Vec<f64> = sales.iter().filter_map(|home| home.days).collect();
    let halves = (f64::from(days - days / 2), f64::from(days / 2));
    let mut answer = answer
        .figure("sales_per_month", pace, HomesPerMonth, "homes_sold / (window_days / 30.4375)")
        .figure("absorption_rate", pace / active as f64, Ratio, "sales_per_month / homes_for_sale")
        .figure(
            "share_under_contract",
            contract as f64 / (active + contract) as f64,
            Share,
            "homes_under_contract / (homes_for_sale + homes_under_contract)",
        )
        .figure(
            "sales_trend",
            (late as f64 / halves.1) / (early as f64 / halves.0),
            Ratio,
            "sales per day in the later half of the window / in the earlier half",
        );
    if to_list.len() >= LEAST_SALES {
        answer = answer.figure("sale_to_list", median(&to_list), Ratio, "median of close price / last asking price");
    }
    if speed.len() >= LEAST_SALES {
        answer = answer.figure("median_days_on_market", median(&speed), Days, "median of days from listing to sale");
    }
    answer
}
