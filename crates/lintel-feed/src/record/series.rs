//! A row of a file of market series: one value (long) or one series (wide).

use lintel_domain::clock::Day;
use lintel_domain::market::MarketSlug;

use super::{Faults, filled, market, short};
use crate::mapping::{Field, Plan, Target};
use crate::table::{Fault, Row};
use crate::value::{number, period};

/// Values of one series of one market.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRecord {
    /// The market, where the file names it.
    pub market: Option<MarketSlug>,
    /// What is measured, such as `median_sale_price`.
    pub metric: String,
    /// Period and value, in the file's order; periods that the file leaves empty are absent. `2022-10` is its first day.
    pub points: Vec<(Day, f64)>,
}

/// Maps a row of series.
///
/// # Errors
/// Everything that is wrong with the row.
pub fn series(plan: &Plan, row: &Row<'_>) -> Result<SeriesRecord, Vec<Fault>> {
    let mut faults = Faults::new(plan);
    let mut record = SeriesRecord { market: None, metric: String::new(), points: Vec::new() };
    let (mut at, mut value, mut value_is_bad) = (None, None, false);
    for (step, text) in filled(plan, row) {
        let Target::Field(field, _) = step.target else { continue };
        let set = match field {
            Field::Market => market(text).map(|m| record.market = Some(m)),
            Field::Metric => short(text.trim()).map(|m| record.metric = m),
            Field::Period => {
                plan.dates.day(text).or_else(|reason| period(text).ok_or(reason)).map(|day| at = Some(day))
            }
            Field::Value => number(text).map(|n| value = Some(n)),
            _ => Ok(()),
        };
        if let Err(reason) = set {
            value_is_bad |= matches!(field, Field::Period | Field::Value);
            faults.add(step, reason);
        }
    }
    if record.metric.is_empty() && faults.found.is_empty() {
        faults.row("a series needs its metric");
    }
    for (column, day) in &plan.periods {
        let text = row.get(*column);
        if text.trim().is_empty() {
            continue;
        }
        match number(text) {
            Ok(n) => record.points.push((*day, n)),
            Err(reason) => faults.found.push(Fault { column: plan.name_of(*column), reason: reason.to_owned() }),
        }
    }
    if plan.periods.is_empty() {
        match (at, value) {
            (Some(day), Some(n)) => record.points.push((day, n)),
            _ if value_is_bad => {}
            (None, _) => faults.row("a value needs its period"),
            (_, None) => faults.row("a period needs its value"),
        }
    }
    faults.or(record)
}
