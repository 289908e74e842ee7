//! Listings: writing them by API and reading them.

use lintel_domain::{
    clock::Time,
    id::{ListingId, TenantId},
    listing::{Listing, ListingChange, ListingFacts},
    market::MarketSlug,
};
use lintel_store::listing::{Upsert, UpsertOutcome, Upserted};
use serde_json::value::RawValue;

use crate::{
    App, Document, Error, Principal, Result,
    cache::{self, ListingKey},
    ingest::{self, Arrival},
};

/// A listing to be written; identified by its market and `listing_key`.
#[derive(Clone, Debug)]
pub struct ListingWrite {
    /// What is said about it.
    pub facts: ListingFacts,
}

/// What became of one listing of a batch.
#[derive(Clone, Debug)]
pub struct ListingOutcome {
    /// The source's key.
    pub listing_key: String,
    /// Its id.
    pub id: ListingId,
    /// `created`, `updated` or `unchanged`.
    pub outcome: &'static str,
}

/// The most listings in one call.
const MOST: usize = 1000;

impl App {
    /// Stores listings of one market, 1 to 1000.
    pub async fn listings_write(
        &self,
        who: &Principal,
        market: MarketSlug,
        listings: Vec<ListingWrite>,
    ) -> Result<Vec<ListingOutcome>> {
        if listings.is_empty() || listings.len() > MOST {
            return Err(Error::invalid("/listings", "out_of_range", format!("1 to {MOST} listings")));
        }
        let (tenant, now) = (who.tenant, self.clock().now());
        self.0.store.market_get(tenant, &market).await?.ok_or_else(Error::unknown_market)?;
        let keys: Vec<String> = listings.iter().map(|listing| listing.facts.listing_key.clone()).collect();
        let upserts: Vec<Upsert> =
            listings.into_iter().map(|listing| Upsert { facts: listing.facts, as_sale: false }).collect();
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: Some(&market), import: None, now, ids: &app.0.ids };
            ingest::listings(tx, &arrival, &market, &upserts)
        });
        let upserted = write.await?;
        let told = |(listing_key, one): (String, Upserted)| ListingOutcome {
            listing_key,
            id: one.id,
            outcome: match one.outcome {
                UpsertOutcome::Created => "created",
                UpsertOutcome::Updated => "updated",
                UpsertOutcome::Unchanged => "unchanged",
            },
        };
        Ok(keys.into_iter().zip(upserted).map(told).collect())
    }

    /// One listing.
    pub async fn listing(&self, who: &Principal, id: ListingId) -> Result<Listing> {
        self.0.store.listing_get(who.tenant, id).await?.ok_or(Error::NotFound("listing"))
    }

    /// Listings in the order asked, as `write` writes them on this day; one that is not there is absent.
    pub async fn listing_documents(
        &self,
        who: &Principal,
        ids: &[ListingId],
        write: fn(Listing, Time) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<Vec<Option<Document>>> {
        let now = self.clock().now();
        let keys: Vec<ListingKey> = ids.iter().map(|id| (who.tenant, *id, now.day())).collect();
        let load = async |missing| self.listings_written(who.tenant, missing, now, write).await;
        self.0.caches.listings.get_many_or_load(&keys, |key| cache::of_listing(key.0, key.1), load).await
    }

    /// [`App::listing_documents`] for those who will ask.
    pub(crate) async fn listing_documents_fill(
        &self,
        who: &Principal,
        ids: &[ListingId],
        write: fn(Listing, Time) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<()> {
        let now = self.clock().now();
        let keys: Vec<ListingKey> = ids.iter().map(|id| (who.tenant, *id, now.day())).collect();
        let load = async |missing| self.listings_written(who.tenant, missing, now, write).await;
        self.0.caches.listings.fill(&keys, |key| cache::of_listing(key.0, key.1), load).await
    }

    /// Those that are there, as `write` writes them.
    async fn listings_written(
        &self,
        tenant: TenantId,
        keys: Vec<ListingKey>,
        now: Time,
        write: fn(Listing, Time) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<Vec<(ListingKey, Document)>> {
        let ids: Vec<ListingId> = keys.into_iter().map(|(_, id, _)| id).collect();
        let found = self.0.store.listings_by_ids(tenant, &ids).await?.into_iter();
        let written = found.map(|listing| {
            let key = (tenant, listing.id, now.day());
            write(listing, now).map(|document| (key, document.into())).map_err(Error::internal)
        });
        written.collect()
    }

    /// The changes of price and status of a listing, newest first.
    pub async fn listing_history(&self, who: &Principal, id: ListingId) -> Result<Vec<ListingChange>> {
        self.listing(who, id).await?;
        Ok(self.0.store.listing_changes(who.tenant, id).await?)
    }
}
