//! Forecasts of markets' series: one metric of all markets is forecast together, once for as long as nothing changes.

mod evaluate;

use std::{collections::VecDeque, sync::Arc};

use lintel_domain::{
    clock::Day,
    fingerprint::{Canon, Fingerprint},
    id::TenantId,
    market::MarketSlug,
};
use lintel_predict::forecast::{
    Forecast, Points, Refusal, backtest,
    pool::{Backtested, Pool, pools, with_backtest},
};
use parking_lot::Mutex;

pub use evaluate::{ForecastEvaluation, ForecastEvaluationRequest, ForecastTotals, PoolEvaluation};

use crate::{App, Error, Principal, Result};

/// What a series of a market will be, and what such forecasts were worth so far.
#[derive(Clone, Debug)]
pub struct MarketForecast {
    /// What is measured.
    pub metric: String,
    /// How many series were forecast together, this one among them.
    pub pooled: usize,
    /// The forecast, or why there is none.
    pub outcome: std::result::Result<Forecast, Refusal>,
    /// The same forecast made at earlier periods, against what came; one entry for each of those periods.
    pub backtest: Vec<backtest::OriginScore>,
}

/// Forecasts that are made again for a backtest.
const BACKTEST_ORIGINS: usize = 8;
/// Pools that are kept in memory; of more, those made longest ago go.
const MOST_KEPT: usize = 16;

/// The forecasts of some pools, by what they were made from.
#[derive(Default)]
pub(crate) struct Kept {
    made: Mutex<VecDeque<(Fingerprint, Arc<Vec<Backtested>>)>>,
    /// Held while a pool is forecast: a large one takes seconds of a core, so they are made one after the other, and who
    /// waited for the same finds it done.
    making: tokio::sync::Mutex<()>,
}

impl Kept {
    fn get(&self, of: Fingerprint) -> Option<Arc<Vec<Backtested>>> {
        self.made.lock().iter().find(|(known, _)| *known == of).map(|(_, made)| Arc::clone(made))
    }

    fn put(&self, of: Fingerprint, made: Arc<Vec<Backtested>>) {
        let mut kept = self.made.lock();
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back((of, made));
    }
}

/// One metric of all markets, sorted into what is forecast together.
struct Metric {
    markets: Vec<MarketSlug>,
    series: Vec<Points>,
    pools: Vec<Pool>,
}

impl App {
    /// The forecast of a series for so many periods, with its backtest. Without a metric it is that of the one series
    /// there is.
    ///
    /// The same metric of the tenant's other markets is forecast with it, as far as it was known at the end of this series.
    pub async fn market_forecast(
        &self,
        who: &Principal,
        slug: &MarketSlug,
        metric: Option<String>,
        horizon: usize,
    ) -> Result<MarketForecast> {
        let metric = match metric {
            Some(metric) => metric,
            None => self.only_metric(who.tenant, slug).await?,
        };
        let all = self.metric_of_markets(who.tenant, &metric).await?;
        let Some(own) = all.markets.iter().position(|market| market == slug) else {
            return Err(self.unknown_metric(who.tenant, slug, &metric).await?);
        };
        let (series, at) = all.known_with(own);
        let pooled = series.len();
        let (outcome, backtest) = self.pool_forecast(series, horizon).await?[at].clone();
        Ok(MarketForecast { metric, pooled, outcome, backtest })
    }

    /// The forecasts of a pool with their backtests, made once for the same values.
    async fn pool_forecast(&self, series: Vec<Points>, horizon: usize) -> Result<Arc<Vec<Backtested>>> {
        let (version, kept) = (version(&series, horizon), &self.0.forecasts);
        if let Some(made) = kept.get(version) {
            return Ok(made);
        }
        let _making = kept.making.lock().await;
        if let Some(made) = kept.get(version) {
            return Ok(made);
        }
        let made = Arc::new(self.compute(move || with_backtest(&series, horizon, BACKTEST_ORIGINS)).await?);
        kept.put(version, Arc::clone(&made));
        Ok(made)
    }

    async fn only_metric(&self, tenant: TenantId, slug: &MarketSlug) -> Result<String> {
        let mut known = self.known_metrics(tenant, slug).await?;
        match known.pop() {
            Some(one) if known.is_empty() => Ok(one),
            last => {
                known.extend(last);
                let detail = format!("say of which series; there are: {}", known.join(", "));
                Err(Error::invalid("/metric", "required", detail))
            }
        }
    }

    /// The refusal of a metric that a market does not have.
    pub(crate) async fn unknown_metric(&self, tenant: TenantId, slug: &MarketSlug, metric: &str) -> Result<Error> {
        let known = self.known_metrics(tenant, slug).await?.join(", ");
        Ok(Error::invalid("/metric", "unknown", format!("there is no series {metric}; there are: {known}")))
    }

    /// The series of a market, which may be set up or only named by a file of series.
    async fn known_metrics(&self, tenant: TenantId, slug: &MarketSlug) -> Result<Vec<String>> {
        let known = self.0.store.series_metrics(tenant, slug).await?;
        if known.is_empty() {
            self.0.store.market_get(tenant, slug).await?.ok_or(Error::NotFound("market"))?;
        }
        Ok(known)
    }

    async fn metric_of_markets(&self, tenant: TenantId, metric: &str) -> Result<Metric> {
        let (markets, series): (Vec<_>, Vec<Points>) =
            self.0.store.series_of_markets(tenant, metric).await?.into_iter().unzip();
        let pools = pools(&series);
        Ok(Metric { markets, series, pools })
    }
}

impl Metric {
    /// The pool of a series as it was known at the end of that series, and the place of the series in it.
    fn known_with(self, own: usize) -> (Vec<Points>, usize) {
        let Self { mut series, pools, .. } = self;
        let last = series[own].last().map(|(day, _)| *day);
        let pool = pools.into_iter().find(|pool| pool.members.contains(&own));
        let (mut known, mut at) = (Vec::new(), 0);
        for number in pool.map_or(vec![own], |pool| pool.members) {
            let mut points = std::mem::take(&mut series[number]);
            points.truncate(points.partition_point(|(day, _)| Some(*day) <= last));
            if number == own {
                at = known.len();
            }
            if !points.is_empty() {
                known.push(points);
            }
        }
        (known, at)
    }
}

/// What a forecast is made from, in short: the same values for as many periods give the same forecasts.
fn version(series: &[Points], horizon: usize) -> Fingerprint {
    let mut canon = Canon::default();
    canon.int(Some(horizon as i64));
    for points in series {
        canon.int(Some(points.len() as i64));
        for (Day(day), value) in points {
            canon.int(Some(i64::from(*day))).real(Some(*value));
        }
    }
    canon.finish()
}
