//! Daily figures of leads: how many came, became hot, were reached, won and lost, and how fast the first response was.

use std::{collections::BTreeMap, sync::Arc};

use lintel_domain::lead_days::{FiguresBy, Measure, RESPONSE_MINUTES, median_response};
use lintel_store::lead_days::FiguresFilter;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    cache::{self, FiguresKey},
};

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

impl LeadAnalytics {
    /// About how many bytes they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let key = |figures: &LeadFigures| figures.key.as_ref().map_or(0, String::capacity);
        size_of::<Self>() + self.items.capacity() * size_of::<LeadFigures>() + self.items.iter().map(key).sum::<usize>()
    }
}

impl App {
    /// Figures of some days, both ends included.
    pub async fn lead_analytics(
        &self,
        who: &Principal,
        filter: FiguresFilter,
        by: FiguresBy,
    ) -> Result<Arc<LeadAnalytics>> {
        if filter.from > filter.to {
            return Err(Error::invalid("/to", "crossed", "to must not be before from"));
        }
        if filter.to.0 - filter.from.0 >= MOST_DAYS {
            return Err(Error::invalid("/from", "out_of_range", format!("at most {MOST_DAYS} days")));
        }
        let key = (who.tenant, filter, by);
        let make = async || self.lead_figures(&key).await.map(Arc::new);
        self.0.caches.figures.get_or_load(&key, &cache::of_figures(who.tenant), make).await
    }

    async fn lead_figures(&self, (tenant, filter, by): &FiguresKey) -> Result<LeadAnalytics> {
        let figures = self.0.store.lead_figures(*tenant, filter, *by).await?;
        let mut apart: BTreeMap<String, Sums> = BTreeMap::new();
        let mut total = Sums::default();
        for (key, measure, count) in figures {
            total.add(measure, count);
            apart.entry(key).or_default().add(measure, count);
        }
        let nobody = Uuid::nil().to_string();
        let named = |key: String| Some(key).filter(|key| !key.is_empty() && *key != nobody);
        let items = apart.into_iter().map(|(key, sums)| sums.figures(named(key))).collect();
        Ok(LeadAnalytics { items, total: total.figures(None) })
    }
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
