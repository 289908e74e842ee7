//! Places in the write-ahead log, by which it is known what a replica has and what it lacks.

use parking_lot::Mutex;
use tokio_postgres::Row;

// On SQLite, which has no replicas, they stand for nothing and are never run.
crate::sql! {
    /// Where the primary is: its timeline, and the end of what it has begun to write.
    WRITTEN "replica.written" = {
        sqlite: "SELECT 1, 1",
        postgres: "SELECT CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS bit(32)) AS integer),
            CAST(pg_current_wal_insert_lsn() - CAST('0/0' AS pg_lsn) AS bigint)",
    };
    /// The same up to what is durable there.
    FLUSHED "replica.flushed" = {
        sqlite: "SELECT 1, 1",
        postgres: "SELECT CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8) AS bit(32)) AS integer),
            CAST(pg_current_wal_flush_lsn() - CAST('0/0' AS pg_lsn) AS bigint)",
    };
    /// Where a replica is: the timeline of the last checkpoint that it took over, and the end of what its reads see. A
    /// server that is no replica (any more) has no place.
    REPLAYED "replica.replayed" = {
        sqlite: "SELECT 1, 1",
        postgres: "SELECT timeline_id,
            CASE WHEN pg_is_in_recovery() THEN CAST(pg_last_wal_replay_lsn() - CAST('0/0' AS pg_lsn) AS bigint) END
            FROM pg_control_checkpoint()",
    };
    /// The number that a cluster and its physical replicas share with no other.
    CLUSTER "replica.cluster" = {
        sqlite: "SELECT 1",
        postgres: "SELECT system_identifier FROM pg_control_system()",
    };
}

/// A place in the log. Places of different timelines cannot be compared: after a failover the same number may stand for
/// something else, so a replica counts only on the timeline of the primary. It names the new one once it has taken over a
/// checkpoint, which may be minutes late and never early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) timeline: i32,
    pub(super) place: i64,
}

impl Position {
    /// From a row of [`WRITTEN`], [`FLUSHED`] or [`REPLAYED`]; `None` for a server that has no place.
    pub(super) fn of(row: &Row) -> Result<Option<Self>, tokio_postgres::Error> {
        let (timeline, place): (i32, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
        Ok(place.map(|place| Self { timeline, place }))
    }

    /// Whether whoever is here has everything up to `wanted`.
    pub(super) fn has(self, wanted: Self) -> bool {
        self.timeline == wanted.timeline && self.place >= wanted.place
    }
}

/// How far this process knows the primary's log to be promised: acknowledged to a caller, or read from the log.
#[derive(Debug)]
pub(super) struct Promised(Mutex<State>);

#[derive(Debug)]
struct State {
    at: Position,
    /// How often something was promised and its place not learnt.
    lapses: u64,
    /// Whether that happened since the place was last learnt.
    unknown: bool,
}

/// Taken before asking for a place, so that an answer is not taken for newer than it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since(u64);

impl Promised {
    pub(super) fn new(at: Position) -> Self {
        Self(Mutex::new(State { at, lapses: 0, unknown: false }))
    }

    pub(super) fn since(&self) -> Since {
        Since(self.0.lock().lapses)
    }

    /// What is promised ends at or before this place, asked for after `since` was taken; `None` when the answer was lost.
    pub(super) fn learn(&self, since: Since, at: Option<Position>) {
        let mut state = self.0.lock();
        match at {
            Some(at) => {
                state.at = state.at.max(at);
                state.unknown &= state.lapses != since.0;
            }
            None => {
                state.lapses += 1;
                state.unknown = true;
            }
        }
    }

    /// The end of what is promised, unless it is not known.
    pub(super) fn end(&self) -> Option<Position> {
        let state = self.0.lock();
        (!state.unknown).then_some(state.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(timeline: i32, place: i64) -> Position {
        Position { timeline, place }
    }

    #[test]
    fn a_place_has_what_is_before_it_on_its_own_timeline() {
        assert!(at(1, 7).has(at(1, 7)) && at(1, 8).has(at(1, 7)));
        assert!(!at(1, 6).has(at(1, 7)));
        assert!(!at(1, 8).has(at(2, 7)) && !at(2, 8).has(at(1, 7)));
    }

    #[test]
    fn a_promise_of_unknown_place_is_only_covered_by_what_was_asked_after_it() {
        let promised = Promised::new(at(1, 1));
        let before = promised.since();
        promised.learn(before, Some(at(1, 5)));
        promised.learn(before, Some(at(1, 3)));
        assert_eq!(promised.end(), Some(at(1, 5)));
        promised.learn(before, None);
        promised.learn(before, Some(at(1, 9)));
        assert_eq!(promised.end(), None);
        promised.learn(promised.since(), Some(at(1, 8)));
        assert_eq!(promised.end(), Some(at(1, 9)));
    }
}
