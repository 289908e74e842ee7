//! What forecasts of the stored series are worth: made again at earlier periods, against what came and against saying the
//! last value again.

use lintel_domain::{clock::Day, market::MarketSlug};
use lintel_predict::forecast::{
    Points,
    backtest::{self, HorizonScore, Judged, OriginScore},
};

use super::{BACKTEST_ORIGINS, Metric};
use crate::{App, Error, Principal, Result};

/// Which forecasts are evaluated.
#[derive(Clone, Debug)]
pub struct ForecastEvaluationRequest {
    /// Of this market only; the other markets still help to forecast it.
    pub market: Option<MarketSlug>,
    /// Of this metric only.
    pub metric: Option<String>,
    /// How many periods ahead.
    pub horizon: usize,
}

/// What forecasts of the stored series are worth.
#[derive(Clone, Debug)]
pub struct ForecastEvaluation {
    /// Series that could be judged.
    pub series: usize,
    /// Over all of them.
    pub totals: ForecastTotals,
    /// By metric, and by what was forecast together.
    pub pools: Vec<PoolEvaluation>,
}

/// Forecasts against what came, every origin counting alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastTotals {
    /// How many times forecasts were made.
    pub origins: usize,
    /// Values that were compared.
    pub values: usize,
    /// Mean absolute error over the series' mean absolute change over one year.
    pub mase: f64,
    /// The same of saying the last value again.
    pub naive_mase: f64,
    /// Share of the values that lay in their 80 % interval.
    pub coverage: f64,
}

/// The forecasts of the series of one metric that were forecast together.
#[derive(Clone, Debug)]
pub struct PoolEvaluation {
    /// What is measured.
    pub metric: String,
    /// Series that were forecast together.
    pub series: usize,
    /// Of them, those that were judged at some origin.
    pub judged: usize,
    /// By the period the forecasts were made at, the oldest first.
    pub origins: Vec<OriginScore>,
    /// By how far they look ahead.
    pub horizon: Vec<HorizonScore>,
}

impl App {
    /// Makes the forecasts of the stored series again at up to eight earlier periods and holds them against what came. The
    /// same series give the same figures.
    ///
    /// Too little history, or none, is refused with what is missing.
    pub async fn evaluate_forecasts(
        &self,
        who: &Principal,
        request: ForecastEvaluationRequest,
    ) -> Result<ForecastEvaluation> {
        let markets: Vec<MarketSlug> = match &request.market {
            Some(slug) => vec![slug.clone()],
            None => self.0.store.markets_with_series(who.tenant).await?,
        };
        let mut metrics = Vec::new();
        for market in &markets {
            metrics.extend(self.known_metrics(who.tenant, market).await?);
        }
        metrics.sort_unstable();
        metrics.dedup();
        metrics.retain(|metric| request.metric.as_ref().is_none_or(|wanted| wanted == metric));
        if metrics.is_empty() {
            let what = request.metric.map_or("series".to_owned(), |metric| format!("series {metric}"));
            let detail =
                format!("insufficient data (n = 0): there is no {what}; `lintel import series` brings some in");
            return Err(Error::invalid("", "insufficient_data", detail));
        }
        let (mut pools, mut longest) = (Vec::new(), 0);
        for metric in metrics {
            let all = self.metric_of_markets(who.tenant, &metric).await?;
            longest = all.series.iter().map(Vec::len).max().unwrap_or(0).max(longest);
            let (market, horizon) = (request.market.clone(), request.horizon);
            pools.extend(self.blocking(move || evaluated(&metric, &all, market.as_ref(), horizon)).await?);
        }
        let Some(totals) = ForecastTotals::of(&pools) else {
            let detail = format!(
                "insufficient data (n = {longest}): no series has three years before an origin and {} periods after it; \
                 the longest has {longest} periods",
                request.horizon
            );
            return Err(Error::invalid("", "insufficient_data", detail));
        };
        Ok(ForecastEvaluation { series: pools.iter().map(|pool| pool.judged).sum(), totals, pools })
    }
}

/// The pools of a metric with what their forecasts were worth; those in which nothing can be judged are left out.
fn evaluated(metric: &str, all: &Metric, market: Option<&MarketSlug>, horizon: usize) -> Vec<PoolEvaluation> {
    let evaluated = all.pools.iter().filter_map(|pool| {
        let wanted = |number: &usize| market.is_none_or(|market| all.markets[*number] == *market);
        if !pool.members.iter().any(wanted) {
            return None;
        }
        let series: Vec<Points> = pool.members.iter().map(|number| all.series[*number].clone()).collect();
        let days = backtest::origins(&pool.periods, horizon, BACKTEST_ORIGINS);
        let judged: Vec<(Day, Vec<Judged>)> = days
            .into_iter()
            .map(|day| {
                let mut judged = backtest::judge(&series, day, horizon, true);
                judged.retain(|one| wanted(&pool.members[one.series]));
                (day, judged)
            })
            .collect();
        let mut ever: Vec<usize> = judged.iter().flat_map(|(_, of)| of).map(|one| one.series).collect();
        ever.sort_unstable();
        ever.dedup();
        let origins: Vec<OriginScore> = judged.iter().filter_map(|(day, of)| OriginScore::of(*day, of)).collect();
        (!origins.is_empty()).then(|| PoolEvaluation {
            metric: metric.to_owned(),
            series: series.len(),
            judged: ever.len(),
            origins,
            horizon: backtest::by_horizon(judged.iter().flat_map(|(_, of)| of)),
        })
    });
    evaluated.collect()
}

impl ForecastTotals {
    fn of(pools: &[PoolEvaluation]) -> Option<Self> {
        let scores: Vec<&OriginScore> = pools.iter().flat_map(|pool| &pool.origins).collect();
        let n = scores.len() as f64;
        let mean = |of: fn(&OriginScore) -> f64| scores.iter().map(|score| of(score)).sum::<f64>() / n;
        let values: usize = scores.iter().map(|score| score.values).sum();
        let inside: f64 = scores.iter().map(|score| score.coverage * score.values as f64).sum();
        (n > 0.0).then(|| Self {
            origins: scores.len(),
            values,
            mase: mean(|score| score.mase),
            naive_mase: mean(|score| score.naive_mase),
            coverage: inside / values as f64,
        })
    }
}
