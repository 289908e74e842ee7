//! Daily figures of leads, kept as sums of what each lead adds. What a lead added is kept beside them, so that a change of the lead
//! is the difference.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    clock::Day,
    id::{LeadId, TenantId, UserId},
    lead_days::{Cell, Counted, FiguresBy, Measure},
    market::MarketSlug,
};
use uuid::Uuid;

use crate::{
    Error, Result, Store, Tx,
    db::{Row, Sql},
    params,
};

/// The beginning and end of every statement that sums up.
macro_rules! sums {
    ($key:literal) => {
        concat!("SELECT ", $key, ", measure, CAST(sum(count) AS bigint) FROM lead_days
        WHERE tenant_id = $1 AND day >= $2 AND day <= $3 AND (market = $4 OR $4 IS NULL) AND (source = $5 OR $5 IS NULL)
            AND (agent = $6 OR $6 IS NULL)
        GROUP BY ", $key, ", measure ORDER BY ", $key, ", measure")
    };
}

crate::sql! {
    /// What a lead has added.
    COUNTED "lead_day.counted" = "SELECT counted FROM lead_counted WHERE tenant_id = $1 AND lead_id = $2";
    /// What it adds now.
    KEEP "lead_day.keep" = "INSERT INTO lead_counted (tenant_id, lead_id, counted) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, lead_id) DO UPDATE SET counted = excluded.counted";
    /// A lead that is gone adds nothing.
    FORGET "lead_day.forget" = "DELETE FROM lead_counted WHERE tenant_id = $1 AND lead_id = $2";
    /// A difference.
    ADD "lead_day.add" = "INSERT INTO lead_days (tenant_id, day, market, source, agent, measure, count)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, day, market, source, agent, measure) DO UPDATE SET count = lead_days.count + excluded.count";
    /// Nothing is left to be counted there.
    CLEAN "lead_day.clean" = "DELETE FROM lead_days WHERE tenant_id = $1 AND day = $2 AND market = $3 AND source = $4
        AND agent = $5 AND measure = $6 AND count = 0";
    /// Every sum, for checking.
    ALL "lead_day.all" = "SELECT day, market, source, agent, measure, count FROM lead_days WHERE tenant_id = $1
        ORDER BY day, market, source, agent, measure";
    /// Sums by day.
    BY_DAY "lead_day.by_day" = (sums!("day"));
    /// Sums by market.
    BY_MARKET "lead_day.by_market" = (sums!("market"));
    /// Sums by source.
    BY_SOURCE "lead_day.by_source" = (sums!("source"));
    /// Sums by agent.
    BY_AGENT "lead_day.by_agent" = (sums!("agent"));
}

/// Which leads figures are of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FiguresFilter {
    /// From this day on.
    pub from: Day,
    /// Until this day, included.
    pub to: Day,
    /// Only of this market.
    pub market: Option<MarketSlug>,
    /// Only from this source.
    pub source: Option<String>,
    /// Only of this agent.
    pub agent: Option<UserId>,
}

/// A sum: of what, which measure, how many.
pub type Figure = (String, Measure, u64);

impl Store {
    /// Sums of some days, by what they are told apart by: in the order of the days, or of the names.
    pub async fn lead_figures(&self, tenant: TenantId, filter: &FiguresFilter, by: FiguresBy) -> Result<Vec<Figure>> {
        let FiguresFilter { from, to, market, source, agent } = filter;
        let params = params![tenant, *from, *to, market.as_ref(), source.as_deref(), *agent];
        let sql: &'static Sql = match by {
            FiguresBy::Day => &BY_DAY,
            FiguresBy::Market => &BY_MARKET,
            FiguresBy::Source => &BY_SOURCE,
            FiguresBy::Agent => &BY_AGENT,
        };
        let figure = move |row: &Row<'_>| {
            let key = match by {
                FiguresBy::Day => row.get::<Day>(0)?.to_string(),
                FiguresBy::Market | FiguresBy::Source => row.get(0)?,
                FiguresBy::Agent => row.get::<Uuid>(0)?.to_string(),
            };
            let count: i64 = row.get(2)?;
            Ok(Some(count.unsigned_abs())
                .zip(Measure::of_code(code(row, 1)?))
                .map(|(count, measure)| (key, measure, count)))
        };
        Ok(self.survey(sql, params, figure).await?.into_iter().flatten().collect())
    }

    /// Every sum that is kept, for checking.
    pub async fn lead_days(&self, tenant: TenantId) -> Result<BTreeMap<Cell, i64>> {
        let cell = |row: &Row<'_>| {
            let (day, market, source, agent) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((Cell { day, market, source, agent, measure: code(row, 4)? }, row.get(5)?))
        };
        Ok(self.survey(&ALL, params![tenant], cell).await?.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Counts leads as they are now in place of as they were counted before. Leads that are gone are passed over.
    pub fn lead_days_count(&mut self, tenant: TenantId, leads: &BTreeSet<LeadId>) -> Result<()> {
        let mut sums = BTreeMap::new();
        let mut kept = Vec::new();
        let mut there = Vec::with_capacity(leads.len());
        for id in leads {
            there.extend(self.lead_lock(tenant, *id)?);
        }
        let before = self.counted(tenant, there.iter().map(|lead| lead.id))?;
        for (lead, before) in there.iter().zip(before) {
            let now = Counted::of(lead);
            if before.as_ref() != Some(&now) {
                if let Some(before) = &before {
                    before.add_to(&mut sums, -1);
                }
                now.add_to(&mut sums, 1);
                let now = serde_json::to_value(&now).map_err(|source| Error::Decode { what: "counted", source })?;
                kept.push(params![tenant, lead.id, now]);
            }
        }
        self.execute_many(&KEEP, kept)?;
        self.add(tenant, sums)
    }

    /// Takes back what leads added that are about to go.
    pub(crate) fn lead_days_forget(&mut self, tenant: TenantId, leads: &[LeadId]) -> Result<()> {
        let mut sums = BTreeMap::new();
        for before in self.counted(tenant, leads.iter().copied())?.into_iter().flatten() {
            before.add_to(&mut sums, -1);
        }
        self.execute_many(&FORGET, leads.iter().map(|lead| params![tenant, *lead]))?;
        self.add(tenant, sums)
    }

    fn counted(&mut self, tenant: TenantId, leads: impl IntoIterator<Item = LeadId>) -> Result<Vec<Option<Counted>>> {
        self.query_many(&COUNTED, leads.into_iter().map(|lead| params![tenant, lead]), |row| row.json(0, "counted"))
    }

    /// Adds differences, in one order by everybody, so that no two writes wait for each other.
    fn add(&mut self, tenant: TenantId, sums: BTreeMap<Cell, i64>) -> Result<()> {
        let place =
            |cell: &Cell| params![tenant, cell.day, &cell.market, &cell.source, cell.agent, i64::from(cell.measure)];
        let changed: Vec<(Cell, i64)> = sums.into_iter().filter(|(_, times)| *times != 0).collect();
        let rows = changed.iter().map(|(cell, times)| {
            let mut row = place(cell);
            row.extend(params![*times]);
            row
        });
        self.execute_many(&ADD, rows)?;
        let fewer = changed.iter().filter(|(_, times)| *times < 0);
        self.execute_many(&CLEAN, fewer.map(|(cell, _)| place(cell))).map(|_| ())
    }
}

fn code(row: &Row<'_>, index: usize) -> Result<u8> {
    let code: i64 = row.get(index)?;
    u8::try_from(code).map_err(|error| Error::Column { index, message: error.to_string() })
}
