//! What users keep of homes for themselves, bounded per user.

use lintel_domain::{
    id::{ListingId, TenantId, UserId},
    mark::{Mark, Marked},
};

use crate::{Result, Store, Tx, db::Row, params};

/// The most homes that a user has marked at once.
pub const MOST: u32 = 1_000;

crate::sql! {
    /// A mark, in place of another.
    PUT "mark.put" = "INSERT INTO listing_marks (tenant_id, user_id, listing_id, mark, at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, user_id, listing_id) DO UPDATE SET mark = excluded.mark, at = excluded.at";
    /// None any more.
    DELETE "mark.delete" = "DELETE FROM listing_marks WHERE tenant_id = $1 AND user_id = $2 AND listing_id = $3";
    /// All of a user.
    OF_USER "mark.of_user" = "SELECT listing_id, mark, at FROM listing_marks
        WHERE tenant_id = $1 AND user_id = $2 ORDER BY listing_id LIMIT $3";
    /// How many a user has beside one.
    OTHERS "mark.others" = "SELECT count(*) FROM listing_marks WHERE tenant_id = $1 AND user_id = $2 AND listing_id <> $3";
}

fn marked(row: &Row<'_>) -> Result<Marked> {
    Ok(Marked { listing: row.get(0)?, mark: row.word(1, Mark::parse)?, at: row.get(2)? })
}

impl Store {
    /// The homes that a user has marked, in the order of their ids.
    pub async fn marks_of(&self, tenant: TenantId, user: UserId) -> Result<Vec<Marked>> {
        self.query(&OF_USER, params![tenant, user, MOST], marked).await
    }
}

impl Tx<'_> {
    /// Marks a home for a user; false when the user has [`MOST`] others.
    pub fn mark_put(&mut self, tenant: TenantId, user: UserId, marked: Marked) -> Result<bool> {
        let Marked { listing, mark, at } = marked;
        let others: i64 =
            self.query(&OTHERS, params![tenant, user, listing], |row| row.get(0))?.into_iter().next().unwrap_or(0);
        if others >= i64::from(MOST) {
            return Ok(false);
        }
        self.execute(&PUT, params![tenant, user, listing, mark.as_str(), at])?;
        Ok(true)
    }

    /// Takes a user's mark off a home; false when there was none.
    pub fn mark_delete(&mut self, tenant: TenantId, user: UserId, listing: ListingId) -> Result<bool> {
        Ok(self.execute(&DELETE, params![tenant, user, listing])? == 1)
    }
}
