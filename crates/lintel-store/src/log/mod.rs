//! The log: every event of every tenant in the order of the commits, read by followers with cursors of their own.

mod follower;
mod retention;

use std::{fmt, str::FromStr};

use lintel_domain::{clock::Time, event::Event, id::TenantId, market::MarketSlug};

use crate::{
    Error, Result, Store, Tx,
    db::{Emitted, Row, Sql, Value},
    params,
};

pub use follower::{COUNTED, Follower};
pub use retention::MONTHS_AHEAD;

/// A place in the log: everything up to here has been read.
///
/// PostgreSQL hands out `id`s before transactions commit, so they are not the order of commits. The transaction's
/// number comes first, and readers stop below the oldest transaction that is still running: what they have passed is
/// complete. SQLite has one writer, so there `txid` is 0 and `id` is the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The number of the transaction that wrote the event.
    pub txid: i64,
    /// The event's id.
    pub id: i64,
}

/// Written as `txid-id`.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.txid, self.id)
    }
}

/// What is no cursor.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the log")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (txid, id) = text.split_once('-').ok_or(NoCursor)?;
        let number = |text: &str| text.parse::<u64>().ok().and_then(|n| i64::try_from(n).ok()).ok_or(NoCursor);
        Ok(Self { txid: number(txid)?, id: number(id)? })
    }
}

/// Why something is written: the event that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The event's id.
    pub event: i64,
    /// How many events led to it, itself included: what loops are cut by.
    pub depth: i64,
}

/// An event as the log holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its place.
    pub cursor: Cursor,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its type.
    pub kind: String,
    /// What happened; `None` when a newer version wrote a type that this one does not know.
    pub event: Option<Event>,
    /// The event that led to it.
    pub caused_by: Option<i64>,
    /// How many events led to it.
    pub depth: i64,
    /// When.
    pub at: Time,
}

impl Recorded {
    /// What is written because of this event says so with it.
    pub fn as_cause(&self) -> Cause {
        Cause { event: self.cursor.id, depth: self.depth + 1 }
    }
}

crate::sql! {
    /// One event. The number of the transaction is only known to PostgreSQL.
    EMIT "event.emit" = {
        sqlite: "INSERT INTO events (tenant_id, kind, market, body, caused_by, depth, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)",
        postgres: "INSERT INTO events (txid, tenant_id, kind, market, body, caused_by, depth, at)
            VALUES (CAST(CAST(pg_current_xact_id() AS text) AS bigint)
                + (SELECT txid_offset FROM log_state WHERE id = 1), $1, $2, $3, $4, $5, $6, $7)",
    };
    /// Below which transaction every event is there: the oldest that is running. SQLite has one writer.
    HORIZON "log.horizon" = {
        sqlite: "SELECT 1",
        postgres: "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) + txid_offset
            FROM log_state WHERE id = 1",
    };
    /// The same without transactions in other databases of the server: they hold back `xmin` too, however long they
    /// take, but write no event here. They are found by the locks on their own numbers; what cannot be told apart
    /// still holds back.
    OWN_HORIZON "log.own_horizon" = {
        sqlite: "SELECT 1",
        postgres: "WITH now AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
            others AS MATERIALIZED (SELECT CAST(CAST(l.transactionid AS text) AS bigint) AS xid
                FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                    AND a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())),
            running AS (SELECT CAST(CAST(pg_snapshot_xip(snapshot) AS text) AS bigint) AS txid FROM now)
            SELECT txid_offset + COALESCE(
                (SELECT MIN(txid) FROM running WHERE txid % 4294967296 NOT IN (SELECT xid FROM others)),
                (SELECT CAST(CAST(pg_snapshot_xmax(snapshot) AS text) AS bigint) FROM now))
            FROM log_state WHERE id = 1",
    };
    /// What names the database as it runs: a copy of it, and what was put in its place, are another one.
    LINEAGE "log.lineage" = {
        sqlite: "SELECT ''",
        postgres: "SELECT CAST(oid AS text) || '-' || CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS text)
            FROM pg_database WHERE datname = current_database()",
    };
    /// Events behind a cursor and below the horizon. SQLite needs the bare id to find its way in the table.
    AFTER "event.after" across_tenants = {
        sqlite: "SELECT txid, id, tenant_id, kind, body, caused_by, depth, at FROM events
            WHERE id > $2 AND txid < $4 ORDER BY id LIMIT $3",
        postgres: "SELECT txid, id, tenant_id, kind, body, caused_by, depth, at FROM events
            WHERE (txid, id) > ($1, $2) AND txid < $4 ORDER BY txid, id LIMIT $3",
    };
    /// The same for one tenant.
    AFTER_TENANT "event.after_tenant" at_primary = "SELECT txid, id, tenant_id, kind, body, caused_by, depth, at FROM events
        WHERE tenant_id = $5 AND (txid, id) > ($1, $2) AND txid < $4 ORDER BY txid, id LIMIT $3";
    /// The same for one market of a tenant.
    AFTER_MARKET "event.after_market" at_primary = "SELECT txid, id, tenant_id, kind, body, caused_by, depth, at FROM events
        WHERE tenant_id = $5 AND market = $6 AND (txid, id) > ($1, $2) AND txid < $4 ORDER BY txid, id LIMIT $3";
    /// The newest event below a transaction. The plus keeps SQLite from going through the index of tenants for it.
    HEAD "log.head" across_tenants = {
        sqlite: "SELECT txid, id FROM events WHERE +txid < $1 ORDER BY id DESC LIMIT 1",
        postgres: "SELECT txid, id FROM events WHERE txid < $1 ORDER BY txid DESC, id DESC LIMIT 1",
    };
    /// The last event that was removed.
    FLOOR "log.floor" = "SELECT floor_txid, floor_id FROM log_state WHERE id = 1";
}

