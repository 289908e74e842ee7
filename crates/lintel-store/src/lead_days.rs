//! Daily figures of leads, kept as sums of what each lead adds. What a lead added is kept beside them, so that a change of the lead
//! is the difference.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    clock::Day,
    id::{LeadId, TenantId, UserId},
    lead_days::{Cell, Counted, FiguresBy, Measure},
    market::MarketSlug,
    month::Month,
};
use uuid::Uuid;

use crate::{
    Error, Result, Store, Tx,
    db::{Row, Sql},
    params,
};

/// What figures are summed up from. Rows of a database in this process cost less to read than to sort there.
macro_rules! counts {
    ($key:literal, $count:literal, $rest:expr) => {
        concat!("SELECT ", $key, ", measure, ", $count, " FROM lead_days
        WHERE tenant_id = $1 AND day >= $2 AND day <= $3 AND (market = $4 OR $4 IS NULL) AND (source = $5 OR $5 IS NULL)
            AND (agent = $6 OR $6 IS NULL)", $rest)
    };
}
macro_rules! rows {
    ($key:literal) => {
        counts!($key, "count", "")
    };
}
macro_rules! sums {
    ($key:literal) => {
        counts!($key, "CAST(sum(count) AS bigint)", concat!(" GROUP BY ", $key, ", measure"))
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
    /// The figures of a month are others.
    CHANGE "lead_month.change" = "INSERT INTO lead_months (tenant_id, month, changed) VALUES ($1, $2, 1)
        ON CONFLICT (tenant_id, month) DO UPDATE SET changed = lead_months.changed + 1";
    /// How often they became others.
    CHANGED "lead_month.changed" = "SELECT month, changed FROM lead_months WHERE tenant_id = $1 AND month >= $2 AND month <= $3";
    /// Every sum, for checking.
    ALL "lead_day.all" = "SELECT day, market, source, agent, measure, count FROM lead_days WHERE tenant_id = $1
        ORDER BY day, market, source, agent, measure";
    /// By day.
    BY_DAY "lead_day.by_day" = { sqlite: rows!("day"), postgres: sums!("day") };
    /// By market.
    BY_MARKET "lead_day.by_market" = { sqlite: rows!("market"), postgres: sums!("market") };
    /// By source.
    BY_SOURCE "lead_day.by_source" = { sqlite: rows!("source"), postgres: sums!("source") };
    /// By agent.
    BY_AGENT "lead_day.by_agent" = { sqlite: rows!("agent"), postgres: sums!("agent") };
}

/// Which leads figures are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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

/// What figures are told apart by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Apart {
    Day(Day),
    Name(String),
    Agent(Uuid),
}

impl Apart {
    fn into_name(self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Name(name) => name,
            Self::Agent(agent) => agent.to_string(),
        }
    }
}

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
        let count = move |row: &Row<'_>| {
            let apart = match by {
                FiguresBy::Day => Apart::Day(row.get(0)?),
                FiguresBy::Market | FiguresBy::Source => Apart::Name(row.get(0)?),
                FiguresBy::Agent => Apart::Agent(row.get(0)?),
            };
            Ok((apart, code(row, 1)?, row.get::<i64>(2)?))
        };
        let mut sums: BTreeMap<(Apart, u8), i64> = BTreeMap::new();
        for (apart, measure, count) in self.survey(sql, params, count).await? {
            *sums.entry((apart, measure)).or_default() += count;
        }
        let figure = |((apart, measure), count): ((Apart, u8), i64)| {
            Some((apart.into_name(), Measure::of_code(measure)?, count.unsigned_abs()))
        };
        Ok(sums.into_iter().filter_map(figure).collect())
    }

    /// How often the figures of each month have changed, by its first day, of the months of a few years: as long as this is the
    /// same, so are all sums of the month. A month that has not changed since changes are counted is not there.
    pub async fn lead_months_changed(&self, tenant: TenantId, (from, to): (Day, Day)) -> Result<BTreeMap<Day, i64>> {
        let params = params![tenant, Month::first_of(from), Month::first_of(to)];
        let changed = self.points(&CHANGED, params, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        Ok(changed.into_iter().collect())
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
        self.execute_many(&CLEAN, fewer.map(|(cell, _)| place(cell)))?;
        let months: BTreeSet<Day> = changed.iter().map(|(cell, _)| Month::first_of(cell.day)).collect();
        self.execute_many(&CHANGE, months.into_iter().map(|month| params![tenant, month])).map(|_| ())
    }
}

fn code(row: &Row<'_>, index: usize) -> Result<u8> {
    let code: i64 = row.get(index)?;
    u8::try_from(code).map_err(|error| Error::Column { index, message: error.to_string() })
}
