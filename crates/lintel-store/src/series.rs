//! Series: numbers of a market over time.

use lintel_domain::{
    clock::Day,
    fingerprint::Canon,
    id::{ImportId, TenantId},
    market::MarketSlug,
};
use uuid::Uuid;

use crate::{Result, Store, Tx, listing::UpsertOutcome, params};

/// A value to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesUpsert {
    /// Where.
    pub market: MarketSlug,
    /// What is measured.
    pub metric: String,
    /// The period, by its day.
    pub period: Day,
    /// The value.
    pub value: f64,
}

crate::sql! {
    /// What is there.
    FIND "series.find" = "SELECT value, changed_by FROM series WHERE tenant_id = $1 AND market = $2 AND metric = $3 AND period = $4";
    /// A value, new or changed.
    PUT "series.put" = "INSERT INTO series (tenant_id, market, metric, period, value, changed_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, market, metric, period) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by";
    /// One series, in order of time.
    OF_METRIC "series.of_metric" = "SELECT period, value FROM series
        WHERE tenant_id = $1 AND market = $2 AND metric = $3 ORDER BY period";
    /// The markets that have series, from one to the next.
    MARKETS "series.markets" = "WITH RECURSIVE named (market) AS (
        SELECT MIN(market) FROM series WHERE tenant_id = $1
        UNION ALL
        SELECT (SELECT MIN(market) FROM series WHERE tenant_id = $1 AND market > named.market) FROM named
        WHERE named.market IS NOT NULL)
        SELECT market FROM named WHERE market IS NOT NULL";
    /// One metric of all markets, in no order.
    OF_MARKETS "series.of_markets" = "WITH RECURSIVE named (market) AS (
        SELECT MIN(market) FROM series WHERE tenant_id = $1
        UNION ALL
        SELECT (SELECT MIN(market) FROM series WHERE tenant_id = $1 AND market > named.market) FROM named
        WHERE named.market IS NOT NULL)
        SELECT series.market, series.period, series.value FROM named
        JOIN series ON series.tenant_id = $1 AND series.market = named.market AND series.metric = $2";
    /// What is measured.
    METRICS "series.metrics" = "SELECT DISTINCT metric FROM series WHERE tenant_id = $1 AND market = $2 ORDER BY metric";
}

impl Store {
    /// One series of a market, in order of time.
    pub async fn series(&self, tenant: TenantId, market: &MarketSlug, metric: &str) -> Result<Vec<(Day, f64)>> {
        self.survey(&OF_METRIC, params![tenant, market, metric], |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// One metric of every market that has it, each in order of time, the markets in order of their slugs.
    pub async fn series_of_markets(
        &self,
        tenant: TenantId,
        metric: &str,
    ) -> Result<Vec<(MarketSlug, Vec<(Day, f64)>)>> {
        let rows =
            self.survey(&OF_MARKETS, params![tenant, metric], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
        let mut rows: Vec<(MarketSlug, (Day, f64))> = rows.await?;
        rows.sort_by(|(market, point), (other, later)| market.cmp(other).then(point.0.cmp(&later.0)));
        let mut series: Vec<(MarketSlug, Vec<(Day, f64)>)> = Vec::new();
        for (market, point) in rows {
            match series.last_mut() {
                Some((last, points)) if *last == market => points.push(point),
                _ => series.push((market, vec![point])),
            }
        }
        Ok(series)
    }

    /// The markets that have series, by slug: set up, or only named by a file of series.
    pub async fn markets_with_series(&self, tenant: TenantId) -> Result<Vec<MarketSlug>> {
        self.query(&MARKETS, params![tenant], |row| row.get(0)).await
    }

    /// What is measured of a market.
    pub async fn series_metrics(&self, tenant: TenantId, market: &MarketSlug) -> Result<Vec<String>> {
        self.query(&METRICS, params![tenant, market], |row| row.get(0)).await
    }
}

impl Tx<'_> {
    /// Stores values; for each, in order, what became of it. Of several values of one period the last counts.
    pub fn series_upsert(
        &mut self,
        tenant: TenantId,
        points: &[SeriesUpsert],
        import: Option<ImportId>,
    ) -> Result<Vec<UpsertOutcome>> {
        self.lock(&format!("series {tenant}"))?;
        let keys = points.iter().map(|p| params![tenant, &p.market, &p.metric, p.period]);
        let found: Vec<Option<(f64, Option<ImportId>)>> =
            self.query_many(&FIND, keys, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let outcome = |(point, old): (&SeriesUpsert, &Option<(f64, Option<ImportId>)>)| match old {
            None => UpsertOutcome::Created,
            Some((old, _)) if *old == point.value => UpsertOutcome::Unchanged,
            Some(_) => UpsertOutcome::Updated,
        };
        let outcomes: Vec<UpsertOutcome> = points.iter().zip(&found).map(outcome).collect();
        if let Some(import) = import {
            let mut before = Vec::new();
            for ((point, old), outcome) in points.iter().zip(found).zip(&outcomes) {
                let changed_by = old.and_then(|(_, changed_by)| changed_by);
                if *outcome != UpsertOutcome::Unchanged && changed_by != Some(import) {
                    let value = old.map(|(value, _)| value);
                    let values = params![&point.market, &point.metric, point.period, value, changed_by];
                    before.push((row_id(point), values));
                }
            }
            self.import_changed(tenant, import, before)?;
        }
        let changed = points.iter().zip(&outcomes).filter(|(_, outcome)| **outcome != UpsertOutcome::Unchanged);
        let values = changed.map(|(p, _)| params![tenant, &p.market, &p.metric, p.period, p.value, import]);
        self.execute_many(&PUT, values)?;
        Ok(outcomes)
    }
}

/// A value has no id of its own: what names it is hashed, for the memory of imports.
fn row_id(point: &SeriesUpsert) -> Uuid {
    let mut canon = Canon::default();
    canon.text(Some(point.market.as_str())).text(Some(&point.metric)).int(Some(point.period.0.into()));
    Uuid::from_bytes(canon.finish())
}
