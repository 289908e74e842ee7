//! Daily figures of leads: how many came, became hot, were reached, won and lost, and how fast the first response was.

use std::collections::BTreeMap;

use lintel_domain::{
    clock::Day,
    lead_days::{FiguresBy, Measure, RESPONSE_MINUTES, median_response},
    month::Month,
};
use lintel_store::lead_days::FiguresFilter;
use uuid::Uuid;

use crate::{App, Error, Principal, Result};

/// The most days that are summed up.
const MOST_DAYS: i32 = 1_100;

/// Figures of one day, market, source or agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadFigures {
    /// Which; absent of leads without a market, source or agent.
    pub key: Option<String>,
    /// Leads that appeared.
    pub new: u64,
    /// Leads that became hot for the first time.
    pub hot: u64,
    /// Leads that were won.
    pub won: u64,
    /// Leads that were lost.
    pub lost: u64,
    /// Leads that the team reached out to for the first time.
    pub contacted: u64,
    /// Leads that appeared in these days and got a response since.
    pub responded: u64,
    /// Minutes from appearing to the first response, the median of those, from counts by ranges.
    pub median_response_minutes: Option<f64>,
}

/// Figures told apart, and all together.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadAnalytics {
    /// One for each day, market, source or agent with anything to count.
    pub items: Vec<LeadFigures>,
    /// All together.
    pub total: LeadFigures,
}

impl App {
    /// Figures of some days, both ends included.
    pub async fn lead_analytics(&self, who: &Principal, filter: FiguresFilter, by: FiguresBy) -> Result<LeadAnalytics> {
        if filter.from > filter.to {
            return Err(Error::invalid("/to", "crossed", "to must not be before from"));
        }
        if filter.to.0 - filter.from.0 >= MOST_DAYS {
            return Err(Error::invalid("/from", "out_of_range", format!("at most {MOST_DAYS} days")));
        }
        // Read before they are: what is kept under these numbers is at least as new.
        let changed = self.figures_changed(who.tenant, (filter.from, filter.to)).await?;
        let mut apart: BTreeMap<String, Sums> = BTreeMap::new();
        let mut total = Sums::default();
        for (month, part) in by_month(&filter) {
            let key = (who.tenant, part, by, changed.get(&month).copied().unwrap_or(0));
            let sum = async || Ok::<_, Error>(self.0.store.lead_figures(who.tenant, &key.1, by).await?.into());
            for (name, measure, count) in self.0.caches.figures.get_or_load(&key, &[], sum).await?.iter() {
                total.add(*measure, *count);
                match apart.get_mut(name) {
                    Some(sums) => sums.add(*measure, *count),
                    None => apart.entry(name.clone()).or_default().add(*measure, *count),
                }
            }
        }
        let nobody = Uuid::nil().to_string();
        let named = |key: String| Some(key).filter(|key| !key.is_empty() && *key != nobody);
        let items = apart.into_iter().map(|(key, sums)| sums.figures(named(key))).collect();
        Ok(LeadAnalytics { items, total: total.figures(None) })
    }
}

/// The days of a filter month by month, with the first day of each month: most of what is asked for does not change any more.
fn by_month(filter: &FiguresFilter) -> impl Iterator<Item = (Day, FiguresFilter)> + '_ {
    let mut rest = Some(filter.from);
    std::iter::from_fn(move || {
        let from = rest.filter(|from| *from <= filter.to)?;
        let last = Month::of(from).map(|month| Day(month.plus(1).first_day().0 - 1));
        let to = last.map_or(filter.to, |last| last.min(filter.to));
        rest = to.0.checked_add(1).map(Day);
        Some((Month::first_of(from), FiguresFilter { from, to, ..filter.clone() }))
    })
}

/// Sums while they are added up.
#[derive(Default)]
struct Sums {
    figures: LeadFigures,
    responses: [u64; RESPONSE_MINUTES.len() + 1],
}

impl Sums {
    fn add(&mut self, measure: Measure, count: u64) {
        let figures = &mut self.figures;
        *match measure {
            Measure::New => &mut figures.new,
            Measure::Hot => &mut figures.hot,
            Measure::Won => &mut figures.won,
            Measure::Lost => &mut figures.lost,
            Measure::Contacted => &mut figures.contacted,
            Measure::Response(range) => &mut self.responses[usize::from(range)],
        } += count;
    }

    fn figures(self, key: Option<String>) -> LeadFigures {
        LeadFigures {
            key,
            responded: self.responses.iter().sum(),
            median_response_minutes: median_response(&self.responses),
            ..self.figures
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_put_together_are_the_days_that_were_asked_for() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        for (from, to, parts) in [
            ("2026-01-01", "2026-01-31", 1),
            ("2025-12-31", "2026-01-01", 2),
            ("2024-02-29", "2024-02-29", 1),
            ("2023-11-15", "2026-11-18", 37),
        ] {
            let filter = FiguresFilter { from: day(from), to: day(to), ..FiguresFilter::default() };
            let months: Vec<_> = by_month(&filter).collect();
            assert_eq!(months.len(), parts, "{from} to {to}");
            assert_eq!((months[0].1.from, months[parts - 1].1.to), (filter.from, filter.to));
            assert!(months.windows(2).all(|pair| pair[0].1.to.0 + 1 == pair[1].1.from.0));
            for (month, part) in months {
                assert_eq!((Month::first_of(part.from), Month::first_of(part.to)), (month, month));
            }
        }
    }
}
