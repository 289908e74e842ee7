//! How long the log is kept: months as partitions on PostgreSQL, batches of old rows on SQLite.

use lintel_domain::clock::Time;

use crate::{Result, Store, params};

/// Months for which partitions are made ahead of time.
pub const MONTHS_AHEAD: i64 = 3;
/// Events removed in one write on SQLite.
const BATCH: i64 = 5_000;

crate::sql! {
    /// Partitions of this month and those ahead. SQLite has none.
    MAKE_PARTITIONS "log.make_partitions" = {
        sqlite: "SELECT 0 WHERE $1 + $2 < 0",
        postgres: "SELECT events_make_partitions($1, $2)",
    };
    /// Whole months that have ended before a time.
    DROP_PARTITIONS "log.drop_partitions" = {
        sqlite: "SELECT 0 WHERE $1 < 0",
        postgres: "SELECT events_drop_partitions($1)",
    };
    /// The last of the next batch of events that are all older than a time: a prefix of the log, so that no reader
    /// behind it misses anything.
    LAST_OLD "log.last_old" across_tenants = "SELECT MAX(id) FROM (SELECT id FROM events
        WHERE id < COALESCE((SELECT MIN(id) FROM events WHERE at >= $1), 9223372036854775807) ORDER BY id LIMIT $2) old";
    /// Events up to one.
    DROP_UP_TO "log.drop_up_to" across_tenants = "DELETE FROM events WHERE id <= $1";
    /// Remembers the last event that is gone.
    SET_FLOOR "log.set_floor" = "UPDATE log_state SET floor_id = $1 WHERE id = 1 AND floor_id < $1";
}

impl Store {
    /// Makes room for the months ahead. Without it nothing is lost: what no month was made for goes to the default
    /// partition, and moves when its month is made. Call it at the start and once a day.
    pub async fn log_make_room(&self, now: Time) -> Result<()> {
        if self.is_postgres() {
            self.write(move |tx| tx.query(&MAKE_PARTITIONS, params![now, MONTHS_AHEAD], |_| Ok(()))).await?;
        }
        Ok(())
    }

    /// Removes events written before `before` (whole months on PostgreSQL) and returns how many. A follower that has
    /// not read them yet gets [`crate::Error::CursorGone`].
    pub async fn log_forget(&self, before: Time) -> Result<u64> {
        if self.is_postgres() {
            let gone: i64 =
                self.write(move |tx| tx.query_one(&DROP_PARTITIONS, params![before], |row| row.get(0))).await?;
            return Ok(gone.unsigned_abs());
        }
        let mut gone = 0;
        loop {
            let removed = self
                .write(move |tx| -> Result<u64> {
                    let last: Option<i64> = tx.query_one(&LAST_OLD, params![before, BATCH], |row| row.get(0))?;
                    let Some(last) = last else { return Ok(0) };
                    tx.execute(&SET_FLOOR, params![last])?;
                    tx.execute(&DROP_UP_TO, params![last])
                })
                .await?;
            if removed == 0 {
                return Ok(gone);
            }
            gone += removed;
        }
    }
}
