//! Parts of large tables by month, on PostgreSQL.

use lintel_domain::clock::Time;

use crate::{Result, Store, log::MONTHS_AHEAD, params};

crate::sql! {
    /// Parts of this month and those ahead. SQLite has none.
    MAKE "tables.make_parts" = {
        sqlite: "SELECT 0 WHERE $1 + $2 < 0",
        postgres: "SELECT tables_make_parts($1, $2)",
    };
}

impl Store {
    /// Makes room for the interactions and scores of the months ahead. Without it nothing is lost: what no month was made
    /// for goes to the default part, and moves when its month is made. Call it at the start and once a day.
    pub async fn tables_make_room(&self, now: Time) -> Result<()> {
        if self.is_postgres() {
            let make = move |tx: &mut crate::Tx<'_>| {
                // Two nodes that start together make the parts once.
                tx.lock("parts of tables")?;
                tx.query(&MAKE, params![now, MONTHS_AHEAD], |_| Ok(()))
            };
            self.write::<_, crate::Error, _>(make).await?;
        }
        Ok(())
    }
}
