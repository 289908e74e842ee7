//! Homes that a user marked for themselves: favourites, and those not to be shown again.

use lintel_domain::{
    id::{ListingId, UserId},
    mark::{Mark, Marked},
    scope::Actor,
};
use lintel_store::mark::MOST;

use crate::{App, Error, Principal, Result};

impl App {
    /// The homes that the caller has marked. A program with a key has none.
    pub async fn marks(&self, who: &Principal) -> Result<Vec<Marked>> {
        match who.actor {
            Actor::User(user) => Ok(self.0.store.marks_of(who.tenant, user).await?),
            Actor::Key(_) | Actor::System => Ok(Vec::new()),
        }
    }

    /// Marks a home for the caller, in place of another mark.
    pub async fn mark_put(&self, who: &Principal, listing: ListingId, mark: Mark) -> Result<Marked> {
        let (tenant, user) = (who.tenant, user(who)?);
        self.0.store.listing_get(tenant, listing).await?.ok_or(Error::NotFound("listing"))?;
        let marked = Marked { listing, mark, at: self.clock().now() };
        if self.0.store.write(move |tx| tx.mark_put(tenant, user, marked)).await? {
            Ok(marked)
        } else {
            Err(Error::invalid("/mark", "too_many", format!("at most {MOST} homes are marked at once")))
        }
    }

    /// Takes the caller's mark off a home; nothing happens when there is none.
    pub async fn mark_delete(&self, who: &Principal, listing: ListingId) -> Result<()> {
        let (tenant, user) = (who.tenant, user(who)?);
        self.0.store.write(move |tx| tx.mark_delete(tenant, user, listing)).await?;
        Ok(())
    }
}

/// Marks are somebody's own.
fn user(who: &Principal) -> Result<UserId> {
    match who.actor {
        Actor::User(user) => Ok(user),
        Actor::Key(_) | Actor::System => Err(Error::Forbidden(who.role)),
    }
}