/// Every statement of the log.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    [STATEMENTS, follower::STATEMENTS, retention::STATEMENTS].into_iter().flatten().copied()
}

impl Tx<'_> {
    /// Says why this write happens; its events and jobs carry it.
    pub fn set_cause(&mut self, cause: Cause) {
        self.cause = Some(cause);
    }

    /// Appends an event to the log. It is read by others once this write is kept, and not before.
    pub fn emit(&mut self, tenant: TenantId, at: Time, event: &Event) -> Result<()> {
        let body = serde_json::to_value(event).map_err(|source| Error::Decode { what: "event", source })?;
        let (caused_by, depth) = (self.cause.map(|c| c.event), self.cause.map_or(0, |c| c.depth));
        self.execute_last(&EMIT, params![tenant, event.kind(), event.market(), body, caused_by, depth, at])?;
        self.kept.events.push(Emitted { tenant, event: event.clone() });
        Ok(())
    }
}

/// Which transactions hold readers back.
#[derive(Clone, Copy, Debug)]
enum Horizon {
    /// All that are running on the server: cheap to know.
    Server,
    /// Those in this database.
    Own,
}

impl Store {
    /// At most `limit` events behind `cursor`, in the order of the commits. None of them is ever missing: what is still
    /// being written comes later, and when something behind the cursor has been removed, it is [`Error::CursorGone`].
    pub async fn events_after(&self, cursor: Cursor, limit: u32) -> Result<Vec<Recorded>> {
        self.read_log(&AFTER, cursor, limit, None).await
    }

    /// [`Store::events_after`] for one tenant.
    pub async fn events_for_tenant(&self, tenant: TenantId, cursor: Cursor, limit: u32) -> Result<Vec<Recorded>> {
        self.read_log(&AFTER_TENANT, cursor, limit, Some(tenant)).await
    }

    /// At most `limit` events of a tenant behind a cursor, up to the transaction of `to`: a place that somebody has read, so
    /// that everything before it is there. What is readable anew may lie before it for a moment, when a transaction of
    /// another database cannot be told apart, and whoever reads up to a known place must not take that for its end.
    pub async fn events_up_to(
        &self,
        tenant: TenantId,
        cursor: Cursor,
        to: Cursor,
        limit: u32,
    ) -> Result<Vec<Recorded>> {
        let below = to.txid.saturating_add(1);
        let events = self.query(&AFTER_TENANT, params![cursor.txid, cursor.id, limit, below, tenant], recorded).await?;
        self.check_floor(cursor).await?;
        self.tell(events).await
    }

