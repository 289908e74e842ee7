//! Followers: each reads the log from a cursor of its own, which moves in the same write as what it did.

use lintel_domain::clock::Time;

use super::{Cursor, cursor};
use crate::{Error, Result, Store, Tx, db::Row, params};

/// The most unread events that are counted.
pub const COUNTED: i64 = 10_000;

/// How far a follower is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// Its name.
    pub name: String,
    /// Up to where it has read.
    pub cursor: Cursor,
    /// When it last moved.
    pub moved_at: Time,
    /// How many events it has not read; counted up to [`COUNTED`].
    pub behind: i64,
    /// When the oldest event that it has not read was written.
    pub waiting_since: Option<Time>,
}

crate::sql! {
    /// Up to where a follower has read.
    CURSOR "follower.cursor" = "SELECT txid, id FROM followers WHERE name = $1";
    /// A follower's first step.
    BEGIN "follower.begin" = "INSERT INTO followers (name, txid, id, moved_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO NOTHING";
    /// A step, if nobody else has taken it.
    ADVANCE "follower.advance" = "UPDATE followers SET txid = $4, id = $5, moved_at = $6
        WHERE name = $1 AND txid = $2 AND id = $3";
    /// A step to anywhere, after rebuilding.
    RESET "follower.reset" = "INSERT INTO followers (name, txid, id, moved_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET txid = excluded.txid, id = excluded.id, moved_at = excluded.moved_at";
    /// A follower that is no more.
    FORGET "follower.forget" = "DELETE FROM followers WHERE name = $1";
    /// Every follower with what it has not read. SQLite needs the bare id to find its way in the table.
    ALL "follower.all" across_tenants = {
        sqlite: "SELECT f.txid, f.id, f.name, f.moved_at,
                (SELECT COUNT(*) FROM (SELECT 1 FROM events e WHERE e.id > f.id LIMIT $1)),
                (SELECT e.at FROM events e WHERE e.id > f.id ORDER BY e.id LIMIT 1)
            FROM followers f ORDER BY f.name",
        postgres: "SELECT f.txid, f.id, f.name, f.moved_at,
                (SELECT COUNT(*) FROM (SELECT 1 FROM events e WHERE (e.txid, e.id) > (f.txid, f.id) LIMIT $1) unread),
                (SELECT e.at FROM events e WHERE (e.txid, e.id) > (f.txid, f.id) ORDER BY e.txid, e.id LIMIT 1)
            FROM followers f ORDER BY f.name",
    };
}

impl Tx<'_> {
    /// Moves a follower from where it read (`None` when it begins) to `to`. [`Error::FollowerMoved`] when it is not
    /// there any more: another process has done this step, and this write must not be kept.
    pub fn follower_advance(&mut self, name: &str, from: Option<Cursor>, to: Cursor, now: Time) -> Result<()> {
        let moved = match from {
            None => self.execute(&BEGIN, params![name, to.txid, to.id, now])?,
            Some(from) => self.execute(&ADVANCE, params![name, from.txid, from.id, to.txid, to.id, now])?,
        };
        if moved == 1 { Ok(()) } else { Err(Error::FollowerMoved { name: name.to_owned() }) }
    }

    /// Puts a follower to a place, wherever it was: after it has rebuilt what it keeps from the tables.
    pub fn follower_reset(&mut self, name: &str, to: Cursor, now: Time) -> Result<()> {
        self.execute(&RESET, params![name, to.txid, to.id, now]).map(|_| ())
    }

    /// Forgets a follower.
    pub fn follower_forget(&mut self, name: &str) -> Result<()> {
        self.execute(&FORGET, params![name]).map(|_| ())
    }
}

impl Store {
    /// Up to where a follower has read; `None` when it has not begun.
    pub async fn follower_cursor(&self, name: &str) -> Result<Option<Cursor>> {
        self.point(&CURSOR, params![name], cursor).await
    }

    /// Every follower, by name.
    pub async fn followers(&self) -> Result<Vec<Follower>> {
        self.query(&ALL, params![COUNTED], follower).await
    }
}

fn follower(row: &Row<'_>) -> Result<Follower> {
    Ok(Follower {
        cursor: cursor(row)?,
        name: row.get(2)?,
        moved_at: row.get(3)?,
        behind: row.get(4)?,
        waiting_since: row.get(5)?,
    })
}