    /// [`Store::events_up_to`] of one market: what else happened meanwhile, however much, is passed over by the database.
    pub async fn market_events_up_to(
        &self,
        (tenant, market): (TenantId, &MarketSlug),
        cursor: Cursor,
        to: Cursor,
        limit: u32,
    ) -> Result<Vec<Recorded>> {
        let below = to.txid.saturating_add(1);
        let params = params![cursor.txid, cursor.id, limit, below, tenant, market];
        let events = self.query(&AFTER_MARKET, params, recorded).await?;
        self.check_floor(cursor).await?;
        self.tell(events).await
    }

    /// The place behind the newest event that can be read; where a new follower begins after reading the tables.
    ///
    /// Take it before reading the tables: what is written meanwhile is then seen twice, but never missed.
    pub async fn log_head(&self) -> Result<Cursor> {
        let horizon = self.horizon(Horizon::Own).await?;
        let head = self.point(&HEAD, params![horizon], cursor).await?;
        let floor = self.point(&FLOOR, Vec::new(), cursor).await?;
        self.log_told().await?;
        Ok(head.max(floor).unwrap_or_default())
    }

    /// The place of the newest event that is committed, whether it can be read yet or not: see [`Cursor`].
    pub async fn log_newest(&self) -> Result<Cursor> {
        self.log_told().await?;
        Ok(self.point(&HEAD, params![i64::MAX], cursor).await?.unwrap_or_default())
    }

    /// What names the log of this database as it runs now: places of another one mean nothing here. It is another one after
    /// the server was started again, since it may have lost its end. `None` on SQLite, which one process serves.
    pub async fn lineage(&self) -> Result<Option<String>> {
        if !self.is_postgres() {
            return Ok(None);
        }
        self.query_one(&LINEAGE, Vec::new(), |row| row.get(0)).await.map(Some)
    }

    async fn read_log(
        &self,
        sql: &'static Sql,
        at: Cursor,
        limit: u32,
        tenant: Option<TenantId>,
    ) -> Result<Vec<Recorded>> {
        let mut events = Vec::new();
        for horizon in [Horizon::Server, Horizon::Own] {
            let horizon = self.horizon(horizon).await?;
            let mut values = params![at.txid, at.id, limit, horizon];
            values.extend(tenant.map(Value::from));
            events = self.query(sql, values, recorded).await?;
            // Nothing to read is the usual case; whether something is only held back is worth a second look.
            if !events.is_empty()
                || !self.is_postgres()
                || self.point(&HEAD, params![i64::MAX], cursor).await? <= Some(at)
            {
                break;
            }
        }
        self.check_floor(at).await?;
        self.tell(events).await
    }

    /// Gives out what was read from the log.
    async fn tell(&self, events: Vec<Recorded>) -> Result<Vec<Recorded>> {
        if !events.is_empty() {
            self.log_told().await?;
        }
        Ok(events)
    }

    /// Every event of a transaction below this number is there already.
    async fn horizon(&self, of: Horizon) -> Result<i64> {
        if !self.is_postgres() {
            return Ok(i64::MAX);
        }
        let horizon = match of {
            Horizon::Server => self.point(&HORIZON, Vec::new(), |row| row.get(0)).await?,
            Horizon::Own => self.query_opt(&OWN_HORIZON, Vec::new(), |row| row.get(0)).await?,
        };
        horizon.ok_or(Error::NoRow { statement: HORIZON.name() })
    }

    /// Asked after reading, so that nothing can have been removed unseen in between.
    async fn check_floor(&self, at: Cursor) -> Result<()> {
        let floor = self.point(&FLOOR, Vec::new(), cursor).await?;
        if floor.is_some_and(|floor| at < floor) { Err(Error::CursorGone) } else { Ok(()) }
    }
}

fn cursor(row: &Row<'_>) -> Result<Cursor> {
    Ok(Cursor { txid: row.get(0)?, id: row.get(1)? })
}

fn recorded(row: &Row<'_>) -> Result<Recorded> {
    let kind: String = row.get(3)?;
    let event = serde_json::from_value(row.get(4)?)
        .inspect_err(|error| tracing::warn!(kind, %error, "an event of the log cannot be read"))
        .ok();
    Ok(Recorded {
        cursor: cursor(row)?,
        tenant: row.get(2)?,
        kind,
        event,
        caused_by: row.get(5)?,
        depth: row.get(6)?,
        at: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_is_written() {
        let cursor = Cursor { txid: 7, id: 12 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "7", "7-", "-7-1", "7--1", "a-b", "7-9223372036854775808", "1-2-3"] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
